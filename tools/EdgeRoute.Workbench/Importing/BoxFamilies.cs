using System.Globalization;
using System.Text.Json.Nodes;
using EdgeRoute.Engine.Probing;

namespace EdgeRoute.Workbench.Importing;

/// <summary>
/// Models with one tensor of boxes and classes side by side: the YOLO family. Number and order of its sides say most; where two layouts
/// have the same shape, the values of one run decide.
/// </summary>
internal static class BoxFamilies
{
    /// <summary>More rows than this are cells, not boxes that are left after suppression.</summary>
    private const int ListedMost = 1000;

    /// <summary>Labels of COCO, which most published weights have.</summary>
    private const int UsualLabels = 80;

    private const float FractionMost = 2;

    private const int ListedLength = 6, NumberedLength = 7;

    public static ModelFamily? Find(ModelEvidence evidence)
    {
        if (evidence.Found.Count == 1 && IsNumbered(evidence.Found[0]))
        {
            return EndToEnd(evidence, evidence.Found[0].Name, "pixel", hasBatchColumn: true);
        }

        if (evidence.Found.Count == 1 && (AreChangingRows(evidence, evidence.Found[0]) || AreFewRows(evidence.Found[0])))
        {
            return EndToEnd(evidence, evidence.Found[0].Name, UnitOf(evidence, evidence.Found[0]), hasBatchColumn: false);
        }

        // Older exports give the maps of each level as well; they have a side more.
        var flat = evidence.Found.Where(o => o.Shape.Count < 4).ToList();
        if (flat is not [{ Shape: [1, > 4, > 4] } found] || found.Values.Length == 0)
        {
            return null;
        }

        var tensor = new BoxTensor(found);
        evidence.Reasons.Add(string.Create(CultureInfo.InvariantCulture,
            $"one output '{found.Name}' of {tensor.Count} candidates with {tensor.Width} numbers each"));
        if (evidence.IsUltralytics)
        {
            evidence.Reasons.Add($"metadata of Ultralytics: {FirstOf(evidence.Custom("description"), evidence.Custom("author"), "task")}");
        }

        bool isListed = tensor is { IsPlanes: false, Count: <= ListedMost } && !AreCells(evidence, tensor.Count);
        if (isListed && tensor.Width == 6 && tensor.Column(5).All(v => v == MathF.Truncate(v)))
        {
            return EndToEnd(evidence, tensor.Name, tensor.Unit, hasBatchColumn: false);
        }

        return HasObjectness(evidence, tensor, isListed) ? WithObjectness(evidence, tensor) : WithoutObjectness(evidence, tensor, isListed);
    }

    /// <summary>Rows of seven as YOLO 7 writes them: the picture's number, which is 0, the box, a whole number and a probability.</summary>
    private static bool IsNumbered(ProbedOutput found)
    {
        float[] values = found.Values;
        bool areRows = found.Shape is [not 1, NumberedLength] or [1, not 1, NumberedLength];
        return areRows && Enumerable.Range(0, values.Length / NumberedLength).All(i =>
        {
            var row = values.AsSpan(i * NumberedLength, NumberedLength);
            return row[0] == 0 && row[5] >= 0 && row[5] == MathF.Truncate(row[5]) && row[6] is >= 0 and <= 1;
        });
    }

    /// <summary>Rows of six of which the grey picture has few or none: the model leaves open how many there are.</summary>
    private static bool AreChangingRows(ModelEvidence evidence, ProbedOutput found)
    {
        bool areRows = found.Shape is [not 1, ListedLength] or [1, _, ListedLength];
        return areRows && evidence.IsOpen(found, ^2) && found.Shape[^2] <= ListedMost && AreListed(found);
    }

    /// <summary>Fewer rows of six than each has numbers: by its sides alone it would be taken for planes.</summary>
    private static bool AreFewRows(ProbedOutput found) => found.Shape is [1, > 0 and < ListedLength, ListedLength] && AreListed(found);

