using System.Globalization;
using EdgeRoute.Engine.Probing;

namespace EdgeRoute.Workbench.Importing;

/// <summary>
/// What speaks against a model although it answers: outputs that its head decodes and that hold infinite values, or the same ones whatever
/// the picture. Tables, sizes and counts that no head decodes may be what they like.
/// </summary>
internal static class OutputDoubts
{
    /// <summary>Outputs named in one line; the rest is counted.</summary>
    private const int ShownMost = 4;

    /// <summary>Columns of rows that are left after suppression.</summary>
    private const int ConfidenceAt = 4, NumberedConfidenceAt = 6;

    /// <summary>Numbers of a box in front of its confidences.</summary>
    private const int BoxLength = 4;

    /// <summary>Heads of one tensor with boxes and confidences side by side.</summary>
    private static readonly string[] SideBySide = ["yolov8", "yolov5", "yolox", "yolov8_pose", "yolov8_obb", "yolov8_seg", "yolov5_seg"];

    /// <summary>Of a list of boxes, classes, confidences.</summary>
    private const int ListBoxes = 0, ListConfidences = 2;

    /// <param name="runs">Of pictures that have nothing in common; the first is plain, and where something divides by the contrast of a
    /// picture, it is infinite there rightly.</param>
    /// <param name="isQuantized">Eight bits round small confidences off to nothing: only a picture of the user's, with something in it,
    /// would show that a detector never finds anything.</param>
    /// <returns>In words, each with what to do.</returns>
    public static IReadOnlyList<string> Of(ModelFamily family, IReadOnlyList<TrialRun> runs, bool isQuantized)
    {
        bool mayFindNothing = isQuantized && family.Task == "detection" && !runs.Any(r => r.IsGiven);
        var doubts = family.Outputs.Select(o => Infinite(family, o, runs)).OfType<string>().ToList();
        var constant = Judged(family, runs).Select(place => Constant(family.Outputs[place], runs)
            ?? (place == 0 ? Confidences(family, runs) : null)).OfType<ConstantOutput>()
            .Where(c => !(mayFindNothing && c.IsNothing)).GroupBy(c => c.What, c => c.Name).ToList();
        string pictures = string.Join(", ", runs.SkipLast(1).Select(r => r.Picture)) + " and " + runs[^1].Picture;
        string remedy = "most likely the weights were not loaded before the export, or are damaged; compare it with the original "
            + "model, and export it again"
            + (runs.Any(r => r.IsGiven) ? "" : "; --picture FILE tries it on a picture with something in it");
        doubts.AddRange(constant.Select(same => $"{Words([.. same])} {same.Key}, whatever the picture ({pictures}), so that head "
            + $"'{family.Head}' reads the same in every frame: {remedy}"));
        return doubts;
    }

    private static string? Infinite(ModelFamily family, string output, IReadOnlyList<TrialRun> runs)
    {
        foreach (var run in runs.Skip(1))
        {
            float[] values = run.ValuesOf(output) ?? [];
            int count = Array.FindAll(values, v => !float.IsFinite(v)).Length;
            if (count > 0)
            {
                int at = Array.FindIndex(values, v => !float.IsFinite(v));
                return string.Create(CultureInfo.InvariantCulture, $"output '{output}' holds values that are infinite or no numbers on "
                    + $"{run.Picture}, {count} of {values.Length}, the first {values[at]} at {at}: the model overflows, as float16 does "
                    + $"above 65504, or divides by zero, and where head '{family.Head}' reads them the frame fails; export it again, in "
                    + $"float32");
            }
        }

        return null;
    }

    /// <summary>What is the same in all runs; null where the picture changes it, or there is nothing.</summary>
    private static ConstantOutput? Constant(string output, IReadOnlyList<TrialRun> runs)
    {
        float[]? first = runs[0].ValuesOf(output);
        if (first is null or [] || !Array.TrueForAll(first, float.IsFinite) || runs.Skip(1).Any(r => Differs(r, output, first)))
        {
            return null;
        }

        // Both zeros are one.
        bool isUniform = Array.TrueForAll(first, v => v == first[0]);
        return new ConstantOutput(output, isUniform && first[0] == 0, isUniform
            ? string.Create(CultureInfo.InvariantCulture, $"is {first[0] + 0f:0.#####} everywhere")
            : string.Create(CultureInfo.InvariantCulture, $"holds the same {first.Length} values, {first.Min():0.###} to "
                + $"{first.Max():0.###}"));
    }

