using System.CommandLine;
using EdgeRoute.Cli.Output;
using EdgeRoute.Workbench.Episodes;

namespace EdgeRoute.Cli.Commands;

/// <summary><c>edgeroute episodes</c>: how often a policy pack succeeds in the simulated world, and at what cost.</summary>
internal static class EpisodesCommand
{
    public static Command Create()
    {
        var pack = new Option<string>("--pack") { Description = "manifest or folder of a policy pack", Required = true };
        var policy = new Option<string[]>("--policy")
        {
            Description = "cascade, value or the name of a path; may be given several times", AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => ["cascade"],
        };
        var count = new Option<long>("--count") { Description = "episodes for each policy", DefaultValueFactory = _ => 1000 };
        var seed = new Option<ulong>("--seed") { Description = "seed of the world; training sees other seeds",
            DefaultValueFactory = _ => 2_000_001 };
        var clutter = new Option<string>("--clutter") { Description = "uniform, auto, or a level from 0 to 1",
            DefaultValueFactory = _ => "uniform" };
        var side = new Option<int>("--side") { Description = "pixels of the camera's square picture", DefaultValueFactory = _ => 96 };
        var threads = new Option<int>("--threads") { Description = "of ONNX Runtime", DefaultValueFactory = _ => 1 };
        var library = new Option<string?>("--onnxruntime") { Description = "the ONNX Runtime library or its folder; default: "
            + "EDGEROUTE_ONNXRUNTIME, then the usual places" };
        var json = new Option<bool>("--json") { Description = "everything as JSON on standard output" };
        var command = new Command("episodes", """
            Closes the loop: a policy pack moves the simulated arm (sim://tabletop?task=pick_place) through whole episodes, once for each
            policy, all on the same tables. Shows the share of successes with its 95 % interval, and the device time, arithmetic and plans
            of an episode. Fixed paths follow each plan as the manifest says.

            Examples:
              edgeroute episodes --pack models/tabletop
              edgeroute episodes --pack models/tabletop --count 300 --policy cascade --policy light --policy "heavy_1>heavy_2>heavy_3"
              edgeroute episodes --pack models/tabletop --policy light --clutter 0 --json > light.json
            """) { pack, policy, count, seed, clutter, side, threads, library, json };
        command.SetAction(parsed =>
        {
            using var console = new WorkConsole();
            var request = new EpisodesRequest(
                parsed.GetRequiredValue(pack), parsed.GetValue(count), parsed.GetValue(seed), parsed.GetValue(clutter)!,
                parsed.GetValue(side), parsed.GetValue(threads),
                parsed.GetValue(library));
            return console.Run(() => Run(request, parsed.GetValue(policy)!, parsed.GetValue(json), console),
                "stopped; what is shown is what was done");
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

        var result = EpisodesRun.Run(request, policies, console.Report, console.Show, console.Cancel);
        Show(result, wantsJson);
        console.Cancel.ThrowIfCancellationRequested();
        return WorkConsole.Done;
    }

    private static void Show(EpisodesResult result, bool wantsJson)
    {
        if (wantsJson)
        {
            Console.Out.WriteLine(result.ToJson());
            return;
        }

        var table = new TextTable([.. EpisodesResult.Columns]);
        foreach (string[] row in result.Rows())
        {
            table.Add(row);
        }

        table.Show("no episode has ended");
        foreach (string line in result.PathLines())
        {
            Console.Out.WriteLine(line);
        }
    }
}
