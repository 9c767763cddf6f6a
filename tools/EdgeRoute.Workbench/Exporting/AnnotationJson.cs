using System.Globalization;
using System.Text.Json;
using EdgeRoute.Engine.Drawing;

namespace EdgeRoute.Workbench.Exporting;

/// <summary>
/// An answer as foxglove.ImageAnnotations, in pixels of its picture: boxes or turned boxes with class, confidence and track, key points,
/// outlines of masks; of other tasks the answer as text. Viewers pick single boxes, so each carries its figures as metadata.
/// </summary>
internal sealed class AnnotationJson
{
    /// <summary>Kinds of foxglove.PointsAnnotation.</summary>
    private const int Points = 1, LineLoop = 2, LineList = 4;

    private const double LinePixels = 2, PointPixels = 6, MaskLinePixels = 1;

    /// <summary>Below it a key point is a guess.</summary>
    private const float VisibilityLeast = 0.3f;

    private readonly MaskOutline _outline = new();
    private readonly List<float> _points = [];
    private PictureSize _size;

    /// <returns>Boxes that could not be drawn, because they are no numbers.</returns>
    public int Write(Utf8JsonWriter json, JsonElement answer, PictureSize size, ulong timeNs)
    {
        _size = size;
        var detections = answer.ListOf("detections").Where(d => d.ValueKind == JsonValueKind.Object).ToList();
        var places = detections.Select(d => d.Numbers("box", 4)).ToList();
        json.WriteStartObject();
        FoxgloveJson.WriteTime(json, timeNs);
        WriteNothing(json, "circles");
        json.WriteStartArray("points");
        foreach (var (detection, box) in detections.Zip(places))
        {
            WriteShapes(json, detection, box, timeNs);
        }

        json.WriteEndArray();
        json.WriteStartArray("texts");
        foreach (var (detection, box) in detections.Zip(places).Where(p => p.Second is not null))
        {
            WriteText(json, LabelOf(detection), box![0] * size.Width, box[1] * size.Height, RgbColor.OfClass(ClassOf(detection)), timeNs);
        }

        if (CaptionOf(answer) is { Length: > 0 } caption)
        {
            WriteText(json, caption, 0, FontPixels, RgbColor.White, timeNs);
        }

        json.WriteEndArray();
        json.WriteEndObject();
        return places.Count(p => p is null);
    }