    /// <summary>Boxes that move beside confidences that never do: eight bits with the scale of pixels leave nothing of them.</summary>
    private static ConstantOutput? Confidences(ModelFamily family, IReadOnlyList<TrialRun> runs)
    {
        if (!SideBySide.Contains(family.Head) || runs[0].ShapeOf(family.Outputs[0]) is not [1, var first, var second]
            || runs[0].ValuesOf(family.Outputs[0]) is not { Length: > 0 } values)
        {
            return null;
        }

        bool hasObjectness = family.Head is "yolov5" or "yolov5_seg" or "yolox";
        int width = (int)Math.Min(first, second), end = BoxLength + family.LabelCount + (hasObjectness ? 1 : 0);
        int[] places = [.. Enumerable.Range(0, values.Length).Where(i =>
        {
            int column = first < second ? i / (values.Length / width) : i % width;
            return column >= BoxLength && column < end;
        })];
        bool isSame = runs.All(r => r.ValuesOf(family.Outputs[0]) is not { } others || others.Length != values.Length
            || Array.TrueForAll(places, i => others[i] == values[i]));
        if (!isSame || places.Length == 0)
        {
            return null;
        }

        float least = places.Min(i => values[i]), most = places.Max(i => values[i]);
        return new ConstantOutput(family.Outputs[0], least == 0 && most == 0, string.Create(CultureInfo.InvariantCulture,
            $"has the same confidences beside its boxes, {least + 0f:0.###} to {most + 0f:0.###}"));
    }

    /// <summary>Rows whose number changes were filled up for the head, and tell nothing here.</summary>
    private static bool Differs(TrialRun run, string output, float[] first) => run.ValuesOf(output) is { } values
        && !(run.IsGiven && values.Length != first.Length) && !values.AsSpan().SequenceEqual(first);

    /// <summary>
    /// Places of the outputs that depend on the picture in any sound model. Lists and rows that were left after suppression are rightly the
    /// same where nothing was found; a class may be the only one, and its map may hold nothing else.
    /// </summary>
    private static IEnumerable<int> Judged(ModelFamily family, IReadOnlyList<TrialRun> runs)
    {
        var all = Enumerable.Range(0, family.Outputs.Count);
        switch (family.Head)
        {
            case "ssd":
                return Finds(family, runs, ListConfidences, 1, 0) ? [ListBoxes, ListConfidences] : [];
            case "end_to_end" or "end_to_end_pose" or "end_to_end_obb" or "end_to_end_seg":
                int width = (int)(runs[0].ShapeOf(family.Outputs[0]) is { Count: > 0 } shape ? shape[^1] : 0);
                int at = family.Settings.ContainsKey("batch_column") ? NumberedConfidenceAt : ConfidenceAt;
                return Finds(family, runs, 0, width, at) ? all : all.Skip(1);
            case "class_map":
                return runs[0].ValuesOf(family.Outputs[0]) is { Length: > 0 } map && Array.TrueForAll(map, v => v == map[0]) ? [] : all;
            default:
                return all;
        }
    }

    /// <summary>Whether some confidence of the first run is one that makes an answer.</summary>
    private static bool Finds(ModelFamily family, IReadOnlyList<TrialRun> runs, int place, int width, int at)
    {
        double least = family.Settings["detection_threshold"]!.GetValue<double>();
        float[] values = runs[0].ValuesOf(family.Outputs[place]) ?? [];
        return width > at && Enumerable.Range(0, values.Length / width).Any(row => values[(row * width) + at] >= least);
    }

    private static string Words(string[] names)
    {
        string shown = string.Join(", ", names.Take(ShownMost).Select(n => $"'{n}'"));
        string more = names.Length > ShownMost ? FormattableString.Invariant($" and {names.Length - ShownMost} more") : "";
        return names.Length == 1 ? $"output {shown}" : $"each of outputs {shown}{more}";
    }

    private sealed record ConstantOutput(string Name, bool IsNothing, string What);
}

/// <summary>What a model yields for one picture.</summary>
/// <param name="Picture">In words.</param>
/// <param name="IsGiven">It is the user's.</param>
internal sealed record TrialRun(string Picture, bool IsGiven, IReadOnlyList<ProbedOutput> Outputs)
{
    /// <summary>Null where it does not have the output.</summary>
    public float[]? ValuesOf(string output) => Outputs.FirstOrDefault(o => o.Name == output)?.Values;

    public IReadOnlyList<long>? ShapeOf(string output) => Outputs.FirstOrDefault(o => o.Name == output)?.Shape;
}
