using System.Globalization;
using EdgeRoute.Cli.Output;
using EdgeRoute.Workbench.Choosing;
using EdgeRoute.Workbench.Frontiers;
using EdgeRoute.Workbench.Playing;
using EdgeRoute.Workbench.Sweeps;

namespace EdgeRoute.Cli.Commands;

/// <summary><c>edgeroute frontier --write best:1</c>: chooses for footage that nobody has seen, says why, and writes it.</summary>
internal static class BestWish
{
    private const string Word = "best";

    /// <summary>Points of quality that may be lost where none are given.</summary>
    private const double UsualLoss = 1;

    /// <summary>Quality that the best may lose, as a part of 1; null where another point is asked for, or none.</summary>
    /// <exception cref="InvalidDataException">What follows the colon is no loss.</exception>
    public static double? LossOf(FrontierWish wish)
    {
        string[] parts = wish.Point?.Split(':', 2) ?? [];
        if (parts is not [Word, ..])
        {
            return null;
        }

        double points = UsualLoss;
        bool isRead = parts.Length == 1 || double.TryParse(parts[1], NumberStyles.Float, CultureInfo.InvariantCulture, out points);
        return isRead && points is > 0 and <= 100 ? points / 100
            : throw new InvalidDataException($"--write is '{wish.Point}'; after '{Word}:' come the points of quality that may be lost "
                + "against always the heaviest path, above 0 and at most 100, such as best:1");
    }

    /// <summary>Judges and says what was found, on standard error, so that JSON stays alone.</summary>
    public static UnseenReport Judge(OpenedSweep opened, IReadOnlyList<FrontierPoint> points, double loss, WorkConsole console)
    {
        var choice = new UnseenChoice(opened);
        var report = choice.Choose(choice.Judge(points, console.Say, console.Cancel), loss);
        foreach (string line in Lines(report))
        {
            console.Say(line);
        }

        return report;
    }

    public static void Write(OpenedSweep opened, UnseenReport report, FrontierWish wish, SweepChoice choice, WorkConsole console)
    {
        var calibration = new UnseenChoice(opened).CalibrationFor(report, choice, console.Say, console.Cancel);
        var point = report.Chosen.Point;
        string config = FrontierPack.Write(point, wish, choice, calibration);
        console.Say($"wrote {point.Family} point '{point.Name}'; 'edgerouted run {config}' runs it");
    }

    private static IEnumerable<string> Lines(UnseenReport report)
    {
        var culture = CultureInfo.InvariantCulture;
        yield return string.Create(culture, $"on footage like these {report.FrameCount} frames, with at most {100 * report.Asked:0.##} "
            + $"points below always {report.HeaviestPath}, of each kind the cheapest:");
        foreach (var candidate in report.Families)
        {
            yield return Line(candidate);
        }

        var chosen = report.Chosen;
        string held = chosen.Point.QualityLoss is null ? "" : ", held by what looks show while it runs";
        string why = chosen.Point.Family == "fixed" && chosen.Point.Name == report.HeaviestPath
            ? "nothing else is sure to lose so little; more footage narrows what chance may add"
            : "the cheapest that keeps to it" + (held.Length > 0 ? held : " with what chance may add");
        yield return string.Create(culture, $"chosen: {chosen.Point.Family}, {chosen.Point.Name}: {why}; expected to lose "
            + $"{100 * chosen.Loss:0.##} points at {chosen.Point.CostShare:0%} of always {report.HeaviestPath}'s device time");
    }

    private static string Line(UnseenCandidate candidate) => string.Create(CultureInfo.InvariantCulture,
        $"  {100 * candidate.Loss,5:0.00} points, {100 * candidate.Margin:0.00} {(candidate.Point.QualityLoss is null ? "more" : "less")} "
            + $"by chance  {candidate.Point.Ms,8:0.00} ms  {candidate.Point.CostShare,5:0%}  {candidate.Point.Family,-12} "
            + $"{candidate.Point.Name}");
}