    /// <summary>One line of text in the lower left corner: which way the frame went.</summary>
    public void WriteLine(Utf8JsonWriter json, string text, PictureSize size, ulong timeNs)
    {
        _size = size;
        json.WriteStartObject();
        FoxgloveJson.WriteTime(json, timeNs);
        WriteNothing(json, "circles");
        WriteNothing(json, "points");
        json.WriteStartArray("texts");
        WriteText(json, text, 0, size.Height, RgbColor.White, timeNs);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Readable where the picture fills a panel.</summary>
    private double FontPixels => Math.Clamp(_size.Height / 30.0, 8, 48);

    private void WriteShapes(Utf8JsonWriter json, JsonElement detection, float[]? box, ulong timeNs)
    {
        var color = RgbColor.OfClass(ClassOf(detection));
        if (detection.ListOf("corners").Select(p => p.Numbers(2)).ToList() is { Count: 4 } corners && corners.All(c => c is not null))
        {
            WritePoints(json, LineLoop, [.. corners.SelectMany(c => c!)], color, LinePixels, detection, timeNs);
        }
        else if (box is [var left, var top, var width, var height])
        {
            WritePoints(json, LineLoop, [left, top, left + width, top, left + width, top + height, left, top + height], color, LinePixels,
                detection, timeNs);
        }

        var seen = detection.ListOf("keypoints").Select(p => p.Numbers(3)).Where(p => p is not null && p[2] >= VisibilityLeast);
        if (seen.SelectMany(p => p![..2]).ToList() is { Count: > 0 } points)
        {
            WritePoints(json, Points, points, color, PointPixels, detection, timeNs);
        }

        WriteMask(json, detection, color, timeNs);
    }

    private void WriteMask(Utf8JsonWriter json, JsonElement detection, RgbColor color, ulong timeNs)
    {
        if (!detection.TryGetProperty("mask", out var mask) || mask.ValueKind != JsonValueKind.Object
            || mask.Numbers("size", 2) is not [var height, var width] || mask.TextOf("counts") is not { } counts)
        {
            return;
        }

        _points.Clear();
        var lines = _outline.Of(counts, (int)width, (int)height);
        for (int i = 0; i < lines.Length; i += 2)
        {
            _points.Add(lines[i] / width);
            _points.Add(lines[i + 1] / height);
        }

        if (_points.Count > 0)
        {
            WritePoints(json, LineList, _points, color, MaskLinePixels, detection, timeNs);
        }
    }

    /// <param name="places">X and Y in turn, as fractions of the picture's sides.</param>
    private void WritePoints(Utf8JsonWriter json, int type, IReadOnlyList<float> places, RgbColor color, double thickness,
        JsonElement detection, ulong timeNs)
    {
        json.WriteStartObject();
        FoxgloveJson.WriteTime(json, timeNs);
        json.WriteNumber("type", type);
        json.WriteStartArray("points");
        for (int i = 0; i + 1 < places.Count; i += 2)
        {
            json.WriteStartObject();
            json.WriteNumber("x", Pixels(places[i] * _size.Width));
            json.WriteNumber("y", Pixels(places[i + 1] * _size.Height));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        WriteColor(json, "outline_color", color, 1);
        WriteNothing(json, "outline_colors");
        WriteColor(json, "fill_color", color, 0);
        json.WriteNumber("thickness", thickness);
        WriteFacts(json, detection);
        json.WriteEndObject();
    }

    private void WriteText(Utf8JsonWriter json, string text, double x, double y, RgbColor color, ulong timeNs)
    {
        json.WriteStartObject();
        FoxgloveJson.WriteTime(json, timeNs);
        json.WriteStartObject("position");
        json.WriteNumber("x", Pixels(x));
        // The place is the text's lower edge; that of a box at the top of the picture stands inside the box.
        json.WriteNumber("y", Pixels(Math.Max(y, FontPixels)));
        json.WriteEndObject();
        json.WriteString("text", text);
        json.WriteNumber("font_size", Pixels(FontPixels));
        WriteColor(json, "text_color", color.Ink, 1);
        WriteColor(json, "background_color", color, 0.8);
        json.WriteEndObject();
    }

    private static void WriteFacts(Utf8JsonWriter json, JsonElement detection)
    {
        json.WriteStartArray("metadata");
        foreach (string key in (string[])["class", "confidence", "track", "track_ms"])
        {
            if (detection.TryGetProperty(key, out var value) && value.ValueKind is JsonValueKind.String or JsonValueKind.Number)
            {
                json.WriteStartObject();
                json.WriteString("key", key);
                json.WriteString("value", value.ToString());
                json.WriteEndObject();
            }
        }

        json.WriteEndArray();
    }

    private static void WriteColor(Utf8JsonWriter json, string name, RgbColor color, double opacity)
    {
        json.WriteStartObject(name);
        json.WriteNumber("r", Math.Round(color.Red / 255.0, 3));
        json.WriteNumber("g", Math.Round(color.Green / 255.0, 3));
        json.WriteNumber("b", Math.Round(color.Blue / 255.0, 3));
        json.WriteNumber("a", opacity);
        json.WriteEndObject();
    }

    private static void WriteNothing(Utf8JsonWriter json, string name)
    {
        json.WriteStartArray(name);
        json.WriteEndArray();
    }

    private static string LabelOf(JsonElement detection)
    {
        string track = detection.NumberOf("track") is { } id ? $" #{id.ToString("0", CultureInfo.InvariantCulture)}" : "";
        return $"{detection.TextOf("class") ?? "?"}{Sure(detection.NumberOf("confidence"))}{track}";
    }

    /// <summary>What an answer without boxes says; empty where a picture has no room for it.</summary>
    public static string CaptionOf(JsonElement answer) => answer.TextOf("task") switch
    {
        "classification" when answer.TextOf("class") is { } name => name + Sure(answer.NumberOf("probability")),
        "text" when answer.TextOf("text") is { } text => text + Sure(answer.NumberOf("confidence")),
        _ => "",
    };

    private static string Sure(double? share) => share is { } value ? value.ToString(" 0.00", CultureInfo.InvariantCulture) : "";

    public static int ClassOf(JsonElement detection) => (int)Math.Clamp(detection.NumberOf("class_index") ?? 0, 0, int.MaxValue);

    private static double Pixels(double value) => Math.Round(value, 2);
}
