using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Signals;
using EdgeRoute.Core.Tracking;

namespace EdgeRoute.Documents.Packs;

/// <summary>
/// The words a manifest may use where it chooses, and what they mean. The JSON schema lists the same ones; a test compares them.
/// </summary>
public static class ManifestEnums
{
    public static readonly EnumName<TaskKind>[] Tasks =
    [
        new("classification", TaskKind.Classification), new("detection", TaskKind.Detection), new("embedding",
            TaskKind.Embedding), new("policy", TaskKind.Policy), new("segmentation", TaskKind.Segmentation), new("depth", TaskKind.Depth),
        new("text", TaskKind.Text),
    ];

    public static readonly EnumName<WindowSource>[] WindowSources =
        [.. Enum.GetValues<WindowSource>().Select(s => new EnumName<WindowSource>(WindowRule.NameOf(s), s))];

    public static readonly EnumName<MergeKind>[] Merges =
        [new("replace", MergeKind.Replace), new("union", MergeKind.Union), new("boxes", MergeKind.Boxes)];

    public static readonly EnumName<CarryKind>[] Carries = [new("motion", CarryKind.Motion), new("picture", CarryKind.Picture)];

    public static readonly EnumName<ChannelOrder>[] Channels =
        [new("rgb", ChannelOrder.Rgb), new("bgr", ChannelOrder.Bgr), new("gray", ChannelOrder.Gray)];

    public static readonly EnumName<TensorLayout>[] Layouts = [new("nchw", TensorLayout.Nchw), new("nhwc", TensorLayout.Nhwc)];

    public static readonly EnumName<TensorElement>[] Elements =
        [new("float32", TensorElement.Float32), new("float16", TensorElement.Float16), new("uint8", TensorElement.UInt8)];

    public static readonly EnumName<FitKind>[] Fits =
        [new("stretch", FitKind.Stretch), new("letterbox", FitKind.Letterbox), new("center_crop", FitKind.CenterCrop)];

    public static readonly EnumName<PadPlacement>[] Placements = [new("top_left", PadPlacement.TopLeft),
        new("center", PadPlacement.Center)];

    public static readonly EnumName<HeadKind>[] Heads =
    [
        new("softmax_classification", HeadKind.SoftmaxClassification), new("probability_classification",
            HeadKind.ProbabilityClassification),
        new("yolox", HeadKind.Yolox), new("fastestdet", HeadKind.FastestDet), new("dfl", HeadKind.Dfl),
        new("embedding", HeadKind.Embedding), new("policy", HeadKind.Policy),
        new("yolov8", HeadKind.Yolov8), new("yolov5", HeadKind.Yolov5), new("end_to_end", HeadKind.EndToEnd),
        new("detr", HeadKind.Detr), new("ssd", HeadKind.Ssd),
        new("yolov8_pose", HeadKind.Yolov8Pose), new("end_to_end_pose", HeadKind.EndToEndPose),
        new("yolov8_obb", HeadKind.Yolov8Obb), new("end_to_end_obb", HeadKind.EndToEndObb),
        new("yolov8_seg", HeadKind.Yolov8Seg), new("end_to_end_seg", HeadKind.EndToEndSeg),
        new("semantic_segmentation", HeadKind.SemanticSegmentation), new("depth", HeadKind.Depth),
        new("yunet", HeadKind.Yunet), new("db_text", HeadKind.DbText), new("ctc_text", HeadKind.CtcText),
        new("class_map", HeadKind.ClassMap), new("yolov5_seg", HeadKind.Yolov5Seg),
    ];

    public static readonly EnumName<BoxForm>[] BoxForms =
        [new("cxcywh", BoxForm.Center), new("xyxy", BoxForm.Corners), new("yxyx", BoxForm.CornersYx)];

    public static readonly EnumName<BoxUnit>[] BoxUnits = [new("pixel", BoxUnit.Pixel), new("fraction", BoxUnit.Fraction)];

    public static readonly EnumName<ClassActivation>[] Activations =
        [new("sigmoid", ClassActivation.Sigmoid), new("softmax", ClassActivation.Softmax), new("none", ClassActivation.None)];

    public static readonly EnumName<ExitSignalKind>[] Signals =
    [
        new("max_probability", ExitSignalKind.MaxProbability), new("margin", ExitSignalKind.Margin), new("entropy", ExitSignalKind.Entropy),
        new("low_confidence_mass", ExitSignalKind.LowConfidenceMass), new("count", ExitSignalKind.Count),
        new("tsallis_entropy", ExitSignalKind.TsallisEntropy), new("energy", ExitSignalKind.Energy),
        new("carried_agreement", ExitSignalKind.CarriedAgreement), new("consistency", ExitSignalKind.Consistency),
    ];

    public static readonly EnumName<ActionMeaning>[] Actions =
        [new("positions", ActionMeaning.Positions), new("movements", ActionMeaning.Movements)];

    public static string Of<T>(EnumName<T>[] words, T value)
        where T : struct, Enum => Array.Find(words, w => EqualityComparer<T>.Default.Equals(w.Value, value))!.Text;
}
