using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Signals;
using EdgeRoute.Engine.Preprocess;

namespace EdgeRoute.Engine.Packs;

/// <summary>The words a manifest may use where it chooses, and what they mean. The JSON schema lists the same ones; a test compares them.</summary>
internal static class ManifestWords
{
    public static readonly (string Word, TaskKind Value)[] Tasks =
    [
        ("classification", TaskKind.Classification), ("detection", TaskKind.Detection), ("embedding", TaskKind.Embedding), ("policy", TaskKind.Policy),
    ];

    public static readonly (string Word, ChannelOrder Value)[] Channels =
        [("rgb", ChannelOrder.Rgb), ("bgr", ChannelOrder.Bgr), ("gray", ChannelOrder.Gray)];

    public static readonly (string Word, TensorLayout Value)[] Layouts = [("nchw", TensorLayout.Nchw), ("nhwc", TensorLayout.Nhwc)];

    public static readonly (string Word, TensorElement Value)[] Elements =
        [("float32", TensorElement.Float32), ("float16", TensorElement.Float16), ("uint8", TensorElement.UInt8)];

    public static readonly (string Word, FitKind Value)[] Fits =
        [("stretch", FitKind.Stretch), ("letterbox", FitKind.Letterbox), ("center_crop", FitKind.CenterCrop)];

    public static readonly (string Word, PadPlacement Value)[] Placements = [("top_left", PadPlacement.TopLeft), ("center", PadPlacement.Center)];

    public static readonly (string Word, HeadKind Value)[] Heads =
    [
        ("softmax_classification", HeadKind.SoftmaxClassification), ("probability_classification", HeadKind.ProbabilityClassification),
        ("yolox", HeadKind.Yolox), ("fastestdet", HeadKind.FastestDet), ("dfl", HeadKind.Dfl),
        ("embedding", HeadKind.Embedding), ("policy", HeadKind.Policy),
    ];

    public static readonly (string Word, ExitSignalKind Value)[] Signals =
    [
        ("max_probability", ExitSignalKind.MaxProbability), ("margin", ExitSignalKind.Margin), ("entropy", ExitSignalKind.Entropy),
        ("low_confidence_mass", ExitSignalKind.LowConfidenceMass), ("count", ExitSignalKind.Count),
    ];

    public static string Of<T>((string Word, T Value)[] words, T value) => words.First(w => EqualityComparer<T>.Default.Equals(w.Value, value)).Word;
}
