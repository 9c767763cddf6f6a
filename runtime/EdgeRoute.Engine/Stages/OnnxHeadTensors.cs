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

    public ReadOnlySpan<long> Shape(int index) => tensors[index].Shape;
}
