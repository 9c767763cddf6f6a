using System.Numerics.Tensors;
using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Signals;
using EdgeRoute.Documents.Packs;

namespace EdgeRoute.Engine.Stages.Heads;

/// <summary>
/// A vector that describes the frame. It says nothing of how sure it is: its signals are all 0, and manifests cannot put thresholds on
/// them.
/// </summary>
/// <param name="normalizes">Scale to unit length, so that a dot product is a cosine. A zero vector stays zero.</param>
internal sealed class EmbeddingHead(int dimensionCount, bool normalizes) : IHead
{
    public TaskKind Task => TaskKind.Embedding;

    public int DetectionLimit => 0;

    public int ValueLimit => dimensionCount;

    public ExitSignals Decode(IHeadTensors tensors, in FrameMapping mapping, Answer answer)
    {
        var values = tensors.Values(0);
        if (values.Length != dimensionCount)
        {
            throw new InvalidDataException($"Output 0 has {values.Length} values; the manifest says {dimensionCount} dimensions.");
        }

        SoundOutput.CheckFinite(values, "output 0");
        var result = answer.ValueSlots[..dimensionCount];
        values.CopyTo(result);
        (answer.ValueCount, answer.DetectionCount) = (dimensionCount, 0);
        float length = normalizes ? TensorPrimitives.Norm<float>(result) : 1;
        if (!float.IsFinite(length))
        {
            throw new InvalidDataException("output 0 holds values too large for a vector's length");
        }

        if (length > 0 && length != 1)
        {
            TensorPrimitives.Divide(result, length, result);
        }

        return default;
    }
}
