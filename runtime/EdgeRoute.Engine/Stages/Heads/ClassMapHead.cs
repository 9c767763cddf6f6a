using System.Globalization;
using System.Numerics.Tensors;
using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Signals;
using EdgeRoute.Documents.Packs;

namespace EdgeRoute.Engine.Stages.Heads;

/// <summary>
/// Semantic segmentation whose model has chosen the classes itself: their numbers, [1, H, W] or [1, 1, H, W]. The answer is a map of them,
/// each cell the class of the nearest place, -1 where the network did not see the frame. How sure the model was is not known.
/// </summary>
internal sealed class ClassMapHead(int classCount) : IHead
{
    private const int Side = Answer.MapSide;

    private readonly FrameMaps _maps = new();

    public TaskKind Task => TaskKind.Segmentation;

    public int DetectionLimit => 0;

    public int ValueLimit => Side * Side;

    public ExitSignals Decode(IHeadTensors tensors, in FrameMapping mapping, Answer answer)
    {
        var values = _maps.Begin(tensors, mapping);
        CheckClass(TensorPrimitives.Min(values));
        CheckClass(TensorPrimitives.Max(values));
        (answer.ValueCount, answer.DetectionCount) = (ValueLimit, 0);
        for (int row = 0; row < Side; row++)
        {
            var cells = answer.ValueSlots.Slice(row * Side, Side);
            _maps.ReadNearestRow(values, row, cells);
            for (int column = 0; column < Side; column++)
            {
                if (!_maps.IsSeen(column, row))
                {
                    cells[column] = -1;
                    continue;
                }

                CheckClass(cells[column]);
            }
        }

        return default;
    }

    /// <summary>Both ends of all values are looked at, so that a wrong one shows wherever it stands.</summary>
    private void CheckClass(float value)
    {
        if (!(value >= 0 && value < classCount && value == MathF.Truncate(value)))
        {
            throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture,
                $"output 0 holds {value}, which is no class: the pack has {classCount} labels, the first of which is class 0"));
        }
    }
}
