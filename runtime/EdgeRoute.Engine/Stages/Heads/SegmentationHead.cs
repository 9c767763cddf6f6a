using System.Numerics.Tensors;
using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Signals;
using EdgeRoute.Documents.Packs;

namespace EdgeRoute.Engine.Stages.Heads;

/// <summary>
/// Semantic segmentation: logits [1, classes, H, W]; the answer is the most probable class of each cell of its map, -1 where the network
/// did not see the frame. The signals are means over the cells.
/// </summary>
internal sealed class SegmentationHead(int classCount) : IHead
{
    private const int Side = Answer.MapSide;

    /// <summary>Keeps log(0) out of the entropy, where it would be multiplied by 0.</summary>
    private const float LeastProbability = 1e-30f;

    private readonly FrameMaps _maps = new();
    private readonly float[] _row = new float[Side * classCount];
    private readonly float[] _logs = new float[classCount];

    public TaskKind Task => TaskKind.Segmentation;

    public int DetectionLimit => 0;

    public int ValueLimit => Side * Side;

    public ExitSignals Decode(IHeadTensors tensors, in FrameMapping mapping, Answer answer)
    {
        var values = tensors.Values(0);
        var shape = tensors.Shape(0);
        if (shape.Length != 4 || shape[1] != classCount || values.Length != shape[1] * shape[2] * shape[3] || values.IsEmpty)
        {
            throw new InvalidDataException($"Output 0 has the shape [{string.Join(", ", shape.ToArray())}]; the head reads "
                + $"[1, {classCount}, height, width].");
        }

        SoundOutput.CheckFinite(values, "output 0");
        int height = (int)shape[2], width = (int)shape[3];
        _maps.Begin(width, height, mapping);
        (answer.ValueCount, answer.DetectionCount) = (ValueLimit, 0);
        var sums = default(CellSums);
        for (int row = 0; row < Side; row++)
        {
            for (int c = 0; c < classCount; c++)
            {
                _maps.ReadRow(values.Slice(c * width * height, width * height), row, _row, c, classCount);
            }

            for (int column = 0; column < Side; column++)
            {
                bool isSeen = _maps.IsSeen(column, row);
                var cell = _row.AsSpan(column * classCount, classCount);
                answer.ValueSlots[(row * Side) + column] = isSeen ? TensorPrimitives.IndexOfMax<float>(cell) : -1;
                sums = isSeen ? Add(sums, cell) : sums;
            }
        }

        int count = Math.Max(1, sums.Count);
        return new ExitSignals((float)(sums.Most / count), (float)(sums.Margin / count), (float)(sums.Entropy / count), 0, 0);
    }

    /// <summary>Takes the logits of a cell for itself and makes them probabilities.</summary>
    private CellSums Add(in CellSums sums, Span<float> cell)
    {
        TensorPrimitives.Subtract(cell, TensorPrimitives.Max<float>(cell), cell);
        TensorPrimitives.Exp(cell, cell);
        TensorPrimitives.Divide(cell, TensorPrimitives.Sum<float>(cell), cell);
        int top = TensorPrimitives.IndexOfMax<float>(cell);
        float second = Math.Max(MaxOf(cell[..top]), MaxOf(cell[(top + 1)..]));
        TensorPrimitives.Max(cell, LeastProbability, _logs);
        TensorPrimitives.Log(_logs, _logs);
        double entropy = classCount > 1 ? -TensorPrimitives.Dot(cell, _logs) / MathF.Log(classCount) : 0;
        return new(sums.Most + cell[top], sums.Margin + cell[top] - second, sums.Entropy + Math.Clamp(entropy, 0, 1), sums.Count + 1);
    }

    private static float MaxOf(ReadOnlySpan<float> values) => values.IsEmpty ? 0 : TensorPrimitives.Max(values);

    private readonly record struct CellSums(double Most, double Margin, double Entropy, int Count);
}
