using EdgeRoute.Core.Frames;

namespace EdgeRoute.Workbench.Quantizing;

/// <summary>
/// How far boxes are from another model's: the part of its confidence that went elsewhere, by what a box became less or more sure, by what
/// it no longer covers, and by boxes of one model alone. It has no threshold to cross and moves with every box, so that few frames tell
/// models apart which precision cannot.
/// </summary>
internal sealed class BoxShift
{
    /// <summary>Overlap from which on a box is the same one.</summary>
    private const float OverlapLeast = 0.5f;

    private double _moved, _total;

    /// <param name="wanted">The other model's boxes, unsure ones as well.</param>
    public void Add(ReadOnlySpan<Detection> judged, ReadOnlySpan<Detection> wanted)
    {
        var left = judged.ToArray().ToList();
        foreach (var box in wanted.ToArray().OrderByDescending(w => w.Confidence))
        {
            _total += box.Confidence;
            int match = -1;
            float most = OverlapLeast;
            for (int i = 0; i < left.Count; i++)
            {
                float overlap = left[i].ClassIndex == box.ClassIndex ? left[i].OverlapWith(box) : 0;
                (match, most) = overlap >= most ? (i, overlap) : (match, most);
            }

            if (match < 0)
            {
                _moved += box.Confidence;
                continue;
            }

            float found = left[match].Confidence;
            _moved += Math.Abs(box.Confidence - found) + (Math.Min(box.Confidence, found) * (1 - most));
            left.RemoveAt(match);
        }

        _moved += left.Sum(b => (double)b.Confidence);
    }

    /// <summary>0 where nothing moved; it has no upper end.</summary>
    public double Value() => _total > 0 ? _moved / _total : _moved;
}