    private static bool AreListed(ProbedOutput found) => Enumerable.Range(0, found.Values.Length / ListedLength).All(i =>
    {
        var row = found.Values.AsSpan(i * ListedLength, ListedLength);
        return row[4] is >= 0 and <= 1 && row[5] >= 0 && row[5] == MathF.Truncate(row[5]);
    });

    private static string UnitOf(ModelEvidence evidence, ProbedOutput rows)
    {
        if (rows.Values.Length == 0)
        {
            evidence.Guess("how boxes are written, as the model finds none in grey", "xyxy in pixels",
                "stages[0].exit.box_form and box_unit");
            return "pixel";
        }

        return Enumerable.Range(0, rows.Values.Length).All(i => i % ListedLength > 3 || MathF.Abs(rows.Values[i]) <= FractionMost)
            ? "fraction" : "pixel";
    }

    private static ModelFamily EndToEnd(ModelEvidence evidence, string output, string unit, bool hasBatchColumn)
    {
        evidence.Reasons.Add((hasBatchColumn ? "seven numbers a row: number of the picture, box, class, confidence"
            : "six numbers a row, the last a whole one: box, confidence, class") + "; the model suppresses overlaps itself");
        GuessLook(evidence, "letterbox, RGB in 0..1");
        int labels = evidence.Names.Count;
        if (labels == 0)
        {
            labels = UsualLabels;
            evidence.Guesses.Add(new ImportGuess("number of classes, which rows of boxes do not tell", "80", "--labels FILE"));
        }

        if (evidence.IsOpen(evidence.Found[0], ^2))
        {
            evidence.Reasons.Add("how many rows there are changes from picture to picture, up to 1000 ('row_limit')");
        }

        var settings = ModelEvidence.Thresholds(0.25, 0.1, overlap: null);
        settings["box_unit"] = unit;
        if (hasBatchColumn)
        {
            settings["batch_column"] = true;
        }

        return new ModelFamily("YOLO, end to end (10, 26, or exported with the suppression inside)", "detection", "end_to_end",
            [output], labels, settings, FrameLook.Ultralytics);
    }

    private static ModelFamily WithoutObjectness(ModelEvidence evidence, BoxTensor tensor, bool isListed)
    {
        // Ultralytics exports RT-DETR in this layout too: a few hundred queries, boxes as fractions, stretched pictures.
        bool isQueries = isListed && tensor.Unit == "fraction";
        evidence.Reasons.Add(string.Create(CultureInfo.InvariantCulture,
            $"{tensor.Width} = 4 numbers of a box + {tensor.Width - 4} classes, no objectness; boxes in {tensor.Unit}s"));
        GuessLook(evidence, isQueries ? "stretched, RGB in 0..1" : "letterbox, RGB in 0..1");
        var settings = ModelEvidence.Thresholds(0.25, 0.1, isQueries ? 1 : 0.7);
        settings["box_unit"] = tensor.Unit;
        return new ModelFamily(isQueries ? "RT-DETR as Ultralytics exports it" : "Ultralytics YOLO (8, 9, 11, 12)", "detection", "yolov8",
            [tensor.Name], tensor.Width - 4, settings, isQueries ? FrameLook.Stretched : FrameLook.Ultralytics);
    }

    private static ModelFamily WithObjectness(ModelEvidence evidence, BoxTensor tensor)
    {
        int labels = tensor.Width - 5;
        evidence.Reasons.Add(string.Create(CultureInfo.InvariantCulture,
            $"{tensor.Width} = 4 numbers of a box + objectness + {labels} classes"));
        bool isYolox = !tensor.IsPlanes && tensor.Count == evidence.Cells(8, 16, 32) && !evidence.IsUltralytics
            && !tensor.Column(4).All(v => v == 1);
        bool isRaw = isYolox && tensor.Column(2).Concat(tensor.Column(3)).Any(v => v < 0);
        var settings = ModelEvidence.Thresholds(0.3, 0.1, 0.45);
        if (isRaw)
        {
            evidence.Reasons.Add("one candidate per cell, sizes as logarithms: not decoded");
            GuessLook(evidence, "letterbox at the top left, BGR in 0..255");
            settings["strides"] = new JsonArray(8, 16, 32);
            return new ModelFamily("YOLOX", "detection", "yolox", [tensor.Name], labels, settings, FrameLook.Yolox);
        }

        evidence.Reasons.Add($"boxes are decoded, in {tensor.Unit}s");
        GuessLook(evidence, isYolox ? "as YOLOX: letterbox at the top left, BGR in 0..255" : "letterbox, RGB in 0..1");
        settings["box_unit"] = tensor.Unit;
        return new ModelFamily(isYolox ? "YOLOX, decoded" : "YOLO with objectness (5, 6, 7)", "detection", "yolov5", [tensor.Name], labels,
            settings, isYolox ? FrameLook.Yolox : FrameLook.Ultralytics);
    }

