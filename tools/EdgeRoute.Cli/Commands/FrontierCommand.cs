using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using EdgeRoute.Cli.Output;
using EdgeRoute.Documents.Calibrations;
using EdgeRoute.Workbench.Choosing;
using EdgeRoute.Workbench.Frontiers;
using EdgeRoute.Workbench.Playing;
using EdgeRoute.Workbench.Sweeps;

namespace EdgeRoute.Cli.Commands;

/// <summary><c>edgeroute frontier</c>: quality against cost for every way of routing.</summary>
internal static class FrontierCommand
{
    private static readonly JsonSerializerOptions JsonFormat = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true };

    /// <summary>How far below the heaviest path's quality the summary looks.</summary>
    private static readonly double[] Margins = [0.005, 0.01, 0.02, 0.05];

    public static Command Create()
    {
        var sweep = new SweepOptions();
        var calibration = new Option<string?>("--calibration") { Description = "calibration file; default: calibration.json beside the "
            + "manifest, where there is one" };
        var json = new Option<bool>("--json") { Description = "all points as JSON on standard output; with --write best an object of "
            + "them and of what was chosen, and why" };
        var plot = new Option<string?>("--plot") { Description = "draw the frontier: NAME.svg and NAME.png", HelpName = "NAME" };
        var write = new Option<string?>("--write")
        {
            Description = "write a point as a pack with a device config: the name of one, or fixed, every_nth, motion_gated, cascade, "
                + "value or quality_loss for the cheapest of its kind that loses at most one point of quality here, cascade:2 may lose "
                + "two; or best:1 for the cheapest of all that is expected to lose at most one on footage that nobody has seen",
            HelpName = "POINT",
        };
        var output = new Option<string>("--out") { Description = "folder that --write writes", HelpName = "FOLDER",
            DefaultValueFactory = _ => "chosen" };
        var replace = new Option<bool>("--replace") { Description = "write over a pack that is there already" };
        var command = new Command("frontier", """
            Plays fixed paths, threshold cascades, the heaviest path on every n-th frame or on motion, the value rule over its prices and
            with a budget of lost quality (its price moved by what looks show, as on a device), random choices and two oracles through
            the same footage, and shows what quality each gets for what device time. One oracle knows every answer to the frame at hand,
            the other those to later frames too; regret is the share of what that one saves which a way of routing leaves. Judge on
            frames that were not calibrated on.

            --write best:1 needs no calibration: it fits the value rule to parts of the footage, judges it on the part left out, compares
            with everything else, each with what chance may add, and writes the cheapest that keeps to one point below the heaviest path.

            Examples:
              edgeroute frontier --pack packs/coco --source monday.mp4 --span 50-100
              edgeroute frontier --pack models/shapes --source "sim://tabletop?frames=1800&seed=9" --json > frontier.json
              edgeroute frontier --pack packs/coco --source monday.mp4 --write cascade:1 --out packs/street
              edgeroute frontier --pack packs/coco --source monday.mp4 --write best:2 --out packs/street
            """) { calibration, json, plot, write, output, replace };
        sweep.AddTo(command);
        command.SetAction(parsed =>
        {
            using var console = new WorkConsole();
            return console.Run(() =>
            {
                if (sweep.Read(parsed, out string problem) is not { } choice)
                {
                    console.Say(problem);
                    return WorkConsole.Refused;
                }

                var wish = new FrontierWish(parsed.GetValue(write), parsed.GetRequiredValue(output), parsed.GetValue(replace));
                return Run(choice, parsed.GetValue(calibration), parsed.GetValue(json), parsed.GetValue(plot), wish, console);
            });
        });
        return command;
    }

    /// <param name="wish">Of a point to be written.</param>
    private static int Run(SweepChoice choice, string? calibrationPath, bool wantsJson, string? plot, FrontierWish wish,
        WorkConsole console)
    {
        FrontierPack.Require(wish);
        double? asked = BestWish.LossOf(wish);
        if (asked is not null && calibrationPath is not null)
        {
            throw new InvalidDataException("--write best fits a calibration of its own to the footage; leave --calibration out");
        }

        var opened = OpenedSweep.Open(choice, console.Report, console.Show, console.Cancel);
        string usual = Path.Combine(Path.GetDirectoryName(opened.Pack.ManifestPath)!, CalibrationFile.UsualName);
        string? path = calibrationPath ?? (File.Exists(usual) ? usual : null);
        var loaded = path is null ? null : CalibrationFile.Read(path, opened.Pack, opened.All.Tree);
        var points = new FrontierRun(opened) { Curve = loaded?.Document.Curve ?? [] }.Run(loaded?.Calibration, console.Say, console.Cancel);
        if (plot is not null)
        {
            string reference = opened.Labels is null ? $"'{opened.Teacher.PathName}'" : "the labels";
            new FrontierPlot(opened.Pack.Name, opened.All.Name, opened.Part.Frames.Count, reference).Write(plot, points);
            console.Say($"wrote {plot}.svg and {plot}.png");
        }

        var best = asked is { } loss ? BestWish.Judge(opened, points, loss, console) : null;
        if (wantsJson)
        {
            Console.Out.WriteLine(best is null ? JsonSerializer.Serialize(points, JsonFormat)
                : JsonSerializer.Serialize(new { Points = points, Best = best }, JsonFormat));
        }
        else
        {
            Show(points, opened, loaded?.Document);
        }

        if (best is not null)
        {
            BestWish.Write(opened, best, wish, choice, console);
        }
        else if (wish.Point is not null)
        {
            var point = FrontierPack.Find(points, wish, opened.Part.HeaviestNode().PathName);
            string config = FrontierPack.Write(point, wish, choice, loaded?.Document);
            console.Say($"wrote {point.Family} point '{point.Name}'; 'edgerouted run {config}' runs it");
        }

        return WorkConsole.Done;
    }

    private static void Show(IReadOnlyList<FrontierPoint> points, OpenedSweep opened, CalibrationDocument? calibration)
    {
        var heaviest = points.First(p => p.Family == "fixed" && p.Name == opened.Part.HeaviestNode().PathName);
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{opened.Part.Frames.Count} frames of {opened.All.Name}; right is what "
                + $"{(opened.Labels is null ? opened.Teacher.PathName : "the labels")} says"));
        foreach (var point in points.Where(p => p.Family == "fixed"))
        {
            Console.Out.WriteLine(Line(point.Name, point));
        }

        foreach (double margin in Margins)
        {
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"cheapest with at least {heaviest.Quality - margin:0.000} (always {heaviest.Name} less {100 * margin:0.#} points), "
                + $"the best of each picked in hindsight"));
            foreach (var family in points.GroupBy(p => p.Family))
            {
                var best = family.Where(p => p.Quality >= heaviest.Quality - margin).MinBy(p => p.Ms);
                Console.Out.WriteLine(best is null ? $"  {family.Key,-12} none" : Line($"{family.Key,-12} {best.Name}", best));
            }

            if (ForeseenPoint(points, calibration, margin) is { } foreseen)
            {
                Console.Out.WriteLine(Line($"value at the price that the calibration's own footage asked for, {foreseen.Name}", foreseen));
            }
        }
    }

    /// <summary>
    /// Not picked in hindsight: the highest price at which the calibration's curve lost no more than this, and what it came to here.
    /// </summary>
    private static FrontierPoint? ForeseenPoint(IReadOnlyList<FrontierPoint> points, CalibrationDocument? calibration, double margin)
    {
        var curve = calibration?.Curve ?? [];
        double wanted = curve.Select(c => c.Quality).DefaultIfEmpty(0).Max() - margin;
        double? price = curve.TakeWhile(c => c.Quality >= wanted).LastOrDefault()?.PricePerMs;
        return points.Where(p => p.Family == "value" && p.PricePerMs <= price).MaxBy(p => p.PricePerMs);
    }

    private static string Line(string name, FrontierPoint point) =>
        string.Create(CultureInfo.InvariantCulture,
            $"  {point.Quality:0.0000}  {point.Ms,8:0.00} ms  {point.CostShare,5:0%}  regret {RegretText(point),5}  {name}");

    private static string RegretText(FrontierPoint point) =>
        point.Regret is { } regret ? string.Create(CultureInfo.InvariantCulture, $"{regret:0%}") : "-";
}
