using System.Globalization;
using EdgeRoute.Workbench.Plotting;
using ScottPlot;

namespace EdgeRoute.Workbench.Choosing;

/// <summary>A choice as a picture: quality over mean latency of the points that none beats, with the bounds and the chosen one.</summary>
public sealed class ChoosePlot(ChooseReport report, IReadOnlyList<Constraint> constraints)
{
    /// <summary>At least this much quality is shown, so that points alike still span an axis.</summary>
    private const double QualityShownAtLeast = 0.005;

    /// <summary>Writes <c>basename.svg</c> and <c>basename.png</c>.</summary>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public void Write(string basename)
    {
        string title = string.Create(CultureInfo.InvariantCulture,
            $"{Path.GetFileName(report.Source)}: quality against latency, {report.FrameCount} frames");
        using var plot = PlotSheet.New(title, "mean latency of a frame (ms): preprocessing, models, heads", $"mean quality against "
            + report.Teacher);
        var line = plot.Add.Scatter(report.Frontier.Select(r => r.Figures.LatencyMean).ToArray(),
            report.Frontier.Select(r => r.Figures.Quality).ToArray(), PlotSheet.Grey);
        line.ConnectStyle = ConnectStyle.StepHorizontal;
        line.MarkerSize = 0;
        line.LegendText = "frontier";
        AddMarks(plot, report.Frontier.Where(r => r.Lacks.Count == 0), MarkerShape.FilledCircle, PlotSheet.Blue, "keeps the constraints");
        AddMarks(plot, report.Frontier.Where(r => r.Lacks.Count > 0), MarkerShape.Eks, PlotSheet.Orange, "breaks one");
        AddMarks(plot, report.Frontier.Where(r => r.Carry is not null), MarkerShape.OpenCircle, PlotSheet.Grey, "looks at some frames",
            13);
        AddBounds(plot);
        if ((report.Chosen ?? report.Nearest) is { } marked)
        {
            AddMarks(plot, [marked], MarkerShape.FilledDiamond, PlotSheet.Vermilion, report.Chosen is null ? "nearest" : "chosen", 14);
            string when = marked.Carry is null ? "" : " " + marked.Policy;
            PlotSheet.Note(plot, string.Create(CultureInfo.InvariantCulture, $"{marked.Path}{when}, {marked.Threads} threads"),
                new Coordinates(marked.Figures.LatencyMean, marked.Figures.Quality), Alignment.UpperLeft, 10, 8);
        }

        SetLimits(plot);
        plot.ShowLegend(Alignment.LowerRight);
        PlotSheet.Write(basename, PlotSheet.Height, plot.Render);
    }

    private void SetLimits(Plot plot)
    {
        double[] shown = [.. report.Frontier.Select(r => r.Figures.Quality), .. Limits(PointFigure.Quality)];
        double[] right = [.. report.Frontier.Select(r => r.Figures.LatencyMean), .. Limits(PointFigure.LatencyMean)];
        double margin = 0.08 * Math.Max(shown.Max() - shown.Min(), QualityShownAtLeast);
        plot.Axes.SetLimits(0, 1.08 * right.Max(), shown.Min() - margin, shown.Max() + margin);
    }

    private IEnumerable<double> Limits(PointFigure figure) => constraints.Where(c => c.Figure == figure).Select(c => c.Limit);

    private void AddBounds(Plot plot)
    {
        foreach (double limit in Limits(PointFigure.LatencyMean))
        {
            var bound = plot.Add.VerticalLine(limit, 1.5f, PlotSheet.Green);
            bound.LegendText = "bound";
        }

        foreach (double limit in Limits(PointFigure.Quality))
        {
            var bound = plot.Add.HorizontalLine(limit, 1.5f, PlotSheet.Green);
            bound.LegendText = "bound";
        }
    }

    private static void AddMarks(Plot plot, IEnumerable<ChoiceRow> rows, MarkerShape shape, Color color, string title, float size = 8)
    {
        ChoiceRow[] all = [.. rows];
        if (all.Length > 0)
        {
            var marks = plot.Add.ScatterPoints(all.Select(r => r.Figures.LatencyMean).ToArray(),
                all.Select(r => r.Figures.Quality).ToArray(), color);
            marks.MarkerShape = shape;
            marks.MarkerSize = size;
            marks.LegendText = title;
        }
    }
}
