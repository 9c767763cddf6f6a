using System.Globalization;
using EdgeRoute.Workbench.Choosing;

namespace EdgeRoute.Cli.Output;

/// <summary>What a choice came to, for people.</summary>
internal static class ChooseText
{
    /// <summary>Paths that are named; more would hide what was chosen.</summary>
    private const int Shown = 3;

    public static void Show(ChooseReport report)
    {
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{report.FrameCount} frames of {report.Source}; right is what {report.Teacher} says; wanted: {Wanted(report)}"));
        TableOf(report).Show("no point");
        Words(report).ForEach(Console.Out.WriteLine);
    }

    /// <summary>What the table leaves out.</summary>
    public static List<string> Words(ChooseReport report)
    {
        List<string> lines = [string.Create(CultureInfo.InvariantCulture, $"{report.RunCount} runs of a stage on a frame, where an "
            + $"exhaustive search takes {report.ExhaustiveRunCount} ({FigureText.Percent((double)report.RunCount
                / report.ExhaustiveRunCount)}); {report.PointCount} points compared in {FigureText.Duration(report.Seconds)}")];
        if (report.Chosen is { } chosen)
        {
            lines.Add($"chosen: {NameOf(chosen)}; {FiguresOf(chosen.Figures)}");
            if (chosen.Figures.FrameCount < report.FrameCount)
            {
                lines.Add(string.Create(CultureInfo.InvariantCulture, $"it was judged on {chosen.Figures.FrameCount} of the "
                    + $"{report.FrameCount} frames, evenly spread: its quality may be off by "
                    + $"{report.ChosenQualityMost - chosen.Figures.Quality:0.000}; --exhaustive runs all"));
            }

        }

        if (report.Undecided.Count > 0)
        {
            string more = report.Undecided.Count > Shown ? $" and {report.Undecided.Count - Shown} more" : "";
            lines.Add($"may be better still, but was not run on all frames: {string.Join(", ", report.Undecided.Take(Shown))}{more}; "
                + "--exhaustive tells");
        }

        return lines;
    }

    /// <summary>Where no point keeps the constraints: the nearest one, and what it lacks.</summary>
    public static List<string> LackWords(ChooseReport report) => report.Nearest is not { } nearest ? [] :
    [
        "no point keeps all constraints, so that nothing is written",
        $"nearest: {NameOf(nearest)}; {FiguresOf(nearest.Figures)}",
        .. nearest.Lacks.Select(l => $"  it lacks: {l}"),
    ];

    private static string Wanted(ChooseReport report) => report.Constraints.Count == 0 ? "the best quality"
        : string.Join(", ", report.Constraints);

    private static string NameOf(ChoiceRow row) => $"{row.Path}{PolicyOf(row)}, with {row.Threads} thread{(row.Threads == 1 ? "" : "s")}";

    private static string PolicyOf(ChoiceRow row)
    {
        if (row.Policy.Length == 0)
        {
            return "";
        }

        return row.Carry is null ? $", stopping at {row.Policy}"
            : $" {row.Policy} ({FigureText.Percent(row.Figures.LookShare)} of them), its answers carried between";
    }

    private static string FiguresOf(PointFigures figures) => $"quality {FigureText.Quality(figures.Quality)}, "
        + $"{FigureText.Ms(figures.LatencyMean)} on the mean, {FigureText.Ms(figures.LatencyP95)} at p95, "
        + $"{FigureText.Bytes((long)figures.MemoryBytes)}{(double.IsNaN(figures.Watts) ? "" : $", {FigureText.Short(figures.Watts)} W")}";

    private static TextTable TableOf(ChooseReport report)
    {
        var table = new TextTable("", "path", "stops at, or looks", ">looks", ">threads", ">quality", ">mean ms", ">p95 ms",
            ">p99 ms", ">memory", ">watts", ">frames", "breaks");
        foreach (var row in report.Frontier)
        {
            var f = row.Figures;
            table.Add(row == report.Chosen ? "*" : "", row.Path, row.Policy, FigureText.Percent(f.LookShare), Whole(row.Threads),
                FigureText.Quality(f.Quality),
                FigureText.Short(f.LatencyMean), FigureText.Short(f.LatencyP95), FigureText.Short(f.LatencyP99),
                FigureText.Bytes((long)f.MemoryBytes), FigureText.Short(f.Watts), Whole(f.FrameCount),
                string.Join("; ", row.Lacks));
        }

        return table;
    }

    private static string Whole(int value) => value.ToString(CultureInfo.InvariantCulture);
}
