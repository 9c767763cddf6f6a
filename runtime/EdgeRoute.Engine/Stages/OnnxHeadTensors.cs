using System.Numerics.Tensors;
using EdgeRoute.Engine.Stages.Heads;
using EdgeRoute.Interop.OnnxRuntime;

namespace EdgeRoute.Engine.Stages;

/// <summary>
/// The bound output tensors of one variant as its head reads them; half precision and whole numbers are turned into fp32 in a buffer made
/// at load.
/// </summary>
internal sealed class OnnxHeadTensors(IReadOnlyList<OrtTensor> tensors) : IHeadTensors
{
    private readonly float[]?[] _widened = [.. tensors.Select(t => t.ElementType == OrtElementType.Float ? null
        : new float[t.Shape.ToArray().Aggregate(1L, (a, b) => a * b)])];

    public int Count => tensors.Count;

    public ReadOnlySpan<float> Values(int index)
    {
        if (_widened[index] is not { } buffer)
        {
            return tensors[index].Floats;
        }

        switch (tensors[index].ElementType)
        {
            case OrtElementType.Int64:
                TensorPrimitives.ConvertTruncating<long, float>(tensors[index].Longs, buffer);
                break;
            case OrtElementType.Int32:
                TensorPrimitives.ConvertTruncating<int, float>(tensors[index].Ints, buffer);
                break;
            case OrtElementType.UInt8:
                TensorPrimitives.ConvertTruncating<byte, float>(tensors[index].Bytes, buffer);
                break;
            default:
                TensorPrimitives.ConvertToSingle(tensors[index].Halves, buffer);
                break;
        }

        return buffer;
    }

    /// <summary>Whether a tensor that another network goes on with holds no infinite value, and none that is not a number.</summary>
    public static bool AreNumbers(OrtTensor tensor) => tensor.ByteCount == 0 || tensor.ElementType switch
    {
        OrtElementType.Float => TensorPrimitives.IsFiniteAll(tensor.Floats),
        OrtElementType.Float16 => TensorPrimitives.IsFiniteAll(tensor.Halves),
        _ => true,
    };

    public ReadOnlySpan<long> Shape(int index) => tensors[index].Shape;
}
