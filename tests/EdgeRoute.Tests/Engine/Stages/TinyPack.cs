using System.Security.Cryptography;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Tests.Interop.OnnxRuntime;

namespace EdgeRoute.Tests.Engine.Stages;

/// <summary>Packs over the small models of tests/fixtures/onnx; their manifests are written where a test can bend them.</summary>
internal static class TinyPack
{
    /// <summary>Tokens that token_a makes of its 8x8 frame.</summary>
    public const int TokenCount = 64;

    /// <summary>stage_a ends in features and an exit; stage_b goes on from the features.</summary>
    /// <param name="std">What bytes are divided by; a tiny one makes infinite values.</param>
    public static Pack TwoStages(TemporaryFolder folder, string std = "1") => Read(folder, "embedding", $$"""
        { {{File("a", "stage_a.onnx")}}, {{Input("image", std)}},
          "exit": { "head": "embedding", "outputs": ["features"], "dimension_count": 16 } },
        { {{File("b", "stage_b.onnx")}}, "features": [{ "tensor": "features", "from_stage": "a", "from_tensor": "features" }],
          "exit": { "head": "embedding", "outputs": ["logits"], "dimension_count": 4 } }
        """, """{ "from": "frame", "to": "a" }, { "from": "a", "to": "b" }""", "a>b");

    /// <summary>token_a makes tokens; token_b keeps all, half or a twentieth of them.</summary>
    /// <param name="declaredTokens">What the manifest says of token_a's tokens; more than there are makes every run of "all" fail.</param>
    public static Pack Tokens(TemporaryFolder folder, int declaredTokens = TokenCount) => Read(folder, "classification", $$"""
        { {{File("a", "token_a.onnx")}}, {{Input("frame", 255)}},
          "exit": { "head": "softmax_classification", "outputs": ["early_logits"] } },
        { {{File("b", "token_b.onnx")}}, "features": [{ "tensor": "tokens", "from_stage": "a", "from_tensor": "tokens" }],
          "keep_input": { "tensor": "k", "tokens": {{declaredTokens}} },
          "exit": { "head": "softmax_classification", "outputs": ["logits"] } }
        """, """{ "from": "frame", "to": "a" }, { "from": "a", "to": "b", "keep": [1, 0.5, 0.05] }""", "a>b@keep=0.5");

    /// <summary>A stage whose values are no numbers on any frame that is not black, and one that always answers.</summary>
    public static Pack Unsound(TemporaryFolder folder) => Read(folder, "classification", $$"""
        { {{File("unsound", "stage_a.onnx")}}, {{Input("image", "1e-38")}},
          "exit": { "head": "softmax_classification", "outputs": ["exit_logits"] } },
        { {{File("sturdy", "stage_a.onnx")}}, {{Input("image", 255)}},
          "exit": { "head": "softmax_classification", "outputs": ["exit_logits"] } }
        """, """{ "from": "frame", "to": "unsound" }, { "from": "frame", "to": "sturdy" }""", "unsound");

    /// <summary>
    /// A stage that fails on frames with a byte of 200 or more, and one that never does. Bytes of 50 are one class apart.
    /// </summary>
    public static Pack Fragile(TemporaryFolder folder) => Read(folder, "classification", $$"""
        { {{File("fragile", "fragile.onnx")}}, {{Input("frame", 50)}},
          "exit": { "head": "softmax_classification", "outputs": ["logits"] } },
        { {{File("sturdy", "stage_a.onnx")}}, {{Input("image", 255)}},
          "exit": { "head": "softmax_classification", "outputs": ["exit_logits"] } }
        """, """{ "from": "frame", "to": "fragile" }, { "from": "frame", "to": "sturdy" }""", "fragile");

    /// <summary>A stage that never returns on frames with a byte of 50 or more, and one that always does.</summary>
    public static Pack Endless(TemporaryFolder folder) => Endless(folder, "endless.onnx");

    /// <summary>The same, but it never returns on dark frames, and not when it is loaded either.</summary>
    public static Pack EndlessAtOnce(TemporaryFolder folder) => Endless(folder, "endless_at_once.onnx");

    /// <summary>What the policy of <see cref="Policy"/> says of its plans.</summary>
    public const string UsualPlan = """{ "execute_steps": 3, "confidence_at_least": 0.3, "replan_on_state": [2] }""";

    /// <summary>
    /// A policy of four steps of two values that tell what it was told: [sum of the tokens, state 0] + 0.01 a step; heavy adds 100 and
    /// reads twice the sum. The brightness of a frame (bytes of 0 to 255) is the confidence; light below 0.5 goes on to heavy; a plan is
    /// reused as long as it holds.
    /// </summary>
    public static Pack Policy(TemporaryFolder folder, string plan = UsualPlan) => PackReader.Read(WritePolicy(folder, plan),
        TestPlaces.Fixture("onnx"));

