using System.Text.Json;
using System.Text.Json.Serialization;

namespace EdgeRoute.Workbench.Benching;

/// <summary>What came of a benchmark.</summary>
/// <param name="Config">The file.</param>
/// <param name="Device">This machine's name.</param>
/// <param name="Threads">How many the models had, and why.</param>
/// <param name="DropLimit">The share of dropped frames below which a rate holds.</param>
/// <param name="TopRate">Frames per second of each source, the highest that held; 0 where none did, null where it was not looked
/// for.</param>
/// <param name="Trials">The rates that were tried to find it, in that order.</param>
/// <param name="Rates">The fixed rates.</param>
/// <param name="Power">What measures power; null where nothing does.</param>
public sealed record BenchReport(
    string Config, string Device, int CoreCount, string Threads, double DropLimit, double? TopRate, IReadOnlyList<RateFigures> Trials,
    IReadOnlyList<RateFigures> Rates, string? Power)
{
    /// <summary>It was not stopped before its end.</summary>
    public required bool IsWhole { get; init; }

    public string ToJson() => JsonSerializer.Serialize(this, BenchJson.Default.BenchReport);
}

/// <summary>All sources at one rate.</summary>
/// <param name="FramesPerSecond">Of each source, as asked for.</param>
/// <param name="MillijoulesPerFrame">Of a frame that was answered, at the mean power; null where nothing measures it.</param>
public sealed record RateFigures(double FramesPerSecond, double Seconds, IReadOnlyList<SourceFigures> Sources, double? MillijoulesPerFrame)
{
    /// <summary>Of the source that lost most.</summary>
    public double DropShare => Sources.Max(s => s.DropShare);

    /// <summary>
    /// Of the source whose frames came most slowly, as a part of the rate asked for: below 1 the camera could not keep up.
    /// </summary>
    public double CaptureShare => Sources.Min(s => s.CapturedPerSecond) / FramesPerSecond;
}

/// <summary>One source at one rate.</summary>
/// <param name="FailedShare">Of the frames captured.</param>
/// <param name="Latency">Capture to publish; null where no frame was answered.</param>
public sealed record SourceFigures(
    string Name, double CapturedPerSecond, double DropShare, double FailedShare, LatencyFigures? Latency, IReadOnlyList<PathFigures> Paths);

/// <summary>The frames that one path answered.</summary>
/// <param name="Share">Of all answered frames, in [0, 1].</param>
public sealed record PathFigures(string Path, double Share, LatencyFigures Latency);

/// <summary>Milliseconds.</summary>
public sealed record LatencyFigures(long FrameCount, double P50, double P95, double P99, double Max);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(BenchReport))]
internal sealed partial class BenchJson : JsonSerializerContext;
