using System.Globalization;
using EdgeRoute.Workbench.Plotting;
using ScottPlot;

namespace EdgeRoute.Workbench.Benching;

/// <summary>A benchmark as a picture: latencies from capture to publish over the rate, with the top rate where it was looked for.</summary>
public sealed class BenchPlot(BenchReport report)
{
    private static readonly Color[] Colors = [PlotSheet.Blue, PlotSheet.Orange, PlotSheet.Green, PlotSheet.Vermilion];

    /// <summary>Told apart by their marks: the drawing library writes no broken lines into an SVG.</summary>
    private static readonly (string Title, Func<LatencyFigures, double> Of, MarkerShape Shape)[] Quantiles =
    [
        ("p50", l => l.P50, MarkerShape.FilledCircle), ("p95", l => l.P95, MarkerShape.FilledSquare),
        ("p99", l => l.P99, MarkerShape.FilledTriangleUp),
    ];

    /// <summary>Writes <c>basename.svg</c> and <c>basename.png</c>.</summary>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public void Write(string basename)
    {
        using var plot = PlotSheet.New($"{Path.GetFileName(report.Config)} on {report.Device}: latency over the rate",
            "frames per second of each source", "capture to publish (ms)");
        RateFigures[] rates = [.. (report.Rates.Count > 0 ? report.Rates : report.Trials).OrderBy(r => r.FramesPerSecond)];
        double highest = 0;
        string[] sources = [.. rates.SelectMany(r => r.Sources).Select(s => s.Name).Distinct()];
        for (int i = 0; i < sources.Length; i++)
        {
            highest = Math.Max(highest, AddSource(plot, rates, sources[i], Colors[i % Colors.Length]));
        }

        double right = rates.Select(r => r.FramesPerSecond).Append(report.TopRate ?? 0).Append(1).Max();
        if (report.TopRate is > 0 and var top)
        {
            var line = plot.Add.VerticalLine(top, 1.5f, PlotSheet.Grey);
            line.LegendText = string.Create(CultureInfo.InvariantCulture, $"top rate, {top:0.#} frames/s");
        }

        plot.Axes.SetLimits(0, 1.06 * right, 0, 1.1 * Math.Max(highest, 1e-3));
        plot.ShowLegend(Alignment.UpperLeft);
        PlotSheet.Write(basename, PlotSheet.Height, plot.Render);
    }

    /// <returns>The highest value drawn.</returns>
    private static double AddSource(Plot plot, RateFigures[] rates, string source, Color color)
    {
        var own = rates.Select(r => (Rate: r.FramesPerSecond, r.Sources.FirstOrDefault(s => s.Name == source)?.Latency))
            .Where(r => r.Latency is not null).ToList();
        foreach (var (title, of, shape) in own.Count == 0 ? [] : Quantiles)
        {
            var line = plot.Add.Scatter(own.Select(r => r.Rate).ToArray(), own.Select(r => of(r.Latency!)).ToArray(), color);
            line.LegendText = $"{source}, {title}";
            line.MarkerShape = shape;
            line.LineWidth = 2;
            line.MarkerSize = 9;
        }

        return own.Count == 0 ? 0 : own.Max(r => r.Latency!.P99);
    }
}
