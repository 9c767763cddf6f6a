using System.Text.Json.Nodes;
using EdgeRoute.Engine.Probing;

namespace EdgeRoute.Workbench.Importing;

/// <summary>What a model was recognised as: the head that reads it, and how its pictures are made.</summary>
/// <param name="Title">In words: "Ultralytics YOLO (8, 9, 11, 12)".</param>
/// <param name="Task">The pack's task.</param>
/// <param name="Head">The head's word.</param>
/// <param name="Outputs">In the order of the head.</param>
/// <param name="LabelCount">Labels that the head wants.</param>
/// <param name="Settings">Further properties of the exit block.</param>
/// <param name="Look">How the frame becomes the input.</param>
internal sealed record ModelFamily(string Title, string Task, string Head, IReadOnlyList<string> Outputs, int LabelCount,
    JsonObject Settings, FrameLook Look)
{
    /// <summary>Labels that go with the family; null where the model or its user says them.</summary>
    public IReadOnlyList<string>? Labels { get; init; }
}

/// <summary>How a frame is made into the input tensor, in the words of manifests.</summary>
/// <param name="Mean">Taken off pixels of 0 to 255.</param>
/// <param name="Std">Divided by.</param>
/// <param name="Pad">Of letterboxes: value and placement.</param>
internal sealed record FrameLook(string Channels, string Fit, double[] Mean, double[] Std, (double Value, string Placement)? Pad = null)
{
    private static readonly double[] None = [0], One = [1], Byte = [255], ImageNetMean = [123.675, 116.28, 103.53],
        ImageNetStd = [58.395, 57.12, 57.375];

    /// <summary>RGB in 0..1, centred on grey: Ultralytics and most that came before it.</summary>
    public static readonly FrameLook Ultralytics = new("rgb", "letterbox", None, Byte, (114, "center"));

    /// <summary>BGR in 0..255, at the top left.</summary>
    public static readonly FrameLook Yolox = new("bgr", "letterbox", None, One, (114, "top_left"));

    /// <summary>RGB in 0..1, stretched.</summary>
    public static readonly FrameLook Stretched = new("rgb", "stretch", None, Byte);

    /// <summary>BGR in 0..1, stretched.</summary>
    public static readonly FrameLook StretchedBgr = new("bgr", "stretch", None, Byte);

    /// <summary>RGB by ImageNet's mean and deviation, stretched.</summary>
    public static readonly FrameLook StretchedImageNet = new("rgb", "stretch", ImageNetMean, ImageNetStd);

    /// <summary>BGR by ImageNet's mean and deviation, centred on black.</summary>
    public static readonly FrameLook NanoDet = new("bgr", "letterbox", [103.53, 116.28, 123.675], [57.375, 57.12, 58.395], (0, "center"));

    /// <summary>RGB by ImageNet's mean and deviation, the middle of the picture.</summary>
    public static readonly FrameLook CroppedImageNet = new("rgb", "center_crop", ImageNetMean, ImageNetStd);

    /// <summary>RGB in 0..1, the middle of the picture.</summary>
    public static readonly FrameLook Cropped = new("rgb", "center_crop", None, Byte);

    /// <summary>RGB in -1..1, stretched.</summary>
    public static readonly FrameLook StretchedSigned = new("rgb", "stretch", [127.5], [127.5]);

    /// <summary>BGR in 0..255, at the top left of black.</summary>
    public static readonly FrameLook Yunet = new("bgr", "letterbox", None, One, (0, "top_left"));

    /// <summary>BGR by the mean and deviation of RGB, as PaddleOCR has it, at the top left of black.</summary>
    public static readonly FrameLook TextMap = new("bgr", "letterbox", ImageNetMean, ImageNetStd, (0, "top_left"));

    /// <summary>BGR in -1..1, at the left of grey.</summary>
    public static readonly FrameLook TextLine = new("bgr", "letterbox", [127.5], [127.5], (127.5, "top_left"));

    /// <summary>Bytes as they are: a model that takes uint8 scales them itself.</summary>
    public FrameLook ForElement(string element) => element == "uint8" ? this with { Mean = None, Std = One } : this;
}

/// <summary>What recognition goes by.</summary>
/// <param name="Found">The outputs of one run on a grey picture, with their true shapes.</param>
/// <param name="Names">Class names that are known; empty where none are.</param>
internal sealed record ModelEvidence(ModelProbe Model, ImageInput Input, IReadOnlyList<ProbedOutput> Found, IReadOnlyList<string> Names,
    List<string> Reasons, List<ImportGuess> Guesses)
{
    /// <summary>The file of labels that the user gave; null where none was given.</summary>
    public string? LabelsFile { get; init; }

    /// <summary>As the model declares the output: <c>float32</c>, <c>int64</c>.</summary>
    public string ElementOf(ProbedOutput output) => Model.Outputs.First(o => o.Name == output.Name).Element;

    /// <summary>Whether the model leaves a side of an output open, so that the picture may decide it.</summary>
    public bool IsOpen(ProbedOutput output, Index side)
    {
        var declared = Model.Outputs.First(o => o.Name == output.Name).Shape;
        return declared.Count != output.Shape.Count || declared[side] < 0;
    }

    /// <summary>Number of cells of all levels of a detector with these strides; cells of one level are rounded up.</summary>
    public long Cells(params int[] strides) => strides.Sum(CellsOf);

    public long CellsOf(int stride) => (long)((Input.Width + stride - 1) / stride) * ((Input.Height + stride - 1) / stride);

    public string Custom(string key) => Model.Custom.GetValueOrDefault(key, "");

    /// <summary>Ultralytics writes task, stride and names into its exports.</summary>
    public bool IsUltralytics => Model.Custom.ContainsKey("task") && Model.Custom.ContainsKey("stride");

    public ProbedOutput? ByName(string part, params string[] without) => Found.FirstOrDefault(o =>
        o.Name.Contains(part, StringComparison.OrdinalIgnoreCase)
        && !without.Any(w => o.Name.Contains(w, StringComparison.OrdinalIgnoreCase)));

    public void Guess(string what, string value, string property) =>
        Guesses.Add(new ImportGuess(what, value, $"{property} in manifest.json"));

    /// <summary>Thresholds as an exit block names them.</summary>
    public static JsonObject Thresholds(double detection, double doubt, double? overlap)
    {
        var settings = new JsonObject { ["detection_threshold"] = detection, ["doubt_floor"] = doubt, ["detection_limit"] = 100 };
        if (overlap is { } most)
        {
            settings["nms_overlap"] = most;
        }

        return settings;
    }
}