    /// <summary>The number of names decides; then the number of candidates; then what most weights have.</summary>
    private static bool HasObjectness(ModelEvidence evidence, BoxTensor tensor, bool isListed)
    {
        int names = evidence.Names.Count;
        bool isThrice = IsThrice(evidence, tensor.Count);
        bool isAnchored = !tensor.IsPlanes && !isListed && isThrice;
        if (names > 0 && tensor.Width - names is 4 or 5 && !Contradicts(tensor, isAnchored, tensor.Width - names == 5))
        {
            evidence.Reasons.Add(string.Create(CultureInfo.InvariantCulture, $"{names} class names are known"));
            return tensor.Width - names == 5;
        }

        bool has = !tensor.IsPlanes && !isListed && tensor.Width - 4 != UsualLabels;
        if (!tensor.IsPlanes && !isThrice && tensor.Width - 5 != UsualLabels && tensor.Width > 6)
        {
            evidence.Guesses.Add(new ImportGuess("whether there is an objectness", has ? "yes" : "no",
                "stages[0].exit.head in manifest.json: yolov5 with one, yolov8 without"));
        }

        return has;
    }

    /// <summary>
    /// A list of names that is one too long or too short must not decide: numbers that lie in planes have no objectness in any model that
    /// is known, and rows of three anchors a cell always have one.
    /// </summary>
    private static bool Contradicts(BoxTensor tensor, bool isAnchored, bool hasObjectness) =>
        hasObjectness ? tensor.IsPlanes : isAnchored;

    /// <summary>One candidate per cell, or three by as many anchors.</summary>
    private static bool AreCells(ModelEvidence evidence, long count) => IsThrice(evidence, count) || count == evidence.Cells(8, 16, 32)
        || count == evidence.Cells(8, 16, 32, 64);

    private static bool IsThrice(ModelEvidence evidence, long count) =>
        count == 3 * evidence.Cells(8, 16, 32) || count == 3 * evidence.Cells(8, 16, 32, 64);

    private static void GuessLook(ModelEvidence evidence, string look)
    {
        if (!evidence.IsUltralytics)
        {
            evidence.Guess("how pixels become values", look, "stages[0].input (channels, fit, pad, mean, std)");
        }
    }

    private static string FirstOf(params string[] texts) => texts.First(t => t.Length > 0);

    /// <summary>Candidates with their numbers, whichever side of the tensor they lie on.</summary>
    private sealed class BoxTensor(ProbedOutput output)
    {
        public string Name => output.Name;

        /// <summary>There are more candidates than numbers of each, so the longer side is theirs.</summary>
        public bool IsPlanes { get; } = output.Shape[1] < output.Shape[2];

        public int Width => (int)output.Shape[IsPlanes ? 1 : 2];

        public int Count => (int)output.Shape[IsPlanes ? 2 : 1];

        public string Unit => Enumerable.Range(0, 4).All(c => Column(c).All(v => MathF.Abs(v) <= FractionMost)) ? "fraction" : "pixel";

        public IEnumerable<float> Column(int index) =>
            Enumerable.Range(0, Count).Select(i => output.Values[IsPlanes ? (index * Count) + i : (i * Width) + index]);
    }
}
