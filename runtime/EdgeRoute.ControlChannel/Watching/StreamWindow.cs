using EdgeRoute.Core.Frames;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.ControlChannel.Watching;

/// <summary>The latest frames of one stream in a few bytes each, and what can be said of them. One thread at a time.</summary>
internal sealed class StreamWindow
{
    /// <summary>
    /// 18 minutes at 30 frames per second, longer than anyone waits for a trial; 1.3 MB. Small in Debug, so that tests wrap around.
    /// </summary>
#if DEBUG
    public const int Capacity = 1024;
#else
    public const int Capacity = 32 * 1024;
#endif

    private readonly Sample[] _samples = new Sample[Capacity];
    private readonly float[] _latencies = new float[Capacity];
    private long[] _pathCounts = [];
    private long _count, _startNs;

    private readonly record struct Sample(long PublishedNs, float LatencyMs, float DeviceMs, float EnergyMillijoules, float AuditLoss,
        short NodeIndex,
        bool IsLate, bool HasFailed);

    public StreamWindow(long startNs) => _startNs = startNs;

    /// <summary>Forgets all; the window begins anew.</summary>
    public void Clear(long startNs) => (_count, _startNs) = (0, startNs);

    public void Add(in TraceRecord record)
    {
        float device = (record.PreprocessNs + record.StagesNs + record.HeadsNs) / 1e6f;
        _samples[_count++ % Capacity] = new Sample(record.PublishedNs, record.LatencyNs / 1e6f, device, record.EnergyMillijoules,
            record.AuditLoss, (short)record.NodeIndex,
            (record.Flags & TraceFlags.Late) != 0, record.End == FrameEnd.Failed);
    }

    /// <summary>Frames published after <paramref name="sinceNs"/> and up to <paramref name="nowNs"/>.</summary>
    public WindowStatistics Since(long sinceNs, long nowNs, IReadOnlyList<string> nodeNames)
    {
        long first = FirstAfter(sinceNs);
        bool isWhole = first > _count - Capacity || _count <= Capacity;
        long fromNs = Math.Max(sinceNs, isWhole ? _startNs : _samples[first % Capacity].PublishedNs);
        var status = new WindowStatus { Seconds = Math.Max(0, (nowNs - fromNs) / 1e9), FrameCount = _count - first };
        status.FramesPerSecond = status.Seconds > 0 ? status.FrameCount / status.Seconds : 0;
        status.DeviceMsMean = Mean(first, static s => s.DeviceMs);
        status.EnergyMillijoulesMean = Mean(first, static s => s.EnergyMillijoules);
        AddLatencies(status, first);
        AddPaths(status, first, nodeNames);
        var (late, failed, audited) = CountsOf(first);
        status.LateCount = late;
        return new WindowStatistics(status, failed, audited, 1 - Mean(first, static s => s.AuditLoss), isWhole);
    }

    /// <summary>
    /// Number of the first sample after an instant. Frames of one stream are published in order, so the search may halve.
    /// </summary>
    private long FirstAfter(long sinceNs)
    {
        long low = Math.Max(0, _count - Capacity), high = _count;
        while (low < high)
        {
            long middle = low + ((high - low) / 2);
            (low, high) = _samples[middle % Capacity].PublishedNs > sinceNs ? (low, middle) : (middle + 1, high);
        }

        return low;
    }

    /// <summary>Of the samples that have the value.</summary>
    private double Mean(long first, Func<Sample, float> value)
    {
        var (sum, count) = (0.0, 0L);
        for (long i = first; i < _count; i++)
        {
            float one = value(_samples[i % Capacity]);
            (sum, count) = float.IsNaN(one) ? (sum, count) : (sum + one, count + 1);
        }

        return count > 0 ? sum / count : double.NaN;
    }

    private void AddLatencies(WindowStatus status, long first)
    {
        int count = 0;
        for (long i = first; i < _count; i++)
        {
            ref readonly var sample = ref _samples[i % Capacity];
            _latencies[count] = sample.LatencyMs;
            count += sample.HasFailed ? 0 : 1;
        }

        if (count > 0)
        {
            Array.Sort(_latencies, 0, count);
            (status.LatencyMsP50, status.LatencyMsP95, status.LatencyMsP99) =
                (RankOf(0.5, count), RankOf(0.95, count), RankOf(0.99, count));
            status.LatencyMsMax = _latencies[count - 1];
        }
    }

    /// <summary>Nearest rank: the least latency that so great a part of the frames does not exceed.</summary>
    private float RankOf(double quantile, int count) => _latencies[Math.Clamp((int)Math.Ceiling(quantile * count) - 1, 0, count - 1)];

    private (long Late, long Failed, long Audited) CountsOf(long first)
    {
        var (late, failed, audited) = (0L, 0L, 0L);
        for (long i = first; i < _count; i++)
        {
            ref readonly var sample = ref _samples[i % Capacity];
            late += sample.IsLate ? 1 : 0;
            failed += sample.HasFailed ? 1 : 0;
            audited += float.IsNaN(sample.AuditLoss) ? 0 : 1;
        }

        return (late, failed, audited);
    }

    private void AddPaths(WindowStatus status, long first, IReadOnlyList<string> nodeNames)
    {
        _pathCounts = _pathCounts.Length == nodeNames.Count ? _pathCounts : new long[nodeNames.Count];
        Array.Clear(_pathCounts);
        for (long i = first; i < _count; i++)
        {
            int node = _samples[i % Capacity].NodeIndex;
            if (node >= 0 && node < _pathCounts.Length)
            {
                _pathCounts[node]++;
            }
        }

        var paths = PathCounts.ByName(_pathCounts, nodeNames);
        double total = Math.Max(1, status.FrameCount);
        status.Paths = [.. paths.Select(p => new PathShare { Path = p.Path, FrameCount = p.Count, Share = p.Count / total })];
    }
}

/// <summary>Frames of one stream that were published after an instant.</summary>
/// <param name="Status">Times, rates and paths.</param>
/// <param name="FailedCount">Frames without an answer.</param>
/// <param name="AuditedCount">Frames compared with the heaviest path.</param>
/// <param name="AgreementMean">1 - the mean loss of the audited frames; not a number without any.</param>
/// <param name="IsWhole">No frame since the instant has been forgotten or lost on the way.</param>
public sealed record WindowStatistics(WindowStatus Status, long FailedCount, long AuditedCount, double AgreementMean, bool IsWhole);
