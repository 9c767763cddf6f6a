using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using EdgeRoute.Core.Frames;
using EdgeRoute.Engine.Drawing;
using EdgeRoute.Protocol.Recording;
using EdgeRoute.Protocol.Tracing;
using EdgeRoute.Workbench.Mcap;

namespace EdgeRoute.Workbench.Exporting;

/// <summary>Turns the records of one recording into messages, one after the other. Not thread-safe.</summary>
/// <param name="reader">Has read the session start.</param>
internal sealed class RecordingExporter(RecordReader reader, ExportSelection selection, McapWriter writer, AnswerFile? answers)
    : IDisposable
{
    /// <summary>Answers that wait for their picture, at most: a few seconds of traces that were written before their frames.</summary>
    private const int HeldLimit = 256;

    private readonly ExportTopics _topics = new(writer, reader.Session!);
    private readonly AnnotationJson _annotations = new();
    private readonly FieldBuffer _message = new();
    private readonly Utf8JsonWriter _json = new(Stream.Null,
        new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    private FrameCompressor? _compressor;

    public ExportTopics Topics => _topics;

    public long SweptCount { get; private set; }

    /// <summary>Pictures that could not be made a JPEG, and why the first could not.</summary>
    public long BadPictureCount { get; private set; }

    public string BadPictureText { get; private set; } = "";

    /// <summary>Answers without a picture to draw on, and boxes that are no numbers.</summary>
    public long NotDrawnCount { get; private set; }

    public long PictureCount { get; private set; }

    /// <summary>Monotonic times of all frames and events that were read, wanted or not; both zero while there is none.</summary>
    public (long FirstNs, long LastNs) Seen { get; private set; }

    /// <summary>What follows was not read, because it lies behind the end that was asked for.</summary>
    public bool IsPastEnd { get; private set; }

    /// <summary>False: there is no more.</summary>
    public bool Step()
    {
        if (IsPastEnd || !reader.Read())
        {
            return false;
        }

        switch (reader.Kind)
        {
            case RecordKind.Frame:
                Take(reader.FrameStamp);
                break;
            case RecordKind.Trace:
                Take(reader.Trace);
                break;
            case RecordKind.Event:
                Take(reader.Event!);
                break;
            case RecordKind.SweptFrame:
                SweptCount++;
                break;
        }

        return true;
    }

    /// <summary>Draws what waits for a picture that never came.</summary>
    public void Finish()
    {
        foreach (var topics in _topics.Sources)
        {
            Draw(topics, topics.Held.Count);
        }
    }

    public void Dispose()
    {
        _compressor?.Dispose();
        _json.Dispose();
    }

    private void Take(FrameStamp stamp)
    {
        if (!Wants(stamp.SourceIndex, stamp.CaptureNs))
        {
            return;
        }

        var topics = _topics.Sources[stamp.SourceIndex];
        if (PictureSizes.Of(reader.FrameLayout, reader.FrameBytes) is { } size)
        {
            topics.Sizes.Add(stamp.CaptureNs, size);
        }

        if (TryCompress(out var jpeg))
        {
            ulong timeNs = selection.TimeOf(stamp.CaptureNs);
            Begin();
            FoxgloveJson.WriteImage(_json, topics.Source.Name, jpeg, timeNs);
            End(topics.Image, stamp.Sequence, timeNs);
            PictureCount++;
        }

        Draw(topics, topics.Held.FindLastIndex(h => h.Frame.CaptureNs <= topics.Sizes.LastNs) + 1);
    }

    /// <summary>One that libjpeg-turbo refuses is left out and counted; the rest of the recording is as good as before.</summary>
    private bool TryCompress(out ReadOnlySpan<byte> jpeg)
    {
        jpeg = default;
        try
        {
            if (reader.FrameLayout.Format == PixelFormat.Jpeg)
            {
                jpeg = reader.FrameBytes;
                return true;
            }

            _compressor ??= new FrameCompressor();
            var layout = reader.FrameLayout;
            jpeg = _compressor.Compress(layout, reader.FrameBytes);
            return true;
        }
        catch (InvalidDataException refused)
        {
            BadPictureText = BadPictureCount++ == 0 ? refused.Message : BadPictureText;
            return false;
        }
        catch (DllNotFoundException absent)
        {
            throw new IOException("the recording holds raw pictures, and libjpeg-turbo, which makes them JPEGs, is not here: "
                + absent.Message);
        }
    }

    private void Take(in TraceRecord trace)
    {
        var stamp = trace.Stamp;
        var key = new FrameKey(stamp.SourceIndex, stamp.Sequence, stamp.CaptureNs);
        if (!Wants(stamp.SourceIndex, stamp.CaptureNs))
        {
            return;
        }

        var topics = _topics.Sources[stamp.SourceIndex];
        ulong timeNs = selection.TimeOf(stamp.CaptureNs);
        Begin();
        DecisionJson.Write(_json, trace, topics.Source, timeNs);
        End(topics.Decision, stamp.Sequence, timeNs);
        byte[] line = answers?.Take(key, selection.UtcOf(stamp.CaptureNs)) ?? [];
        if (line.Length > 0)
        {
            writer.WriteMessage(topics.Answer, (uint)stamp.Sequence, timeNs, line);
        }

        topics.Held.Add(new HeldAnswer(key, line, WordsOf(trace, topics.Source)));
        bool hasPicture = topics.Sizes.LastNs >= stamp.CaptureNs;
        Draw(topics, hasPicture ? topics.Held.Count : Math.Max(0, topics.Held.Count - HeldLimit));
    }

    private static string WordsOf(in TraceRecord trace, SessionSource source) => FoxgloveJson.PathLine(DecisionJson.PathOf(trace, source),
        trace.LatencyNs, FoxgloveJson.WordOf(trace.End), trace.Flags.HasFlag(TraceFlags.Late));

    /// <summary>The oldest so many that wait; those of a source without any picture are counted instead.</summary>
    private void Draw(SourceTopics topics, int count)
    {
        foreach (var answer in topics.Held.Take(count))
        {
            if (topics.Sizes.At(answer.Frame.CaptureNs) is { } size)
            {
                Draw(topics, answer, size);
            }
            else
            {
                NotDrawnCount += answer.Line.Length > 0 ? 1 : 0;
            }
        }

        topics.Held.RemoveRange(0, count);
    }

    private void Draw(SourceTopics topics, HeldAnswer answer, PictureSize size)
    {
        ulong timeNs = selection.TimeOf(answer.Frame.CaptureNs);
        Begin();
        _annotations.WriteLine(_json, answer.Path, size, timeNs);
        End(topics.Path, answer.Frame.Sequence, timeNs);
        if (answer.Line.Length == 0)
        {
            return;
        }

        using var document = JsonDocument.Parse(answer.Line);
        Begin();
        NotDrawnCount += _annotations.Write(_json, document.RootElement, size, timeNs);
        End(topics.Boxes, answer.Frame.Sequence, timeNs);
    }

    private void Take(RecordedEvent recorded)
    {
        if (!Wants(recorded.SourceIndex, recorded.TimeNs))
        {
            return;
        }

        var topics = recorded.SourceIndex < 0 ? null : _topics.Sources[recorded.SourceIndex];
        string source = topics?.Source.Name ?? "";
        ulong timeNs = selection.TimeOf(recorded.TimeNs);
        Begin();
        FoxgloveJson.WriteLog(_json, source, recorded, timeNs);
        End(_topics.Log, _topics.Log.MessageCount, timeNs);
        var channel = topics?.Event ?? _topics.Event;
        Begin();
        FoxgloveJson.WriteEvent(_json, source, FoxgloveJson.WordOf(recorded.Kind), recorded.Text, timeNs);
        End(channel, channel.MessageCount, timeNs);
    }

    /// <param name="sourceIndex">-1: the whole engine, which is always wanted.</param>
    private bool Wants(int sourceIndex, long timeNs)
    {
        Seen = Seen == default ? (timeNs, timeNs) : (Math.Min(Seen.FirstNs, timeNs), Math.Max(Seen.LastNs, timeNs));
        IsPastEnd |= selection.IsLongPast(timeNs);
        return (sourceIndex < 0 || selection.Sources.Contains(sourceIndex)) && selection.IsWithin(timeNs);
    }

    private void Begin()
    {
        _message.Clear();
        _json.Reset(_message);
    }

    private void End(McapChannel channel, long sequence, ulong timeNs)
    {
        _json.Flush();
        writer.WriteMessage(channel, (uint)sequence, timeNs, _message.Written);
    }
}

/// <summary>What is wanted of a recording, and what its times are in the file.</summary>
internal sealed class ExportSelection
{
    /// <summary>2000-01-01: a device whose clock says less was never told the time of day.</summary>
    private const long ToldNs = 946_684_800_000_000_000;

    /// <summary>Records of a session are written within this time of each other; what comes later lies behind the end asked for.</summary>
    private const long OrderSlackNs = 10_000_000_000;

    private readonly SessionStart _session;

    /// <exception cref="ArgumentException">There is no such source, or the end lies before the start.</exception>
    public ExportSelection(SessionStart session, ExportRequest request)
    {
        _session = session;
        Sources = request.Sources.Count == 0 ? [.. Enumerable.Range(0, session.Sources.Count)]
            : [.. request.Sources.Select(s => IndexOf(session, s))];
        FromNs = request.From?.NsOf(session) ?? long.MinValue;
        ToNs = request.To?.NsOf(session) ?? long.MaxValue;
        if (FromNs > ToNs)
        {
            throw new ArgumentException("--to lies before --from; nothing is between them");
        }
    }

    /// <summary>Indices.</summary>
    public HashSet<int> Sources { get; }

    public long FromNs { get; }

    public long ToNs { get; }

    public bool IsUtc => _session.UtcNs >= ToldNs;

    /// <summary>So far behind the end that nothing before it follows.</summary>
    public bool IsLongPast(long timeNs) => timeNs > ToNs && timeNs - ToNs > OrderSlackNs;

    public bool IsWithin(long timeNs) => timeNs >= FromNs && timeNs <= ToNs;

    /// <summary>UTC by the clocks' relation at the recording's start; may be odd where the device was never told the time.</summary>
    public long UtcOf(long monotonicNs) =>
        (long)Int128.Clamp((Int128)monotonicNs - _session.StartNs + _session.UtcNs, long.MinValue, long.MaxValue);

    /// <summary>What stands in the file: UTC, or the monotonic clock where the device did not know the time.</summary>
    public ulong TimeOf(long monotonicNs) => (ulong)Math.Max(0, IsUtc ? UtcOf(monotonicNs) : monotonicNs);

    private static int IndexOf(SessionStart session, string text)
    {
        string[] names = [.. session.Sources.Select(s => s.Name)];
        int found = Array.IndexOf(names, text);
        if (found >= 0)
        {
            return found;
        }

        bool isIndex = int.TryParse(text, CultureInfo.InvariantCulture, out int index) && index >= 0
            && index < names.Length;
        return isIndex ? index : throw new ArgumentException($"the recording has no source '{text}'; it has "
            + string.Join(", ", names.Select((n, i) => $"'{n}' ({i})")));
    }
}
