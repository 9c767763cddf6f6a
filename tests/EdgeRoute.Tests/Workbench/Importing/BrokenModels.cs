namespace EdgeRoute.Tests.Workbench.Importing;

/// <summary>One model that people export by mistake, as import, a check and a start must speak of it.</summary>
/// <param name="Write">Writes <c>model.onnx</c> into a folder, with what stands beside it.</param>
/// <param name="Exit">Exit block of the manifest that somebody wrote for it by hand.</param>
/// <param name="AtImport">What import says; null where it makes a right pack of it.</param>
/// <param name="AtStart">What a check and a start say; null where the manifest makes it right.</param>
/// <param name="IsRefused">Otherwise they warn, and go on.</param>
internal sealed record BrokenModel(string Name, Action<TemporaryFolder> Write, string Exit, string? AtImport, string? AtStart,
    bool IsRefused = true)
{
    /// <summary>Files listed under the stage's weights.</summary>
    public string[] Weights { get; init; } = [];

    public override string ToString() => Name;
}

/// <summary>Models over pictures of 8 x 8, and manifests with three labels.</summary>
internal static class BrokenModels
{
    private const string Classes = """{ "head": "softmax_classification", "outputs": ["out"] }""";
    private const string Probabilities = """{ "head": "probability_classification", "outputs": ["out"] }""";
    private const string Yolov8 = """
        { "head": "yolov8", "outputs": ["out"], "detection_threshold": 0.4, "doubt_floor": 0.1, "nms_overlap": 0.5, "detection_limit": 9 }
        """;

    private const string Yolox = """
        { "head": "yolox", "outputs": ["out"], "strides": [1], "detection_threshold": 0.4, "doubt_floor": 0.1, "nms_overlap": 0.5,
          "detection_limit": 9 }
        """;

