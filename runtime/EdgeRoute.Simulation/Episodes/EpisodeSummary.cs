using EdgeRoute.Core.Graphs;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Simulation.PickPlace;

namespace EdgeRoute.Simulation.Episodes;

/// <summary>One path's part in a run of episodes.</summary>
/// <param name="FrameShare">Of all frames, in [0, 1].</param>
/// <param name="DeviceMsP50">Median device time of its frames.</param>
public sealed record EpisodePath(string Name, long FrameCount, double FrameShare, double DeviceMsP50);

/// <summary>What a policy achieved over many episodes, and what it cost.</summary>
/// <param name="Policy">Its name: cascade, value, or the path of a fixed one.</param>
/// <param name="All">How all episodes ended.</param>
/// <param name="Calm">Those of clutter below one half.</param>
/// <param name="Busy">The others.</param>
/// <param name="DeviceMs">Device time of an episode: mean.</param>
/// <param name="DeviceMsError">Its standard error.</param>
/// <param name="MultiplyAdds">Of an episode: mean; NaN where the manifest does not tell them.</param>
/// <param name="PlanCount">Plans made in an episode: mean.</param>
/// <param name="TickCount">Ticks of an episode: mean.</param>
/// <param name="Paths">Those taken, by falling share.</param>
public sealed record EpisodeSummary(
    string Policy, PickPlaceTally All, PickPlaceTally Calm, PickPlaceTally Busy, double DeviceMs, double DeviceMsError, double MultiplyAdds,
    double PlanCount, double TickCount, IReadOnlyList<EpisodePath> Paths)
{
    public static EpisodeSummary Of(string policy, IReadOnlyList<EpisodeRecord> records, RouteTree tree, Pack pack)
    {
        double n = Math.Max(1, records.Count), mean = records.Sum(r => r.DeviceMs) / n;
        double spread = Math.Sqrt(records.Sum(r => Math.Pow(r.DeviceMs - mean, 2)) / Math.Max(1, n - 1));
        return new EpisodeSummary(
            policy, Tally(records), Tally(records.Where(r => r.Episode.Clutter < 0.5f)),
            Tally(records.Where(r => r.Episode.Clutter >= 0.5f)),
            mean, spread / Math.Sqrt(n), records.Sum(r => Arithmetic(r, tree, pack)) / n, records.Sum(r => r.PlanCount) / n,
            records.Sum(r => (double)r.Episode.TickCount) / n,
            [.. PathsOf(records, tree)]);
    }

    private static PickPlaceTally Tally(IEnumerable<EpisodeRecord> records) =>
        records.Aggregate(new PickPlaceTally(), (tally, record) => tally.With(record.Episode.Outcome));

    private static double Arithmetic(EpisodeRecord record, RouteTree tree, Pack pack) =>
        record.Frames.Where(f => !f.IsReuse && f.NodeIndex >= 0)
        .Sum(f => pack.MultiplyAdds.TryGetValue(tree.Nodes[f.NodeIndex].PathName, out double count) ? count : double.NaN);

    private static IEnumerable<EpisodePath> PathsOf(IReadOnlyList<EpisodeRecord> records, RouteTree tree)
    {
        var frames = records.SelectMany(r => r.Frames).ToList();
        foreach (var path in frames.GroupBy(f => f.NodeIndex).OrderByDescending(g => g.Count()))
        {
            var times = path.Select(f => f.DeviceMs).Order().ToList();
            string name = path.Key < 0 ? "failed" : tree.Nodes[path.Key].PathName;
            yield return new EpisodePath(name, times.Count, times.Count / (double)frames.Count, times[times.Count / 2]);
        }
    }
}
