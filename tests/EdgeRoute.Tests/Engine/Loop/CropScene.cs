using System.Security.Cryptography;
using EdgeRoute.Core.Frames;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Tests.Interop.OnnxRuntime;
using EdgeRoute.Tests.Workbench.Importing;

namespace EdgeRoute.Tests.Engine.Loop;

/// <summary>
/// Frames that say themselves which boxes a detector finds, packs of that detector with stages on crops, and what these must see. The
/// detector reads up to four boxes from the red bytes of the first row: left, top, right and bottom in pixels, confidence times 255, class.
/// </summary>
internal static class CropScene
{
    public const int Width = 64, Height = 48, BoxLimit = 4;

    private const int BoxBytes = 6;

    public static FrameLayout Layout => FrameLayout.Packed(PixelFormat.Rgb, Width, Height);

    /// <summary>A grey frame with the boxes filled in their colours.</summary>
    public static byte[] Frame(params SceneBox[] boxes)
    {
        byte[] frame = new byte[Layout.SizeBytes];
        frame.AsSpan().Fill(20);
        frame.AsSpan(0, Width * 3).Clear();
        for (int i = 0; i < boxes.Length; i++)
        {
            var box = boxes[i];
            byte[] told = Told(box);
            for (int k = 0; k < BoxBytes; k++)
            {
                frame[((i * BoxBytes) + k) * 3] = told[k];
            }

            for (int y = box.Top; y < box.Bottom; y++)
            {
                for (int x = box.Left; x < box.Right; x++)
                {
                    box.Color.CopyTo(frame.AsSpan(((y * Width) + x) * 3));
                }
            }
        }

        return frame;
    }

    /// <summary>What the detector reads.</summary>
    public static byte[] Told(params SceneBox[] boxes) =>
        [.. boxes.SelectMany(b => new[] { b.Left, b.Top, b.Right, b.Bottom, b.Confidence, b.Class })];

    /// <summary>A pack of the detector with these crops, each a line of the block and the stage's exit.</summary>
    /// <param name="more">Further properties of the manifest, with a comma behind each.</param>
    public static Pack Pack(TemporaryFolder folder, string more, params SceneCrop[] crops) =>
        PackReader.Read(Write(folder, more, crops));

    /// <inheritdoc cref="Pack"/>
    public static string Write(TemporaryFolder folder, string more, params SceneCrop[] crops) =>
        Write(folder, new SceneRoute(more, """{ "from": "frame", "to": "finder" }, { "from": "frame", "to": "previous" }""", """
            , "cascade": { "entry": "finder", "reuse": { "motion_at_most": 0.001, "age_ms_at_most": 50 } }
            """), crops);

    /// <summary>The detector alone, with these edges, each a JSON object with a comma between.</summary>
    public static string WriteWithEdges(TemporaryFolder folder, string edges) => Write(folder, new SceneRoute("", edges, ""), []);

    private static string Write(TemporaryFolder folder, SceneRoute route, SceneCrop[] crops)
    {
        string detector = File(folder, "detector.onnx", Detector().ToBytes());
        string[] stages = [.. crops.Select(c => $$"""
            , { "name": "{{c.Stage}}", {{File(folder, c.Stage + ".onnx", c.Model)}},
                "input": { "tensor": "{{c.Input}}", "width": 8, "height": 8, "channels": "rgb", "fit": "stretch"{{c.InputMore}} },
                "exit": {{c.Exit}} }
            """)];
        return folder.Write("manifest.json", $$"""
            { "manifest": 1, "name": "scene", "version": "1", "title": "Boxes that frames tell", "task": "detection",
              "licence": { "spdx": "Apache-2.0", "origin": "this test" }, "labels": ["car", "sign"], {{route.More}}
              "stages": [{ "name": "finder", {{detector}},
                "input": { "tensor": "frame", "width": {{Width}}, "height": {{Height}}, "channels": "rgb", "fit": "stretch" },
                "exit": { "head": "end_to_end", "outputs": ["rows"], "detection_threshold": 0.3, "doubt_floor": 0.2,
                          "detection_limit": {{BoxLimit}} } } {{string.Concat(stages)}}],
              "crops": [{{string.Join(", ", crops.Select(c => $$"""{ "stage": "{{c.Stage}}"{{c.Block}} }"""))}}],
              "edges": [{{route.Edges}}],
              "policies": { "fixed_route": "finder" {{route.Policies}} } }
            """);
    }

