namespace EdgeRoute.Engine.Stages;

/// <summary>A graph input or output as the model file declares it.</summary>
/// <param name="ElementType">As ONNX names it: <c>float32</c>, <c>float16</c>, <c>uint8</c>, <c>int64</c>.</param>
/// <param name="Shape">Sizes; below 1 where the size is decided at run time.</param>
public sealed record ModelTensor(string Name, string ElementType, IReadOnlyList<long> Shape)
{
    /// <summary>[1,3,416,416], with '?' for sizes decided at run time.</summary>
    public string ShapeText => ShapeTextOf(Shape);

    /// <summary>Values in the tensor, or -1 when that is decided at run time. A batch size decided at run time is 1 here.</summary>
    public long ValueCount => Shape.Skip(1).Any(d => d < 1) ? -1 : Shape.Select((d, i) => i == 0 ? Math.Max(1, d) : d).Aggregate(1L, (a, b) => a * b);

    /// <summary>Same rank, and the same size wherever both are fixed.</summary>
    public bool Fits(IReadOnlyList<long> other) =>
        Shape.Count == other.Count && Shape.Zip(other).All(pair => pair.First < 1 || pair.Second < 1 || pair.First == pair.Second);

    internal static string ShapeTextOf(IEnumerable<long> shape) =>
        $"[{string.Join(",", shape.Select(d => d < 1 ? "?" : d.ToString(System.Globalization.CultureInfo.InvariantCulture)))}]";
}

/// <summary>What a stage's session takes and yields.</summary>
public sealed record StageTensors(IReadOnlyList<ModelTensor> Inputs, IReadOnlyList<ModelTensor> Outputs);
