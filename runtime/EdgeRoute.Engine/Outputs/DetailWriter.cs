using System.Text.Json;
using EdgeRoute.Core.Frames;

namespace EdgeRoute.Engine.Outputs;

/// <summary>
/// Writes what an answer says of a detection beyond its box: places as fractions of the frame's sides, masks as COCO run lengths of the
/// whole frame, which pycocotools decodes.
/// </summary>
internal sealed class DetailWriter(Utf8JsonWriter json, MaskRuns runs)
{
    public void Write(DetectionDetails details, int index)
    {
        switch (details.Form.Kind)
        {
            case DetailKind.Keypoints:
                WritePoints("keypoints", details.Points(index), hasVisibility: true);
                break;
            case DetailKind.Corners:
                WritePoints("corners", details.Points(index), hasVisibility: false);
                json.WritePropertyName("angle");
                WriteFinite(json, MathF.Round(AngleOf(details, index), 5));
                break;
            case DetailKind.Mask when details.FrameWidth > 0 && details.FrameHeight > 0:
                WriteMask(details, index);
                break;
        }
    }

    /// <summary>A network can yield what JSON has no word for; one such value must not end the log.</summary>
    public static void WriteFinite(Utf8JsonWriter json, float value)
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

    private void WritePoints(string name, ReadOnlySpan<DetailPoint> points, bool hasVisibility)
    {
        json.WriteStartArray(name);
        foreach (ref readonly var point in points)
        {
            json.WriteStartArray();
            WriteFinite(json, MathF.Round(point.X, 5));
            WriteFinite(json, MathF.Round(point.Y, 5));
            if (hasVisibility)
            {
                WriteFinite(json, MathF.Round(point.Visibility, 4));
            }

            json.WriteEndArray();
        }

        json.WriteEndArray();
    }

    /// <summary>Radians by which the side from the first corner to the second is turned, clockwise on the picture.</summary>
    public static float AngleOf(DetectionDetails details, int index)
    {
        var corners = details.Points(index);
        return MathF.Atan2((corners[1].Y - corners[0].Y) * details.FrameHeight, (corners[1].X - corners[0].X) * details.FrameWidth);
    }

    private void WriteMask(DetectionDetails details, int index)
    {
        json.WriteStartObject("mask");
        json.WriteStartArray("size");
        json.WriteNumberValue(details.FrameHeight);
        json.WriteNumberValue(details.FrameWidth);
        json.WriteEndArray();
        json.WriteString("counts", runs.Encode(details, index));
        json.WriteEndObject();
    }
}
