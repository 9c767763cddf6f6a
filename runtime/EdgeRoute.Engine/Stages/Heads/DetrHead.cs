using System.Numerics.Tensors;
using EdgeRoute.Documents.Packs;

namespace EdgeRoute.Engine.Stages.Heads;

/// <summary>
/// Queries of the DETR family (Carion et al., arXiv 2005.12872; RT-DETR, D-FINE, RF-DETR): logits [1, N, classes] and boxes [1, N, 4]. A
/// sigmoid takes each class for itself; a softmax has one more class at the end, for "nothing". The best class of a query counts. Without
/// an activation these are decoded candidates of any detector that yields boxes and probabilities apart, to be suppressed here.
/// </summary>
/// <param name="firstClass">Column of the first label: 1 where that of "nothing" stands in front.</param>
internal sealed class DetrHead(DetectionSettings settings, int classCount, BoxCoding coding, ClassActivation activation, int firstClass = 0)
    : BoxHead(settings, classCount, coding)
{
    private readonly bool _isSoftmax = activation == ClassActivation.Softmax, _isPlain = activation == ClassActivation.None;
    private readonly float[] _probabilities = new float[classCount + 1];

    protected override void FindBoxes(IHeadTensors tensors)
    {
        var shape = tensors.Shape(0);
        int count = shape.Length == 3 ? (int)shape[1] : 1;
        // Models trained with a sigmoid may have one more class that is never used.
        int columns = !_isSoftmax && firstClass == 0 && shape.Length == 3 && shape[2] == ClassCount ? ClassCount : ClassCount + 1;
        var logits = Take(tensors, 0, (long)count * columns);
        var boxes = Take(tensors, 1, (long)count * 4);
        if (_isPlain)
        {
            FindPlain(logits, boxes, columns);
            return;
        }

        SoundOutput.CheckFinite(logits, "output 0");
        for (int i = 0; i < count; i++)
        {
            var row = logits.Slice(i * columns, columns);
            int best = TensorPrimitives.IndexOfMax(row.Slice(firstClass, ClassCount));
            float logit = row[firstClass + best], confidence = _isSoftmax ? Softmax(row, firstClass + best) : 1 / (1 + MathF.Exp(-logit));
            if (confidence >= Floor)
            {
                AddBox(boxes.Slice(i * 4, 4), confidence, best);
            }
        }
    }

    private void FindPlain(ReadOnlySpan<float> probabilities, ReadOnlySpan<float> boxes, int columns)
    {
        for (int i = 0, at = firstClass; at < probabilities.Length; i++, at += columns)
        {
            var row = probabilities.Slice(at, ClassCount);
            if (!ClassRows.AllBelow(row, Floor, -SoundOutput.Rounding))
            {
                SoundOutput.CheckProbabilities(row, "a candidate's classes", "logits want another 'activation'");
                int best = ClassRows.Best(row);
                AddBox(boxes.Slice(i * 4, 4), row[best], best);
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
