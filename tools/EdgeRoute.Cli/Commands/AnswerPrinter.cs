using System.Globalization;
using EdgeRoute.Cli.Output;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.Cli.Commands;

/// <summary>Answers as lines: aligned columns, or one JSON object each.</summary>
internal sealed class AnswerPrinter(bool isJson)
{
    /// <summary>Columns are named again so that they stay in sight.</summary>
    private const int HeaderEvery = 40;

    /// <summary>Boxes, classes or values of a line: more do not fit a terminal, and --json has them all.</summary>
    private const int ShownMost = 6;

    private long _lineCount;

    public void Print(AnswerMessage answer)
    {
        if (isJson)
        {
            Console.Out.WriteLine(AnswerJson.Of(answer));
            return;
        }

        if (_lineCount++ % HeaderEvery == 0)
        {
            Console.Out.WriteLine("source       frame      path                    age ms  latency   answer (boxes: left top width height, "
                + "as fractions of the frame)");
        }

        Console.Out.WriteLine(ScreenText.LineOf(LineOf(answer)));
    }

    public static string LineOf(AnswerMessage answer)
    {
        string age = answer.AgeMs is { } ms ? ms.ToString("0", CultureInfo.InvariantCulture) : "-";
        string marks = (answer.IsLate ? " late" : "") + (answer.IsStale ? " stale" : "");
        return string.Create(CultureInfo.InvariantCulture, $"{answer.Source,-12} {answer.Sequence,-10} {answer.Path,-22} {age,7} "
            + $"{(answer.PublishedNs - answer.CaptureNs) / 1e6,6:0.0}ms   {WordsOf(answer)}{marks}");
    }

    private static string WordsOf(AnswerMessage answer)
    {
        if (answer.Action is { } action)
        {
            return action.IsHold ? "hold: no plan" : $"{Listed(action.Values, v => Of(v, "0.000"), " ")}   step {action.Step} of the plan "
                + $"of frame {answer.SeenSequence} ({action.PlanPath})";
        }

        if (answer.AgeMs is null)
        {
            return answer.Fault ?? "no answer";
        }

        return answer.Task switch
        {
            "detection" => Listed(answer.Detections, BoxOf, "; "),
            "classification" => Listed(answer.Classes, c => $"{c.Class} {Of(c.Probability, "0.00")}", ", "),
            "segmentation" => Listed(answer.Segments, s => $"{s.Class} {Of(100 * s.Share, "0.0")} %", ", "),
            "depth" => $"depth {Of(answer.Depth?.Least, "0.###")} to {Of(answer.Depth?.Most, "0.###")}, median "
                + Of(answer.Depth?.Median, "0.###"),
            "text" => $"'{answer.Text}' {Of(answer.Confidence, "0.00")}",
            _ => $"{answer.Values.Length} values: {Listed(answer.Values, v => Of(v, "0.000"), " ")}",
        };
    }

    private static string BoxOf(DetectionEntry box)
    {
        string place = string.Join(' ', box.Box.Select(v => Of(v, "0.000")));
        string angle = box.Angle is { } turned ? $" turned {Of(turned * 180 / Math.PI, "0")} degrees" : "";
        string id = box.Track is { } track ? string.Create(CultureInfo.InvariantCulture, $"#{track} ") : "";
        return $"{id}{box.Class} {Of(box.Confidence, "0.00")} [{place}]{angle}{string.Concat(box.Crops.Select(c => $" ({WordsOf(c)})"))}";
    }

    private static string WordsOf(CropEntry crop)
    {
        if (crop.Text is { } text)
        {
            return $"{crop.Stage} '{text}' {Of(crop.Confidence, "0.00")}";
        }

        return crop.Classes.Count > 0 ? $"{crop.Stage} {crop.Classes[0].Class} {Of(crop.Classes[0].Probability, "0.00")}"
            : $"{crop.Stage} {crop.Values.Length} values";
    }

    private static string Listed<T>(IReadOnlyCollection<T> items, Func<T, string> words, string between)
    {
        if (items.Count == 0)
        {
            return "nothing";
        }

        string more = items.Count > ShownMost ? $"{between}and {items.Count - ShownMost} more" : "";
        return string.Join(between, items.Take(ShownMost).Select(words)) + more;
    }

    private static string Of(double? value, string format) => value is { } number && double.IsFinite(number)
        ? number.ToString(format, CultureInfo.InvariantCulture) : "-";
}
