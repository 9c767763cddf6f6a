using EdgeRoute.Core.Gains;

namespace EdgeRoute.Workbench.Fitting;

/// <summary>
/// Isotonic regression on one feature, rising or falling, whichever has the smaller squared error. The table holds both ends of every step,
/// so that it is the regression itself at every place that was seen, and linear only between.
/// </summary>
internal sealed class IsotonicFit : IGainFit
{
    /// <summary>Cells that rows are gathered in before they are pooled; several times finer than a table can be.</summary>
    private const int CellLimit = 512;

    /// <summary>
    /// Rows of a cell at least, where there are enough for eight cells: the ends of a table should not be the word of a single frame.
    /// </summary>
    private const int CellRows = 8;

    private readonly int _featureIndex;

    public IsotonicFit(int featureIndex)
    {
        _featureIndex = featureIndex >= 0 ? featureIndex : throw new ArgumentOutOfRangeException(nameof(featureIndex), featureIndex,
            "A feature's index is 0 or more.");
    }

    public string Name => FormattableString.Invariant($"isotonic, feature {_featureIndex}");

    public IGainEstimator Fit(FitRows rows)
    {
        var cells = CellsOf(rows);
        var rising = MonotoneRegression.Pool(cells, isRising: true);
        var falling = MonotoneRegression.Pool(cells, isRising: false);
        var steps = MonotoneRegression.LossOf(cells, rising) <= MonotoneRegression.LossOf(cells, falling) ? rising : falling;
        MonotoneRegression.Thin(steps, IsotonicGain.PointLimit);
        return TableOf(steps);
    }

    /// <summary>
    /// The rows that have a weight, by place, gathered into cells of about as many rows each. Rows at the same place are always in one
    /// cell.
    /// </summary>
    private List<MonotoneStep> CellsOf(FitRows rows)
    {
        int[] order = [.. rows.Weighted()];
        float[] places = [.. order.Select(i => rows.Features(i)[_featureIndex])];
        Array.Sort(places, order);
        int cellRows = Math.Max(Math.Min(CellRows, order.Length / CellRows), (order.Length + CellLimit - 1) / CellLimit);
        var cells = new List<MonotoneStep>();
        for (int start = 0; start < order.Length;)
        {
            int end = Math.Min(start + Math.Max(cellRows, 1), order.Length);
            while (end < order.Length && places[end].Equals(places[end - 1]))
            {
                end++;
            }

            cells.Add(CellOf(rows, order.AsSpan(start..end)) with { From = places[start], To = places[end - 1] });
            start = end;
        }

        return cells;
    }

    private static MonotoneStep CellOf(FitRows rows, ReadOnlySpan<int> members)
    {
        double weight = 0, sum = 0;
        foreach (int row in members)
        {
            weight += rows.Weight(row);
            sum += (double)rows.Weight(row) * rows.Target(row);
        }

        return new(0, 0, weight, sum / weight);
    }

    private IsotonicGain TableOf(List<MonotoneStep> steps)
    {
        var at = new List<float>();
        var values = new List<float>();
        foreach (var step in steps)
        {
            float value = (float)Math.Clamp(step.Mean, 0, 1);
            (float[] ends, float[] both) = step.From < step.To ? (new[] { step.From, step.To }, new[] { value, value })
                : ([step.From], [value]);
            at.AddRange(ends);
            values.AddRange(both);
        }

        return new IsotonicGain(_featureIndex, at, values);
    }
}
