using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Board;
using EdgeRoute.Interop.OnnxRuntime;
using EdgeRoute.Tests.Interop.OnnxRuntime;
using EdgeRoute.Workbench.Quantizing;

namespace EdgeRoute.Tests.Workbench.Quantizing;

/// <summary>What a rounded model computes is what plain arithmetic over rounded numbers gives, one number after the other.</summary>
public sealed class QdqWriterTests : IDisposable
{
    private const int In = 12, Hidden = 10, Out = 8;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static float[] Of(SmallNetwork network, string name) =>
        OnnxModelFile.FloatsOf(network.Graph.Initializer.First(t => t.Name == name));

    /// <summary>A number as the nearest of the steps of a range, ties to even.</summary>
    private static double Rounded(double value, ValueRange range, ActivationForm form)
    {
        if (form == ActivationForm.Int8)
        {
            float step = Math.Max(-range.Least, range.Most) / 127;
            return Math.Clamp(Math.Round((float)value / step), -128, 127) * step;
        }

        float wide = (range.Most - range.Least) / 255;
        double zero = Math.Clamp(Math.Round(-range.Least / wide), 0, 255);
        return (Math.Clamp(Math.Round((float)value / wide) + zero, 0, 255) - zero) * wide;
    }

    /// <summary>Weights [rows, columns], each column about zero in steps of its own.</summary>
    private static double[] RoundedColumns(float[] weights, int columns, int most)
    {
        double[] rounded = new double[weights.Length];
        for (int c = 0; c < columns; c++)
        {
            float step = Enumerable.Range(0, weights.Length / columns).Max(r => Math.Abs(weights[(r * columns) + c])) / most;
            for (int r = 0; r < weights.Length / columns; r++)
            {
                rounded[(r * columns) + c] = Math.Round(weights[(r * columns) + c] / step) * step;
            }
        }

        return rounded;
    }

    private static double[] Product(double[] row, double[] weights, int columns) => [.. Enumerable.Range(0, columns)
        .Select(c => row.Select((v, r) => v * weights[(r * columns) + c]).Sum())];

    /// <summary>Two products of bytes are added in 16 bits by x64 processors without VNNI, where those of 8-bit weights overflow.</summary>
    private static void SkipWhereSumsOverflow(int weightBits) => Skip.If(weightBits == 8
        && BoardIdentity.Read(new SystemFiles()).CutsSumsOfBytes,
        "this processor has no VNNI: its sums of 8-bit weights overflow, and 'quantize' is to be asked for 7");

    [SkippableTheory]
    [InlineData(ActivationForm.UInt8, 8)]
    [InlineData(ActivationForm.Int8, 8)]
    [InlineData(ActivationForm.UInt8, 7)]
    public void A_product_is_that_of_rounded_numbers(ActivationForm form, int weightBits)
    {
        SkipWhereSumsOverflow(weightBits);
        var network = new SmallNetwork().Input("x", 1, In).Output("y", 1, Out);
        string first = network.Weights(0.6f, In, Hidden), second = network.Weights(0.6f, Hidden, Out);
        string hidden = network.Add("Tanh", [network.Add("MatMul", ["x", first])]);
        network.End(network.Add("MatMul", [hidden, second]), "y");
        var graph = new OnnxGraph(network.Graph);
        var layers = LayerFinder.Find(graph);
        var range = new ValueRange(-0.8f, 0.9f);
        var rounded = QdqWriter.Write(network.Model, new QuantizationPlan(graph, layers, layers), _ => range, form, weightBits);
        string path = _folder.File("rounded.onnx");
        OnnxModelFile.Write(rounded, path);
        for (int seed = 0; seed < 20; seed++)
        {
            float[] x = SmallNetwork.Noise(In, seed);
            double[] taken = [.. x.Select(v => Rounded(v, range, form))];
            double[] columns = RoundedColumns(Of(network, first), Hidden, (1 << (weightBits - 1)) - 1);
            double[] active = [.. Product(taken, columns, Hidden).Select(Math.Tanh)];
            double[] wanted = Product(active, [.. Of(network, second).Select(w => (double)w)], Out);
            float[] found = SmallNetwork.Run(path, x, 1, In);
            Assert.All(wanted.Zip(found), p => Assert.Equal(p.First, p.Second, 1e-4));
        }
    }

