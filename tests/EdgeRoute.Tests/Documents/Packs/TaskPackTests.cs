using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Stages;
using EdgeRoute.Tests.Engine.Stages;

namespace EdgeRoute.Tests.Documents.Packs;

/// <summary>What a manifest says of instructions, state and plans.</summary>
public sealed class TaskPackTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_policy_pack_has_its_language_its_state_and_its_plan()
    {
        var pack = TinyPack.Policy(_folder);
        Assert.Equal(("tokens", 4, "red"), (pack.Language!.TokensTensorName, pack.Language.Length, pack.Language.Words[3]));
        Assert.Equal(new InstructionInput("query", "deep_query"), Assert.Single(pack.Stages[1].Instruction));
        Assert.Equal((new StateInput("state", 3), 3), (pack.Stages[0].State, pack.StateLength));
        var plan = pack.Plan!;
        Assert.Equal((2, 3, true, 0.3f, false), (plan.DimensionCount, plan.ExecuteStepCount, plan.HasConfidence, plan.ConfidenceAtLeast,
            plan.IsSetPoint));
        Assert.Equal([2], plan.ReplanOnState);
    }

    [Fact]
    public void An_empty_plan_follows_the_whole_chunk_and_other_tasks_have_none()
    {
        var plan = TinyPack.Policy(_folder, "{}").Plan!;
        Assert.Equal((4, 0f, 0), (plan.ExecuteStepCount, plan.ConfidenceAtLeast, plan.ReplanOnState.Count));
        Assert.Null(TinyPack.Fragile(_folder).Plan);
        string single = Manifest().Replace("\"step_count\": 4", "\"step_count\": 1", StringComparison.Ordinal);
        var setPoint = Read(single.Replace($"\"plan\": {TinyPack.UsualPlan},", "", StringComparison.Ordinal));
        Assert.True(setPoint.Plan!.IsSetPoint);
    }

    [Theory]
    [InlineData("\"execute_steps\": 3", "\"execute_steps\": 5", "plan: 'execute_steps' is 5; it must lie between 1 and 4")]
    [InlineData("\"confidence_at_least\": 0.3", "\"confidence_at_least\": 1.5",
        "plan: 'confidence_at_least' is 1.5; it must lie between 0 and 1")]
    [InlineData("\"replan_on_state\": [2]", "\"replan_on_state\": [3]",
        "plan: 'replan_on_state' has 3; the state has 3 values, counted from 0")]
    [InlineData("\"plan\": {", "\"plan\": { \"switches\": [0],", "plan: 'switches' is given, but 'actions' is not 'movements'")]
    [InlineData("\"plan\": {", "\"plan\": { \"actions\": \"movements\", \"switches\": [1, 2],",
        "plan: 'switches' has 2; a step has 2 values, counted from 0")]
    [InlineData("\"plan\": {", "\"plan\": { \"execute\": 3,", "has no property 'execute'")]
    [InlineData("\"confidence_output\": \"confidence\", ", "",
        "plan: 'confidence_at_least' is given, but not every exit has a 'confidence_output'")]
    [InlineData("\"words\": [\"<pad>\", \"put\"", "\"words\": [\"<pad>\", \"Put\"", "language: 'words' has 'Put'; words are lower case")]
    [InlineData("\"words\": [\"<pad>\", \"put\"", "\"words\": [\"<pad>\", \"the\"", "language: 'words' has 'the' twice")]
    [InlineData("\"length\": 4", "\"length\": 0", "language: 'length' is 0; it must lie between 1 and 256")]
    [InlineData("\"file\": \"language.onnx\"", "\"file\": \"langage.onnx\"", "language: file 'langage.onnx' is not in")]
    [InlineData("\"plan\": {", "\"max_age_ms\": 0.5, \"plan\": {", "manifest: 'max_age_ms' is 0.5; it must lie between 1 and 3600000")]
    [InlineData("\"length\": 3", "\"length\": 17", "state.length' is 17; it must lie between 1 and 16")]
    [InlineData("\"task\": \"policy\"", "\"task\": \"embedding\"", "plan: only packs whose task is 'policy' make plans")]
    public void What_cannot_be_meant_is_refused_with_its_reason(string good, string bad, string reason)
    {
        string manifest = Manifest();
        Assert.Contains(good, manifest, StringComparison.Ordinal);
        int at = manifest.IndexOf(good, StringComparison.Ordinal);
        var refused = Assert.Throws<PackRefusedException>(() => Read(manifest[..at] + bad + manifest[(at + good.Length)..]));
        Assert.Contains(refused.Reasons, r => r.Contains(reason, StringComparison.Ordinal));
    }

    [Fact]
    public void Instructions_need_a_network_and_a_network_needs_a_stage()
    {
        string manifest = Manifest();
        int from = manifest.IndexOf("\"language\"", StringComparison.Ordinal), to = manifest.IndexOf("\"stages\"",
            StringComparison.Ordinal);
        var reasons = Assert.Throws<PackRefusedException>(() => Read(manifest.Remove(from, to - from))).Reasons;
        Assert.Contains("stage 'light': it takes an 'instruction', but the pack has no 'language' network", reasons);
        string unused = manifest.Replace("\"instruction\": [{ \"tensor\": \"query\", \"from_tensor\": \"light_query\" }],", "",
            StringComparison.Ordinal)
            .Replace("\"instruction\": [{ \"tensor\": \"query\", \"from_tensor\": \"deep_query\" }],", "", StringComparison.Ordinal);
        Assert.Contains("language: no stage takes its outputs", Assert.Throws<PackRefusedException>(() => Read(unused)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_source_tells_one_state()
    {
        string manifest = Manifest();
        int last = manifest.LastIndexOf("\"length\": 3", StringComparison.Ordinal);
        string two = manifest[..last] + "\"length\": 2" + manifest[(last + "\"length\": 3".Length)..];
        Assert.Contains("the stages take states of 3 and 2 values", Assert.Throws<PackRefusedException>(() => Read(two)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Real_sessions_that_differ_from_the_manifest_are_all_named()
    {
        var pack = TinyPack.Policy(_folder);
        var light = new StageTensors(
            [new("frame", "float32", [1, 3, 8, 8]), new("query", "float32", [1, 3]), new("state", "float64", [1, 3])],
            [new("tokens", "float32", [1, 64, 3]), new("actions", "float32", [1, 4, 2]), new("confidence", "float32", [1])]);
        var heavy = new StageTensors(
            [new("tokens", "float32", [1, 64, 3]), new("k", "int64", [1]), new("state", "float32", [1, 2])],
            [new("actions", "float32", [1, 4, 2]), new("confidence", "float32", [1])]);
        var language = new StageTensors(
            [new("tokens", "int32", [1, 4]), new("mask", "int64", [1, 4])], [new("light_query", "float32", [1, 2]),
                new("deeper_query", "float32", [1, 2])]);
        var problems = PackSessionCheck.FindProblems(pack, [light, heavy], language);
        string[] wanted =
        [
            "language: tokens input 'tokens' takes int32[1,4]; the manifest makes int64[1,4]",
            "language: the model takes input 'mask' (int64[1,4]), which nothing fills",
            "stage 'light': input 'query' takes float32[1,3], but 'light_query' of the language network yields float32[1,2]",
            "stage 'light': state input 'state' takes float64[1,3]; the manifest makes float32[1,3]",
            "stage 'heavy': the model has no output (of the language network) 'deep_query'; did you mean 'deeper_query'?",
            "stage 'heavy': the model has no input 'query'",
            "stage 'heavy': state input 'state' takes float32[1,2]; the manifest makes float32[1,3]",
        ];
        Assert.All(wanted, w => Assert.Contains(problems, p => p.Contains(w, StringComparison.Ordinal)));
        Assert.Equal(wanted.Length, problems.Count);
    }

    private string Manifest() => File.ReadAllText(TinyPack.WritePolicy(_folder));

    private Pack Read(string manifest) => PackReader.Read(_folder.Write("manifest.json", manifest), TestPlaces.Fixture("onnx"));
}
