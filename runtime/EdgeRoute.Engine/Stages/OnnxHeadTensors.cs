using System.Numerics.Tensors;
using EdgeRoute.Engine.Stages.Heads;
using EdgeRoute.Interop.OnnxRuntime;

namespace EdgeRoute.Engine.Stages;

/// <summary>The bound output tensors of one variant as its head reads them; half precision is widened into a buffer made at load.</summary>
internal sealed class OnnxHeadTensors(IReadOnlyList<OrtTensor> tensors) : IHeadTensors
{
    private readonly float[]?[] _widened = [.. tensors.Select(t => t.ElementType == OrtElementType.Float16
        ? new float[t.ByteCount / 2] : null)];

    public int Count => tensors.Count;

    public ReadOnlySpan<float> Values(int index)
    {
        if (_widened[index] is not { } buffer)
        {
            return tensors[index].Floats;
        }

        TensorPrimitives.ConvertToSingle(tensors[index].Halves, buffer);
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
