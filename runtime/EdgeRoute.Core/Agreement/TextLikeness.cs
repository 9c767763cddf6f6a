using EdgeRoute.Core.Frames;

namespace EdgeRoute.Core.Agreement;

/// <summary>
/// How alike two lines of text are, in [0, 1]: 1 less the edit distance (Levenshtein, 1966) over the length of the longer one, as the
/// robust reading competitions of ICDAR measure it (1-NED). Two empty lines are alike.
/// </summary>
internal sealed class TextLikeness
{
    /// <summary>Edits from the judged text's beginning to each beginning of the teacher's; grows with the longest text seen.</summary>
    private int[] _edits = [];

    public float Of(ReadOnlySpan<float> judged, ReadOnlySpan<float> teacher)
    {
        int rows = TextValues.CountOf(judged), columns = TextValues.CountOf(teacher), longer = Math.Max(rows, columns);
        if (longer == 0)
        {
            return 1;
        }

        _edits = _edits.Length <= columns ? new int[columns + 1] : _edits;
        for (int j = 0; j <= columns; j++)
        {
            _edits[j] = j;
        }

        for (int i = 0; i < rows; i++)
        {
            Add(judged[i * TextValues.PerCharacter], i, teacher, columns);
        }

        return 1 - ((float)_edits[columns] / longer);
    }

    /// <summary>One character more of the judged text. A label that is not a number is no other one's equal.</summary>
    private void Add(float label, int index, ReadOnlySpan<float> teacher, int columns)
    {
        int diagonal = _edits[0];
        _edits[0] = index + 1;
        for (int j = 1; j <= columns; j++)
        {
            int above = _edits[j], changed = diagonal + (label == teacher[(j - 1) * TextValues.PerCharacter] ? 0 : 1);
            _edits[j] = Math.Min(Math.Min(above, _edits[j - 1]) + 1, changed);
            diagonal = above;
        }
    }
}
