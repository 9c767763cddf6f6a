using System.CommandLine;
using System.Globalization;
using EdgeRoute.Cli.Output;
using EdgeRoute.Documents.Calibrations;
using EdgeRoute.Workbench.Calibrating;
using EdgeRoute.Workbench.Playing;
using EdgeRoute.Workbench.Sweeps;

namespace EdgeRoute.Cli.Commands;

/// <summary><c>edgeroute calibrate</c>: fits the value rule to the owner's own footage and certifies quality floors.</summary>
internal static class CalibrateCommand
{
    public static Command Create()
    {
        var sweep = new SweepOptions();
        var floors = new Option<double[]>("--floor")
        {
            Description = "quality floors to certify, in 0 to 1; may be given more than once",
            DefaultValueFactory = _ => [0.9, 0.95, 0.97, 0.99],
            AllowMultipleArgumentsPerToken = true,
        };
        var confidence = new Option<double>("--confidence") { Description = "with which each floor is to hold",
            DefaultValueFactory = _ => 0.95 };
        var fit = new Option<double>("--fit-share")
        {
            Description = "share of the frames, the earlier ones, that is fitted to; the rest certifies", DefaultValueFactory = _ => 0.6,
        };
        var output = new Option<string?>("--out") { Description = "file to write; default: calibration.json beside the manifest" };
        var json = new Option<bool>("--json") { Description = "write the calibration to standard output as well" };
        var plot = new Option<string?>("--plot")
        {
            Description = "draw how far the estimates can be relied on, and quality over cost: NAME-reliability and NAME-curve, each as "
                + ".svg and .png", HelpName = "NAME",
        };
        var command = new Command("calibrate", """
            Runs every path of a pack once on each frame of your footage, fits what each path is worth given what can be seen before it is
            taken, and certifies how high the price of device time may go while the quality floor holds. Interrupt it at any time; the same
            command goes on where it stopped.

            Run it on the robot's own computer, or one like it, with nothing else running: what a path costs is measured where this runs.
            Footage must show what the robot is to detect: on an empty scene no floor can be certified.

            Examples:
              edgeroute calibrate --pack models/shapes --source "sim://tabletop?frames=1800"
              edgeroute calibrate --pack packs/coco --source monday.mp4 --floor 0.97 --confidence 0.95
              edgeroute calibrate --pack packs/imagenet --source pictures --labels names
            """) { floors, confidence, fit, output, json, plot };
        sweep.AddTo(command);
        command.SetAction(parsed =>
        {
            using var console = new WorkConsole();
            return console.Run(() => Run(
                sweep.Read(parsed, out string problem), problem, parsed.GetValue(floors)!, parsed.GetValue(confidence),
                parsed.GetValue(fit), parsed.GetValue(output),
                parsed.GetValue(json), parsed.GetValue(plot), console));
        });
        return command;
    }

    private static int Run(
        SweepChoice? choice, string problem, double[] floors, double confidence, double fitShare, string? output, bool wantsJson,
        string? plot, WorkConsole console)
    {
        if (choice is null || FindProblem(floors, confidence, fitShare) is { } wrong && (problem = wrong).Length > 0)
        {
            console.Say(problem);
            return WorkConsole.Refused;
        }

        var opened = OpenedSweep.Open(choice, console.Report, console.Show, console.Cancel);
        var document = CalibrationRun.Run(opened, new CalibrateRequest(choice, floors, confidence, fitShare), console.Say, console.Cancel);
        string folder = Directory.Exists(choice.Pack) ? choice.Pack : Path.GetDirectoryName(Path.GetFullPath(choice.Pack))!;
        string path = output ?? Path.Combine(folder, CalibrationFile.UsualName);
        byte[] bytes = CalibrationFile.Write(document);
        File.WriteAllBytes(path + ".part", bytes);
        File.Move(path + ".part", path, overwrite: true);
        Show(document, path, console);
        if (plot is not null)
        {
            new CalibrationPlot(document).Write(plot);
            console.Say($"wrote {plot}-reliability and {plot}-curve, .svg and .png");
        }

        if (wantsJson)
        {
            using var standardOutput = Console.OpenStandardOutput();
            standardOutput.Write(bytes);
        }

        return WorkConsole.Done;
    }

    private static string? FindProblem(double[] floors, double confidence, double fitShare)
    {
        if (floors.Any(f => f is not (> 0 and < 1)))
        {
            return "each --floor must lie between 0 and 1, such as 0.97";
        }

        if (confidence is not (> 0.5 and < 1))
        {
            return "--confidence must lie between 0.5 and 1, such as 0.95";
        }

        if (fitShare is not (>= 0.2 and <= 1))
        {
            return "--fit-share must lie in 0.2 to 1; at 1 everything is fitted to and no floor is certified";
        }

        return null;
    }

    private static void Show(CalibrationDocument document, string path, WorkConsole console)
    {
        var culture = CultureInfo.InvariantCulture;
        console.Say(string.Create(culture, $"{document.FrameCount} frames of {document.Source}; right is what {document.Teacher} says"));
        foreach (var fit in document.Fits)
        {
            console.Say(string.Create(culture,
                $"  {fit.Path,-16} {fit.Option,-20} plan {fit.Plan}  gain {fit.MeanGain:0.000}  {fit.Estimator,-10} explains "
                    + $"{Math.Max(fit.R2, 0):0%}, off by {fit.Ece:0.000}"));
        }

        foreach (var floor in document.Floors)
        {
            var point = floor.PriceIndex < 0 ? null : document.Curve[floor.PriceIndex];
            string text = point is null ? "not certified"
                : string.Create(culture, $"price up to {point.PricePerMs:0.#####} per ms, {point.Ms:0.00} ms a frame, quality "
                    + $"{point.Quality:0.000}");
            console.Say(string.Create(culture, $"floor {floor.Floor:0.###} at {floor.Confidence:0.##}: {text}. {floor.Reason}"));
        }

        document.Warnings.ForEach(w => console.Say("warning: " + w));
        console.Say($"wrote {path}");
    }
}