    public static IReadOnlyList<BrokenModel> All { get; } =
    [
        new("wrong class count", To(Image().Output("out", [1, 84, 96], new float[84 * 96])), Yolov8,
            "has 3 labels, but the model has 80 classes", "with 3 labels reads [1,7,?] or [1,?,7]; this shape is what 'yolov8' with 80"),
        new("transposed", To(Image().Output("out", [1, 8, 64], new float[8 * 64])), Yolox, null,
            "it is transposed: name the output before its last transposition, or transpose it to [1,64,8]"),
        new("logits for probabilities", To(Image().Node("GlobalAveragePool", ["images"], "pooled").Node("Flatten", ["pooled"], "flat")
            .Constant("w", [3, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9]).Node("Gemm", ["flat", "w"], "out").Declare("out", TinyOnnx.Float, 1, 3)),
            Probabilities, null, "ends in Gemm, so that it most likely holds logits", IsRefused: false),
        new("probabilities for logits", To(Image().Constant("v", [1, 3], [1, 2, 3]).Node("Softmax", ["v"], "out")
            .Declare("out", TinyOnnx.Float, 1, 3)), Classes, null, "ends in Softmax, so that it holds probabilities", IsRefused: false),
        new("boxes without a sigmoid", To(Image().Constant("w", [7, 3, 1, 1], [.. Enumerable.Repeat(-3f, 21)])
            .Node("Conv", ["images", "w"], "maps").Constant("like", [1, 7, 64], new float[7 * 64]).Node("Shape", ["like"], "shape")
            .Node("Reshape", ["maps", "shape"], "out").Declare("out", TinyOnnx.Float, 1, 7, 64)), Yolov8,
            "ends in Conv without a sigmoid", "ends in Conv without a sigmoid", IsRefused: false),
        new("decoded under the raw head", To(Image().Constant("place", [1, 64, 2], new float[128])
            .Constant("size", [1, 64, 2], new float[128]).Constant("stride", [1], [1]).Constant("rest", [1, 64, 4], new float[256])
            .Node("Exp", ["size"], "grown").Node("Mul", ["grown", "stride"], "scaled")
            .Node("Concat", ["place", "scaled", "rest"], "out", ("axis", 2)).Declare("out", TinyOnnx.Float, 1, 64, 8)), Yolox, null,
            "ends in Mul after an exponential, so that the model most likely decodes its boxes itself", IsRefused: false),
        new("raw boxes beside probabilities", To(Image().Constant("a", [4, 3, 1, 1], [.. Enumerable.Repeat(-3f, 12)])
            .Constant("b", [3, 3, 1, 1], new float[9]).Node("Conv", ["images", "a"], "boxes").Node("Conv", ["images", "b"], "logits")
            .Node("Sigmoid", ["logits"], "classes").Node("Concat", ["boxes", "classes"], "maps", ("axis", 1))
            .Constant("like", [1, 7, 64], new float[7 * 64]).Node("Shape", ["like"], "shape").Node("Reshape", ["maps", "shape"], "out")
            .Declare("out", TinyOnnx.Float, 1, 7, 64)), Yolov8, "so that its boxes most likely are not decoded",
            "of YOLOX name the output before its last transposition", IsRefused: false),
        new("missing external data", To(External()), Classes, "reads its weights from 'm.data', which is not there",
            "reads its weights from 'm.data', which the manifest does not list"),
        new("external data too short", To(External(), folder => folder.Write("m.data", "four")), Classes,
            "which has 4 bytes where the model reads 12", "which has 4 bytes where the model reads 12") { Weights = ["m.data"] },
        new("operator set too new", To(new TinyOnnx { OperatorSet = 99 }.Input("images", TinyOnnx.Float, 1, 3, 8, 8)
            .Output("out", [1, 3], [1, 2, 3])), Classes, "needs operator set 99, but ONNX Runtime",
            "needs operator set 99, but ONNX Runtime"),
        new("file format too new", To(new TinyOnnx { IrVersion = 99 }.Input("images", TinyOnnx.Float, 1, 3, 8, 8)
            .Output("out", [1, 3], [1, 2, 3])), Classes, "has IR version 99, but ONNX Runtime", "has IR version 99, but ONNX Runtime"),
        new("custom operator", To(Image().Foreign("mmdeploy", "Grid", "images", "out").Declare("out", TinyOnnx.Float, 1, 3)), Classes,
            "uses Grid of the operator domain 'mmdeploy'", "uses Grid of the operator domain 'mmdeploy'"),
        new("two pictures", To(Image().Input("other", TinyOnnx.Float, 1, 3, 8, 8).Output("out", [1, 3], [1, 2, 3])), Classes,
            "because a stage sees one picture", "takes input 'other' (float32[1,3,8,8]), which the manifest does not fill"),
        new("pointer of Git LFS", Text("version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 3\n"), Classes, "git lfs pull",
            "git lfs pull"),
        new("cut short", Cut, Classes, "is cut short: the end of the model is missing", "is cut short: the end of the model is missing"),
        new("no ONNX", Text("something else"), Classes, "is no ONNX model", "is no ONNX model"),
        new("empty", Text(""), Classes, "is empty", "is empty"),
        new("int8", To(new TinyOnnx().Input("images", TinyOnnx.Int8, 1, 3, 8, 8).Output("out", [1, 3], [1, 2, 3])), Classes,
            "takes int8; frames are made into float32, float16 or uint8", "takes int8, but the manifest says float32"),
        new("double", To(new TinyOnnx().Input("images", TinyOnnx.Double, 1, 3, 8, 8).Output("out", [1, 3], [1, 2, 3])), Classes,
            "takes double; frames are made into float32, float16 or uint8", "takes double, but the manifest says float32"),
        new("no output", To(Image().Node("GlobalAveragePool", ["images"], "pooled")), Classes, "has no output", "has no output"),
        new("a tensor from nowhere", To(Image().Node("Identity", ["nowhere"], "out").Declare("out", TinyOnnx.Float, 1, 3)), Classes,
            "Identity reads 'nowhere', which nothing in it makes", "Identity reads 'nowhere', which nothing in it makes"),
        new("an output from nowhere", To(Image().Output("other", [1, 3], [1, 2, 3]).Declare("out", TinyOnnx.Float, 1, 3)), Classes,
            "the output 'out' is declared, which nothing in it makes", "the output 'out' is declared, which nothing in it makes"),
        new("an output of text", To(Image().Output("out", [1, 3], [1, 2, 3]).Node("Identity", ["out"], "label")
            .Declare("label", TinyOnnx.String, 1)), Classes, "has the output 'label' of type string, which is no tensor of numbers",
            "has the output 'label' of type string, which is no tensor of numbers"),
        new("an output of a sequence", To(Image().Output("out", [1, 3], [1, 2, 3]).Node("SequenceConstruct", ["out"], "list")
            .DeclareSequence("list")), Classes, "'list' of type sequence, which is no tensor of numbers; export it with tensors alone",
            "'list' of type sequence, which is no tensor of numbers; export it with tensors alone"),
        new("an output declared twice", To(Image().Output("out", [1, 3], [1, 2, 3]).Declare("out", TinyOnnx.Float, 1, 3)), Classes,
            "declares the output 'out' more than once", "declares the output 'out' more than once"),
        new("an output without a name", To(Image().Output("out", [1, 3], [1, 2, 3]).Declare("", TinyOnnx.Float, 1, 3)), Classes,
            "has an output whose name is empty", "has an output whose name is empty"),
        new("a name that is no text", To(new TinyOnnx().Input("\uFFFD", TinyOnnx.Float, 1, 3, 8, 8).Output("out", [1, 3], [1, 2, 3])),
            Classes, "has an input whose name is no text in UTF-8", "has an input whose name is no text in UTF-8"),
        new("an output beyond all tensors", To(Image().Output("out", [1, 3], [1, 2, 3]).Node("Identity", ["out"], "big")
            .Declare("big", TinyOnnx.Float, 1, 60000, 60000)), Classes, "'big' of float32[1,60000,60000], which is larger than the",
            "'big' of float32[1,60000,60000], which is larger than the"),
        new("softmax twice", To(Image().Constant("v", [1, 3], [1, 2, 3]).Node("Softmax", ["v"], "once").Node("Softmax", ["once"], "out")
            .Declare("out", TinyOnnx.Float, 1, 3)), Probabilities, "ends in Softmax after Softmax, so that all classes come out nearly",
            "ends in Softmax after Softmax, so that all classes come out nearly", IsRefused: false),
        new("values that are not numbers", To(Image().Output("out", [1, 3], [1, float.NaN, 3])), Classes,
            "'out' holds values that are not numbers, 1 of 3", null),
        new("picture without a shape", To(new TinyOnnx().Shapeless("images", TinyOnnx.Float).Node("GlobalAveragePool", ["images"], "pooled")
            .Node("Flatten", ["pooled"], "out").Declare("out", TinyOnnx.Float, 1, 3)), Classes, "'images' does not tell its shape", null),
        new("size left open", To(new TinyOnnx().Input("images", TinyOnnx.Float, -1, 3, -1, -1)
            .Node("Flatten", ["images"], "flat").Constant("w", [192, 3], new float[576]).Node("MatMul", ["flat", "w"], "out")
            .Declare("out", TinyOnnx.Float, -1, 3)), Classes, "give its own with --size WIDTHxHEIGHT", null),
    ];

    private static TinyOnnx Image() => new TinyOnnx().Input("images", TinyOnnx.Float, 1, 3, 8, 8);

    private static TinyOnnx External() => Image().External("values", [1, 3], "m.data", 0, 12).Node("Identity", ["values"], "out")
        .Declare("out", TinyOnnx.Float, 1, 3);

    private static Action<TemporaryFolder> To(TinyOnnx model, Action<TemporaryFolder>? more = null)
    {
        byte[] bytes = model.ToBytes();
        return folder =>
        {
            File.WriteAllBytes(folder.File("model.onnx"), bytes);
            more?.Invoke(folder);
        };
    }

    private static Action<TemporaryFolder> Text(string content) => folder => folder.Write("model.onnx", content);

    private static void Cut(TemporaryFolder folder)
    {
        byte[] bytes = Image().Output("out", [1, 3], [1, 2, 3]).ToBytes();
        File.WriteAllBytes(folder.File("model.onnx"), bytes[..(bytes.Length / 2)]);
    }
}
