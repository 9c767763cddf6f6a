using EdgeRoute.Core.Signals;
using EdgeRoute.Tests.Workbench.Frontiers;
using EdgeRoute.Workbench.Calibrating;

namespace EdgeRoute.Tests.Workbench.Calibrating;

/// <summary>What a gain was fitted to on one recording must mean the same on the next.</summary>
public sealed class FrameScaleTests
{
    private static readonly FrameSignals Still = new() { ExpectedAgreement = 1 };

    [Fact]
    public void Recordings_that_differ_are_calibrated_on_the_same_scale()
    {
        foreach (var sweep in new[] { SyntheticSweep.Boxes(10, seed: 1), SyntheticSweep.Boxes(12, seed: 2, intervalMs: 100) })
        {
            var fitted = new Calibrator(sweep, SyntheticSweep.JudgeOf(sweep), SyntheticSweep.Tracking).Fit(_ => { }, default);
            var scale = fitted.Calibration.NodeAt(0)!.Scale;
            Assert.All(Enumerable.Range(0, SignalVector.FrameCount), i => Assert.Equal(FrameScale.Fixed.KnotsOf(i), scale.KnotsOf(i)));
        }
    }

    [Fact]
    public void Small_values_are_told_apart_and_the_ends_are_held()
    {
        float Drift(float value) => At(Still with { Drift = value }, "drift");
        Assert.Equal(-1, Drift(0));
        Assert.True(Drift(0.002f) - Drift(0.001f) > 5 * (Drift(0.151f) - Drift(0.15f)), "a thousandth counts where little moves");
        Assert.Equal(1, Drift(5));
        Assert.Equal(1, At(Still with { AgeMs = float.PositiveInfinity }, "age_ms"));
        Assert.Equal(0, At(Still with { Drift = float.NaN }, "drift"));
    }

    [Fact]
    public void Agreement_falls_from_the_upper_end_and_plain_shares_run_evenly()
    {
        float Agreement(float value) => At(Still with { ExpectedAgreement = value }, "expected_agreement");
        Assert.Equal((1, -1), (Agreement(1), Agreement(0)));
        Assert.True(Agreement(1) - Agreement(0.99f) > 5 * (Agreement(0.3f) - Agreement(0.29f)), "what is missing to 1 counts there");
        Assert.Equal(0, At(Still with { CarriedDoubt = 0.5f }, "carried_doubt"), 1e-6f);
    }

    private static float At(in FrameSignals signals, string name)
    {
        var features = new float[FrameScale.Fixed.FeatureCount];
        FrameScale.Fixed.Apply(signals, default, features);
        return features[SignalVector.Names.ToList().IndexOf(name)];
    }
}
