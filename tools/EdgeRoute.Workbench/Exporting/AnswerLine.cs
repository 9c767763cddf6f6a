using System.Text.Json;
using EdgeRoute.Core.Frames;

namespace EdgeRoute.Workbench.Exporting;

/// <summary>A line of an answers file as an answer in memory, to be drawn. Not thread-safe.</summary>
internal sealed class AnswerLine
{
    private const int PointsMost = 64;

    private readonly MaskOutline _masks = new();
    private readonly List<string> _labels = [];

    /// <summary>Names of the classes by index, as far as lines have named them.</summary>
    public IReadOnlyList<string> Labels => _labels;

    /// <summary>Boxes that were left out, because they are no numbers.</summary>
    public long UnusableCount { get; private set; }

    /// <summary>The boxes of an answer with all that is said of them; null where the line has none.</summary>
    /// <param name="width">Of the picture; with it and the height turned boxes and distances are those of the picture.</param>
    public Answer? Boxes(JsonElement line, int width, int height)
    {
        if (line.TextOf("task") is { } task && task != "detection")
        {
            return null;
        }

        var all = line.ListOf("detections").Where(d => d.ValueKind == JsonValueKind.Object).ToList();
        var detections = all.FindAll(d => d.Numbers("box", 4) is not null);
        UnusableCount += all.Count - detections.Count;
        var form = FormOf(detections);
        var answer = new Answer(TaskKind.Detection, detections.Count, 0, form) { DetectionCount = detections.Count, NodeIndex = 0 };
        answer.Details.Begin(form, width, height);
        for (int i = 0; i < detections.Count; i++)
        {
            answer.DetectionSlots[i] = BoxOf(detections[i]);
            answer.TrackSlots[i] = new DetectionTrack((long)(detections[i].NumberOf("track") ?? 0), 0, 0, 0);
            TakeDetails(detections[i], answer, i);
        }

        return answer;
    }

    private Detection BoxOf(JsonElement detection)
    {
        float[] box = detection.Numbers("box", 4)!;
        int index = AnnotationJson.ClassOf(detection);
        if (detection.TextOf("class") is { } name && index < FrameLayout.SideLimit)
        {
            while (_labels.Count <= index)
            {
                _labels.Add($"class {_labels.Count}");
            }

            _labels[index] = name;
        }

        return new Detection(box[0], box[1], box[2], box[3], (float)(detection.NumberOf("confidence") ?? 0), index);
    }

    private static DetailForm FormOf(List<JsonElement> detections)
    {
        if (detections.Exists(d => d.TryGetProperty("mask", out _)))
        {
            return DetailForm.Mask;
        }

        if (detections.Exists(d => d.TryGetProperty("corners", out _)))
        {
            return DetailForm.Corners;
        }

        int points = detections.Count == 0 ? 0 : detections.Max(d => d.ListOf("keypoints").Count());
        return points == 0 ? default : new DetailForm(DetailKind.Keypoints, Math.Min(points, PointsMost));
    }

    private void TakeDetails(JsonElement detection, Answer answer, int index)
    {
        var box = answer.Detections[index];
        var points = answer.Details.Points(index);
        switch (answer.Details.Form.Kind)
        {
            case DetailKind.Mask:
                (points[0], points[1]) = (new DetailPoint(box.Left, box.Top, 1), new DetailPoint(box.Right, box.Bottom, 1));
                if (detection.TryGetProperty("mask", out var mask) && mask.ValueKind == JsonValueKind.Object
                    && mask.Numbers("size", 2) is [var height, var width] && mask.TextOf("counts") is { } counts)
                {
                    UnusableCount += _masks.TryFill(counts, (int)width, (int)height, box, answer.Details.Mask(index)) ? 0 : 1;
                }

                break;
            case DetailKind.Corners:
                float[]?[] corners = [.. detection.ListOf("corners").Select(p => p.Numbers(2))];
                bool areAll = corners.Length == points.Length && Array.TrueForAll(corners, c => c is not null);
                for (int i = 0; i < points.Length; i++)
                {
                    points[i] = areAll ? new DetailPoint(corners[i]![0], corners[i]![1], 1) : CornerOf(box, i);
                }

                break;
            default:
                foreach (var (i, point) in detection.ListOf("keypoints").Take(points.Length).Index())
                {
                    points[i] = point.Numbers(3) is [var x, var y, var seen] ? new DetailPoint(x, y, seen) : default;
                }

                break;
        }
    }

    /// <summary>Of an upright box among turned ones.</summary>
    private static DetailPoint CornerOf(in Detection box, int index) =>
        new(index is 0 or 3 ? box.Left : box.Right, index < 2 ? box.Top : box.Bottom, 1);
}
