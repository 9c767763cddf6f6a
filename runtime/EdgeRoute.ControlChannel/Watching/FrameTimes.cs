using EdgeRoute.Core.Frames;
using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.ControlChannel.Watching;

/// <summary>
/// How many frames of one stream took how long, since start: from capture to publish, and in each part of their road. Filled off the
/// frame's road, by the thread that takes the traces; no byte is allocated for a frame. One thread at a time.
/// </summary>
internal sealed class FrameTimes
{
    /// <summary>The parts of a frame's road; one that a frame did not go is not counted.</summary>
    private static readonly string[] Phases = ["waiting", "signals", "preprocess", "stages", "heads"];

    private readonly TimeHistogram _latency = new();
    private readonly TimeHistogram[] _phases = [.. Phases.Select(_ => new TimeHistogram())];

    public void Add(in TraceRecord record)
    {
        if (record.End is FrameEnd.Failed or FrameEnd.Dropped)
        {
            return;
        }

        _latency.Add(record.LatencyNs);
        for (int i = 0; i < Phases.Length; i++)
        {
            long took = NsOf(i, record);
            if (took > 0)
            {
                _phases[i].Add(took);
            }
        }
    }

    /// <summary>Begins anew, as counters do when what they count is another thing.</summary>
    public void Clear()
    {
        _latency.Clear();
        Array.ForEach(_phases, p => p.Clear());
    }

    /// <summary>A copy of all that was counted.</summary>
    public IEnumerable<TimeTotal> Totals(string stream) =>
        [_latency.Total(stream, null), .. Phases.Zip(_phases, (phase, times) => times.Total(stream, phase))];

    private static long NsOf(int phase, in TraceRecord record) => phase switch
    {
        0 => record.TakenNs - record.Stamp.CaptureNs,
        1 => record.SignalsNs,
        2 => record.PreprocessNs,
        3 => record.StagesNs,
        _ => record.HeadsNs,
    };
}

/// <summary>Counts of times by size.</summary>
internal sealed class TimeHistogram
{
    private readonly long[] _counts = new long[TimeTotal.Bounds.Length + 1];
    private long _sumNs;

    public void Add(long ns)
    {
        double seconds = ns / 1e9;
        int bucket = 0;
        while (bucket < TimeTotal.Bounds.Length && seconds > TimeTotal.Bounds[bucket])
        {
            bucket++;
        }

        _counts[bucket]++;
        _sumNs += ns;
    }

    public void Clear()
    {
        Array.Clear(_counts);
        _sumNs = 0;
    }

    public TimeTotal Total(string stream, string? phase) => new(stream, phase, [.. _counts], _sumNs / 1e9);
}

/// <summary>Times of the frames of one stream since start.</summary>
/// <param name="Phase">A part of their road; null for all of it.</param>
/// <param name="Counts">Frames by <see cref="Bounds"/>: up to the first, up to the second, ... and longer than the last.</param>
public sealed record TimeTotal(string Stream, string? Phase, IReadOnlyList<long> Counts, double SumSeconds)
{
    /// <summary>Seconds. From what a signal takes to what nobody waits for; a frame of a camera lies in the middle.</summary>
    internal static double[] Bounds { get; } =
        [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.02, 0.033, 0.05, 0.1, 0.2, 0.5, 1, 2.5, 10];
}
