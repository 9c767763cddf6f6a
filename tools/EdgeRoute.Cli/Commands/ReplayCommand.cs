using System.CommandLine;
using EdgeRoute.Cli.Output;
using EdgeRoute.Workbench.Replaying;

namespace EdgeRoute.Cli.Commands;

/// <summary><c>edgeroute replay</c>: decides a recording again, the same way or another.</summary>
internal static class ReplayCommand
{
    private static readonly Argument<string> Recording = new("recording") { Description = "the recording (.erec)" };
    private static readonly Option<string> PackPath = new("--pack") { Description = "the pack it was recorded with: its manifest or its "
        + "folder", Required = true };
    private static readonly Option<string?> Files = new("--files") { Description = "folder of the pack's model files, where they are not "
        + "beside the manifest" };
    private static readonly Option<string?> Source = new("--source") { Description = "which source of the recording, by name or index; "
        + "needed where it has several" };
    private static readonly Option<string?> Policy = new("--policy")
    {
        Description = "what if: value, cascade, fixed:PATH such as 'fixed:light>heavy', or skipping:PATH/MS; without: the recorded policy",
    };

    private static readonly Option<string?> Calibration = new("--calibration") { Description = "calibration file; default: "
        + "calibration.json beside the manifest" };
    private static readonly Option<double?> Price = new("--price") { Description = "what if a millisecond of device time costs so much "
        + "quality, such as 0.0075" };
    private static readonly Option<double?> BudgetMs = new("--budget-ms") { Description = "what if a frame may cost so many milliseconds "
        + "on average" };
    private static readonly Option<double?> Floor = new("--floor") { Description = "what if the price is the highest that the calibration "
        + "certifies for this quality floor" };
    private static readonly Option<bool> Json = new("--json") { Description = "the result as JSON on standard output" };

    public static Command Create()
    {
        var command = new Command("replay", """
            Decides every recorded decision again. With the recorded policy all must come out the same; a difference is shown, and the exit
            code is 3. With another policy, price, budget or floor it says what would have been: expected quality and cost, paths, and on
            how many frames something changes. No model is run.

            Examples:
              edgeroute replay run.erec --pack models/shapes
              edgeroute replay run.erec --pack models/shapes --price 0.01
              edgeroute replay run.erec --pack models/shapes --budget-ms 6
              edgeroute replay run.erec --pack models/shapes --policy 'fixed:heavy_1'
            """) { Recording, PackPath, Files, Source, Policy, Calibration, Price, BudgetMs, Floor, Json };
        command.SetAction(parsed =>
        {
            using var console = new WorkConsole();
            return console.Run(() => Run(parsed, console));
        });
        return command;
    }

    private static int Run(ParseResult parsed, WorkConsole console)
    {
        var request = new ReplayRequest(
            parsed.GetValue(PackPath)!, parsed.GetValue(Files), parsed.GetValue(Source), parsed.GetValue(Policy),
            parsed.GetValue(Calibration), parsed.GetValue(Price),
            parsed.GetValue(BudgetMs), parsed.GetValue(Floor));
        if (FindProblem(request) is { } problem)
        {
            console.Say(problem);
            return WorkConsole.Refused;
        }

        string path = parsed.GetValue(Recording)!;
        using var file = File.OpenRead(path);
        var outcome = ReplayRun.Run(file, Path.GetFileName(path), request);
        Show(outcome, parsed.GetValue(Json));
        if (outcome.Warning is { } warning)
        {
            console.Say("warning: " + warning);
        }

        return outcome.IsDifferent ? WorkConsole.Differs : WorkConsole.Done;
    }

    private static void Show(ReplayOutcome outcome, bool wantsJson)
    {
        if (wantsJson)
        {
            Console.Out.WriteLine(outcome.Same is { } report ? ReplayJson.Of(report) : ReplayJson.Of(outcome.WhatIf!));
            return;
        }

        foreach (string line in outcome.Same?.Lines() ?? WhatIfText.Of(outcome.WhatIf!))
        {
            Console.Out.WriteLine(line);
        }
    }

    private static string? FindProblem(ReplayRequest request)
    {
        int given = (request.PricePerMs is null ? 0 : 1) + (request.BudgetMs is null ? 0 : 1) + (request.Floor is null ? 0 : 1);
        if (given > 1)
        {
            return "--price, --budget-ms and --floor each set the price; give one of them";
        }

        if (request.PricePerMs is not (null or (>= 0 and < float.MaxValue)))
        {
            return "--price must be 0 or more, in quality per millisecond, such as 0.0075";
        }

        if (request.BudgetMs is not (null or > 0))
        {
            return "--budget-ms must be more than 0";
        }

        if (request.Floor is not (null or (> 0 and < 1)))
        {
            return "--floor must lie between 0 and 1, such as 0.97";
        }

        return null;
    }
}
