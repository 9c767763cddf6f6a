using EdgeRoute.Core.Signals;

namespace EdgeRoute.Workbench.Replaying;

/// <summary>
/// Where a frame's signals lie among those of the whole recording, so that "much" and "little" mean something without any threshold: what
/// is much on a drone is little at a door.
/// </summary>
internal sealed class SignalRanks
{
    /// <summary>
    /// Frames compared with: nine hours at 30 frames per second. Later ones do not change a rank that anyone would notice.
    /// </summary>
    public const int FrameLimit = 1 << 20;

    /// <summary>Below this many frames a rank says nothing.</summary>
    public const int FrameCountLeast = 20;

    private readonly List<float>[] _signals = [.. Enumerable.Range(0, SignalVector.FrameCount).Select(_ => new List<float>())];

    public int FrameCount => _signals[0].Count;

    public void Add(in FrameSignals frame)
    {
        if (FrameCount >= FrameLimit)
        {
            return;
        }

        Span<float> values = stackalloc float[SignalVector.FrameCount];
        SignalVector.Fill(frame, default, values);
        for (int i = 0; i < values.Length; i++)
        {
            _signals[i].Add(values[i]);
        }
    }

    /// <summary>
    /// Share of the frames with a smaller value, equal ones counting half; NaN for a value that is no number, or with too few frames.
    /// </summary>
    public double RankOf(int signalIndex, float value)
    {
        long below = 0, equal = 0, known = 0;
        foreach (float other in _signals[signalIndex])
        {
            known += float.IsFinite(other) ? 1 : 0;
            below += float.IsFinite(other) && other < value ? 1 : 0;
            equal += float.IsFinite(other) && other.Equals(value) ? 1 : 0;
        }

        return known < FrameCountLeast || !float.IsFinite(value) ? double.NaN : (below + (equal / 2.0)) / known;
    }
}
