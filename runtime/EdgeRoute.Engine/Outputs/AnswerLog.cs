using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using EdgeRoute.Core.Frames;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.Engine.Outputs;

/// <summary>
/// Answers as JSON lines, one object per frame: for programs, and for comparing two runs frame by frame. Boxes are fractions of the frame's
/// sides.
/// </summary>
internal sealed class AnswerLog : IDisposable
{
    /// <summary>
    /// Values written of a long vector; a consumer of whole embeddings takes them from the control channel or the recording.
    /// </summary>
    private const int ValueLimit = 64;

    private static readonly byte[] NewLine = [(byte)'\n'];

    private readonly ILineTarget _target;
    private readonly IReadOnlyList<AnswerLogStream> _streams;
    private readonly ArrayBufferWriter<byte> _line = new();
    private readonly Utf8JsonWriter _json;
    private readonly DetailWriter _details;
    private readonly MapWriter _maps;
    private readonly LineWriter _texts;

    /// <param name="target">Closed with the log.</param>
    public AnswerLog(ILineTarget target, IReadOnlyList<AnswerLogStream> streams)
    {
        (_target, _streams) = (target, streams);
        // Paths and the words of faults stay readable; the lines are no part of a web page.
        _json = new Utf8JsonWriter(_line, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        var runs = new MaskRuns();
        (_details, _maps, _texts) = (new DetailWriter(_json, runs), new MapWriter(_json, runs), new LineWriter(_json));
    }

    /// <summary>Writes one line.</summary>
    public void Write(PublishedCopy frame)
    {
        ref readonly var record = ref frame.Record;
        var stream = _streams[frame.StreamIndex];
        _line.ResetWrittenCount();
        _json.Reset();
        _json.WriteStartObject();
        _json.WriteString("source", stream.Name);
        _json.WriteNumber("sequence", record.Stamp.Sequence);
        if (frame.Name is { } name)
        {
            _json.WriteString("file", name);
        }

        _json.WriteNumber("source_ns", record.Stamp.SourceNs);
        _json.WriteString("end", record.End.ToString().ToLowerInvariant());
        _json.WriteString("path", record.NodeIndex < 0 ? "failed" : stream.PathNames[record.NodeIndex]);
        _json.WriteNumber("latency_ms", Math.Round(record.LatencyNs / 1e6, 3));
        _json.WriteNumber("work_ms", Math.Round((record.PublishedNs - record.TakenNs) / 1e6, 3));
        _json.WriteBoolean("late", (record.Flags & TraceFlags.Late) != 0);
        _json.WriteBoolean("stale", (record.Flags & TraceFlags.Stale) != 0);
        if (frame.Fault is { } fault)
        {
            _json.WriteString("fault", fault);
        }

        if (stream.ActionDimensionCount > 0)
        {
            WriteAction(frame.Answer, stream);
        }

        if (frame.Answer.HasValue)
        {
            // 0: this frame itself was looked at. Else the answer was carried over from a frame so much earlier.
            _json.WriteNumber("age_ms", Math.Round((record.Stamp.SourceNs - frame.Answer.Stamp.SourceNs) / 1e6, 3));
            WriteAnswer(frame.Answer, stream);
        }

        _json.WriteEndObject();
        _json.Flush();
        _line.Write(NewLine);
        _target.Write(_line.WrittenSpan);
    }

    public void Dispose()
    {
        _json.Dispose();
        _target.Dispose();
    }

    private void WriteAnswer(Answer answer, AnswerLogStream stream)
    {
        if (answer.Task == TaskKind.Detection)
        {
            _json.WriteStartArray("detections");
            for (int i = 0; i < answer.DetectionCount; i++)
            {
                WriteDetection(answer, i, stream);
            }

            _json.WriteEndArray();
            return;
        }

        if (answer.Task == TaskKind.Classification && answer.TopIndex >= 0)
        {
            _json.WriteString("class", stream.LabelOf(answer.TopIndex));
            _json.WriteNumber("class_index", answer.TopIndex);
            _json.WritePropertyName("probability");
            WriteFinite(answer.Values[answer.TopIndex]);
            return;
        }

        if (answer.Task is TaskKind.Segmentation or TaskKind.Depth)
        {
            _maps.Write(answer, stream);
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

    /// <summary>
    /// What the robot was told to do at this frame, and the plan it comes from. Without a plan it is to stay where it is.
    /// </summary>
    private void WriteAction(Answer answer, AnswerLogStream stream)
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
            _json.WriteString("plan_path", stream.PathNames[answer.NodeIndex]);
        }
    }

    private void WriteDetection(Answer answer, int index, AnswerLogStream stream)
    {
        ref readonly var detection = ref answer.Detections[index];
        _json.WriteStartObject();
        _json.WriteString("class", stream.LabelOf(detection.ClassIndex));
        _json.WritePropertyName("confidence");
        WriteFinite(MathF.Round(detection.Confidence, 4));
        _json.WriteStartArray("box");
        WriteFinite(MathF.Round(detection.Left, 5));
        WriteFinite(MathF.Round(detection.Top, 5));
        WriteFinite(MathF.Round(detection.Width, 5));
        WriteFinite(MathF.Round(detection.Height, 5));
        _json.WriteEndArray();
        _details.Write(answer.Details, index);
        _json.WriteEndObject();
    }

    private void WriteFinite(float value) => DetailWriter.WriteFinite(_json, value);
}

/// <summary>What an answer log must know of a stream to name things.</summary>
internal sealed record AnswerLogStream(string Name, IReadOnlyList<string> PathNames, IReadOnlyList<string> Labels)
{
    /// <summary>Values of one action of a policy; 0 for other tasks.</summary>
    public int ActionDimensionCount { get; init; }

    public string LabelOf(int classIndex) => (uint)classIndex < (uint)Labels.Count ? Labels[classIndex] : $"class {classIndex}";
}
