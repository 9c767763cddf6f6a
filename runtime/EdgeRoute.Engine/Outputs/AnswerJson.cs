using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using EdgeRoute.ControlChannel.Watching;
using EdgeRoute.Core.Frames;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.Engine.Outputs;

/// <summary>
/// A frame and its answer as one JSON object, the same for every output. Boxes are fractions of the frame's sides. One thread at a time;
/// allocates nothing once the buffer has grown to the longest.
/// </summary>
internal sealed class AnswerJson : IDisposable
{
    /// <summary>
    /// Values written of a long vector; a consumer of whole embeddings takes them from the control channel or the recording.
    /// </summary>
    private const int ValueLimit = 64;

    private readonly TimeProvider _clock;
    private readonly Utf8JsonWriter _json;
    private readonly DetailWriter _details;
    private readonly MapWriter _maps;
    private readonly LineWriter _texts;
    private readonly CropWriter _crops;
    private readonly SurestClasses _surest = new();
    private AnswerPick? _pick;

    /// <param name="into">Gets the objects, with nothing between them.</param>
    /// <param name="clock">Whose time frames are stamped with.</param>
    public AnswerJson(IBufferWriter<byte> into, TimeProvider clock)
    {
        _clock = clock;
        // Paths and the words of faults stay readable; the lines are no part of a web page.
        _json = new Utf8JsonWriter(into, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        var runs = new MaskRuns();
        (_details, _maps, _texts) = (new DetailWriter(_json, runs), new MapWriter(_json, runs), new LineWriter(_json));
        _crops = new CropWriter(_json, _texts);
    }

    /// <summary>Which boxes and classes are written; null for all.</summary>
    public AnswerChoice? Choice { get; init; }

    /// <summary>Adds the object of a frame to the buffer.</summary>
    /// <param name="pick">What of the answer is wanted; null for all of it.</param>
    /// <param name="lostCount">Frames that did not reach who reads this, for a reader that cannot see it; told where there are any.</param>
    public void Write(PublishedCopy frame, AnswerPick? pick = null, long lostCount = 0)
    {
        _pick = pick;
        ref readonly var record = ref frame.Record;
        var stream = frame.Names;
        _json.Reset();
        _json.WriteStartObject();
        _json.WriteString("source", stream.Source);
        _json.WriteNumber("sequence", record.Stamp.Sequence);
        if (frame.Name is { } name)
        {
            _json.WriteString("file", name);
        }

        _json.WriteNumber("source_ns", record.Stamp.SourceNs);
        _json.WriteNumber("capture_ns", record.Stamp.CaptureNs);
        _json.WriteNumber("published_ns", record.PublishedNs);
        _json.WriteNumber("capture_utc_ns", frame.CaptureUtcNs(_clock));
        _json.WriteString("end", record.End.ToString().ToLowerInvariant());
        _json.WriteString("path", stream.PathOf(record.NodeIndex));
        _json.WriteNumber("latency_ms", Math.Round(record.LatencyNs / 1e6, 3));
        _json.WriteNumber("work_ms", Math.Round((record.PublishedNs - record.TakenNs) / 1e6, 3));
        _json.WriteBoolean("late", (record.Flags & TraceFlags.Late) != 0);
        _json.WriteBoolean("stale", (record.Flags & TraceFlags.Stale) != 0);
        if (frame.Fault is { } fault)
        {
            _json.WriteString("fault", fault);
        }

        _json.WriteString("task", stream.Task.ToString().ToLowerInvariant());
        if (stream.ActionDimensionCount > 0)
        {
            WriteAction(frame.Answer, stream);
        }

        if (frame.Answer.HasValue)
        {
            _json.WriteBoolean("carried", frame.IsCarried);
            // 0: this frame itself was looked at. Else the answer was carried over from a frame so much earlier.
            _json.WriteNumber("age_ms", Math.Round(frame.AgeMs, 3));
            _json.WriteNumber("seen_sequence", frame.Answer.Stamp.Sequence);
            WriteAnswer(frame.Answer, stream, record.Stamp.SourceNs);
        }

        WriteWindows(record);
        if (lostCount > 0)
        {
            _json.WriteNumber("lost", lostCount);
        }

        _json.WriteEndObject();
        _json.Flush();
    }

    /// <summary>Parts of the frame that stages looked at closer, as boxes are written; nothing where there are none.</summary>
    private void WriteWindows(in TraceRecord record)
    {
        if (record.WindowCount == 0)
        {
            return;
        }

        _json.WriteStartArray("windows");
        for (int i = 0; i < record.WindowCount; i++)
        {
            var window = record.Windows[i];
            _json.WriteStartArray();
            _json.WriteNumberValue(Math.Round(window.Left, 4));
            _json.WriteNumberValue(Math.Round(window.Top, 4));
            _json.WriteNumberValue(Math.Round(window.Width, 4));
            _json.WriteNumberValue(Math.Round(window.Height, 4));
            _json.WriteEndArray();
        }

        _json.WriteEndArray();
    }

    public void Dispose() => _json.Dispose();

    private void WriteAnswer(Answer answer, AnswerNames stream, long sourceNs)
    {
        if (answer.Task == TaskKind.Detection)
        {
            _json.WriteStartArray("detections");
            for (int i = 0; i < answer.DetectionCount; i++)
            {
                if (IsWanted(stream, answer.Detections[i].ClassIndex, answer.Detections[i].Confidence))
                {
                    WriteDetection(answer, i, stream, sourceNs);
                }
            }

            _json.WriteEndArray();
            return;
        }

        if (answer.Task == TaskKind.Classification && answer.TopIndex >= 0)
        {
            if (IsWanted(stream, answer.TopIndex, answer.Values[answer.TopIndex]))
            {
                WriteClass(answer, answer.TopIndex, stream);
            }

            WriteClasses(answer, stream);
            return;
        }

        if (answer.Task is TaskKind.Segmentation or TaskKind.Depth)
        {
            _maps.Write(answer, stream, _pick);
            return;
        }

        if (answer.Task == TaskKind.Text)
        {
            _texts.Write(answer.Values, stream.Labels);
            return;
        }

        _json.WriteStartArray("values");
        foreach (float value in answer.Values[..Math.Min(answer.ValueCount, ValueLimit)])
        {
            WriteFinite(value);
        }

        _json.WriteEndArray();
    }

    /// <summary>The most probable ones, where the manifest asks for more than one.</summary>
    private void WriteClasses(Answer answer, AnswerNames stream)
    {
        if (stream.TopCount <= 1)
        {
            return;
        }

        _json.WriteStartArray("classes");
        foreach (int index in _surest.Of(answer, stream.TopCount))
        {
            if (IsWanted(stream, index, answer.Values[index]))
            {
                _json.WriteStartObject();
                WriteClass(answer, index, stream);
                _json.WriteEndObject();
            }
        }

        _json.WriteEndArray();
    }

    private void WriteClass(Answer answer, int index, AnswerNames stream)
    {
        _json.WriteString("class", stream.LabelOf(index));
        _json.WriteNumber("class_index", index);
        _json.WritePropertyName("probability");
        WriteFinite(answer.Values[index]);
    }

    /// <summary>
    /// What the robot was told to do at this frame, and the plan it comes from. Without a plan it is to stay where it is.
    /// </summary>
    private void WriteAction(Answer answer, AnswerNames stream)
    {
        bool isHold = !answer.HasValue;
        _json.WriteStartArray("action");
        for (int i = 0; i < stream.ActionDimensionCount; i++)
        {
            WriteFinite(isHold ? 0 : answer.Values[i]);
        }

        _json.WriteEndArray();
        _json.WriteBoolean("hold", isHold);
        if (!isHold)
        {
            _json.WriteNumber("step", answer.StepIndex);
            _json.WriteNumber("plan_sequence", answer.Stamp.Sequence);
            _json.WriteString("plan_path", stream.PathOf(answer.NodeIndex));
        }
    }

    private void WriteDetection(Answer answer, int index, AnswerNames stream, long sourceNs)
    {
        ref readonly var detection = ref answer.Detections[index];
        _json.WriteStartObject();
        _json.WriteString("class", stream.LabelOf(detection.ClassIndex));
        _json.WriteNumber("class_index", detection.ClassIndex);
        _json.WritePropertyName("confidence");
        WriteFinite(MathF.Round(detection.Confidence, 4));
        _json.WriteStartArray("box");
        WriteFinite(MathF.Round(detection.Left, 5));
        WriteFinite(MathF.Round(detection.Top, 5));
        WriteFinite(MathF.Round(detection.Width, 5));
        WriteFinite(MathF.Round(detection.Height, 5));
        _json.WriteEndArray();
        _details.Write(answer.Details, index);
        var track = answer.Tracks[index];
        if (track.Id > 0)
        {
            _json.WriteNumber("track", track.Id);
            _json.WriteNumber("track_ms", Math.Round(track.AgeSeconds * 1e3));
            _json.WriteStartArray("velocity");
            WriteFinite(MathF.Round(track.VelocityX, 4));
            WriteFinite(MathF.Round(track.VelocityY, 4));
            _json.WriteEndArray();
        }

        _crops.Write(answer, index, sourceNs, stream);

        _json.WriteEndObject();
    }

    private bool IsWanted(AnswerNames stream, int classIndex, float confidence) =>
        (_pick?.Takes(stream.LabelOf(classIndex), confidence) ?? true) && (Choice?.Takes(stream, classIndex, confidence) ?? true);

    private void WriteFinite(float value) => DetailWriter.WriteFinite(_json, value);
}

/// <summary>The most probable classes of a classification. Allocates nothing once it has seen the most.</summary>
internal sealed class SurestClasses
{
    private int[] _indices = [];

    /// <summary>
    /// Indices of the largest values, the largest first, of equal ones the lower index; what is no number comes last. Valid until the next
    /// call.
    /// </summary>
    public ReadOnlySpan<int> Of(Answer answer, int count)
    {
        count = Math.Min(count, answer.ValueCount);
        _indices = _indices.Length < count ? new int[count] : _indices;
        var (last, lastIndex) = (float.PositiveInfinity, -1);
        for (int rank = 0; rank < count; rank++)
        {
            var (best, bestIndex) = (float.NegativeInfinity, -1);
            for (int i = 0; i < answer.ValueCount; i++)
            {
                float value = float.IsNaN(answer.Values[i]) ? float.NegativeInfinity : answer.Values[i];
                bool isLeft = value < last || (value == last && i > lastIndex);
                (best, bestIndex) = isLeft && (bestIndex < 0 || value > best) ? (value, i) : (best, bestIndex);
            }

            (last, lastIndex) = (best, bestIndex);
            _indices[rank] = bestIndex;
        }

        return _indices.AsSpan(0, count);
    }
}
