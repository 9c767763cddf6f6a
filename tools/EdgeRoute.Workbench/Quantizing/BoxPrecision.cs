using EdgeRoute.Core.Frames;

namespace EdgeRoute.Workbench.Quantizing;

/// <summary>
/// Average precision against another model's boxes: the area under precision by recall, of the boxes of all classes and frames together,
/// the surest first. It falls with every box that is missed and with every false one, by how sure a model was of it, where a comparison
/// at one threshold sees only boxes that cross it.
/// </summary>
internal sealed class BoxPrecision
{
    /// <summary>Overlap from which on a box is the same one.</summary>
    private const float OverlapLeast = 0.5f;

    private readonly List<(float Confidence, bool IsRight)> _judged = [];
    private readonly List<bool> _taken = [];
    private long _wanted;

    /// <param name="wanted">The other model's boxes that it is sure of.</param>
    public void Add(ReadOnlySpan<Detection> judged, IReadOnlyList<Detection> wanted)
    {
        _wanted += wanted.Count;
        _taken.Clear();
        _taken.AddRange(wanted.Select(_ => false));
        foreach (var box in judged.ToArray().OrderByDescending(b => b.Confidence))
        {
            int match = MatchOf(box, wanted);
            _judged.Add((box.Confidence, match >= 0));
            if (match >= 0)
            {
                _taken[match] = true;
            }
        }
    }

    /// <summary>In [0, 1]; 1 where nothing was to be found and nothing was.</summary>
    public double Value()
    {
        if (_wanted == 0)
        {
            return _judged.Count == 0 ? 1 : 0;
        }

        var ranked = _judged.OrderByDescending(j => j.Confidence).ToList();
        double[] precisions = new double[ranked.Count];
        int right = 0;
        for (int i = 0; i < ranked.Count; i++)
        {
            right += ranked[i].IsRight ? 1 : 0;
            precisions[i] = right / (i + 1.0);
        }

        double area = 0, best = 0;
        for (int i = ranked.Count - 1; i >= 0; i--)
        {
            best = Math.Max(best, precisions[i]);
            area += ranked[i].IsRight ? best / _wanted : 0;
        }

        return area;
    }

    private int MatchOf(Detection box, IReadOnlyList<Detection> wanted)
    {
        int match = -1;
        float most = OverlapLeast;
        for (int i = 0; i < wanted.Count; i++)
        {
            float overlap = wanted[i].ClassIndex == box.ClassIndex && !_taken[i] ? wanted[i].OverlapWith(box) : 0;
            if (overlap >= most)
            {
                (match, most) = (i, overlap);
            }
        }

        return match;
    }
}
