using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Signals;
using EdgeRoute.Documents.Packs;

namespace EdgeRoute.Engine.Stages.Heads;

/// <summary>
/// Monocular depth: [1, 1, H, W] or [1, H, W], in the model's own unit, nearer or farther as the model means it. The answer is a map of it,
/// not a number where the network did not see the frame.
/// </summary>
internal sealed class DepthHead : IHead
{
    private const int Side = Answer.MapSide;

    private readonly FrameMaps _maps = new();

    public TaskKind Task => TaskKind.Depth;

    public int DetectionLimit => 0;

    public int ValueLimit => Side * Side;

    public ExitSignals Decode(IHeadTensors tensors, in FrameMapping mapping, Answer answer)
    {
        var values = _maps.Begin(tensors, mapping);
        SoundOutput.CheckFinite(values, "output 0");
        (answer.ValueCount, answer.DetectionCount) = (ValueLimit, 0);
        for (int row = 0; row < Side; row++)
        {
            var cells = answer.ValueSlots.Slice(row * Side, Side);
            _maps.ReadRow(values, row, cells, 0, 1);
            for (int column = 0; column < Side; column++)
            {
                cells[column] = _maps.IsSeen(column, row) ? cells[column] : float.NaN;
            }
        }

        return default;
    }
}
