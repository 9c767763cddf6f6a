using System.Globalization;
using System.Text.Json.Nodes;
using EdgeRoute.Core.Frames;
using EdgeRoute.Engine.Probing;

namespace EdgeRoute.Workbench.Importing;

/// <summary>
/// Models of the YOLO family that say more of each object than its box: key points, an angle, or the coefficients of its mask. Metadata of
/// Ultralytics tells which; without it the shapes of masks and of COCO's poses do.
/// </summary>
internal static class DetailFamilies
{
    /// <summary>More rows than this are cells, not boxes that are left after suppression.</summary>
    private const int ListedMost = 1000;

    private const int BoxLength = 4, ListedLength = 6, PersonJoints = 17;

    private const float FractionMost = 2, SeenFrom = 0.5f;

    /// <summary>Tasks in Ultralytics' words, with what their outputs look like.</summary>
    private static readonly Dictionary<string, string> Tasks = new(StringComparer.Ordinal)
    {
        ["pose"] = "one output [1, 4 + classes + 3 for each key point, N] or [1, N, 6 + 3 for each key point]",
        ["obb"] = "one output [1, 4 + classes + 1, N] or [1, N, 7]",
        ["segment"] = "an output [1, 4 + classes + coefficients, N] or [1, N, 6 + coefficients], and prototypes "
            + "[1, coefficients, height, width]",
    };

    /// <summary>Whether metadata that names this task is read here.</summary>
    public static bool IsTask(string task) => Tasks.ContainsKey(task);

    /// <exception cref="InvalidDataException">The metadata names such a task, but the outputs are others.</exception>
    public static ModelFamily? Find(ModelEvidence evidence)
    {
        string task = evidence.Custom("task");
        var flat = evidence.Found.Where(o => o.Shape is [1, > BoxLength, > BoxLength]).ToList();
        var family = flat.Count == 1 ? Find(evidence, task, new CandidateTensor(flat[0])) : null;
        if (family is null && Tasks.TryGetValue(task, out string? wanted))
        {
            string found = string.Join(", ", evidence.Found.Select(o => $"'{o.Name}' [{string.Join(",", o.Shape)}]"));
            string shape = evidence.Custom("kpt_shape") is { Length: > 0 } text ? $" and its 'kpt_shape' is '{text}'" : "";
            throw new InvalidDataException($"the model's task is '{task}' (metadata 'task'), which yields {wanted}; this model has "
                + $"{found}{shape}");
        }

        return family;
    }

    /// <summary>The end of a line on a detection: what is known of it beyond its box, for people to read.</summary>
    public static string Describe(DetectionDetails details, int index)
    {
        var points = details.Points(index);
        switch (details.Form.Kind)
        {
            case DetailKind.Keypoints:
                int seen = points.ToArray().Count(p => p.Visibility >= SeenFrom);
                return string.Create(CultureInfo.InvariantCulture, $", {seen} of {points.Length} key points seen");
            case DetailKind.Corners:
                double turn = Math.Atan2((points[1].Y - points[0].Y) * details.FrameHeight, (points[1].X - points[0].X)
                    * details.FrameWidth);
                return string.Create(CultureInfo.InvariantCulture, $", turned by {turn * 180 / Math.PI:0} degrees");
            case DetailKind.Mask:
                double cells = details.Mask(index).ToArray().Sum(w => (double)ulong.PopCount(w));
                double share = cells / (DetectionDetails.MaskSide * DetectionDetails.MaskSide);
                return string.Create(CultureInfo.InvariantCulture, $", a mask of {share:0.00} of its box");
            default:
                return "";
        }
    }

    private static ModelFamily? Find(ModelEvidence evidence, string task, CandidateTensor tensor)
    {
        var prototypes = evidence.Found.FirstOrDefault(o => o.Shape is [1, > 1, > BoxLength, > BoxLength]);
        bool isSegment = prototypes is not null && (task == "segment" || (task.Length == 0 && evidence.Found.Count == 2
            && prototypes.Shape[2] * 4 == evidence.Input.Height));
        if (isSegment)
        {
            return Segment(evidence, tensor, prototypes!);
        }

        bool isUsualPose = task.Length == 0 && evidence.Found.Count == 1 && evidence.Names.Count < 2
            && tensor.Width - (PersonJoints * 3) is BoxLength + 1 or ListedLength;
        if (task == "pose" || isUsualPose)
        {
            return Pose(evidence, tensor);
        }

        return task == "obb" ? Oriented(evidence, tensor) : null;
    }

    private static ModelFamily? Pose(ModelEvidence evidence, CandidateTensor tensor)
    {
        var (points, values) = KeypointShape(evidence, tensor);
        if (points < 1 || values is not (2 or 3) || points > tensor.Width)
        {
            return null;
        }

        bool isListed = tensor.IsListed(points * values);
        int labels = isListed ? Math.Max(1, evidence.Names.Count) : tensor.Width - BoxLength - (points * values);
        if (labels < 1)
        {
            return null;
        }

        evidence.Reasons.Add(string.Create(CultureInfo.InvariantCulture,
            $"output '{tensor.Name}' of {tensor.Count} candidates with {points} key points of {values} numbers each"));
        if (evidence.Custom("kpt_shape").Length == 0)
        {
            evidence.Guess("number of key points", points.ToString(CultureInfo.InvariantCulture), "stages[0].exit.keypoint_count");
        }

        var settings = Settings(evidence, tensor, isListed);
        settings["keypoint_count"] = points;
        settings["keypoint_values"] = values;
        return Family("Ultralytics YOLO, poses", isListed ? "end_to_end_pose" : "yolov8_pose", [tensor.Name], labels, settings);
    }

