using EdgeRoute.Core.Gains;
using EdgeRoute.Core.Signals;
using FsCheck.Xunit;

namespace EdgeRoute.Tests.Core.Gains;

public sealed class SignalScaleTests
{
    private const double Third = 1.0 / 3;

    [Theory]
    [InlineData(0f, -1)]
    [InlineData(0.5f, -0.75)]
    [InlineData(1f, -0.5)]
    [InlineData(2f, 0)]
    [InlineData(7f, 0.25)]
    [InlineData(12f, 0.5)]
    [InlineData(20f, 1)]
    public void Between_knots_places_are_linear_and_on_them_even(float value, double place) => Assert.Equal(place,
        Place([0, 1, 2, 12, 20], value), 6);

    [Theory]
    [InlineData(-1f, -1)]
    [InlineData(0f, -Third)]
    [InlineData(0.5f, 2 * Third)]
    [InlineData(1f, 1)]
    public void A_value_on_equal_knots_lies_at_their_middle(float value, double place) => Assert.Equal(place,
        Place([0, 0, 0, 1], value), 6);

    [Theory]
    [InlineData(float.NaN, 0)]
    [InlineData(float.PositiveInfinity, 1)]
    [InlineData(float.NegativeInfinity, -1)]
    [InlineData(float.MaxValue, 1)]
    [InlineData(-float.MaxValue, -1)]
    public void Odd_values_are_held_at_the_ends_or_the_middle(float value, double place)
    {
        Assert.Equal(place, Place([-1, 0, 3], value));
        Assert.Equal(place, Place([0, 0, 1, 1], value));
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(5f)]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    public void A_signal_that_never_changed_says_nothing(float value) => Assert.Equal(0, Place([5], value));

    /// <summary>Knots so far apart that their distance is no float.</summary>
    [Theory]
    [InlineData(0f)]
    [InlineData(1e38f)]
    [InlineData(3e38f)]
    [InlineData(-3e38f)]
    public void The_widest_knots_still_give_a_place(float value) => Assert.InRange(Place([-float.MaxValue, float.MaxValue], value), -1, 1);

    [Property(MaxTest = 2000)]
    public void Places_equal_those_of_a_slow_search_and_never_fall(int seed)
    {
        var random = new Random(seed);
        float[] knots = RandomCalibration.Knots(random);
        float[] values = [.. RandomCalibration.Floats(random, 20, -3, 3), .. knots, float.NegativeInfinity, float.PositiveInfinity];
        float last = -1;
        foreach (float value in values.Order())
        {
            float place = Place(knots, value);
            Assert.Equal(SlowPlace(knots, value), place, 1e-5f);
            Assert.True(place >= last - 1e-6f, $"seed {seed}: {place} after {last}");
            last = place;
        }
    }

    [Property(MaxTest = 1000)]
    public void Whatever_the_signals_features_are_numbers_from_minus_one_to_one(int seed)
    {
        var random = new Random(seed);
        var scale = RandomCalibration.Scale(random, SignalVector.Count);
        var s = Enumerable.Range(0, SignalVector.Count).Select(_ => EdgeRoute.Tests.Core.Routing.ValueCase.Odd(random)).ToArray();
        var features = new float[scale.FeatureCount];
        scale.Apply(
            new FrameSignals(s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7], s[8], s[9], s[10], s[11], s[12], s[13], s[14], s[15]),
            new ExitSignals(s[16], s[17], s[18], s[19], s[20], s[21], s[22], s[23], s[24]), features);
        Assert.All(features, f => Assert.InRange(f, -1, 1));
        for (int i = 0; i < scale.SignalCount; i++)
        {
            Assert.Equal((features[i] * features[i]) - (1f / 3), features[scale.SignalCount + i], 1e-6f);
        }
    }

    [Fact]
    public void Each_signal_goes_to_the_feature_of_its_own_name()
    {
        var scale = new SignalScale([.. Enumerable.Repeat((IReadOnlyList<float>)[0, 100], SignalVector.Count)]);
        var features = new float[scale.FeatureCount];
        scale.Apply(new FrameSignals(0, 0, 0, 0, 0, 75), new ExitSignals(0, 0, 0, 0, 25), features);
        Assert.Equal(0.5f, features[SignalVector.Names.ToList().IndexOf("age_ms")]);
        Assert.Equal(-0.5f, features[SignalVector.Names.ToList().IndexOf("count")]);
    }

    public static TheoryData<float[]> BadKnots => new(
        [], [1, 0], [0, float.NaN], [float.NegativeInfinity, 0], [.. Enumerable.Range(0, SignalScale.KnotLimit + 1).Select(i => (float)i)]);

    [Theory]
    [MemberData(nameof(BadKnots))]
    public void Knots_that_do_not_rise_or_are_no_numbers_are_refused_by_the_signals_name(float[] knots)
    {
        var all = Enumerable.Repeat((IReadOnlyList<float>)[0, 1], SignalVector.FrameCount).ToList();
        all[3] = knots;
        Assert.Contains("'contrast'", Assert.Throws<ArgumentException>(() => new SignalScale(all)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_scale_of_another_number_of_signals_is_refused() =>
        Assert.Contains("this one has 3", Assert.Throws<ArgumentException>(() => new SignalScale([[0], [0], [0]])).Message,
            StringComparison.Ordinal);

    private static float Place(float[] knots, float motion)
    {
        var scale = new SignalScale([knots, .. Enumerable.Repeat((IReadOnlyList<float>)[0], SignalVector.FrameCount - 1)]);
        var features = new float[scale.FeatureCount];
        scale.Apply(new FrameSignals(motion, 0, 0, 0, 0, 0), default, features);
        Assert.All(features[1..SignalVector.FrameCount], f => Assert.Equal(0, f));
        return features[0];
    }

    private static float SlowPlace(float[] knots, float value) =>
        knots.Length < 2 ? 0 : (float)((2 * SlowKnotPlace(knots, value) / (knots.Length - 1)) - 1);

    private static double SlowKnotPlace(float[] knots, float value)
    {
        int below = knots.Count(k => k < value), equal = knots.Count(k => k == value);
        if (equal > 0)
        {
            return below + ((equal - 1) / 2.0);
        }

        if (below == 0)
        {
            return 0;
        }

        if (below == knots.Length)
        {
            return knots.Length - 1;
        }

        return below - 1 + (((double)value - knots[below - 1]) / ((double)knots[below] - knots[below - 1]));
    }
}
