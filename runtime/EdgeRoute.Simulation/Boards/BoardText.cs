using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace EdgeRoute.Simulation.Boards;

/// <summary>A run on a simulated board, for people and for programs.</summary>
public static class BoardText
{
    private static readonly CultureInfo _culture = CultureInfo.InvariantCulture;

    public static string ToJson(BoardReport report) => JsonSerializer.Serialize(report, BoardJson.Default.BoardReport);

    /// <summary>How it stands, in one line.</summary>
    public static string Status(BoardRun run)
    {
        string time = TimeSpan.FromSeconds(run.Seconds).ToString(@"d\.hh\:mm\:ss", _culture);
        return run.Minutes.Count == 0 ? time : string.Create(_culture, $"{time}  {run.Minutes[^1].Watts:0.0} W  "
            + $"{run.Minutes[^1].Celsius:0.0} C  clock {run.Minutes[^1].Clock:P0}  quality {run.Minutes[^1].Quality:0.000}  "
            + $"price {run.Minutes[^1].Price:0.####}");
    }

    /// <summary>What it came to.</summary>
    public static string Of(BoardReport report)
    {
        var text = new StringBuilder();
        string end = report.SwitchedOff ? ", and then switched itself off" : "";
        text.AppendLine(_culture, $"simulated {report.Board}, {report.Seconds / 3600:0.##} h: {report.WattsMean:0.00} W on the mean, at "
            + $"most {report.HottestCelsius:0.0} C, throttled {report.ThrottleCount} times for {report.ThrottledSeconds:0} s, supply too "
            + $"weak {report.BrownOutCount} times{end}");
        text.AppendLine(_culture, $"quality {report.Quality:0.0000} over all frames captured; trace {report.Fingerprint}");
        foreach (var source in report.Sources)
        {
            Append(text, source);
        }

        return text.ToString().TrimEnd();
    }

    private static void Append(StringBuilder text, BoardSourceReport source)
    {
        text.AppendLine(_culture, $"source {source.Name}: {source.CapturedCount} frames, {source.DroppedCount} dropped, {source.LateCount} "
            + $"late, quality {source.Quality:0.0000}, {source.DeviceMsMean:0.0} ms of device time a frame");
        text.AppendLine("  paths: " + string.Join(", ", source.Paths.Select(p => string.Create(_culture, $"{p.Key} {p.Value:P1}")
            + (source.Energies.GetValueOrDefault(p.Key) is { } e ? string.Create(_culture, $" ({e.Millijoules:0} +-{e.Margin:0} mJ)")
                : ""))));
        foreach (var budget in source.Budgets)
        {
            string measured = budget.Measured is { } known ? known.ToString("0.##", _culture) : "not measured";
            string end = budget.IsMissed ? ", missed" : "";
            text.AppendLine(_culture, $"  {budget.Name}: {measured} of {budget.Target:0.##} {budget.Unit}{end}");
        }
    }
}

/// <summary>Source-generated, because ahead-of-time compiled code has no reflection.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(BoardReport))]
internal sealed partial class BoardJson : JsonSerializerContext;
