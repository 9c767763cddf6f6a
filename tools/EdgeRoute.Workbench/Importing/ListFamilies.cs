using System.Globalization;
using System.Numerics.Tensors;
using EdgeRoute.Engine.Probing;

namespace EdgeRoute.Workbench.Importing;

/// <summary>
/// Models with a tensor for the boxes and others for what is in them: DETR and its kin, TensorFlow's detection models, and detectors that
/// yield boxes and probabilities apart.
/// </summary>
internal static class ListFamilies
{
    /// <summary>Boxes that hold no larger number are fractions of the input's sides.</summary>
    private const float FractionMost = 2;

    private const string TfLite = "TFLite_Detection_PostProcess";

    /// <summary>Logits of the published DETR: COCO's identifiers up to 90, and nothing.</summary>
    private const int PublishedColumns = 92;

    private const float SumSlack = 0.02f;

    public static ModelFamily? Find(ModelEvidence evidence) => evidence.Found.Count switch
    {
        2 => Queries(evidence, evidence.Found),
        > 2 => NamedQueries(evidence) ?? Lists(evidence),
        _ => null,
    };

    /// <summary>Some exports yield hidden states beside logits and boxes.</summary>
    private static ModelFamily? NamedQueries(ModelEvidence evidence) =>
        evidence.ByName("logit") is { } logits && evidence.ByName("box") is { } boxes ? Queries(evidence, [logits, boxes]) : null;

    private static ModelFamily? Queries(ModelEvidence evidence, IReadOnlyList<ProbedOutput> found)
    {
        var boxes = found.FirstOrDefault(o => IsBoxes(o) && !IsLogits(o)) ?? found.FirstOrDefault(IsBoxes);
        var logits = found.FirstOrDefault(o => o != boxes && o.Shape.Count == 3);
        if (boxes is null || logits is null || logits.Shape[1] != boxes.Shape[1])
        {
            return null;
        }

        int columns = (int)logits.Shape[2];
        if (logits.Values.All(v => v is >= 0 and <= 1))
        {
            return Apart(evidence, boxes, logits, columns);
        }

        bool isSoftmax = evidence.Names.Count == columns - 1
            || (evidence.Names.Count == 0 && (columns == PublishedColumns || LastWins(logits, columns)));
        string activation = isSoftmax ? "softmax" : "sigmoid";
        evidence.Reasons.Add(string.Create(CultureInfo.InvariantCulture,
            $"{boxes.Shape[1]} queries: logits '{logits.Name}' of {columns} classes and boxes '{boxes.Name}' of 4 numbers"));
        evidence.Guess("how logits become probabilities", isSoftmax ? "softmax, with a last class for nothing" : "sigmoid",
            "stages[0].exit.activation");
        bool isNormalised = isSoftmax || logits.Name == "labels";
        evidence.Guess("how pixels become values", isNormalised ? "stretched, ImageNet's mean and deviation" : "stretched, RGB in 0..1",
            "stages[0].input (fit, mean, std)");
        var settings = ModelEvidence.Thresholds(0.5, 0.1, overlap: null);
        settings["activation"] = activation;
        settings["box_unit"] = UnitOf(boxes);
        return new ModelFamily(isSoftmax ? "DETR" : "RT-DETR, D-FINE or RF-DETR", "detection", "detr", [logits.Name, boxes.Name],
            columns - (isSoftmax ? 1 : 0), settings, isNormalised ? FrameLook.StretchedImageNet : FrameLook.Stretched);
    }

    private static bool IsLogits(ProbedOutput output) => output.Name.Contains("logit", StringComparison.OrdinalIgnoreCase)
        || output.Name.Contains("label", StringComparison.OrdinalIgnoreCase);

    private static bool IsBoxes(ProbedOutput output) => output.Shape is [1, _, 4] or [1, _, 1, 4];

