using EdgeRoute.Workbench.Fitting;

namespace EdgeRoute.Tests.Workbench.Fitting;

public sealed class ContextFitTests
{
    private static readonly float[][] Scenes = [[-0.7f, -0.6f, 0.5f, 0], [0.6f, -0.5f, -0.6f, 0], [0.1f, 0.8f, 0.1f, 0]];

    [Fact]
    public void Three_scenes_are_three_contexts()
    {
        var centres = ContextFit.Fit(Frames(Scenes, 0.15), 8, 1);
        Assert.Equal(3, centres.Count);
        Assert.All(Scenes, scene => Assert.Contains(centres, c => c.Zip(scene).All(p => MathF.Abs(p.First - p.Second) < 0.05f)));
    }

    [Fact]
    public void Unrelated_signals_are_one_context_in_their_middle()
    {
        var centres = ContextFit.Fit(SampleRows.Of(4_000, 4, 1, (_, _) => 0), 8, 1);
        Assert.All(Assert.Single(centres), c => Assert.Equal(0, c, 0.05f));
    }

    [Fact]
    public void There_are_never_more_than_allowed_and_none_without_frames()
    {
        Assert.Equal(2, ContextFit.Fit(Frames([Scenes[0], Scenes[1]], 0.15), 2, 1).Count);
        Assert.Single(ContextFit.Fit(Frames(Scenes, 0.15), 1, 1));
        Assert.Empty(ContextFit.Fit(new FitRows(8), 4, 1));
    }

    [Fact]
    public void A_scene_of_a_few_frames_is_no_context()
    {
        var frames = Frames([Scenes[0]], 0.15);
        for (int i = 0; i < ContextFit.LeastFrames / 2; i++)
        {
            frames.Add([0.9f, 0.9f, -0.9f, 0, 0, 0, 0, 0], 0, 1, 0);
        }

        Assert.Single(ContextFit.Fit(frames, 4, 1));
    }

    [Fact]
    public void The_same_seed_gives_the_same_centres_to_the_bit() =>
        Assert.Equal(ContextFit.Fit(Frames(Scenes, 0.3), 8, 7), ContextFit.Fit(Frames(Scenes, 0.3), 8, 7));

    private static FitRows Frames(float[][] scenes, double width)
    {
        var random = new Random(3);
        var rows = new FitRows(8);
        for (int i = 0; i < 3_000; i++)
        {
            float[] places = [.. scenes[i % scenes.Length].Select(c =>
                (float)Math.Clamp(c + (width * ((random.NextDouble() * 2) - 1)), -1, 1))];
            rows.Add([.. places, .. places.Select(t => (t * t) - (1f / 3))], 0, 1, 0);
        }

        return rows;
    }
}
