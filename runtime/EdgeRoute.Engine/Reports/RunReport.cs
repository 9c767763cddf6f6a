using EdgeRoute.Core.Costs;
using EdgeRoute.Core.Frames;
using EdgeRoute.Engine.Board;
using EdgeRoute.Engine.Stages;
using EdgeRoute.Engine.Stages.Heads;

namespace EdgeRoute.Engine.Reports;

/// <summary>Latency from capture to publish in milliseconds; null where no frame was answered.</summary>
public sealed record LatencyReport(double? MeanMs, double? P50Ms, double? P95Ms, double? P99Ms, double? MaxMs)
{
    public static LatencyReport Of(LatencyHistogram histogram) => histogram.Count == 0
        ? new LatencyReport(null, null, null, null, null)
        : new LatencyReport(histogram.MeanNs / 1e6, Ms(histogram, 0.5), Ms(histogram, 0.95), Ms(histogram, 0.99), histogram.MaxNs / 1e6);

    private static double Ms(LatencyHistogram histogram, double fraction) => Math.Round(histogram.QuantileNs(fraction) / 1e6, 4);
}

/// <summary>The frames one path answered.</summary>
/// <param name="Share">Of all answered frames, in [0, 1].</param>
/// <param name="MeanMs">From taking the frame to publishing its answer.</param>
/// <param name="MeanStagesMs">Of that, inside stages.</param>
/// <param name="MeanLatencyMs">From capture to publish, waiting included.</param>
public sealed record PathReport(string Path, long FrameCount, double Share, double MeanMs, double MeanStagesMs, double MeanLatencyMs);

/// <summary>What one source, or all together, came to.</summary>
/// <param name="IsLawKept">Frames captured equal the sum of the ends.</param>
public sealed record SourceReport(
    string Name, EndTally Ends, bool IsLawKept, long LateCount, long FallbackCount, long FaultCount, long RestartCount,
    IReadOnlyList<PathReport> Paths, LatencyReport Latency)
{
    /// <summary>Prices, floor and audits at the end; null where the policy knows no prices.</summary>
    public RoutingReport? Routing { get; init; }

    /// <summary>Plans and actions; null for tasks that have none.</summary>
    public PolicyReport? Policy { get; init; }

    public long AnsweredCount => Paths.Sum(p => p.FrameCount);
}

/// <summary>What the heads of one pack let go, over the frames of all sources that use it.</summary>
/// <param name="Sources">Names of those sources.</param>
public sealed record PackReport(string Name, IReadOnlyList<string> Sources, HeadLosses HeadLosses)
{
    /// <summary>What became of the instructions it was told; null where it takes none.</summary>
    public InstructionCounts? Instructions { get; init; }
}

/// <summary>The account of a run, for people (<see cref="RunReportText"/>) and programs (<see cref="ToJson"/>).</summary>
/// <param name="DurationS">Wall-clock seconds from the first capture to the last publish.</param>
/// <param name="ConfigHash">SHA-256 of the effective config.</param>
/// <param name="LoopAllocatedBytes">Managed bytes the loop allocated after its first frames; 0 in health.</param>
public sealed record RunReport(
    double DurationS, string ConfigHash, long LoopAllocatedBytes, IReadOnlyList<SourceReport> Sources, SourceReport Total, IReadOnlyList<PackReport> Packs)
{
    /// <summary>The machine as last measured; null where nobody looked.</summary>
    public BoardReading? Board { get; init; }

    public static RunReport Of(
        double durationS, string configHash, long loopAllocatedBytes, IReadOnlyList<SourceStatus> sources, IReadOnlyList<PackReport> packs)
    {
        var reports = sources.Select(s => ReportOf(s.Tally.SourceName, [s]) with { Routing = s.Routing, Policy = s.Policy }).ToList();
        var total = ReportOf("total", sources) with { Policy = PolicyReport.Sum(sources.Select(s => s.Policy)) };
        return new RunReport(durationS, configHash, loopAllocatedBytes, reports, total, packs);
    }

    public string ToJson() => System.Text.Json.JsonSerializer.Serialize(this, RunReportJson.Default.RunReport);

    private static SourceReport ReportOf(string name, IReadOnlyList<SourceStatus> sources)
    {
        var (ends, latency) = (default(EndTally), new LatencyHistogram());
        foreach (var source in sources)
        {
            ends += source.Ends;
            latency.Add(source.Tally.Latency);
        }

        return new SourceReport(
            name, ends, ends.InFlight == 0, sources.Sum(s => s.Tally.LateCount), sources.Sum(s => s.Tally.FallbackCount),
            sources.Sum(s => s.FaultCount), sources.Sum(s => s.RestartCount), PathsOf(sources), LatencyReport.Of(latency));
    }

    /// <summary>Paths of the same name in several packs are summed: the total of a fleet of cameras on one pack is then what one expects.</summary>
    private static List<PathReport> PathsOf(IReadOnlyList<SourceStatus> sources)
    {
        var sums = new Dictionary<string, PathTally>(StringComparer.Ordinal);
        foreach (var tally in sources.SelectMany(s => s.Tally.WithEarlier()))
        {
            for (int i = 0; i < tally.Paths.Length; i++)
            {
                AddTo(sums, tally.Tree.Nodes[i].PathName, tally.Paths[i]);
            }
        }

        double total = sums.Values.Sum(p => p.Count);
        return [.. sums.Select(p => new PathReport(
            p.Key, p.Value.Count, p.Value.Count / total, Mean(p.Value.BusyNs, p.Value), Mean(p.Value.StagesNs, p.Value), Mean(p.Value.LatencyNs, p.Value)))];
    }

    private static void AddTo(Dictionary<string, PathTally> sums, string name, PathTally path)
    {
        if (path.Count > 0)
        {
            var sum = sums.GetValueOrDefault(name);
            sums[name] = new PathTally(sum.Count + path.Count, sum.LatencyNs + path.LatencyNs, sum.BusyNs + path.BusyNs, sum.StagesNs + path.StagesNs);
        }
    }

    private static double Mean(long ns, PathTally path) => Math.Round(ns / 1e6 / path.Count, 4);
}
