using System.Numerics.Tensors;
using EdgeRoute.Documents.Packs;

namespace EdgeRoute.Engine.Stages.Heads;

/// <summary>
/// Queries of the DETR family (Carion et al., arXiv 2005.12872; RT-DETR, D-FINE, RF-DETR): logits [1, N, classes] and boxes [1, N, 4]. A
/// sigmoid takes each class for itself; a softmax has one more class at the end, for "nothing". The best class of a query counts.
/// </summary>
internal sealed class DetrHead(DetectionSettings settings, int classCount, BoxCoding coding, ClassActivation activation)
    : BoxHead(settings, classCount, coding)
{
    private readonly bool _isSoftmax = activation == ClassActivation.Softmax;
    private readonly float[] _probabilities = new float[classCount + 1];

    protected override void FindBoxes(IHeadTensors tensors)
    {
        var shape = tensors.Shape(0);
        int count = shape.Length == 3 ? (int)shape[1] : 1;
        // Models trained with a sigmoid may have one more class that is never used.
        int columns = !_isSoftmax && shape.Length == 3 && shape[2] == ClassCount ? ClassCount : ClassCount + 1;
        var logits = Take(tensors, 0, (long)count * columns);
        var boxes = Take(tensors, 1, (long)count * 4);
        SoundOutput.CheckFinite(logits, "output 0");
        for (int i = 0; i < count; i++)
        {
            var row = logits.Slice(i * columns, columns);
            int best = TensorPrimitives.IndexOfMax(row[..ClassCount]);
            float confidence = _isSoftmax ? Softmax(row, best) : 1 / (1 + MathF.Exp(-row[best]));
            if (confidence >= Floor)
            {
                AddBox(boxes.Slice(i * 4, 4), confidence, best);
            }
        }
    }

    /// <summary>With the largest logit taken off first, so that no exponential overflows.</summary>
    private float Softmax(ReadOnlySpan<float> row, int best)
    {
        TensorPrimitives.Subtract(row, TensorPrimitives.Max(row), _probabilities);
        TensorPrimitives.Exp(_probabilities, _probabilities);
        return _probabilities[best] / TensorPrimitives.Sum<float>(_probabilities);
    }
}
