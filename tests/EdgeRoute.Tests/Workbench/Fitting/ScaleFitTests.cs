using EdgeRoute.Core.Gains;
using EdgeRoute.Core.Signals;
using EdgeRoute.Workbench.Fitting;

namespace EdgeRoute.Tests.Workbench.Fitting;

public sealed class ScaleFitTests
{
    [Fact]
    public void Knots_are_quantiles_of_the_finite_values()
    {
        var rows = Enumerable.Range(0, 3201).Select(i => Row(SquareWithHoles(i))).ToList();
        var knots = ScaleFit.Fit(rows).KnotsOf(0);
        float[] finite = [.. rows.Select(r => r[0]).Where(float.IsFinite).Order()];
        Assert.Equal(SignalScale.KnotLimit, knots.Count);
        Assert.Equal((finite[0], finite[^1]), (knots[0], knots[^1]));
        Assert.All(knots.Select((k, i) => (k, i)), p => Assert.Equal(p.i / 32.0, Array.IndexOf(finite, p.k) / (finite.Length - 1.0), 1e-3));
    }

    private static float SquareWithHoles(int i)
    {
        if (i % 7 == 0)
        {
            return float.PositiveInfinity;
        }

        return i % 11 == 0 ? float.NaN : i * i;
    }

    [Theory]
    [InlineData(0.25f, 0.25f)]
    [InlineData(float.NaN, 0)]
    [InlineData(float.NegativeInfinity, 0)]
    public void A_signal_that_never_changes_or_never_is_finite_has_one_knot(float value, float knot) =>
        Assert.Equal([knot], ScaleFit.Fit([Row(value), Row(value), Row(value)]).KnotsOf(0));

    [Fact]
    public void Few_frames_and_mostly_one_value_make_a_sound_scale()
    {
        Assert.Equal([1f, 5], ScaleFit.Fit([Row(5), Row(1)]).KnotsOf(0));
        var mostly = ScaleFit.Fit([.. Enumerable.Range(0, 1000).Select(i => Row(i == 500 ? 1 : 0))]);
        float[] features = new float[mostly.FeatureCount];
        mostly.Apply(default, default, features);
        Assert.Equal(-1f / 32, features[0], 1e-5);
        mostly.Apply(new FrameSignals(1, 0, 0, 0, 0, 0), default, features);
        Assert.Equal(1, features[0]);
    }

    [Fact]
    public void The_largest_values_never_make_a_place_that_is_no_number()
    {
        var scale = ScaleFit.Fit([Row(float.MinValue), Row(float.MaxValue)]);
        float[] features = new float[scale.FeatureCount];
        scale.Apply(new FrameSignals(5, 0, 0, 0, 0, 0), default, features);
        Assert.Equal(0, features[0], 1e-5);
    }

    [Fact]
    public void Decisions_of_different_nodes_are_refused()
    {
        var error = Assert.Throws<ArgumentException>(() => ScaleFit.Fit([Row(0), new float[SignalVector.Count]]));
        Assert.Contains($"Decision 1 has {SignalVector.Count}", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => ScaleFit.Fit([]));
    }

    private static float[] Row(float motion) => [motion, .. new float[SignalVector.FrameCount - 1]];
}
