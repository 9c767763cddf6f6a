using EdgeRoute.Core.Gains;
using EdgeRoute.Core.Signals;
using EdgeRoute.Tests.Core.Graphs;

namespace EdgeRoute.Tests.Core.Gains;

public sealed class ContextOfTests
{
    /// <summary>Motion from 0 to 1 is placed from -1 to 1; no other signal changes.</summary>
    private static readonly SignalScale Scale = new([[0f, 1], .. Enumerable.Repeat(new[] { 0f }, SignalVector.FrameCount - 1)]);

    [Theory]
    [InlineData(0f, 0)]
    [InlineData(0.4f, 1)]
    [InlineData(1f, 2)]
    public void A_frame_belongs_to_the_centre_nearest_to_its_places(float motion, int contextIndex)
    {
        var calibration = Make([Centre(-1), Centre(0), Centre(1)]);
        Assert.Equal(contextIndex, calibration.ContextOf(new FrameSignals(motion, 0, 0, 0, 0, 0)));
    }

    [Fact]
    public void A_centre_with_squares_is_refused() =>
        Assert.Contains($"{SignalVector.FrameCount} finite",
            Assert.Throws<ArgumentException>(() => Make([new float[Scale.FeatureCount]])).Message, StringComparison.Ordinal);

    private static float[] Centre(float motion) => [motion, .. new float[SignalVector.FrameCount - 1]];

    private static Calibration Make(float[][] centres)
    {
        var tree = SampleGraphs.Cascade();
        var exitScale = new SignalScale([.. Enumerable.Repeat(new[] { 0f }, SignalVector.Count)]);
        var nodes = tree.Nodes.Select(n =>
            new CalibratedNode(n.Index == 0 ? Scale : exitScale,
                [.. n.Options.Select(_ => new[] { new CalibratedPlan(new ConstantGain(1), null) })]));
        return new Calibration(tree, [.. nodes], centres);
    }
}
