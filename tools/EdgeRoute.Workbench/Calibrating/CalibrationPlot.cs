using System.Globalization;
using EdgeRoute.Documents.Calibrations;
using EdgeRoute.Workbench.Plotting;
using ScottPlot;
using ScottPlot.MultiplotLayouts;

namespace EdgeRoute.Workbench.Calibrating;

/// <summary>
/// A calibration as two pictures: how far each plan's estimates can be relied on, and what quality the rule gets for what device time.
/// </summary>
public sealed class CalibrationPlot(CalibrationDocument document)
{
    /// <summary>Panels beside one another, and the height of a row of them: about square with room for their titles.</summary>
    private const int ColumnCount = 3, RowHeight = 330;

    /// <summary>At most this much quality below the best is shown, or down to the lowest floor where that is lower.</summary>
    private const double QualityShown = 0.1;

    /// <summary>
    /// Writes <c>basename-reliability</c> and <c>basename-curve</c>, each as .svg and .png; a part that the document lacks is left out.
    /// </summary>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public void Write(string basename)
    {
        if (document.Fits.Count > 0)
        {
            WriteReliability(basename + "-reliability");
        }

        if (document.Curve.Count > 0)
        {
            WriteCurve(basename + "-curve");
        }
    }

    private string Subject => $"{document.Pack} on {document.Source}";

    private void WriteReliability(string basename)
    {
        List<Plot> panels = [.. document.Fits.Select(PanelOf)];
        var sheet = new Multiplot(panels[0]);
        panels.Skip(1).ToList().ForEach(sheet.Subplots.Add);
        int rowCount = (panels.Count + ColumnCount - 1) / ColumnCount;
        sheet.Layout = new Grid(rowCount, ColumnCount);
        PlotSheet.Write(basename, rowCount * RowHeight, sheet.Render);
        panels.ForEach(p => p.Dispose());
    }

    /// <summary>All panels show the whole of [0, 1]: drawn closer, an error of a thousandth would look as bad as one of a tenth.</summary>
    private static Plot PanelOf(CalibrationDocument.FitPart fit)
    {
        string title = string.Create(CultureInfo.InvariantCulture,
            $"after {fit.Path}: {fit.Option}, plan {fit.Plan}\n{fit.Estimator}, off by {fit.Ece:0.000}, explains {Math.Max(fit.R2, 0):0%}");
        var plot = PlotSheet.New(title, "estimated gain", "observed gain");
        plot.Axes.Title.Label.FontSize = 13;
        var diagonal = plot.Add.Line(0, 0, 1, 1);
        diagonal.Color = PlotSheet.Grey;
        diagonal.LinePattern = LinePattern.Dashed;
        if (fit.Reliability.Count > 0)
        {
            var bins = fit.Reliability.OrderBy(b => b.Estimated).ToList();
            var line = plot.Add.Scatter(bins.Select(b => b.Estimated).ToArray(), bins.Select(b => b.Observed).ToArray(), PlotSheet.Blue);
            line.MarkerSize = 7;
            line.LineWidth = 1.5f;
        }

        plot.Axes.SetLimits(-0.03, 1.03, -0.03, 1.03);
        return plot;
    }

    private void WriteCurve(string basename)
    {
        var curve = document.Curve.OrderBy(c => c.Ms).ToList();
        using var plot = PlotSheet.New($"{Subject}: the value rule at every price", "mean device time per frame (ms)",
            $"mean quality against {document.Teacher}");
        var line = plot.Add.Scatter(curve.Select(c => c.Ms).ToArray(), curve.Select(c => c.Quality).ToArray(), PlotSheet.Blue);
        line.LegendText = "value rule, one point per price, on frames nothing was fitted to";
        line.LineWidth = 2;
        line.MarkerSize = 6;
        double best = Math.Max(curve.Max(c => c.Quality), document.Floors.Select(f => f.Floor).DefaultIfEmpty(0).Max());
        double lowest = Math.Max(curve.Min(c => c.Quality), document.Floors.Select(f => f.Floor).Append(best - QualityShown).Min());
        double right = 1.05 * curve.Max(c => c.Ms), margin = 0.06 * Math.Max(best - lowest, 0.01);
        foreach (var floor in document.Floors)
        {
            AddFloor(plot, floor, right);
        }

        plot.Axes.SetLimits(0, right, lowest - margin, best + margin);
        plot.ShowLegend(Alignment.LowerRight);
        PlotSheet.Write(basename, PlotSheet.Height, plot.Render);
    }

    /// <summary>
    /// A certified floor is a line with a mark where the rule may go; one that is not is a pale dotted line that says so.
    /// </summary>
    private void AddFloor(Plot plot, CalibrationDocument.FloorPart floor, double right)
    {
        bool isCertified = floor.PriceIndex >= 0;
        var line = plot.Add.HorizontalLine(floor.Floor, 1.5f, isCertified ? PlotSheet.Green : PlotSheet.Grey,
            isCertified ? LinePattern.Solid : LinePattern.Dotted);
        line.ExcludeFromLegend = true;
        string text = string.Create(CultureInfo.InvariantCulture, $"floor {floor.Floor:0.###} at {floor.Confidence:0.##}: not certified");
        if (isCertified)
        {
            var point = document.Curve[floor.PriceIndex];
            plot.Add.Marker(point.Ms, point.Quality, MarkerShape.FilledDiamond, 13, PlotSheet.Vermilion);
            text = string.Create(CultureInfo.InvariantCulture,
                $"floor {floor.Floor:0.###} at {floor.Confidence:0.##}: from {point.Ms:0.00} ms, price up to "
                    + $"{point.PricePerMs:0.#####} per ms");
        }

        PlotSheet.Note(plot, text, new Coordinates(right, floor.Floor), Alignment.LowerRight, -6, -2);
    }
}
