using EdgeRoute.Workbench.Quantizing;

namespace EdgeRoute.Tests.Workbench.Quantizing;

/// <summary>Weights are rounded so that outputs change least, by what goes into a layer.</summary>
public sealed class FittedWeightsTests
{
    private const int Inputs = 16, Outputs = 6, Most = 63;

    private static InputMoments For(SmallNetwork network)
    {
        var graph = new OnnxGraph(network.Graph);
        return InputMoments.For(graph, LayerFinder.Find(graph)[0])!;
    }

    private static SmallNetwork Product()
    {
        var network = new SmallNetwork().Input("x", 1, Inputs).Output("y", 1, 24);
        network.End(network.Add("MatMul", [network.Add("MatMul", ["x", network.Weights(1, Inputs, Outputs)]),
            network.Weights(1, Outputs, 24)]), "y");
        return network;
    }

    private static SmallNetwork Conv(int group, int side)
    {
        var network = new SmallNetwork().Input("x", 1, 4, 8, 8).Output("y", 1, 4, 8, 8);
        string first = network.Add("Conv", ["x", network.Weights(1, 4 * 16, 4 / group, side, side)],
            OnnxModelFile.Whole("group", group));
        network.End(network.Conv(first, 4 * 16, 4), "y");
        return network;
    }

    /// <summary>Rows of which each value is for the most part what all have in common, about a mean.</summary>
    private static float[][] Rows(double common, int count = 400)
    {
        var random = new Random(3);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            double shared = random.NextDouble() - 0.5;
            return Enumerable.Range(0, Inputs)
                .Select(_ => (float)(1 + (common * shared) + ((1 - common) * (random.NextDouble() - 0.5)))).ToArray();
        })];
    }

    /// <summary>Mean square of what rounding changes in the outputs; about its mean, as a bias takes that back.</summary>
    private static double Lost(float[] weights, ChannelWeights rounded, float[][] rows, bool isAboutMean) =>
        Enumerable.Range(0, Outputs).Average(o =>
        {
            double[] lost = [.. rows.Select(row => row.Select((x, i) =>
                x * (weights[(i * Outputs) + o] - ((double)rounded.Values[(i * Outputs) + o] * rounded.Steps[o]))).Sum())];
            double mean = isAboutMean ? lost.Average() : 0;
            return lost.Average(l => (l - mean) * (l - mean));
        });

    [Theory]
    [InlineData(0.95, false, 0.1)]
    [InlineData(0.95, true, 0.35)]
    [InlineData(0, false, 0.5)]
    [InlineData(0, true, 1)]
    public void Outputs_change_less_than_by_the_nearest_whole_numbers(double common, bool isAboutMean, double partMost)
    {
        var moments = For(Product());
        float[][] rows = Rows(common);
        Array.ForEach(rows, r => moments.Add(r, [1, Inputs]));
        Assert.Equal((Inputs, 1, 400L), (moments.Size, moments.Groups, moments.Count));
        float[] weights = SmallNetwork.Noise(Inputs * Outputs);
        var nearest = ChannelWeights.Round(weights, [Inputs, Outputs], 1, Most, [], 1, 1);
        var fitted = FittedWeights.Fit(weights, [Inputs, Outputs], 1, Most, moments, isAboutMean);
        double before = Lost(weights, nearest, rows, isAboutMean), after = Lost(weights, fitted, rows, isAboutMean);
        Assert.True(after <= partMost * before, $"{before} became {after}");
        Assert.All(fitted.Values, v => Assert.InRange(v, -Most, Most));
        var turned = FittedWeights.Fit([.. from o in Enumerable.Range(0, Outputs)
                                           from i in Enumerable.Range(0, Inputs)
                                           select weights[(i * Outputs) + o]], [Outputs, Inputs], 0, Most, moments, isAboutMean);
        Assert.Equal(fitted.Steps, turned.Steps);
    }

    [Fact]
    public void Outputs_without_weights_and_inputs_without_values_are_rounded_too()
    {
        var moments = For(Product());
        moments.Add(new float[Inputs], [1, Inputs]);
        float[] weights = SmallNetwork.Noise(Inputs * Outputs);
        for (int i = 0; i < Inputs; i++)
        {
            weights[i * Outputs] = 0;
        }

        var fitted = FittedWeights.Fit(weights, [Inputs, Outputs], 1, Most, moments, isAboutMean: true);
        Assert.Equal(1, fitted.Steps[0]);
        Assert.All(Enumerable.Range(0, Inputs), i => Assert.Equal(0, fitted.Values[i * Outputs]));
        Assert.All(weights.Select((w, i) => (w, Back: fitted.Values[i] * fitted.Steps[i % Outputs])),
            p => Assert.Equal(p.w, p.Back, 0.02));
    }

    /// <summary>Of a map whose value is channel plus row plus column, every window is known by one of its corners.</summary>
    [Theory]
    [InlineData(1, 3)]
    [InlineData(2, 1)]
    [InlineData(4, 3)]
    public void Windows_of_a_convolution_are_taken_in_the_order_of_its_weights(int group, int side)
    {
        var moments = For(Conv(group, side));
        float[] map = [.. from c in Enumerable.Range(0, 4)
                          from y in Enumerable.Range(0, 8)
                          from x in Enumerable.Range(0, 8)
                          select (100f * c) + (10 * y) + x];
        moments.Add(map, [1, 4, 8, 8]);
        moments.Add(map, [1, 8, 4, 8]);
        int size = 4 / group * side * side;
        Assert.Equal((size, group, 128L), (moments.Size, moments.Groups, moments.Count));
        for (int g = 0; g < group; g++)
        {
            // Places differ by the same in all values of a window, so that about the mean all products are one number.
            double[] products = moments.Of(g, isAboutMean: true), plain = moments.Of(g, isAboutMean: false);
            Assert.All(products, p => Assert.Equal(products[0], p, 0.02 * products[0]));
            for (int i = 0; i < size; i++)
            {
                double ahead = Ahead(i, side);
                double mean = Math.Sqrt(plain[i * (size + 1)] - products[0]), first = Math.Sqrt(plain[0] - products[0]);
                Assert.Equal(ahead, mean - first, 0.2);
            }
        }
    }

    /// <summary>How much larger a value of a window is than its first.</summary>
    private static double Ahead(int index, int side) =>
        (100 * (index / (side * side))) + (10 * (index / side % side)) + (index % side);

    [Fact]
    public void A_window_larger_than_the_map_has_none_and_large_sums_are_left_alone()
    {
        var moments = For(Conv(1, 3));
        moments.Add(new float[4 * 2 * 2], [1, 4, 2, 2]);
        Assert.Equal(0, moments.Count);
        var network = new SmallNetwork().Input("x", 1, 800).Output("y", 1, 24);
        network.End(network.Add("MatMul", [network.Add("MatMul", ["x", network.Weights(1, 800, 4)]), network.Weights(1, 4, 24)]), "y");
        var graph = new OnnxGraph(network.Graph);
        Assert.Null(InputMoments.For(graph, LayerFinder.Find(graph)[0]));
    }
}
