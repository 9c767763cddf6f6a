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

    private readonly FrameMaps _maps = new();
    private readonly float[] _row = new float[Side * classCount];
    private readonly SurenessMeter _meter = new(classCount);

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
        _meter.Clear();
        for (int row = 0; row < Side; row++)
        {
            for (int c = 0; c < classCount; c++)
            {
                _maps.ReadRow(values.Slice(c * width * height, width * height), row, _row, c, classCount);
            }

            for (int column = 0; column < Side; column++)
            {
                var cell = _row.AsSpan(column * classCount, classCount);
                answer.ValueSlots[(row * Side) + column] = _maps.IsSeen(column, row) ? ClassOf(cell) : -1;
            }
        }

        return _meter.Means;
    }

    /// <summary>Takes the logits of a cell for itself and makes them probabilities.</summary>
    private int ClassOf(Span<float> cell)
    {
        int top = TensorPrimitives.IndexOfMax<float>(cell);
        SurenessMeter.Softmax(cell, cell);
        _meter.Add(cell);
        return top;
    }
}