    /// <summary>Decoded boxes with probabilities, before suppression: YOLO-NAS, DAMO-YOLO, UltraFace, SSD of PyTorch.</summary>
    private static ModelFamily Apart(ModelEvidence evidence, ProbedOutput boxes, ProbedOutput classes, int columns)
    {
        bool isShared = Enumerable.Range(0, (int)classes.Shape[1]).All(i =>
            Math.Abs(TensorPrimitives.Sum(classes.Values.AsSpan(i * columns, columns)) - 1) < SumSlack);
        bool hasNothing = columns > 1 && (evidence.Names.Count == columns - 1 || (evidence.Names.Count == 0 && isShared));
        bool isFirst = hasNothing && !LastWins(classes, columns);
        string form = Enumerable.Range(0, boxes.Values.Length / 4).All(i => boxes.Values[(i * 4) + 2] >= boxes.Values[i * 4]
            && boxes.Values[(i * 4) + 3] >= boxes.Values[(i * 4) + 1]) ? "xyxy" : "cxcywh", unit = UnitOf(boxes);
        evidence.Reasons.Add(string.Create(CultureInfo.InvariantCulture,
            $"{boxes.Shape[1]} candidates: probabilities '{classes.Name}' of {columns} classes and boxes '{boxes.Name}' of 4 numbers"));
        evidence.Guess("how boxes are written", $"{form} in {unit}s", "stages[0].exit.box_form and box_unit");
        if (hasNothing)
        {
            evidence.Guess("which class is nothing", isFirst ? "the first" : "the last", "stages[0].exit.first_class: 1 or 0");
        }

        bool isFraction = unit == "fraction";
        evidence.Guess("how pixels become values", isFraction ? "stretched, RGB in -1..1" : "letterbox, RGB in 0..1",
            "stages[0].input (channels, fit, pad, mean, std)");
        var settings = ModelEvidence.Thresholds(0.4, 0.2, 0.5);
        settings["activation"] = "none";
        settings["box_form"] = form;
        settings["box_unit"] = unit;
        settings["first_class"] = isFirst ? 1 : 0;
        return new ModelFamily("a detector with boxes and probabilities apart (YOLO-NAS, DAMO-YOLO, UltraFace, SSD)", "detection", "detr",
            [classes.Name, boxes.Name], columns - (hasNothing ? 1 : 0), settings,
            isFraction ? FrameLook.StretchedSigned : FrameLook.Ultralytics);
    }

    /// <summary>Whether "nothing" is what most queries say of a grey picture, as the last of their classes.</summary>
    private static bool LastWins(ProbedOutput logits, int columns)
    {
        int rows = logits.Values.Length / columns, last = 0;
        for (int i = 0; i < rows; i++)
        {
            var row = logits.Values.AsSpan(i * columns, columns);
            last += TensorPrimitives.IndexOfMax(row) == columns - 1 ? 1 : 0;
        }

        return last > rows / 2;
    }

    private static ModelFamily? Lists(ModelEvidence evidence)
    {
        var (boxes, classes, confidences) = Named(evidence);
        if (boxes is null || classes is null || confidences is null || classes.Values.Length != confidences.Values.Length
            || boxes.Values.Length != 4 * confidences.Values.Length)
        {
            return null;
        }

        var count = evidence.Found.FirstOrDefault(o => o.Values.Length == 1 && o != boxes && o != classes && o != confidences);
        bool isTransformer = evidence.Input.SizeTensor is not null;
        evidence.Reasons.Add($"lists of boxes '{boxes.Name}', classes '{classes.Name}' and confidences '{confidences.Name}'"
            + (isTransformer ? $", and an input '{evidence.Input.SizeTensor}' for the size of the picture" : ""));
        string[] outputs = [boxes.Name, classes.Name, confidences.Name, .. count is null ? [] : new[] { count.Name }];
        if (boxes.Name.StartsWith("det_", StringComparison.Ordinal))
        {
            return Suppressed(evidence, outputs);
        }

        return isTransformer ? Transformer(evidence, outputs) : TensorFlow(evidence, outputs, boxes);
    }

