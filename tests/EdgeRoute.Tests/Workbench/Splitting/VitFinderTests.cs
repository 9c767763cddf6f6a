using EdgeRoute.Tests.Workbench.Quantizing;
using EdgeRoute.Workbench.Splitting;

namespace EdgeRoute.Tests.Workbench.Splitting;

/// <summary>Blocks are found by what operators do, cut, and put together again.</summary>
public sealed class VitFinderTests : IDisposable
{
    private const float RoundingMost = 1e-4f;

    private static readonly long[] Shape = [1, 3, SmallVit.Side, SmallVit.Side];

    private readonly TemporaryFolder _folder = new();
    private readonly VitRuns _runs;

    public VitFinderTests() => _runs = new VitRuns(_folder);

    public void Dispose() => _folder.Dispose();

    private static float[] Picture => SmallNetwork.Noise(3 * SmallVit.Side * SmallVit.Side);

    private static SmallVit Vit(string name) => name switch
    {
        "packed" => new(VitStyle.Packed) { IsLayerScaled = true, PrefixCount = 3 },
        "by head" => new(VitStyle.PackedByHead, 18),
        "parted" => new(VitStyle.Parted, 13) { PrefixCount = 0 },
        "whole" => new(VitStyle.Whole),
        _ => throw new InvalidOperationException(name),
    };

    private static ExitHead ExitAt(VitModel vit, int at)
    {
        int features = (vit.HasClassToken ? 2 : 1) * vit.Width;
        return new ExitHead(at, SmallNetwork.Noise(features * vit.Pooled!.Count), SmallNetwork.Noise(vit.Pooled.Count));
    }

    [Theory]
    [InlineData("packed", 3, true)]
    [InlineData("by head", 1, true)]
    [InlineData("parted", 0, false)]
    [InlineData("whole", 1, true)]
    public void Blocks_are_found_however_they_were_exported(string name, int prefix, bool hasClassToken)
    {
        var vit = _runs.Find(Vit(name).Build());
        Assert.Equal((4, 16 + prefix, 24, prefix), (vit.Blocks.Count, vit.TokenCount, vit.Width, vit.PrefixCount));
        Assert.All(vit.Blocks, b => Assert.Equal(3, b.Attention.HeadCount));
        Assert.Equal(hasClassToken, vit.HasClassToken);
        Assert.Equal(24, vit.Pooled!.Count);
        Assert.Equal(name == "packed", vit.Layers.Contains("layers scaled"));
    }

    [Theory]
    [InlineData("packed", TokenForm.Drop)]
    [InlineData("by head", TokenForm.Merge)]
    [InlineData("parted", TokenForm.Merge)]
    [InlineData("whole", TokenForm.Drop)]
    public void Stages_with_all_tokens_answer_as_the_whole_does(string name, TokenForm form)
    {
        var network = Vit(name).Build();
        var vit = _runs.Find(network);
        var rank = vit.HasClassToken ? TokenRank.ClassAttention : TokenRank.FeatureNorm;
        var stages = StageWriter.Write(vit, new SplitPlan([1, 2, 3], [ExitAt(vit, 1), ExitAt(vit, 2)], form, rank));
        Assert.Equal(3, stages.Count);
        Assert.Equal([false, true, false], stages.Select(s => s.TakesKeep));
        float[] whole = SmallNetwork.Run(network.Write(_folder), Picture, Shape);
        var all = _runs.RunStages(stages, "images", Picture, Shape, vit.PatchCount);
        Assert.True(VitRuns.Difference(whole, all[^1]["logits"].Values) < RoundingMost);
        Assert.True(VitRuns.Difference(whole, all[0]["logits"].Values) > 0.01f);

        // Half of the tokens stay at each site, those in front always.
        var half = _runs.RunStages(stages, "images", Picture, Shape, vit.PatchCount / 2);
        Assert.Equal(8 + vit.PrefixCount, half[1]["tokens_2"].Shape[1]);
        Assert.True(VitRuns.Difference(whole, half[^1]["logits"].Values) > RoundingMost);
        var one = _runs.RunStages(stages, "images", Picture, Shape, 1);
        Assert.Equal(1 + vit.PrefixCount, one[1]["tokens_2"].Shape[1]);
        Assert.All(one[^1]["logits"].Values, v => Assert.True(float.IsFinite(v)));
    }

    /// <summary>What is merged is counted, so that tokens that are all alike answer as one of them, and a dropped one is missed.</summary>
    [Fact]
    public void Merged_tokens_count_as_many_as_they_were()
    {
        var vit = _runs.Find(Vit("by head").Build());
        var stages = StageWriter.Write(vit, new SplitPlan([1], [ExitAt(vit, 2)], TokenForm.Merge, TokenRank.ClassAttention));
        var all = _runs.RunStages(stages, "images", Picture, Shape, 5);
        float[] sizes = all[0]["sizes_2"].Values;
        Assert.Equal(6, sizes.Length);
        Assert.Equal(1, sizes[0]);
        Assert.Equal(17, sizes.Sum(), 3);
    }

    [Fact]
    public void Windows_are_refused_with_the_operator()
    {
        var network = new SmallVit(VitStyle.Parted, 13) { PrefixCount = 0, WindowsIn = 2 }.Build();
        string message = Assert.Throws<InvalidDataException>(() => _runs.Find(network)).Message;
        Assert.Contains("(Softmax)", message, StringComparison.Ordinal);
        Assert.Contains("windows", message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_differs_from_place_to_place_inside_a_block_is_refused()
    {
        var network = new SmallVit(VitStyle.Packed) { PlacesIn = 1 }.Build();
        string message = Assert.Throws<InvalidDataException>(() => _runs.Find(network)).Message;
        Assert.Contains("(Add)", message, StringComparison.Ordinal);
        Assert.Contains("from token to token", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_network_without_attention_is_refused()
    {
        string message = Assert.Throws<InvalidDataException>(() => _runs.Find(SmallPacks.Convolutions())).Message;
        Assert.Contains("0 attentions", message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_real_transformer_answers_as_before_it_was_cut()
    {
        string path = TestPlaces.NeedData("classifiers", "vit_tiny_patch16_224.onnx");
        var vit = _runs.Find(path);
        Assert.Equal((12, 197, 192, 1), (vit.Blocks.Count, vit.TokenCount, vit.Width, vit.PrefixCount));
        long[] shape = [1, 3, 224, 224];
        float[] picture = SmallNetwork.Noise(3 * 224 * 224);
        var stages = StageWriter.Write(vit, new SplitPlan([3, 6, 9], [ExitAt(vit, 4)], TokenForm.Drop, TokenRank.ClassAttention));
        float[] whole = SmallNetwork.Run(path, picture, shape);
        var all = _runs.RunStages(stages, "pixel_values", picture, shape, vit.PatchCount);
        Assert.True(VitRuns.Difference(whole, all[^1]["logits"].Values) < RoundingMost);
    }
}
