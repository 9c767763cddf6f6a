using EdgeRoute.Core.Frames;

namespace EdgeRoute.Engine.Stages.Heads;

/// <summary>
/// Greedy non-maximum suppression, class by class: the surest box stays, boxes of its class that overlap it more than the limit go, and so
/// on. Boxes of equal confidence keep the order in which they came, so equal tensors give equal answers.
/// </summary>
/// <param name="details">How far two boxes are one thing, where that is not the overlap of their upright boxes.</param>
internal sealed class ClasswiseSuppression(float overlapLimit, CandidateDetails? details = null)
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
    private int[] _numbers = new int[CandidateLimit];
    private int[] _orderedNumbers = new int[CandidateLimit];
    private int _count;

    /// <summary>
    /// Candidates let go, over all frames, because more than <see cref="CandidateLimit"/> came: always the least sure ones.
    /// </summary>
    public long OverflowCount { get; private set; }

    public void Clear() => _count = 0;

    /// <param name="number">By which the caller knows it.</param>
    public void Add(in Detection candidate, int number = -1)
    {
        if (_count == CandidateLimit)
        {
            DropLeastSureHalf();
        }

        _numbers[_count] = number;
        _candidates[_count++] = candidate;
    }

    /// <summary>The candidates that remain, the surest first. Valid until the next call.</summary>
    public ReadOnlySpan<Detection> Suppress()
    {
        OrderByConfidence();
        int kept = 0;
        for (int i = 0; i < _count; i++)
        {
            if (!IsCovered(i, kept))
            {
                _orderedNumbers[kept] = _orderedNumbers[i];
                _ordered[kept++] = _ordered[i];
            }
        }

        return _ordered.AsSpan(0, kept);
    }

    /// <summary>The number of a candidate that remains, by its place among them.</summary>
    public int CandidateOf(int index) => _orderedNumbers[index];

    private bool IsCovered(int index, int keptCount)
    {
        ref readonly var candidate = ref _ordered[index];
        for (int i = 0; i < keptCount; i++)
        {
            if (_ordered[i].ClassIndex == candidate.ClassIndex && Overlap(i, index) > overlapLimit)
            {
                return true;
            }
        }

        return false;
    }

    private float Overlap(int sure, int other) => details is null ? _ordered[sure].OverlapWith(_ordered[other])
        : details.Overlap(_ordered[sure], _orderedNumbers[sure], _ordered[other], _orderedNumbers[other]);

    private void DropLeastSureHalf()
    {
        OrderByConfidence();
        (_candidates, _ordered) = (_ordered, _candidates);
        (_numbers, _orderedNumbers) = (_orderedNumbers, _numbers);
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
            _orderedNumbers[i] = _numbers[(int)(uint)keys[i]];
        }
    }
}