    private static ModelFamily? Oriented(ModelEvidence evidence, CandidateTensor tensor)
    {
        bool isListed = tensor.IsListed(1);
        int labels = isListed ? ListedLabels(evidence, 15) : tensor.Width - BoxLength - 1;
        if (labels < 1)
        {
            return null;
        }

        evidence.Reasons.Add(string.Create(CultureInfo.InvariantCulture,
            $"output '{tensor.Name}' of {tensor.Count} candidates with an angle each"));
        return Family("Ultralytics YOLO, oriented boxes", isListed ? "end_to_end_obb" : "yolov8_obb", [tensor.Name], labels,
            Settings(evidence, tensor, isListed));
    }

    private static ModelFamily? Segment(ModelEvidence evidence, CandidateTensor tensor, ProbedOutput prototypes)
    {
        int masks = (int)prototypes.Shape[1];
        bool isListed = tensor.IsListed(masks), hasObjectness = IsThrice(evidence, tensor);
        int labels = isListed ? ListedLabels(evidence, 80) : tensor.Width - BoxLength - masks - (hasObjectness ? 1 : 0);
        if (labels < 1)
        {
            return null;
        }

        evidence.Reasons.Add(string.Create(CultureInfo.InvariantCulture,
            $"output '{tensor.Name}' of {tensor.Count} candidates with {masks} coefficients each, and as many prototypes "
            + $"'{prototypes.Name}' of {prototypes.Shape[3]}x{prototypes.Shape[2]}"));
        var settings = Settings(evidence, tensor, isListed);
        settings["mask_count"] = masks;
        if (hasObjectness)
        {
            evidence.Reasons.Add("three candidates a cell: there is an objectness before the classes");
            return Family("YOLO with objectness, masks (5, 7)", "yolov5_seg", [tensor.Name, prototypes.Name], labels, settings);
        }

        return Family("Ultralytics YOLO, masks", isListed ? "end_to_end_seg" : "yolov8_seg", [tensor.Name, prototypes.Name], labels,
            settings);
    }

    private static ModelFamily Family(string title, string head, string[] outputs, int labels, JsonObject settings) =>
        new(title, "detection", head, outputs, labels, settings, FrameLook.Ultralytics);

    private static JsonObject Settings(ModelEvidence evidence, CandidateTensor tensor, bool isListed)
    {
        if (!evidence.IsUltralytics)
        {
            evidence.Guess("how pixels become values", "letterbox, RGB in 0..1", "stages[0].input (channels, fit, pad, mean, std)");
        }

        var settings = ModelEvidence.Thresholds(0.25, 0.1, isListed ? null : 0.7);
        settings["box_unit"] = tensor.Unit;
        return settings;
    }

    /// <summary>What the exporter wrote; else what is left beside box and classes. No points where it wrote what cannot be.</summary>
    private static (int Points, int Values) KeypointShape(ModelEvidence evidence, CandidateTensor tensor)
    {
        string[] written = evidence.Custom("kpt_shape").Split(['[', ']', '(', ')', ',', ' '], StringSplitOptions.RemoveEmptyEntries);
        if (written.Length > 0)
        {
            int[] numbers = [.. written.Select(t => int.TryParse(t, NumberStyles.None, CultureInfo.InvariantCulture, out int n) ? n : 0)];
            return numbers is [var points, var each] ? (points, each) : (0, 0);
        }

        int listed = tensor.Width - ListedLength;
        int left = tensor.IsListed(listed) ? listed : tensor.Width - BoxLength - Math.Max(1, evidence.Names.Count);
        return left % 3 == 0 ? (left / 3, 3) : (left / 2, 2);
    }

    /// <summary>Rows of boxes do not tell how many classes there are.</summary>
    private static int ListedLabels(ModelEvidence evidence, int usual)
    {
        if (evidence.Names.Count == 0)
        {
            evidence.Guesses.Add(new ImportGuess("number of classes, which listed boxes do not tell",
                usual.ToString(CultureInfo.InvariantCulture), "--labels FILE"));
        }

        return evidence.Names.Count > 0 ? evidence.Names.Count : usual;
    }

    /// <summary>Three candidates a cell have an objectness (YOLO 5).</summary>
    private static bool IsThrice(ModelEvidence evidence, CandidateTensor tensor) => tensor.Count == 3 * evidence.Cells(8, 16, 32);

    /// <summary>Candidates with their numbers, whichever side of the tensor they lie on.</summary>
    private sealed class CandidateTensor(ProbedOutput output)
    {
        private readonly bool _isPlanes = output.Shape[1] < output.Shape[2];

        public string Name => output.Name;

        public int Width => (int)output.Shape[_isPlanes ? 1 : 2];

        public int Count => (int)output.Shape[_isPlanes ? 2 : 1];

        public string Unit => Enumerable.Range(0, BoxLength).All(c => Column(c).All(v => MathF.Abs(v) <= FractionMost)) ? "fraction"
            : "pixel";

        /// <summary>Whether rows are boxes left after suppression: confidence, then class as a whole number, then details.</summary>
        public bool IsListed(int detailCount) => !_isPlanes && Count <= ListedMost && Width == ListedLength + detailCount
            && Column(ListedLength - 1).All(v => v == MathF.Truncate(v));

        private IEnumerable<float> Column(int index) =>
            Enumerable.Range(0, Count).Select(i => output.Values[_isPlanes ? (index * Count) + i : (i * Width) + index]);
    }
}