    /// <summary>Writes the manifest of <see cref="Policy"/> and returns its path.</summary>
    public static string WritePolicy(TemporaryFolder folder, string plan = UsualPlan,
        string state = """{ "tensor": "state", "length": 3 }""") =>
        folder.Write("manifest.json", $$"""
            { "manifest": 1, "name": "tiny-policy", "version": "1", "title": "A policy that says what it was told", "task": "policy",
              "licence": { "spdx": "Apache-2.0", "origin": "tests/fixtures/onnx/make.py" },
              "language": { {{ModelFile("language.onnx")}}, "tensor": "tokens", "length": 4,
                            "words": ["<pad>", "put", "the", "red", "blue", "star"] },
              "stages": [
                { {{File("light", "policy_light.onnx")}}, {{Input("frame", 255)}},
                  "instruction": [{ "tensor": "query", "from_tensor": "light_query" }], "state": {{state}},
                  "exit": { "head": "policy", "outputs": ["actions"],
                            "confidence_output": "confidence", "step_count": 4, "dimension_count": 2 } },
                { {{File("heavy", "policy_heavy.onnx")}},
                  "features": [{ "tensor": "tokens", "from_stage": "light", "from_tensor": "tokens" }],
                  "keep_input": { "tensor": "k", "tokens": {{TokenCount}} },
                  "instruction": [{ "tensor": "query", "from_tensor": "deep_query" }], "state": {{state}},
                  "exit": { "head": "policy", "outputs": ["actions"],
                            "confidence_output": "confidence", "step_count": 4, "dimension_count": 2 } }],
              "edges": [{ "from": "frame", "to": "light" }, { "from": "light", "to": "heavy", "keep": [1, 0.5] },
                        { "from": "frame", "to": "previous" }],
              "plan": {{plan}},
              "policies": { "fixed_route": "light", "cascade": { "entry": "light",
                "exits": { "light": { "signal": "max_probability", "stop_at_least": 0.5, "next": "heavy@keep=0.5" } },
                "reuse": { "motion_at_most": 1, "age_ms_at_most": 1e6 } } } }
            """);

    /// <summary>A manifest that reads well and is wrong about its models in four places.</summary>
    public static Pack Misfit(TemporaryFolder folder) => Read(folder, "embedding", $$"""
        { {{File("a", "stage_a.onnx")}}, {{Input("picture", 1)}},
          "exit": { "head": "embedding", "outputs": ["features"], "dimension_count": 17 } },
        { {{File("b", "stage_b.onnx")}}, "features": [{ "tensor": "features", "from_stage": "a", "from_tensor": "exit_logits" }],
          "exit": { "head": "embedding", "outputs": ["logit"], "dimension_count": 4 } }
        """, """{ "from": "frame", "to": "a" }, { "from": "a", "to": "b" }""", "a>b");

    private static Pack Endless(TemporaryFolder folder, string file) => Read(folder, "classification", $$"""
        { {{File("endless", file)}}, {{Input("frame", 50)}},
          "exit": { "head": "softmax_classification", "outputs": ["logits"] } },
        { {{File("sturdy", "stage_a.onnx")}}, {{Input("image", 255)}},
          "exit": { "head": "softmax_classification", "outputs": ["exit_logits"] } }
        """, """{ "from": "frame", "to": "endless" }, { "from": "frame", "to": "sturdy" }""", "endless");

    private static Pack Read(TemporaryFolder folder, string task, string stages, string edges, string fixedRoute)
    {
        string labels = task == "classification" ? """ "labels": ["zero", "one", "two", "three"], """ : "";
        string manifest = folder.Write("manifest.json", $$"""
            { "manifest": 1, "name": "tiny", "version": "1", "title": "Small models of the tests", "task": "{{task}}", {{labels}}
              "licence": { "spdx": "Apache-2.0", "origin": "tests/fixtures/onnx/make.py" },
              "stages": [{{stages}}], "edges": [{{edges}}], "policies": { "fixed_route": "{{fixedRoute}}" } }
            """);
        return PackReader.Read(manifest, TestPlaces.Fixture("onnx"));
    }

    private static string File(string stage, string model) => $"\"name\": \"{stage}\", {ModelFile(model)}";

    private static string ModelFile(string model)
    {
        string sha256 = Convert.ToHexStringLower(SHA256.HashData(System.IO.File.ReadAllBytes(OrtPlace.Model(model))));
        return $"\"file\": \"{model}\", \"sha256\": \"{sha256}\"";
    }

    private static string Input(string tensor, int std) => Input(tensor, std.ToString(System.Globalization.CultureInfo.InvariantCulture));

    private static string Input(string tensor, string std) =>
        $$"""
        "input": { "tensor": "{{tensor}}", "width": 8, "height": 8, "channels": "rgb", "fit": "stretch", "std": [{{std}}] }
        """;
}
