using System.Globalization;
using EdgeRoute.Workbench.Plotting;
using ScottPlot;

namespace EdgeRoute.Workbench.Frontiers;

/// <summary>A frontier as a picture: quality over mean device time of every way of routing.</summary>
/// <param name="pack">Name of the pack.</param>
/// <param name="source">What was judged on, as a reader would name it.</param>
/// <param name="frameCount">How many frames were judged.</param>
/// <param name="reference">What is taken for right: a path, or "the labels".</param>
public sealed class FrontierPlot(string pack, string source, int frameCount, string reference)
{
    /// <summary>
    /// At most this much quality below the best is shown: further down every line drops alike, and the choices near the top would shrink to
    /// nothing.
    /// </summary>
    private const double QualityShown = 0.1;

    /// <summary>At least this much is shown, so that paths of one and the same quality still span an axis.</summary>
    private const double QualityShownAtLeast = 0.005;

    /// <summary>The legend tells regret at this much quality below the best fixed path.</summary>
    private const double RegretMargin = 0.01;

    /// <summary>What families are called, the farthest back first.</summary>
    private static readonly (string Family, string Title, Color Color, MarkerShape Shape, LinePattern Pattern)[] Lines =
    [
        ("time_oracle", "oracle over time (knows later frames too)", PlotSheet.Green, MarkerShape.OpenTriangleUp, LinePattern.Dotted),
        ("oracle", "oracle (knows every answer to the frame)", PlotSheet.Green, MarkerShape.FilledTriangleUp, LinePattern.Dashed),
        ("every_nth", "heaviest path on every n-th frame", PlotSheet.Grey, MarkerShape.OpenSquare, LinePattern.Solid),
        ("cascade", "threshold cascades, best in hindsight", PlotSheet.Orange, MarkerShape.FilledSquare, LinePattern.Solid),
        ("value", "value rule, one point per price", PlotSheet.Blue, MarkerShape.FilledCircle, LinePattern.Solid),
        ("quality_loss", "value rule, price moved by looks", PlotSheet.Blue, MarkerShape.OpenCircle, LinePattern.Dashed),
    ];

    /// <summary>Writes <c>basename.svg</c> and <c>basename.png</c>.</summary>
    /// <exception cref="IOException">A file cannot be written.</exception>
    /// <exception cref="ArgumentException">There is no fixed path among the points.</exception>
    public void Write(string basename, IReadOnlyList<FrontierPoint> points)
    {
        var fixedPaths = points.Where(p => p.Family == "fixed").ToList();
        if (fixedPaths.Count == 0)
        {
            throw new ArgumentException("a frontier is drawn around its fixed paths, and there is none among the points");
        }

        string title = string.Create(CultureInfo.InvariantCulture, $"{pack} on {source}: quality against device time, {frameCount} frames");
        using var plot = PlotSheet.New(title, "mean device time per frame (ms)", $"mean quality against {reference}");
        double best = points.Max(p => p.Quality);
        double lowest = Math.Max(fixedPaths.Min(p => p.Quality), best - QualityShown);
        double margin = 0.06 * Math.Max(best - lowest, QualityShownAtLeast);
        double bottom = lowest - margin;
        double right = 1.05 * Math.Max(fixedPaths.Max(p => p.Ms),
            points.Where(p => p.Quality >= bottom && p.Family != "random").Max(p => p.Ms));
        AddRandom(plot, points);
        foreach (var line in Lines)
        {
            var family = ParetoOf(points.Where(p => p.Family == line.Family));
            AddLine(plot, family, line with { Title = line.Title + RegretOf(family, fixedPaths.Max(p => p.Quality) - RegretMargin) });
        }

        AddFixed(plot, fixedPaths, bottom, right);
        plot.Axes.SetLimits(0, right, bottom, best + margin);
        plot.ShowLegend(Alignment.LowerRight);
        PlotSheet.Write(basename, PlotSheet.Height, plot.Render);
    }

    /// <summary>The points that no other one beats in both quality and time, the quickest first.</summary>
    internal static IReadOnlyList<FrontierPoint> ParetoOf(IEnumerable<FrontierPoint> points)
    {
        var kept = new List<FrontierPoint>();
        foreach (var point in points.OrderBy(p => p.Ms).ThenByDescending(p => p.Quality))
        {
            if (kept.Count == 0 || point.Quality > kept[^1].Quality)
            {
                kept.Add(point);
            }
        }

        return kept;
    }

    /// <summary>Of the cheapest point with a quality, in words; nothing where none has it, or it is as good as the oracle.</summary>
    private static string RegretOf(IReadOnlyList<FrontierPoint> points, double quality) =>
        points.FirstOrDefault(p => p.Quality >= quality)?.Regret is > 0.005 and { } regret
            ? string.Create(CultureInfo.InvariantCulture, $"; regret {regret:0%} at 1 point less") : "";

    /// <summary>Steps, not slopes: between two points of a line there is no setting that would get a quality in between.</summary>
    private static void AddLine(Plot plot, IReadOnlyList<FrontierPoint> points,
        (string Family, string Title, Color Color, MarkerShape Shape, LinePattern Pattern) style)
    {
        if (points.Count == 0)
        {
            return;
        }

        var line = plot.Add.Scatter(points.Select(p => p.Ms).ToArray(), points.Select(p => p.Quality).ToArray(), style.Color);
        line.ConnectStyle = ConnectStyle.StepHorizontal;
        line.LegendText = style.Title;
        line.LinePattern = style.Pattern;
        line.LineWidth = 2;
        line.MarkerShape = style.Shape;
        line.MarkerSize = 6;
    }

    private static void AddRandom(Plot plot, IReadOnlyList<FrontierPoint> points)
    {
        var random = points.Where(p => p.Family == "random").ToList();
        if (random.Count > 0)
        {
            var marks = plot.Add.ScatterPoints(random.Select(p => p.Ms).ToArray(), random.Select(p => p.Quality).ToArray(), PlotSheet.Grey);
            marks.LegendText = "random choices";
            marks.MarkerShape = MarkerShape.Eks;
            marks.MarkerSize = 6;
        }
    }

    /// <summary>
    /// Paths below what is shown are noted at the lower edge, where they would be, with their quality: none is left out silently.
    /// </summary>
    private static void AddFixed(Plot plot, IReadOnlyList<FrontierPoint> paths, double bottom, double right)
    {
        for (int i = 0; i < paths.Count; i++)
        {
            var path = paths[i];
            bool isShown = path.Quality >= bottom;
            var at = new Coordinates(path.Ms, Math.Max(path.Quality, bottom));
            var mark = plot.Add.Marker(at, isShown ? MarkerShape.FilledDiamond : MarkerShape.FilledTriangleDown, 12, PlotSheet.Ink);
            mark.LegendText = i == 0 ? "fixed path" : "";
            string text = isShown ? path.Name : string.Create(CultureInfo.InvariantCulture, $"{path.Name}: {path.Quality:0.000}, below");
            bool isFarRight = path.Ms > 0.8 * right;
            var alignment = (isShown, isFarRight) switch
            {
                (true, true) => Alignment.UpperRight,
                (true, false) => Alignment.UpperLeft,
                (false, true) => Alignment.LowerRight,
                _ => Alignment.LowerLeft,
            };
            PlotSheet.Note(plot, text, at, alignment, isFarRight ? -8 : 8, isShown ? 8 : -10);
        }
    }
}
