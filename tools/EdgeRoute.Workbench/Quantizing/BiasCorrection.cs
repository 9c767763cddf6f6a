namespace EdgeRoute.Workbench.Quantizing;

/// <summary>The mean of each channel of a tensor, over all frames.</summary>
internal sealed class ChannelMeans
{
    private double[] _sums = [];

    /// <summary>Values of each channel so far.</summary>
    public long Count { get; private set; }

    public double[] Values => [.. _sums.Select(s => s / Math.Max(Count, 1))];

    /// <param name="shape">Channels lie along the second size, as inputs of convolutions and products with a bias have them.</param>
    public void Add(ReadOnlySpan<float> values, ReadOnlySpan<long> shape)
    {
        int channels = shape.Length > 1 ? (int)shape[1] : 0;
        if (channels == 0 || values.Length % channels != 0 || (_sums.Length > 0 && _sums.Length != channels))
        {
            return;
        }

        _sums = _sums.Length > 0 ? _sums : new double[channels];
        int inner = (int)(values.Length / channels / shape[0]);
        for (int start = 0, channel = 0; start < values.Length; start += inner, channel = (channel + 1) % channels)
        {
            double sum = 0;
            foreach (float value in values.Slice(start, inner))
            {
                sum += value;
            }

            _sums[channel] += sum;
        }

        Count += values.Length / channels;
    }
}

/// <summary>
/// Rounding weights changes the mean of what a layer yields by the mean of what it takes times what the rounding changed. A constant is
/// what biases are for: they take it back, which costs nothing when the model runs.
/// </summary>
internal static class BiasCorrection
{
    /// <param name="axis">Of the weights, along which the output channels lie.</param>
    /// <param name="inputMeans">By channel of the layer's input.</param>
    public static float[] Of(float[] bias, float[] weights, ChannelWeights rounded, long[] shape, int axis, double[] inputMeans)
    {
        int outputs = (int)shape[axis], inner = (int)shape.Skip(axis + 1).Aggregate(1L, (a, b) => a * b);
        // Weights of a convolution lie as outputs, inputs of the group, then places of the window; of a product as the two, in any order.
        int groupInputs = (int)shape[axis == 0 ? 1 : 0];
        int window = (int)shape.Skip(2).Aggregate(1L, (a, b) => a * b);
        int groups = inputMeans.Length / groupInputs;
        if (outputs != bias.Length || groups * groupInputs != inputMeans.Length || groups == 0 || outputs % groups != 0)
        {
            return bias;
        }

        double[] changes = new double[outputs];
        for (int i = 0; i < weights.Length; i++)
        {
            int output = i / inner % outputs;
            int input = axis == 0 ? i / window % groupInputs : i / outputs;
            double lost = weights[i] - ((double)rounded.Values[i] * rounded.Steps[output]);
            changes[output] += lost * inputMeans[(output / (outputs / groups) * groupInputs) + input];
        }

        return [.. bias.Select((b, o) => (float)(b + changes[o]))];
    }
}
