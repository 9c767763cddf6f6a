using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeRoute.Cli.Output;
using EdgeRoute.Engine.Running;
using EdgeRoute.Simulation.Episodes;
using EdgeRoute.Simulation.PickPlace;
using EdgeRoute.Workbench.Episodes;

namespace EdgeRoute.Cli.Commands;

/// <summary><c>edgeroute episodes</c>: how often a policy pack succeeds in the simulated world, and at what cost.</summary>
internal static class EpisodesCommand
{
    /// <summary>A share of no episodes is written as "NaN".</summary>
    private static readonly JsonSerializerOptions JsonFormat = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>A third of an episode between looks at the clock is often enough.</summary>
    private const int WatchMs = 100;

    public static Command Create()
    {
        var pack = new Option<string>("--pack") { Description = "manifest or folder of a policy pack", Required = true };
        var policy = new Option<string[]>("--policy")
        {
            Description = "cascade, value or the name of a path; may be given several times", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => ["cascade"],
        };
        var count = new Option<long>("--count") { Description = "episodes for each policy", DefaultValueFactory = _ => 1000 };
        var seed = new Option<ulong>("--seed") { Description = "seed of the world; training sees other seeds", DefaultValueFactory = _ => 2_000_001 };
        var clutter = new Option<string>("--clutter") { Description = "uniform, auto, or a level from 0 to 1", DefaultValueFactory = _ => "uniform" };
        var side = new Option<int>("--side") { Description = "pixels of the camera's square picture", DefaultValueFactory = _ => 96 };
        var threads = new Option<int>("--threads") { Description = "of ONNX Runtime", DefaultValueFactory = _ => 1 };
        var library = new Option<string?>("--onnxruntime") { Description = "the ONNX Runtime library or its folder; default: EDGEROUTE_ONNXRUNTIME, then the usual places" };
        var json = new Option<bool>("--json") { Description = "everything as JSON on standard output" };
        var command = new Command("episodes", """
            Closes the loop: a policy pack moves the simulated arm (sim://tabletop?task=pick_place) through whole episodes, once for each policy, all on the same tables.
            Shows the share of successes with its 95 % interval, and the device time, arithmetic and plans of an episode. Fixed paths follow each plan as the manifest says.

            Examples:
              edgeroute episodes --pack models/tabletop
              edgeroute episodes --pack models/tabletop --count 300 --policy cascade --policy light --policy "heavy_1>heavy_2>heavy_3"
              edgeroute episodes --pack models/tabletop --policy light --clutter 0 --json > light.json
            """) { pack, policy, count, seed, clutter, side, threads, library, json };
        command.SetAction(parsed =>
        {
            using var console = new WorkConsole();
            var request = new EpisodesRequest(
                parsed.GetRequiredValue(pack), parsed.GetValue(count), parsed.GetValue(seed), parsed.GetValue(clutter)!, parsed.GetValue(side), parsed.GetValue(threads),
                parsed.GetValue(library));
            return console.Run(() => Run(request, parsed.GetValue(policy)!, parsed.GetValue(json), console), "stopped; what is shown is what was done");
        });
        return command;
    }

    private static int Run(EpisodesRequest request, string[] policies, bool wantsJson, WorkConsole console)
    {
        if (request.FindProblem() is { } problem)
        {
            console.Say(problem);
            return WorkConsole.Refused;
        }

        var done = new List<EpisodeSummary>();
        foreach (string policy in policies)
        {
            var run = new EpisodeRun(request.ConfigFor(policy), console.Report) { Watch = (engine, arm) => Watching(engine, arm, $"{policy}: ", request.Count, console) };
            var summary = run.Run(policy);
            // Seconds of work are not thrown away because somebody was impatient.
            if (summary.All.EpisodeCount > 0)
            {
                done.Add(summary);
            }

            if (console.Cancel.IsCancellationRequested)
            {
                break;
            }
        }

        Show(done, wantsJson);
        console.Cancel.ThrowIfCancellationRequested();
        return WorkConsole.Done;
    }

    private static Timer Watching(RunningEngine engine, PickPlaceSource arm, string before, long count, WorkConsole console) => new(_ =>
    {
        console.Show($"{before}{arm.Tally} of {count}");
        if (console.Cancel.IsCancellationRequested)
        {
            engine.Stop();
        }
    }, null, WatchMs, WatchMs);

    private static void Show(IReadOnlyList<EpisodeSummary> done, bool wantsJson)
    {
        if (wantsJson)
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(done, JsonFormat));
            return;
        }

        var table = new TextTable("policy", ">episodes", ">success %", ">95 % interval", ">calm %", ">busy %", ">ms/episode", ">M mul-adds", ">plans", ">ticks");
        foreach (var one in done)
        {
            var (low, high) = one.All.SuccessInterval();
            table.Add(
                one.Policy, Text(one.All.EpisodeCount, "0"), Text(100 * one.All.SuccessShare, "0.0"), $"{Text(100 * low, "0.0")} - {Text(100 * high, "0.0")}",
                Text(100 * one.Calm.SuccessShare, "0.0"), Text(100 * one.Busy.SuccessShare, "0.0"), Text(one.DeviceMs, "0.00"), Text(one.MultiplyAdds / 1e6, "0.0"),
                Text(one.PlanCount, "0.0"), Text(one.TickCount, "0.0"));
        }

        table.Show("no episode has ended");
        foreach (var one in done.Where(d => d.Paths.Count > 2))
        {
            Console.Out.WriteLine($"{one.Policy}: " + string.Join(", ", one.Paths.Select(p => $"{p.Name} {Text(100 * p.FrameShare, "0.0")} % ({Text(p.DeviceMsP50, "0.00")} ms)")));
        }
    }

    private static string Text(double value, string format) => double.IsFinite(value) ? value.ToString(format, CultureInfo.InvariantCulture) : "-";
}
