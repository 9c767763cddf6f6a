using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.Cli.Output;

/// <summary>
/// An answer as one line of JSON, in the names and the rounding of the device's own answers files, so that a program reads both alike.
/// </summary>
internal static class AnswerJson
{
    /// <summary>For terminals and files: a path's '>' stays readable.</summary>
    private static readonly JsonWriterOptions OneLine = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Of(AnswerMessage answer)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, OneLine))
        {
            json.WriteStartObject();
            WriteFrame(json, answer);
            WriteAction(json, answer);
            if (answer.AgeMs is { } age)
            {
                json.WriteBoolean("carried", answer.IsCarried);
                json.WriteNumber("age_ms", Math.Round(age, 3));
                json.WriteNumber("seen_sequence", answer.SeenSequence ?? answer.Sequence);
                WriteAnswer(json, answer);
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    private static void WriteFrame(Utf8JsonWriter json, AnswerMessage answer)
    {
        json.WriteString("source", answer.Source);
        json.WriteNumber("sequence", answer.Sequence);
        if (answer.File is { } file)
        {
            json.WriteString("file", file);
        }

        json.WriteNumber("capture_ns", answer.CaptureNs);
        json.WriteNumber("published_ns", answer.PublishedNs);
        json.WriteNumber("capture_utc_ns", answer.CaptureUtcNs);
        json.WriteString("end", answer.End);
        json.WriteString("path", answer.Path);
        json.WriteNumber("latency_ms", Math.Round((answer.PublishedNs - answer.CaptureNs) / 1e6, 3));
        json.WriteBoolean("late", answer.IsLate);
        json.WriteBoolean("stale", answer.IsStale);
        if (answer.Fault is { } fault)
        {
            json.WriteString("fault", fault);
        }

        json.WriteString("task", answer.Task);
    }

    private static void WriteAction(Utf8JsonWriter json, AnswerMessage answer)
    {
        if (answer.Action is not { } action)
        {
            return;
        }

        WriteNumbers(json, "action", action.Values);
        json.WriteBoolean("hold", action.IsHold);
        if (!action.IsHold)
        {
            json.WriteNumber("step", action.Step);
            json.WriteNumber("plan_sequence", answer.SeenSequence ?? answer.Sequence);
            json.WriteString("plan_path", action.PlanPath);
        }
    }

    private static void WriteAnswer(Utf8JsonWriter json, AnswerMessage answer)
    {
        switch (answer.Task)
        {
            case "detection":
                json.WriteStartArray("detections");
                answer.Detections.ForEach(d => WriteDetection(json, d));
                json.WriteEndArray();
                break;
            case "classification":
                WriteSurest(json, answer.Classes);
                break;
            case "segmentation":
                WriteClasses(json, "segments", answer.Segments);
                break;
            case "depth":
                json.WriteStartObject("depth");
                WriteNumber(json, "least", answer.Depth?.Least);
                WriteNumber(json, "median", answer.Depth?.Median);
                WriteNumber(json, "most", answer.Depth?.Most);
                json.WriteEndObject();
                break;
            case "text":
                json.WriteString("text", answer.Text);
                WriteNumber(json, "confidence", answer.Confidence, 4);
                break;
            default:
                WriteNumbers(json, "values", answer.Values);
                break;
        }
    }

    private static void WriteDetection(Utf8JsonWriter json, DetectionEntry detection)
    {
        json.WriteStartObject();
        json.WriteString("class", detection.Class);
        json.WriteNumber("class_index", detection.ClassIndex);
        WriteNumber(json, "confidence", detection.Confidence, 4);
        WriteNumbers(json, "box", detection.Box, 5);
        if (detection.Keypoints.Length > 0)
        {
            WritePoints(json, "keypoints", detection.Keypoints, 3);
        }

        if (detection.Corners.Length > 0)
        {
            WritePoints(json, "corners", detection.Corners, 2);
            WriteNumber(json, "angle", detection.Angle, 5);
        }

        WriteMask(json, detection.Mask);
        if (detection.Track is { } track)
        {
            json.WriteNumber("track", track);
            json.WriteNumber("track_ms", Math.Round(detection.TrackMs ?? 0));
            WriteNumbers(json, "velocity", detection.Velocity, 4);
        }

        if (detection.Crops.Count > 0)
        {
            json.WriteStartArray("crops");
            detection.Crops.ForEach(c => WriteCrop(json, c));
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void WriteMask(Utf8JsonWriter json, MaskEntry? mask)
    {
        if (mask is null)
        {
            return;
        }

        json.WriteStartObject("mask");
        json.WriteStartArray("size");
        mask.Size.ForEach(json.WriteNumberValue);
        json.WriteEndArray();
        json.WriteString("counts", mask.Counts);
        json.WriteEndObject();
    }

    private static void WriteCrop(Utf8JsonWriter json, CropEntry crop)
    {
        json.WriteStartObject();
        json.WriteString("stage", crop.Stage);
        json.WriteNumber("age_ms", Math.Round(crop.AgeMs, 3));
        if (crop.Text is { } text)
        {
            json.WriteString("text", text);
            WriteNumber(json, "confidence", crop.Confidence, 4);
        }
        else if (crop.Classes.Count > 0)
        {
            WriteSurest(json, crop.Classes);
        }
        else
        {
            WriteNumbers(json, "values", crop.Values);
        }

        json.WriteEndObject();
    }

    private static void WriteSurest(Utf8JsonWriter json, List<ClassEntry> classes)
    {
        if (classes.Count > 0)
        {
            WriteClass(json, classes[0]);
        }

        if (classes.Count != 1)
        {
            WriteClasses(json, "classes", classes);
        }
    }

    private static void WriteClasses(Utf8JsonWriter json, string name, List<ClassEntry> classes)
    {
        json.WriteStartArray(name);
        foreach (var entry in classes)
        {
            json.WriteStartObject();
            WriteClass(json, entry);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteClass(Utf8JsonWriter json, ClassEntry entry)
    {
        json.WriteString("class", entry.Class);
        json.WriteNumber("class_index", entry.ClassIndex);
        if (entry.Share is { } share)
        {
            json.WriteNumber("share", Math.Round(share, 4));
            WriteMask(json, entry.Mask);
        }
        else
        {
            json.WritePropertyName("probability");
            WriteValue(json, (float?)entry.Probability ?? float.NaN);
        }
    }

    /// <summary>Three or two numbers to a point, of which the third is rounded to four digits.</summary>
    private static void WritePoints(Utf8JsonWriter json, string name, float[] numbers, int perPoint)
    {
        json.WriteStartArray(name);
        for (int at = 0; at + perPoint <= numbers.Length; at += perPoint)
        {
            json.WriteStartArray();
            for (int i = 0; i < perPoint; i++)
            {
                WriteValue(json, MathF.Round(numbers[at + i], i == 2 ? 4 : 5));
            }

            json.WriteEndArray();
        }

        json.WriteEndArray();
    }

    private static void WriteNumbers(Utf8JsonWriter json, string name, float[] numbers, int? digits = null)
    {
        json.WriteStartArray(name);
        foreach (float number in numbers)
        {
            WriteValue(json, digits is { } most ? MathF.Round(number, most) : number);
        }

        json.WriteEndArray();
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, double? number, int? digits = null)
    {
        json.WritePropertyName(name);
        float value = (float?)number ?? float.NaN;
        WriteValue(json, digits is { } most ? MathF.Round(value, most) : value);
    }

    /// <summary>JSON has no word for what is no number.</summary>
    private static void WriteValue(Utf8JsonWriter json, float value)
    {
        if (float.IsFinite(value))
        {
            json.WriteNumberValue(value);
        }
        else
        {
            json.WriteNullValue();
        }
    }
}