    private static (ProbedOutput? Boxes, ProbedOutput? Classes, ProbedOutput? Confidences) Named(ModelEvidence evidence)
    {
        if (evidence.Found.Count >= 3 && evidence.Found.Take(3).All(o => o.Name.StartsWith(TfLite, StringComparison.Ordinal)))
        {
            return (evidence.Found[0], evidence.Found[1], evidence.Found[2]);
        }

        return (evidence.ByName("box", "raw", "num"), evidence.ByName("class", "multiclass") ?? evidence.ByName("label"),
            evidence.ByName("score", "raw", "multiclass"));
    }

    private static ModelFamily Transformer(ModelEvidence evidence, string[] outputs)
    {
        var settings = ModelEvidence.Thresholds(0.5, 0.1, overlap: null);
        settings["box_form"] = "xyxy";
        settings["box_unit"] = "pixel";
        evidence.Guess("how pixels become values", "stretched, RGB in 0..1", "stages[0].input (fit, mean, std)");
        return new ModelFamily("RT-DETR or D-FINE with its own decoding", "detection", "ssd", outputs, LabelsOr(evidence, 80), settings,
            FrameLook.Stretched);
    }

    /// <summary>Exports of YOLO 6 and 7 that suppress overlaps themselves name their lists so, after TensorRT's operator.</summary>
    private static ModelFamily Suppressed(ModelEvidence evidence, string[] outputs)
    {
        var settings = ModelEvidence.Thresholds(0.25, 0.1, overlap: null);
        settings["box_form"] = "xyxy";
        settings["box_unit"] = "pixel";
        evidence.Guess("how pixels become values", "letterbox, RGB in 0..1", "stages[0].input (channels, fit, pad, mean, std)");
        return new ModelFamily("YOLO with the suppression inside (6, 7)", "detection", "ssd", outputs, LabelsOr(evidence, 80), settings,
            FrameLook.Ultralytics);
    }

    private static ModelFamily TensorFlow(ModelEvidence evidence, string[] outputs, ProbedOutput boxes)
    {
        bool isApi = outputs[1].Contains("detection_classes", StringComparison.Ordinal);
        bool isFraction = boxes.Values.Length == 0 ? isApi : UnitOf(boxes) == "fraction";
        var settings = ModelEvidence.Thresholds(0.5, 0.1, overlap: null);
        settings["box_form"] = isFraction ? "yxyx" : "xyxy";
        settings["box_unit"] = isFraction ? "fraction" : "pixel";
        settings["first_class"] = isApi ? 1 : 0;
        evidence.Guess("how boxes are written", $"{settings["box_form"]} in {settings["box_unit"]}s",
            "stages[0].exit.box_form and box_unit");
        evidence.Guess("number of the first class", isApi ? "1, as in TensorFlow's detection models" : "0", "stages[0].exit.first_class");
        evidence.Guess("how pixels become values", evidence.Input.Element == "uint8" ? "stretched, RGB bytes" : "stretched, RGB in -1..1",
            "stages[0].input (fit, mean, std)");
        return new ModelFamily("SSD or another of TensorFlow's detection models", "detection", "ssd", outputs, LabelsOr(evidence, 90),
            settings, FrameLook.StretchedSigned);
    }

    /// <summary>Lists do not tell how many classes there are.</summary>
    private static int LabelsOr(ModelEvidence evidence, int usual)
    {
        if (evidence.Names.Count == 0)
        {
            evidence.Guesses.Add(new ImportGuess("number of classes, which lists do not tell",
                usual.ToString(CultureInfo.InvariantCulture), "--labels FILE"));
        }

        return evidence.Names.Count > 0 ? evidence.Names.Count : usual;
    }

    private static string UnitOf(ProbedOutput boxes) => boxes.Values.All(v => MathF.Abs(v) <= FractionMost) ? "fraction" : "pixel";
}
