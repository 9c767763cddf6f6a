using EdgeRoute.Core.Graphs;
using EdgeRoute.Engine.Stages;
using EdgeRoute.Interop.OnnxRuntime;
using EdgeRoute.Tests.Interop.OnnxRuntime;

namespace EdgeRoute.Tests.Engine.Stages;

/// <summary>A real language network that runs once per instruction, and stages that read what it left and the robot's state.</summary>
public sealed class InstructionTests : IDisposable
{
    private static readonly float[] State = [0.25f, 0, 1];

    private readonly TemporaryFolder _folder = new();
    private readonly RouteTree _tree;
    private readonly OnnxStageSet _stages;

    public InstructionTests()
    {
        var pack = TinyPack.Policy(_folder);
        _tree = new RouteTree(pack.Graph);
        _stages = new OnnxStageSet(pack, _tree, OrtPlace.Environment, new OrtSessionRequest());
    }

    public void Dispose()
    {
        _stages.Dispose();
        _folder.Dispose();
    }

    /// <summary>The first action of a path's last stage, after all of its stages ran.</summary>
    private float[] FirstAction(string path)
    {
        int light = _tree.FindPath("light")!.VariantIndex, last = _tree.FindPath(path)!.VariantIndex;
        _stages.Run(light);
        if (last != light)
        {
            _stages.Run(last);
        }

        return _stages.HeadTensors(last).Values(0)[..2].ToArray();
    }

    [Fact]
    public void Every_stage_reads_its_own_features_and_the_state()
    {
        Assert.Equal(new StageWants(true, 3), _stages.Wants);
        _stages.Tell("put the red star", State);
        Assert.Equal([1 + 2 + 3 + 5, 0.25f], FirstAction("light"));
        Assert.Equal([100 + (2 * 11), 100.25f], FirstAction("light>heavy@keep=0.5"));
        _stages.Tell("  PUT\tBlue ", [-4, 0, 0]);
        Assert.Equal([1 + 4, -4f], FirstAction("light"));
    }

    [Fact]
    public void The_language_network_runs_once_for_a_text()
    {
        string[] texts = ["put", "put the", new string("put")];
        for (int i = 0; i < 30; i++)
        {
            _stages.Tell(texts[i % 3], State);
            Assert.Equal(i % 3 == 1 ? 3 : 1, FirstAction("light")[0]);
        }

        Assert.Equal(new InstructionCounts(28, 2, 2, 0, 0), _stages.Instructions);
    }

    [Fact]
    public void The_least_recently_used_instruction_leaves_the_cache()
    {
        string[] words = ["put", "the", "red", "blue", "star"];
        string[] texts = [.. words.SelectMany(a => words.SelectMany(b => words.Select(c => $"{a} {b} {c}")))];
        foreach (string text in texts.Take(InstructionFeatures.CacheLimit))
        {
            _stages.Tell(text, State);
        }

        _stages.Tell(texts[0], State);
        _stages.Tell(texts[InstructionFeatures.CacheLimit], State);
        Assert.Equal(new InstructionCounts(1, InstructionFeatures.CacheLimit + 1, InstructionFeatures.CacheLimit + 1, 1, 0),
            _stages.Instructions);
        _stages.Tell(texts[0], State);
        Assert.Equal(2, _stages.Instructions.HitCount);
        _stages.Tell(texts[1], State);
        Assert.Equal((2, 2), (_stages.Instructions.HitCount, _stages.Instructions.EvictedCount));
        Assert.Equal(1 + 1 + 2, FirstAction("light")[0]);
    }

    [Fact]
    public void A_text_that_cannot_be_understood_is_refused_with_the_word_and_the_nearest()
    {
        Assert.Equal("the instruction 'put the rad star' cannot be followed: the pack does not know the word 'rad'; did you mean 'red'?",
            Refusal("put the rad star"));
        Assert.Contains("the word 'Elephant'; valid here: put, the, red, blue, star", Refusal("Elephant"), StringComparison.Ordinal);
        Assert.EndsWith("it has 5 words; the pack's language network reads at most 4", Refusal("put the red star star"),
            StringComparison.Ordinal);
        Assert.EndsWith("it has no words", Refusal(" "), StringComparison.Ordinal);
        Assert.Contains("gives none", Refusal(null), StringComparison.Ordinal);
        Assert.Equal((4, 0), (_stages.Instructions.RefusedCount, _stages.Instructions.RunCount));
    }

    [Fact]
    public void A_refused_text_leaves_what_was_told_before_in_place_and_a_good_one_works_again()
    {
        _stages.Tell("put", State);
        Refusal("gibberish");
        _stages.Tell("put", State);
        Assert.Equal((1, 1), (_stages.Instructions.RunCount, _stages.Instructions.HitCount));
        Assert.Equal(1, FirstAction("light")[0]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(4)]
    public void A_state_of_another_length_is_refused(int length) =>
        Assert.Contains($"a state of 3 values, but the source tells {length} ",
            Assert.Throws<TaskUntoldException>(() => _stages.Tell("put", new float[length])).Message, StringComparison.Ordinal);

    [Fact]
    public void Telling_allocates_nothing_even_for_new_instructions()
    {
        string[] words = ["put", "the", "red", "blue", "star"];
        string[] texts = [.. words.SelectMany(a => words.SelectMany(b => words.Select(c => $"{a} {b} {c}")))];
        int at = 0;
        Assert.Equal(0, AllocationWindows.LeastBytesOf(() => _stages.Tell(texts[at++ / 3 % texts.Length], State), 300));
        Assert.True(_stages.Instructions is { EvictedCount: > 0, HitCount: > 0 });
    }

    private string Refusal(string? text) => Assert.Throws<TaskUntoldException>(() => _stages.Tell(text, State)).Message;
}
