using EdgeRoute.Core.Routing;
using EdgeRoute.Tests.Workbench.Frontiers;
using EdgeRoute.Workbench.Frontiers;
using EdgeRoute.Workbench.Playing;
using EdgeRoute.Workbench.Sweeps;

namespace EdgeRoute.Tests.Workbench.Playing;

/// <summary>What a frame in play knows is the same whenever it is asked for, and judged no more than once.</summary>
public sealed class FrameStateTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_state_that_was_settled_says_afterwards_what_it_said_in_play(bool isOfBoxes)
    {
        var sweep = isOfBoxes ? SyntheticSweep.Boxes(40, 3) : SyntheticSweep.Classes(40, 3);
        var kept = new List<FrameState>();
        var seen = new List<string>();
        Play(sweep, state =>
        {
            seen.Add(Told(state));
            kept.Add(state);
        });
        Play(sweep, state => state.Settle(), kept);
        Assert.Equal(seen, kept.Skip(seen.Count).Select(Told));
        Assert.True(seen.Distinct().Count() > 3, "the frames should differ, or nothing is shown");
    }

    [Fact]
    public void A_state_that_was_not_settled_refuses_afterwards_what_rested_on_the_answer_at_hand()
    {
        var kept = new List<FrameState>();
        Play(SyntheticSweep.Boxes(10, 1), _ => { }, kept);
        var state = kept.Last(s => s.HasPrevious);
        var previous = state.Tree.FindPath("previous")!;
        Assert.Contains("is over; call Settle", Assert.Throws<InvalidOperationException>(() => state.QualityOf(previous)).Message,
            StringComparison.Ordinal);
        Assert.Equal(1, state.QualityOf(state.Tree.FindPath("heavy")!));
    }

    [Fact]
    public void What_a_variant_answered_is_judged_as_any_answer_is()
    {
        var sweep = SyntheticSweep.Boxes(30, 2);
        QualityJudge judge = SyntheticSweep.JudgeOf(sweep), asked = SyntheticSweep.JudgeOf(sweep);
        foreach (int variant in sweep.Tree.Variants.Select(v => v.Index))
        {
            for (int i = 0; i < 2 * sweep.Frames.Count; i++)
            {
                int frame = i % sweep.Frames.Count;
                Assert.Equal(asked.Of(frame, sweep.Frames[frame].Variants[variant].Answer, isCarried: false),
                    judge.OfVariant(frame, variant));
            }
        }
    }

    /// <summary>A signal of three values has the same quantile again and again.</summary>
    [Fact]
    public void No_cascade_of_the_grid_is_there_twice()
    {
        var drawn = SyntheticSweep.Boxes(30, 2);
        var sweep = new SweptRecording(drawn.Name, drawn.Tree, drawn.Task, [.. drawn.Frames.Select(f => f with
        {
            Variants = [.. f.Variants.Select(v => v with { Exit = v.Exit with { MaxProbability = f.Stamp.Sequence % 3 / 3f } })],
        })]);
        var cascades = CascadeGrid.Of(sweep).Select(c => $"{c.Name} {string.Join(';', c.Settings.Rules)} {c.Settings.Reuse}").ToList();
        Assert.Contains(cascades, c => c.Contains("MaxProbability >= 0.333", StringComparison.Ordinal));
        Assert.Equal(cascades.Count, cascades.Distinct().Count());
    }

    private static void Play(SweptRecording sweep, Action<FrameState> onFrame, List<FrameState>? into = null)
    {
        var player = new SweepPlayer(sweep, SyntheticSweep.JudgeOf(sweep), SyntheticSweep.Tracking)
        {
            OnFrame = s =>
            {
                onFrame(s);
                into?.Add(s);
            },
        };
        player.Play(new Router(sweep.Tree, sweep.Profile(), new RandomPolicy(0.6, 0.5, seed: 1)));
    }

    private static string Told(FrameState state) => string.Join(' ', state.Tree.Nodes.Select(n => $"{state.QualityOf(n)} "
        + state.ExitAt(n.Index)));
}
