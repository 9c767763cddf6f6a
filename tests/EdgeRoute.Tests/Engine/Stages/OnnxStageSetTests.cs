using System.Runtime.InteropServices;
using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Routing;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Stages;
using EdgeRoute.Interop.OnnxRuntime;
using EdgeRoute.Tests.Interop.OnnxRuntime;

namespace EdgeRoute.Tests.Engine.Stages;

/// <summary>Sessions, variants and features of a pack, against plain runs of the same model files.</summary>
public sealed class OnnxStageSetTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public void The_shipped_pack_yields_at_every_exit_what_plain_runs_of_its_files_yield()
    {
        var pack = PackRig.Shapes;
        using var set = Open(pack, out var tree);
        Assert.Equal(["light", "heavy_1", "heavy_2"], tree.Variants.Select(v => pack.Stages[v.StageIndex].Name));
        var (light, heavy) = (Fill(set, 0), Fill(set, 1));
        for (int i = 0; i < 3; i++)
        {
            set.Run(i);
        }

        Assert.Equal(PlainRun(pack, 0, ("frame", light, [1, 3, 96, 96]))["cells"].Values, set.HeadTensors(0).Values(0).ToArray());
        var first = PlainRun(pack, 1, ("frame", heavy, [1, 3, 192, 192]));
        Assert.Equal(first["cells"].Values, set.HeadTensors(1).Values(0).ToArray());
        var second = PlainRun(pack, 2, ("features", first["features"].Values, first["features"].Shape));
        Assert.Equal(second["cells"].Values, set.HeadTensors(2).Values(0).ToArray());
        Assert.Equal(second["cells"].Shape, set.HeadTensors(2).Shape(0).ToArray());
        Assert.NotNull(set.FrameInput(1));
        Assert.Null(set.FrameInput(2));
    }

    [SkippableFact]
    public void Features_are_read_where_the_producer_left_them()
    {
        var pack = TinyPack.TwoStages(_folder);
        using var set = Open(pack, out _);
        Fill(set, 0);
        set.Run(0);

        // The producer's exit is its feature tensor. What is written there without any run in between is what the consumer works on.
        var features = set.HeadTensors(0).Values(0);
        var memory = MemoryMarshal.CreateSpan(ref MemoryMarshal.GetReference(features), features.Length);
        for (int i = 0; i < memory.Length; i++)
        {
            memory[i] = (i % 5) - 2;
        }

        set.Run(1);
        Assert.Equal(PlainRun(pack, 1, ("features", memory.ToArray(), [1, 16]))["logits"].Values, set.HeadTensors(1).Values(0).ToArray());
    }

    [SkippableFact]
    public void Each_keep_ratio_is_a_variant_with_tensors_of_its_own_exact_shape()
    {
        var pack = TinyPack.Tokens(_folder);
        var tree = new RouteTree(pack.Graph);
        using var first = OrtSession.Open(OrtPlace.Environment, pack.Stages[0].FilePath, new OrtSessionRequest());
        using var second = OrtSession.Open(OrtPlace.Environment, pack.Stages[1].FilePath, new OrtSessionRequest());
        var watch = new FirstRuns(FirstRuns.UsualLimitMs);
        using var untold = new TaskTensors(pack, null, watch);
        using var producer = new OnnxVariant(first, pack.Stages[0], tree.Variants[0], new Dictionary<int, OnnxVariant>(), [],
            untold, watch);
        var shapes = new List<long[]>();
        foreach (var variant in tree.Variants.Skip(1))
        {
            using var kept = new OnnxVariant(second, pack.Stages[1], variant, new Dictionary<int, OnnxVariant> { [0] = producer }, [],
                untold, watch);
            kept.Run();
            shapes.Add(kept.Output("kept").Shape.ToArray());
        }

        Assert.Equal([[1, 64, 3], [1, 32, 3], [1, 3, 3]], shapes);
    }

    [SkippableFact]
    public void Keep_variants_of_one_stage_answer_as_plain_runs_with_that_many_tokens()
    {
        var pack = TinyPack.Tokens(_folder);
        using var set = Open(pack, out var tree);
        float[] frame = Fill(set, 0);
        float[] tokens = PlainRun(pack, 0, ("frame", frame, [1, 3, 8, 8]))["tokens"].Values;
        set.Run(0);
        var answers = new List<float[]>();
        foreach (var (variant, keep) in tree.Variants.Skip(1).Zip(new long[] { 64, 32, 3 }))
        {
            set.Run(variant.Index);
            answers.Add(set.HeadTensors(variant.Index).Values(0).ToArray());
            Assert.Equal(PlainRun(pack, 1, ("tokens", tokens, [1, 64, 3]), keep)["logits"].Values, answers[^1]);
        }

        // Were the count of tokens ignored, the three would be the same.
        Assert.NotEqual(answers[0], answers[1]);
        Assert.NotEqual(answers[1], answers[2]);
    }

    [SkippableFact]
    public void A_pack_whose_models_take_and_yield_other_tensors_is_refused_with_every_reason()
    {
        var pack = TinyPack.Misfit(_folder);
        var refusal = Assert.Throws<PackRefusedException>(() => Open(pack, out _));
        Assert.Contains(refusal.Reasons, p => p.Contains("stage 'a'", StringComparison.Ordinal)
            && p.Contains("no input 'picture'", StringComparison.Ordinal));
        Assert.Contains(refusal.Reasons, p => p.Contains("takes input 'image'", StringComparison.Ordinal));
        Assert.Contains(refusal.Reasons, p => p.Contains("16 values", StringComparison.Ordinal)
            && p.Contains("17", StringComparison.Ordinal));
        Assert.Contains(refusal.Reasons, p => p.Contains("stage 'b'", StringComparison.Ordinal)
            && p.Contains("'exit_logits'", StringComparison.Ordinal));
        Assert.Contains(refusal.Reasons, p => p.Contains("no output 'logit'", StringComparison.Ordinal));
    }

    [SkippableFact]
    public void A_required_provider_that_is_absent_is_an_error()
    {
        var pack = TinyPack.TwoStages(_folder);
        var error = Assert.Throws<OrtProviderRequiredException>(() => Open(pack, out _, new OrtProviderRequest("CUDA", Require: true)));
        Assert.Contains("CUDA: Absent", error.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void An_absent_provider_that_is_not_required_is_reported_by_stage_and_the_CPU_runs()
    {
        var pack = TinyPack.TwoStages(_folder);
        using var set = Open(pack, out _, new OrtProviderRequest("CUDA"), new OrtProviderRequest("CPU"));
        Assert.Equal(["a", "b"], set.ProviderReports.Select(r => r.StageName));
        Assert.All(set.ProviderReports, r => Assert.Equal([OrtProviderState.Absent, OrtProviderState.Used],
            r.Reports.Select(p => p.State)));
        Assert.All(set.ProviderReports, r => Assert.NotEmpty(r.Reports[0].Detail));
        Fill(set, 0);
        set.Run(0);
        set.Run(1);
        Assert.Contains(set.HeadTensors(1).Values(0).ToArray(), v => v != 0);
    }

    [SkippableFact]
    public void A_stage_goes_on_with_a_session_without_its_provider_and_the_next_stage_reads_what_it_leaves()
    {
        var pack = TinyPack.TwoStages(_folder);
        using var set = Open(pack, out _, new OrtProviderRequest("CUDA"), new OrtProviderRequest("CPU"));
        set.WarmUp();
        Fill(set, 0);
        set.Run(0);
        set.Run(1);
        float[] before = set.HeadTensors(1).Values(0).ToArray();
        Assert.Null(set.FallBack(0));
        var stage = set.Provisions[0];
        var (session, used) = (stage.Session, new OrtProviderReport("CUDA", OrtProviderState.Used, "", "", 3));
        Assert.Contains("leaves CUDA", stage.FallBack([used]), StringComparison.Ordinal);
        Assert.Null(stage.FallBack([used]));
        Assert.True(SpinWait.SpinUntil(() => stage.IsReady, TimeSpan.FromMinutes(2)));
        Fill(set, 0);
        set.Run(0);
        set.Run(1);
        Assert.NotSame(session, stage.Session);
        Assert.True(session.IsClosed);
        Assert.Equal(["CPU"], set.ProviderReports[0].Reports.Select(r => r.Name));
        Assert.Equal(1, set.FallbackCount("a"));
        Assert.Equal(before, set.HeadTensors(1).Values(0).ToArray());
        Assert.Null(stage.FallBack([used]));
    }

    [Fact]
    public void The_first_provider_in_use_is_left_unless_it_is_required_or_the_CPU()
    {
        var request = new OrtSessionRequest { Providers = [new("TensorRT"), new("CUDA"), new("CPU")] };
        OrtProviderReport absent = new("TensorRT", OrtProviderState.Absent, ""), cpu = new("CPU", OrtProviderState.Used, "", "", 5);
        OrtProviderReport idle = new("CUDA", OrtProviderState.Used, "", "", 0), busy = idle with { NodeCount = 3 };
        Assert.Equal(["TensorRT", "CPU"], request.WithoutFirstUsed([absent, busy, cpu])!.Providers.Select(p => p.Name));
        Assert.Null(request.WithoutFirstUsed([absent, idle, cpu]));
        var required = request with { Providers = [new("CUDA", Require: true), new("CPU")] };
        Assert.Null(required.WithoutFirstUsed([busy, cpu]));
    }

    [SkippableFact]
    public void A_model_that_never_returns_is_refused_when_it_is_loaded()
    {
        var pack = TinyPack.EndlessAtOnce(_folder);
        var late = Assert.Throws<StageFailedException>(
            () => new OnnxStageSet(pack, new RouteTree(pack.Graph), OrtPlace.Environment, new OrtSessionRequest(), firstRunLimitMs: 200));
        Assert.Contains("stage 'endless'", late.Message, StringComparison.Ordinal);
        Assert.Contains("has not returned within 0.2 s", late.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_run_that_fails_names_its_stage_and_the_next_run_works()
    {
        using var set = Open(TinyPack.Fragile(_folder), out _);
        set.WarmUp();
        Fill(set, 0, 2);
        set.Run(0);
        float[] before = set.HeadTensors(0).Values(0).ToArray();
        Assert.Equal([0, 0, 1, 0], before);
        Fill(set, 0, 9);
        var fault = Assert.Throws<StageFailedException>(() => set.Run(0));
        Assert.Equal("fragile", fault.Stage);
        Assert.NotEmpty(fault.Detail);
        Fill(set, 0, 3);
        set.Run(0);
        Assert.Equal([0, 0, 0, 1], set.HeadTensors(0).Values(0).ToArray());
    }

    [SkippableFact]
    public void More_tokens_declared_than_the_model_makes_is_a_failed_stage_at_load()
    {
        var pack = TinyPack.Tokens(_folder, declaredTokens: TinyPack.TokenCount + 1);
        var fault = Assert.Throws<StageFailedException>(() => Open(pack, out _));
        Assert.Equal("b", fault.Stage);
    }

    [SkippableFact]
    public void In_the_loop_another_option_answers_for_a_failed_stage_and_the_next_frame_is_as_ever()
    {
        var layout = FrameLayout.Packed(PixelFormat.Rgb, 8, 8);
        using var rig = new PackRig(TinyPack.Fragile(_folder), tree => new FixedPolicy(tree, "fragile"));
        var seen = new List<(FrameEnd, string)>();
        foreach (byte grey in new byte[] { 100, 255, 100 })
        {
            rig.Feed(layout, Enumerable.Repeat(grey, layout.SizeBytes).ToArray());
            seen.Add((rig.LastEnd, rig.LastPath));
        }

        Assert.Equal([(FrameEnd.Completed, "fragile"), (FrameEnd.Completed, "sturdy"), (FrameEnd.Completed, "fragile")], seen);
        Assert.Equal(1, rig.Stream.FallbackCount);
        Assert.Contains("fragile", rig.Stream.LastFault, StringComparison.Ordinal);
        Assert.Equal(0, rig.Stream.Tally.InFlight);
    }

    [SkippableFact]
    public void Features_that_are_no_numbers_fail_the_stage_that_made_them()
    {
        using var set = Open(TinyPack.TwoStages(_folder), out var tree);
        Fill(set, 0, float.PositiveInfinity);
        Assert.Contains("its features 'features' hold values that are not numbers",
            Assert.Throws<StageFailedException>(() => set.Run(0)).Message, StringComparison.Ordinal);
        Fill(set, 0, 1);
        set.Run(0);
    }

    [SkippableFact]
    public void In_the_loop_another_option_answers_for_values_that_are_no_numbers()
    {
        var layout = FrameLayout.Packed(PixelFormat.Rgb, 8, 8);
        using var rig = new PackRig(TinyPack.Unsound(_folder), tree => new FixedPolicy(tree, "unsound"));
        rig.Feed(layout, new byte[layout.SizeBytes]);
        Assert.Equal((FrameEnd.Completed, "unsound"), (rig.LastEnd, rig.LastPath));
        rig.Feed(layout, Enumerable.Repeat((byte)200, layout.SizeBytes).ToArray());
        Assert.Equal((FrameEnd.Completed, "sturdy"), (rig.LastEnd, rig.LastPath));
        var fault = Assert.Single(rig.Stream.Faults);
        Assert.Equal(("output of stage 'unsound' (InvalidDataException)", 1L), (fault.Kind, fault.Count));
        Assert.Contains("values that are not numbers", fault.Reason, StringComparison.Ordinal);
        Assert.Equal(1, rig.Stream.StageHealth.Single().FaultCount);
    }

    private static OnnxStageSet Open(Pack pack, out RouteTree tree, params OrtProviderRequest[] providers) =>
        new(pack, tree = new RouteTree(pack.Graph), OrtPlace.Environment, new OrtSessionRequest { Providers = providers });

    /// <summary>Fills a variant's frame tensor, with one value or with a fixed sequence in [0, 1); returns what it filled in.</summary>
    private static float[] Fill(OnnxStageSet set, int variant, float? value = null)
    {
        var tensor = MemoryMarshal.Cast<byte, float>(set.FrameTensor(variant));
        for (int i = 0; i < tensor.Length; i++)
        {
            tensor[i] = value ?? (i * 37 % 101 / 101f);
        }

        return tensor.ToArray();
    }

    /// <summary>The stage's file on a session of its own, nothing bound: its outputs by name.</summary>
    private static Dictionary<string, (long[] Shape, float[] Values)> PlainRun(
        Pack pack, int stage, (string Name, float[] Values, long[] Shape) input, long? keep = null)
    {
        using var session = OrtSession.Open(OrtPlace.Environment, pack.Stages[stage].FilePath, new OrtSessionRequest());
        using var run = new OrtRun(session);
        using var tensor = OrtTensor.Allocate(OrtElementType.Float, input.Shape);
        using var count = OrtTensor.Allocate(OrtElementType.Int64, [1]);
        input.Values.CopyTo(tensor.Floats);
        run.SetInput(session.FindInput(input.Name), tensor);
        if (keep is { } tokens)
        {
            count.Longs[0] = tokens;
            run.SetInput(session.FindInput("k"), count);
        }

        run.Run();
        var outputs = new Dictionary<string, (long[], float[])>();
        for (int i = 0; i < session.Outputs.Count; i++)
        {
            using var output = run.TakeOutput(i);
            outputs[session.Outputs[i].Name] = (output.Shape.ToArray(), output.Floats.ToArray());
        }

        return outputs;
    }
}