    /// <summary>A stage whose embedding is the mean colour of its crop.</summary>
    public static SceneCrop Colour(string block = "", string stage = "colour") => new(stage, Mean().ToBytes(), "crop", "", """
        { "head": "embedding", "outputs": ["mean"], "dimension_count": 3 }
        """, block);

    /// <summary>A stage that says which of red, green and blue a crop has most of.</summary>
    public static SceneCrop Hue(string block = "") => new("hue", Mean().ToBytes(), "crop", ", \"std\": [10]", """
        { "head": "softmax_classification", "outputs": ["mean"], "top_k": 2 }
        """, $", \"labels\": [\"red\", \"green\", \"blue\"]{block}");

    /// <summary>A stage that reads AB of every crop.</summary>
    public static SceneCrop Plate(string block = "") => new("plate",
        new TinyOnnx().Input("crop", TinyOnnx.Float, 1, 3, 8, 8)
            .Output("steps", [1, 3, 3], [0.1f, 0.8f, 0.1f, 0.9f, 0.05f, 0.05f, 0.3f, 0.1f, 0.6f]).ToBytes(), "crop", "", """
        { "head": "ctc_text", "outputs": ["steps"], "text_limit": 8 }
        """, $", \"labels\": [\"A\", \"B\"]{block}");

    /// <summary>A stage that fails where its crop has a byte of 200 or more.</summary>
    public static SceneCrop Fragile(string block = "") => new("fragile", System.IO.File.ReadAllBytes(OrtPlace.Model("fragile.onnx")),
        "frame", ", \"std\": [50]", """
        { "head": "softmax_classification", "outputs": ["logits"] }
        """, $", \"labels\": [\"a\", \"b\", \"c\", \"d\"]{block}");

    /// <summary>A stage whose values are no numbers where its crop is not black.</summary>
    public static SceneCrop Unsound(string block = "") => new("unsound", System.IO.File.ReadAllBytes(OrtPlace.Model("stage_a.onnx")),
        "image", ", \"std\": [1e-38]", """
        { "head": "softmax_classification", "outputs": ["exit_logits"] }
        """, $", \"labels\": [\"a\", \"b\", \"c\", \"d\"]{block}");

    private static TinyOnnx Mean() => new TinyOnnx().Input("crop", TinyOnnx.Float, 1, 3, 8, 8)
        .Node("GlobalAveragePool", ["crop"], "mean").Declare("mean", TinyOnnx.Float, 1, 3, 1, 1);

    private static TinyOnnx Detector()
    {
        var model = new TinyOnnx().Input("frame", TinyOnnx.Float, 1, 3, Height, Width).Node("Flatten", ["frame"], "flat");
        for (int box = 0; box < BoxLimit; box++)
        {
            float[] picks = new float[3 * Height * Width * BoxBytes];
            for (int k = 0; k < BoxBytes; k++)
            {
                picks[(((box * BoxBytes) + k) * BoxBytes) + k] = k == 4 ? 1 / 255f : 1;
            }

            model.Constant($"picks_{box}", [1, 3 * Height * Width, BoxBytes], picks)
                .Node("MatMul", ["flat", $"picks_{box}"], $"row_{box}");
        }

        return model.Node("Concat", [.. Enumerable.Range(0, BoxLimit).Select(b => $"row_{b}")], "rows", ("axis", 1))
            .Declare("rows", TinyOnnx.Float, 1, BoxLimit, BoxBytes);
    }

    private static string File(TemporaryFolder folder, string name, byte[] model)
    {
        System.IO.File.WriteAllBytes(folder.File(name), model);
        return $"\"file\": \"{name}\", \"sha256\": \"{Convert.ToHexStringLower(SHA256.HashData(model))}\"";
    }
}

/// <summary>The ways through a pack, as its manifest writes them.</summary>
/// <param name="More">Further properties of the manifest, with a comma behind each.</param>
/// <param name="Policies">Further properties of its policies, with a comma before each.</param>
internal sealed record SceneRoute(string More, string Edges, string Policies);

/// <summary>A box of a frame, in pixels, and the colour that it is filled with.</summary>
/// <param name="Confidence">Of 255.</param>
/// <param name="Class">0 is a car, 1 a sign.</param>
internal sealed record SceneBox(byte Left, byte Top, byte Right, byte Bottom, byte[] Color, byte Confidence = 204, byte Class = 0);

/// <summary>A stage on crops.</summary>
/// <param name="InputMore">Further properties of its input.</param>
/// <param name="Block">Further properties of its crop.</param>
internal sealed record SceneCrop(string Stage, byte[] Model, string Input, string InputMore, string Exit, string Block);
