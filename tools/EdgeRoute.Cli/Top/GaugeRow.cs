using EdgeRoute.Cli.Output;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.Cli.Top;

/// <summary>A figure with its bar and its limit.</summary>
/// <param name="Full">Value at which the bar is full.</param>
/// <param name="Limit">Where the marker stands; null: nowhere.</param>
internal sealed record GaugeRow(string Label, string Figure, double Value, double Full, double? Limit, Tone Tone)
{
    private const int LabelWidth = 9, BudgetLabelWidth = 18, FigureWidth = 24, LatencyFigureWidth = 11;

    /// <summary>Kept free at the end of every bar, so that bars of one kind are equally long.</summary>
    private const int MissedColumns = 7;

    private int LabelColumns { get; init; } = LabelWidth;

    private int FigureColumns { get; init; } = LatencyFigureWidth;

    public static List<GaugeRow> Latency(StreamStatus status)
    {
        var window = status.Window;
        double most = new[] { window.LatencyMsP99, window.LatencyMsP95, window.LatencyMsP50 }.Where(double.IsFinite)
            .DefaultIfEmpty(1).Max();
        double full = Math.Max(most, status.DeadlineMs ?? 0) * 1.15;
        GaugeRow Row(string label, double value, bool isLast)
        {
            string figure = FigureText.Ms(value) + (isLast && status.DeadlineMs is { } limit ? $" / {FigureText.Short(limit)}" : "");
            return new GaugeRow(label, figure, value, full, status.DeadlineMs, LatencyTone(value, status.DeadlineMs))
            {
                FigureColumns = LatencyFigureWidth + 6,
            };
        }

        return [Row("p50", window.LatencyMsP50, false), Row("p95", window.LatencyMsP95, false), Row("p99", window.LatencyMsP99, true)];
    }

    private static Tone LatencyTone(double latencyMs, double? deadlineMs)
    {
        if (latencyMs > deadlineMs)
        {
            return Tone.Bad;
        }

        return latencyMs > 0.85 * deadlineMs ? Tone.Warning : Tone.Good;
    }

    public static List<GaugeRow> Budgets(StreamStatus status) => [.. (status.Price?.Budgets ?? []).Select(b => new GaugeRow(
        b.Name, $"{FigureText.Short(b.Measured)} / {FigureText.Short(b.Target)} {b.Unit}", b.Measured, b.Target * 1.5, b.Target,
        b.IsMissed ? Tone.Bad : Tone.Good)
    {
        LabelColumns = BudgetLabelWidth,
        FigureColumns = FigureWidth,
    })];

    public void Draw(Canvas canvas, int row, int column, int width, Glyphs glyphs)
    {
        int bar = column + LabelColumns + FigureColumns;
        canvas.Put(row, column, Label, Tone.Dim, column + LabelColumns - 1);
        canvas.Put(row, column + LabelColumns, Figure, Tone == Tone.Bad ? Tone.Bad : Tone.Plain, bar - 1);
        int end = column + width - MissedColumns;
        int count = end - bar;
        for (int i = 0; i < count; i++)
        {
            bool isFilled = double.IsFinite(Value) && Full > 0 && (i + 0.5) / count <= Value / Full;
            canvas.Set(row, bar + i, isFilled ? glyphs.Fill : glyphs.Empty, Tone);
        }

        if (Limit is { } limit && Full > 0)
        {
            canvas.Set(row, bar + (int)(Math.Clamp(limit / Full, 0, 1) * (count - 1)), glyphs.Marker, Tone.Strong);
        }

        if (Tone == Tone.Bad)
        {
            canvas.Put(row, end + 1, "missed", Tone.Bad, column + width);
        }
    }
}
