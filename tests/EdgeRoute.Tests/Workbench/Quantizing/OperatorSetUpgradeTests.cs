using EdgeRoute.Workbench.Quantizing;

namespace EdgeRoute.Tests.Workbench.Quantizing;

/// <summary>A model of operator set 11 gives the same numbers once it is one of 13.</summary>
public sealed class OperatorSetUpgradeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("Softmax", 1)]
    [InlineData("Softmax", 2)]
    [InlineData("Softmax", -1)]
    [InlineData("LogSoftmax", 0)]
    [InlineData("Squeeze", 0)]
    [InlineData("Unsqueeze", 1)]
    [InlineData("ReduceSum", 2)]
    [InlineData("Split", 1)]
    [InlineData("Dropout", 0)]
    public void What_changed_in_between_computes_as_before(string operation, int axis)
    {
        var network = new SmallNetwork(operatorSet: 11).Input("x", 1, 4, 3, 2).Output("y");
        network.Graph.Output[0].Type.TensorType.Shape = null;
        var attribute = operation switch
        {
            "Squeeze" or "Unsqueeze" or "ReduceSum" => SmallNetwork.Ints("axes", axis),
            _ => OnnxModelFile.Whole("axis", axis),
        };
        string changed = operation == "Dropout" ? network.Add(operation, ["x"]) : network.Add(operation, ["x"], attribute);
        if (operation == "Split")
        {
            network.Graph.Node[^1].Output.Add("rest");
            network.Graph.Node[^1].Attribute.Add(SmallNetwork.Ints("split", 1, 3));
        }

        network.End(network.Add("Neg", [changed]), "y");
        float[] x = SmallNetwork.Noise(24);
        float[] before = SmallNetwork.Run(network.Write(_folder, "before.onnx"), x, 1, 4, 3, 2);
        OperatorSetUpgrade.Run(network.Model);
        Assert.Equal(13, OnnxModelFile.OperatorSetOf(network.Model));
        float[] after = SmallNetwork.Run(network.Write(_folder, "after.onnx"), x, 1, 4, 3, 2);
        Assert.Equal(before.Length, after.Length);
        Assert.All(before.Zip(after), p => Assert.Equal(p.First, p.Second, 1e-6));
    }

    [Fact]
    public void What_has_no_counterpart_is_refused_by_its_name()
    {
        var network = new SmallNetwork(operatorSet: 11).Input("x", 1, 3, 8, 8).Output("y", 1, 3, 16, 16);
        string scales = network.Constant([1, 1, 2, 2], 4);
        network.End(network.Add("Resize", ["x", "", scales], SmallNetwork.Text("coordinate_transformation_mode", "tf_half_pixel_for_nn")),
            "y");
        string message = Assert.Throws<InvalidDataException>(() => OperatorSetUpgrade.Run(network.Model)).Message;
        Assert.Contains("'y' is a Resize with 'tf_half_pixel_for_nn'", message, StringComparison.Ordinal);
    }
}
