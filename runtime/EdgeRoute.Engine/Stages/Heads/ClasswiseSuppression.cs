using EdgeRoute.Core.Frames;

namespace EdgeRoute.Engine.Stages.Heads;

/// <summary>
/// Greedy non-maximum suppression, class by class: the surest box stays, boxes of its class that overlap it more than the limit go, and so
/// on. Boxes of equal confidence keep the order in which they came, so equal tensors give equal answers.
/// </summary>
internal sealed class ClasswiseSuppression(float overlapLimit)
{
    /// <summary>
    /// Candidates held per frame. Scenes give tens; a few hundred at a very low doubt floor. At this number the pairwise overlaps still
    /// take well under a millisecond or two in the worst case, when none of them overlap.
    /// </summary>
    public const int CandidateLimit = 1024;

    /// <summary>Kept, because ahead-of-time compiled code makes a new comparison at each sort that names none.</summary>
    private readonly Comparison<ulong> _ascending = static (a, b) => a.CompareTo(b);

    private readonly ulong[] _keys = new ulong[CandidateLimit];
    private Detection[] _candidates = new Detection[CandidateLimit];
    private Detection[] _ordered = new Detection[CandidateLimit];
    private int _count;

    /// <summary>
    /// Candidates let go, over all frames, because more than <see cref="CandidateLimit"/> came: always the least sure ones.
    /// </summary>
    public long OverflowCount { get; private set; }

    public void Clear() => _count = 0;

    public void Add(in Detection candidate)
    {
        if (_count == CandidateLimit)
        {
            DropLeastSureHalf();
        }

        _candidates[_count++] = candidate;
    }

    /// <summary>The candidates that remain, the surest first. Valid until the next call.</summary>
    public ReadOnlySpan<Detection> Suppress()
    {
        OrderByConfidence();
        int kept = 0;
        for (int i = 0; i < _count; i++)
        {
            if (!IsCovered(_ordered[i], _ordered.AsSpan(0, kept)))
            {
                _ordered[kept++] = _ordered[i];
            }
        }

        return _ordered.AsSpan(0, kept);
    }

    private bool IsCovered(in Detection candidate, ReadOnlySpan<Detection> kept)
    {
        foreach (ref readonly var sure in kept)
        {
            if (sure.ClassIndex == candidate.ClassIndex && sure.OverlapWith(candidate) > overlapLimit)
            {
                return true;
            }
        }

        return false;
    }

    private void DropLeastSureHalf()
    {
        OrderByConfidence();
        (_candidates, _ordered) = (_ordered, _candidates);
        _count = CandidateLimit / 2;
        OverflowCount += CandidateLimit - _count;
    }

    /// <summary>
    /// The bits of a float that is not negative grow with its value, so inverted bits above the index sort by falling confidence, then by
    /// arrival: keys without equals, which any sort orders in one way only.
    /// </summary>
    private void OrderByConfidence()
    {
        for (int i = 0; i < _count; i++)
        {
            _keys[i] = ((ulong)~BitConverter.SingleToUInt32Bits(_candidates[i].Confidence) << 32) | (uint)i;
        }

        var keys = _keys.AsSpan(0, _count);
        keys.Sort(_ascending);
        for (int i = 0; i < _count; i++)
        {
            _ordered[i] = _candidates[(int)(uint)keys[i]];
        }
    }
}