    /// <summary>Of a convolution with its bias the result is rounded too, beside its input and its weights.</summary>
    [SkippableTheory]
    [InlineData(ActivationForm.UInt8, 8)]
    [InlineData(ActivationForm.Int8, 8)]
    [InlineData(ActivationForm.UInt8, 7)]
    public void A_convolution_stays_within_a_step_of_its_range(ActivationForm form, int weightBits)
    {
        SkipWhereSumsOverflow(weightBits);
        var network = new SmallNetwork().Input("x", 1, 3, 6, 6).Output("y", 1, 4, 6, 6);
        string first = network.Conv("x", 3, 5);
        network.End(network.Conv(first, 5, 4), "y");
        network.Output(first, 1, 5, 6, 6);
        string plain = network.Write(_folder, "float.onnx");
        var graph = new OnnxGraph(network.Graph);
        var layers = LayerFinder.Find(graph);
        float[] x = SmallNetwork.Noise(3 * 36);
        float[] wanted = RunSecond(plain, x);
        var ranges = new Dictionary<string, ValueRange> { ["x"] = new(-1, 1), [first] = new(wanted.Min(), wanted.Max()) };
        OnnxModelFile.Write(QdqWriter.Write(network.Model, new QuantizationPlan(graph, layers, layers), t => ranges[t], form, weightBits),
            _folder.File("rounded.onnx"));
        float[] found = RunSecond(_folder.File("rounded.onnx"), x);
        float step = form == ActivationForm.Int8 ? wanted.Max(Math.Abs) / 127 : (wanted.Max() - wanted.Min()) / 255;
        Assert.True(wanted.Zip(found).Average(p => Math.Abs(p.First - p.Second)) < step, "on the mean");
        Assert.All(wanted.Zip(found), p => Assert.True(Math.Abs(p.First - p.Second) < 6 * step, $"{p.First} became {p.Second}"));
        Assert.True(found.Distinct().Count() <= 256);
    }

    /// <summary>
    /// All inputs and weights are as large as they can be: were two products added in 16 bits, the sums would be about half.
    /// </summary>
    [SkippableFact]
    public void A_convolution_of_each_channel_by_itself_has_eight_bits_on_every_processor()
    {
        const int Channels = 32, Side = 8, Pixels = Side * Side;
        var network = new SmallNetwork().Input("x", 1, Channels, Side, Side).Output("y", 1, 4, Side, Side);
        float[] ones = [.. Enumerable.Repeat(1f, Channels * 9)];
        string sums = network.Add("Conv", ["x", network.Constant(ones, Channels, 1, 3, 3)], SmallNetwork.Ints("pads", 1, 1, 1, 1),
            OnnxModelFile.Whole("group", Channels));
        network.End(network.Conv(sums, Channels, 4), "y");
        network.Output(sums, 1, Channels, Side, Side);
        var graph = new OnnxGraph(network.Graph);
        var layers = LayerFinder.Find(graph);
        var ranges = new Dictionary<string, ValueRange> { ["x"] = new(0, 1), [sums] = new(0, 9) };
        var written = QdqWriter.Write(network.Model, new QuantizationPlan(graph, layers, layers), t => ranges[t], ActivationForm.UInt8, 7);
        Assert.Contains(written.Graph.Initializer, t => t.Dims.Count == 4 && t.RawData.Length > 0 && t.RawData.All(b => b == 127));
        OnnxModelFile.Write(written, _folder.File("rounded.onnx"));
        float[] found = RunSecond(_folder.File("rounded.onnx"), [.. Enumerable.Repeat(1f, Channels * Pixels)], Channels, Side);
        Assert.Equal(9, found[Side + 1], 0.05);
        Assert.Equal(9, found.Max(), 0.05);
    }

    /// <summary>The library rounds float weights where both sides of them are int8; those that stay float it leaves.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_layer_left_in_float_is_run_in_float(bool isBounded)
    {
        var network = new SmallNetwork().Input("x", 1, 3, 6, 6).Output("y", 1, 4, 6, 6);
        string Bounded(string from) => isBounded ? network.Add("Relu", [from]) : from;
        string first = Bounded(network.Conv("x", 3, 5)), second = Bounded(network.Conv(first, 5, 6)), third = network.Conv(second, 6, 5);
        network.End(network.Conv(third, 5, 4), "y");
        var graph = new OnnxGraph(network.Graph);
        var all = LayerFinder.Find(graph);
        var plan = new QuantizationPlan(graph, [all[0], all[2]], all);
        var mixed = QdqWriter.Write(network.Model, plan, t => new ValueRange(t.StartsWith("relu", StringComparison.Ordinal) ? 0 : -2, 2),
            ActivationForm.UInt8, 7);
        OnnxModelFile.Write(mixed, _folder.File("mixed.onnx"));
        var request = new OrtSessionRequest { OptimizedModelPath = _folder.File("optimized.onnx") };
        OrtSession.Open(OrtPlace.Environment, _folder.File("mixed.onnx"), request).Dispose();
        var operators = OnnxHeader.Read(_folder.File("optimized.onnx")).Nodes.Select(n => n.Operator).ToList();
        Assert.Equal(2, operators.Count(o => o == "QLinearConv"));
        Assert.Equal(2, operators.Count(o => o is "Conv" or "FusedConv"));
    }

    /// <summary>The tensor that goes on is an answer as well, and keeps its name.</summary>
    private static float[] RunSecond(string path, float[] x, int channels = 3, int side = 6)
    {
        using var session = OrtSession.Open(OrtPlace.Environment, path, new OrtSessionRequest());
        using var run = new OrtRun(session);
        using var input = OrtTensor.Allocate(OrtElementType.Float, [1, channels, side, side]);
        x.CopyTo(input.Floats);
        run.SetInput(0, input);
        run.Run();
        using var output = run.TakeOutput(1);
        return output.Floats.ToArray();
    }
}
