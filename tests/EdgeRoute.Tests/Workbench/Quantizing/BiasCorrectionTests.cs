using EdgeRoute.Workbench.Quantizing;

namespace EdgeRoute.Tests.Workbench.Quantizing;

/// <summary>What rounding weights changes in the mean of a layer's output is in its bias.</summary>
public sealed class BiasCorrectionTests
{
    private static readonly Random Numbers = new(5);

    private static float[] Noise(int count, double least) =>
        [.. Enumerable.Range(0, count).Select(_ => (float)(least + Numbers.NextDouble()))];

    /// <summary>Convolutions without groups, with two, and of each channel by itself; products with weights in either order.</summary>
    [Theory]
    [InlineData(new long[] { 6, 4, 3, 3 }, 0, 4)]
    [InlineData(new long[] { 6, 2, 3, 1 }, 0, 4)]
    [InlineData(new long[] { 4, 1, 3, 3 }, 0, 4)]
    [InlineData(new long[] { 6, 4 }, 0, 4)]
    [InlineData(new long[] { 4, 6 }, 1, 4)]
    public void The_mean_of_the_output_is_that_of_float_weights(long[] shape, int axis, int inputs)
    {
        int outputs = (int)shape[axis], groups = inputs / (int)shape[axis == 0 ? 1 : 0];
        float[] weights = Noise((int)shape.Aggregate((a, b) => a * b), -0.5), bias = Noise(outputs, 0);
        var rounded = ChannelWeights.Round(weights, shape, axis, 7, [], 1, 1);
        double[] means = [.. Noise(inputs, 1).Select(v => (double)v)];
        float[] corrected = BiasCorrection.Of(bias, weights, rounded, shape, axis, means);
        Assert.NotEqual(bias, corrected);
        for (int o = 0; o < outputs; o++)
        {
            int output = o;
            double Sum(Func<int, double> weight) => Indices(shape, axis, output)
                .Sum(w => weight(w.At) * means[(output / (outputs / groups) * (inputs / groups)) + w.Input]);
            double wanted = bias[o] + Sum(i => weights[i]);
            Assert.Equal(wanted, corrected[o] + Sum(i => (double)rounded.Values[i] * rounded.Steps[output]), 1e-5);
        }
    }

    /// <summary>Places of one output's weights, each with the input channel of its group that it weighs.</summary>
    private static IEnumerable<(int At, int Input)> Indices(long[] shape, int axis, int output)
    {
        int window = (int)shape.Skip(2).Aggregate(1L, (a, b) => a * b), inputs = (int)shape[1 - axis];
        return from input in Enumerable.Range(0, inputs)
               from place in Enumerable.Range(0, window)
               select (axis == 0 ? (((output * inputs) + input) * window) + place : (input * (int)shape[1]) + output, input);
    }

    [Fact]
    public void Means_are_taken_by_channel_over_frames_and_places()
    {
        var means = new ChannelMeans();
        means.Add([1, 3, 10, 20, 5, 7, 30, 40], [2, 2, 2]);
        means.Add([0, 0, 0, 0], [1, 2, 2]);
        Assert.Equal([16.0 / 6, 100.0 / 6], means.Values);
        means.Add([1, 2, 3], [1, 3, 1]);
        Assert.Equal(6, means.Count);
    }

    /// <summary>Where means do not fit the weights, biases stay as they are.</summary>
    [Fact]
    public void Means_of_another_number_of_channels_correct_nothing()
    {
        float[] weights = Noise(6, 0), bias = [1, 2];
        var rounded = ChannelWeights.Round(weights, [2, 3], 0, 7, [], 1, 1);
        Assert.Same(bias, BiasCorrection.Of(bias, weights, rounded, [2, 3], 0, [1, 1]));
    }
}
