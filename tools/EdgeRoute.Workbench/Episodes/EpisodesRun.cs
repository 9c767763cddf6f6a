using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeRoute.Documents;
using EdgeRoute.Engine.Running;
using EdgeRoute.Simulation.Episodes;
using EdgeRoute.Simulation.PickPlace;

namespace EdgeRoute.Workbench.Episodes;

/// <summary>Plays a policy pack's episodes, once for each policy, all on the same tables.</summary>
public static class EpisodesRun
{
    /// <summary>A third of an episode between looks at the clock is often enough.</summary>
    private const int WatchMs = 100;

    /// <summary>Stops early when cancelled: what has ended by then is in the result.</summary>
    /// <param name="policies">Each <c>cascade</c>, <c>value</c> or the name of a path.</param>
    /// <param name="progress">How far a policy is, a few times a second; any thread.</param>
    /// <exception cref="EngineRefusedException">The pack or the library cannot be used.</exception>
    public static EpisodesResult Run(
        EpisodesRequest request, IReadOnlyList<string> policies, EngineReporter report, Action<string> progress, CancellationToken cancel)
    {
        var done = new List<EpisodeSummary>();
        foreach (string policy in policies)
        {
            var run = new EpisodeRun(request.ConfigFor(policy), report)
            {
                Watch = (engine, arm) => Watching(engine, arm, tally => progress($"{policy}: {tally} of {request.Count}"), cancel),
            };
            var summary = run.Run(policy);

            // Seconds of work are not thrown away because somebody was impatient.
            if (summary.All.EpisodeCount > 0)
            {
                done.Add(summary);
            }

            if (cancel.IsCancellationRequested)
            {
                break;
            }
        }

        return new EpisodesResult(done);
    }

    private static Timer Watching(RunningEngine engine, PickPlaceSource arm, Action<PickPlaceTally> progress,
        CancellationToken cancel) => new(_ =>
    {
        progress(arm.Tally);
        if (cancel.IsCancellationRequested)
        {
            engine.Stop();
        }
    }, null, WatchMs, WatchMs);
}

/// <summary>What the episodes came to, policy by policy, as a table and as JSON.</summary>
public sealed class EpisodesResult
{
    /// <summary>A share of no episodes is written as "NaN".</summary>
    private static readonly JsonSerializerOptions JsonFormat = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    private readonly IReadOnlyList<EpisodeSummary> _summaries;

    internal EpisodesResult(IReadOnlyList<EpisodeSummary> summaries)
    {
        _summaries = summaries;
    }

    /// <summary>Headings; those that begin with &gt; are of numbers.</summary>
    public static IReadOnlyList<string> Columns { get; } =
        ["policy", ">episodes", ">success %", ">95 % interval", ">calm %", ">busy %", ">ms/episode", ">M mul-adds", ">plans", ">ticks"];

    public IEnumerable<string[]> Rows() => _summaries.Select(RowOf);

    /// <summary>How the frames of a policy shared its paths, for policies that have a choice.</summary>
    public IEnumerable<string> PathLines() => _summaries.Where(s => s.Paths.Count > 2).Select(s => $"{s.Policy}: "
        + string.Join(", ", s.Paths.Select(p => $"{p.Name} {Text(100 * p.FrameShare, "0.0")} % ({Text(p.DeviceMsP50, "0.00")} ms)")));

    public string ToJson() => JsonSerializer.Serialize(_summaries, JsonFormat);

    private static string[] RowOf(EpisodeSummary one)
    {
        var (low, high) = one.All.SuccessInterval();
        return
        [
            one.Policy, Text(one.All.EpisodeCount, "0"), Text(100 * one.All.SuccessShare, "0.0"),
            $"{Text(100 * low, "0.0")} - {Text(100 * high, "0.0")}",
            Text(100 * one.Calm.SuccessShare, "0.0"), Text(100 * one.Busy.SuccessShare, "0.0"), Text(one.DeviceMs, "0.00"),
            Text(one.MultiplyAdds / 1e6, "0.0"), Text(one.PlanCount, "0.0"), Text(one.TickCount, "0.0"),
        ];
    }

    private static string Text(double value, string format) => double.IsFinite(value) ? value.ToString(format, CultureInfo.InvariantCulture)
        : "-";
}
