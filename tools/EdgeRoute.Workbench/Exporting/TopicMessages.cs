using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Recording;
using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.Workbench.Exporting;

/// <summary>
/// What a device says now, as messages of the topics of <see cref="TopicPlan"/>: those of an exported file, in UTF-8. Times are nanoseconds
/// since 1970.
/// </summary>
public static class TopicMessages
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] Image(string source, byte[] jpeg, ulong timeNs) =>
        Of(json => FoxgloveJson.WriteImage(json, source, jpeg, timeNs));

    /// <summary>Null where the picture's size cannot be read.</summary>
    /// <param name="answer">Of the picture's frame, as <see cref="TopicKind.Answer"/> has it.</param>
    public static byte[]? Boxes(byte[] answer, byte[] jpeg, ulong timeNs)
    {
        using var line = JsonDocument.Parse(answer);
        return PictureSizes.OfJpeg(jpeg) is { } size ? Of(json => new AnnotationJson().Write(json, line.RootElement, size, timeNs)) : null;
    }

    /// <summary>Null where the picture's size cannot be read.</summary>
    public static byte[]? Path(AnswerMessage answer, byte[] jpeg, ulong timeNs)
    {
        string words = FoxgloveJson.PathLine(answer.Path, answer.PublishedNs - answer.CaptureNs, answer.End, answer.IsLate);
        return PictureSizes.OfJpeg(jpeg) is { } size ? Of(json => new AnnotationJson().WriteLine(json, words, size, timeNs)) : null;
    }

    /// <summary>Null where the trace does not fit the source, whose pack was changed meanwhile.</summary>
    /// <param name="source">With the nodes of its route tree.</param>
    public static byte[]? Decision(in TraceRecord trace, SessionSource source, ulong timeNs)
    {
        var record = trace;
        record.Stamp = trace.Stamp with { SourceIndex = 0 };
        return TraceRecordCheck.FindProblem(record, new SessionStart(0, 0, "", new byte[RecordingFormat.HashBytes], [source])) is null
            ? Of(json => DecisionJson.Write(json, record, source, timeNs)) : null;
    }

    public static byte[] Log(EventEntry entry) => Of(json => FoxgloveJson.WriteLog(json, entry.Stream,
        entry.Level == "warning" ? FoxgloveJson.Warning : FoxgloveJson.Notice, entry.Text, TimeOf(entry.UtcNs)));

    public static byte[] Event(EventEntry entry) =>
        Of(json => FoxgloveJson.WriteEvent(json, entry.Stream, entry.Level, entry.Text, TimeOf(entry.UtcNs)));

    public static byte[] Device(DeviceStatus status) => Of(json => DeviceJson.Write(json, status, TimeOf(status.NowUtcNs)));

    /// <summary>Viewers know no time before 1970.</summary>
    public static ulong TimeOf(long utcNs) => (ulong)Math.Max(0, utcNs);

    private static byte[] Of(Action<Utf8JsonWriter> write)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, Options))
        {
            write(json);
        }

        return bytes.WrittenSpan.ToArray();
    }
}
