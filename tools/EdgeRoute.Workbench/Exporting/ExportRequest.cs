using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeRoute.Protocol.Recording;

namespace EdgeRoute.Workbench.Exporting;

/// <summary>What of a recording is exported, and with what.</summary>
/// <param name="AnswersPath">The answers file of the same run; null: boxes are not exported, because recordings hold none.</param>
/// <param name="Sources">Names or indices; empty: all.</param>
/// <param name="From">Frames captured and events before it are left out.</param>
/// <param name="To">Those after it.</param>
/// <param name="IsCompressed">By zstd, or not at all.</param>
public sealed record ExportRequest(string? AnswersPath, IReadOnlyList<string> Sources, ExportInstant? From, ExportInstant? To,
    bool IsCompressed);

/// <summary>An instant of a recording: by the time since its start, or by the time of day where <paramref name="Utc"/> is given.</summary>
public sealed record ExportInstant(double Seconds, DateTimeOffset? Utc)
{
    /// <summary>Nanoseconds of the recording's monotonic clock; beyond its range the nearest there is.</summary>
    internal long NsOf(SessionStart session)
    {
        double since = Utc is { } utc ? ((utc - DateTimeOffset.UnixEpoch).Ticks * 100.0) - session.UtcNs : Seconds * 1e9;
        return (long)Math.Clamp(session.StartNs + since, long.MinValue, long.MaxValue);
    }
}

/// <summary>How far an export is.</summary>
/// <param name="ReadShare">Of the recording, in [0, 1].</param>
public readonly record struct ExportProgress(double ReadShare, long WrittenBytes);

/// <summary>One topic of an exported file.</summary>
/// <param name="Source">Name of the source; empty for the whole engine.</param>
public sealed record ExportedChannel(string Topic, string Schema, string Source, long MessageCount);

/// <summary>What became of the answers file.</summary>
/// <param name="ReadCount">Lines of the sources that were asked for.</param>
/// <param name="UsedCount">Those of frames that the recording holds.</param>
/// <param name="UnreadableCount">Lines that are no answers.</param>
/// <param name="NotDrawnCount">Answers without boxes, because the recording has no picture of their source, and boxes that are no
/// numbers.</param>
public sealed record ExportedAnswers(long ReadCount, long UsedCount, long UnreadableCount, long NotDrawnCount);

/// <summary>What was exported.</summary>
/// <param name="IsUtc">Times are UTC; else the device's monotonic clock, because it did not know the time of day.</param>
/// <param name="FirstNs">Nanoseconds of that clock; likewise <paramref name="LastNs"/>.</param>
/// <param name="Answers">Null where none were asked for.</param>
/// <param name="IsWhole">The recording was closed in order and nothing is missing from it; or it is good beyond the end asked for.</param>
/// <param name="Warnings">What is missing, and why, in words.</param>
public sealed record ExportReport(string File, string? Layout, long Bytes, long MessageCount, long ChunkCount, bool IsUtc, ulong FirstNs,
    ulong LastNs, IReadOnlyList<ExportedChannel> Channels, ExportedAnswers? Answers, bool IsWhole, IReadOnlyList<string> Warnings)
{
    public string ToJson() => JsonSerializer.Serialize(this, ExportJsonContext.Default.ExportReport);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(ExportReport))]
internal sealed partial class ExportJsonContext : JsonSerializerContext;
