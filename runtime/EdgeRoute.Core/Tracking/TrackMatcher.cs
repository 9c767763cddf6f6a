using EdgeRoute.Core.Frames;

namespace EdgeRoute.Core.Tracking;

/// <summary>
/// Pairs tracks with the detections of an answer, one to one, class by class, the largest overlap first. Greedy rather than optimal
/// assignment: suppression has already removed boxes of a class that overlap much, so two pairs seldom compete, and where they do the
/// larger overlap is the better evidence.
/// </summary>
internal sealed class TrackMatcher(int limit)
{
    /// <summary>
    /// Least overlap of a pair, as in SORT. Looser pairs found between far apart answers taught velocities that were more often wrong than
    /// right.
    /// </summary>
    private const float OverlapAtLeast = 0.3f;

    /// <summary>
    /// Pairs held per track on average: after suppression a box overlaps a few of its class. Pairs beyond all room are not made, and their
    /// detections begin new tracks.
    /// </summary>
    private const int PairsPerTrack = 64;

    /// <summary>Kept, because ahead-of-time compiled code makes a new comparison at each sort that names none.</summary>
    private readonly Comparison<ulong> _ascending = static (a, b) => a.CompareTo(b);

    private readonly ulong[] _keys = new ulong[limit * Math.Min(limit, PairsPerTrack)];
    private readonly int[] _detectionOf = new int[limit];
    private readonly int[] _trackOf = new int[limit];
    private int _keyCount;

    /// <summary>Detection paired with a track, or -1.</summary>
    public int DetectionOf(int trackIndex) => _detectionOf[trackIndex];

    /// <summary>Track paired with a detection, or -1.</summary>
    public int TrackOf(int detectionIndex) => _trackOf[detectionIndex];

    /// <param name="tracks">The tracks before they see the answer.</param>
    /// <param name="predicted">Where each is expected at the answer's instant. A track may also be found where it was last seen: it may
    /// have stopped.</param>
    public void Match(ReadOnlySpan<Track> tracks, ReadOnlySpan<Detection> predicted, ReadOnlySpan<Detection> seen)
    {
        _detectionOf.AsSpan(0, tracks.Length).Fill(-1);
        _trackOf.AsSpan(0, seen.Length).Fill(-1);
        _keyCount = 0;
        for (int i = 0; i < tracks.Length; i++)
        {
            AddPairs(i, predicted[i], tracks[i].Seen, seen);
        }

        var keys = _keys.AsSpan(0, _keyCount);
        keys.Sort(_ascending);
        foreach (ulong key in keys)
        {
            int pair = (int)(uint)key, track = pair / limit, detection = pair % limit;
            if (_detectionOf[track] < 0 && _trackOf[detection] < 0)
            {
                (_detectionOf[track], _trackOf[detection]) = (detection, track);
            }
        }
    }

    /// <summary>
    /// The bits of a float that is not negative grow with its value, so inverted bits above the pair's number sort by falling overlap, then
    /// by number: keys without equals, which any sort orders in one way only.
    /// </summary>
    private void AddPairs(int track, in Detection predicted, in Detection last, ReadOnlySpan<Detection> seen)
    {
        for (int j = 0; j < seen.Length; j++)
        {
            float overlap = seen[j].ClassIndex == last.ClassIndex ? MathF.Max(predicted.OverlapWith(seen[j]), last.OverlapWith(seen[j]))
                : 0;
            if (overlap >= OverlapAtLeast && _keyCount < _keys.Length)
            {
                _keys[_keyCount++] = ((ulong)~BitConverter.SingleToUInt32Bits(overlap) << 32) | (uint)((track * limit) + j);
            }
        }
    }
}
