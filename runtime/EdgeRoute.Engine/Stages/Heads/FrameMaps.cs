using System.Numerics.Tensors;
using EdgeRoute.Core.Frames;
using EdgeRoute.Documents.Packs;

namespace EdgeRoute.Engine.Stages.Heads;

/// <summary>
/// Reads planes [.., height, width] of a network at the cells of an answer's map, which lie evenly over the frame; linear between the
/// middles of the planes' cells.
/// </summary>
internal sealed class FrameMaps
{
    private const int Side = Answer.MapSide;

    private readonly int[] _columns = new int[Side];
    private readonly float[] _shares = new float[Side];
    private readonly bool[] _isColumnSeen = new bool[Side];
    private float[] _blend = [];
    private CellRange _down;
    private int _width, _height;

    /// <summary>Begins with the first output, which is one plane.</summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public ReadOnlySpan<float> Begin(IHeadTensors tensors, in FrameMapping mapping)
    {
        var values = tensors.Values(0);
        var shape = tensors.Shape(0);
        if (shape.Length is not (3 or 4) || values.IsEmpty || values.Length != shape[^1] * shape[^2])
        {
            throw new InvalidDataException($"Output 0 has the shape [{string.Join(", ", shape.ToArray())}]; the head reads "
                + "[1, height, width] or [1, 1, height, width].");
        }

        Begin((int)shape[^1], (int)shape[^2], mapping);
        return values;
    }

    public void Begin(int width, int height, in FrameMapping mapping)
    {
        (_width, _height) = (width, height);
        _blend = _blend.Length < width ? new float[width] : _blend;
        var across = new CellRange(0, mapping.FrameWidth, Side, mapping.ScaleX, mapping.OffsetX, mapping.TensorWidth, width);
        _down = new CellRange(0, mapping.FrameHeight, Side, mapping.ScaleY, mapping.OffsetY, mapping.TensorHeight, height);
        for (int i = 0; i < Side; i++)
        {
            (_columns[i], _shares[i]) = across.At(i);
            _isColumnSeen[i] = across.Has(i);
        }
    }

    /// <summary>Whether the network saw a cell of the map.</summary>
    public bool IsSeen(int column, int row) => _isColumnSeen[column] && _down.Has(row);

    /// <summary>One row of the map out of one plane, each cell the value of the nearest one.</summary>
    public void ReadNearestRow(ReadOnlySpan<float> plane, int row, Span<float> into)
    {
        var (above, share) = _down.At(row);
        var values = plane.Slice(Math.Min(above + (share < 0.5f ? 0 : 1), _height - 1) * _width, _width);
        for (int i = 0; i < Side; i++)
        {
            into[i] = values[Math.Min(_columns[i] + (_shares[i] < 0.5f ? 0 : 1), _width - 1)];
        }
    }

    /// <summary>One row of the map out of one plane.</summary>
    /// <param name="into">Every <paramref name="step"/>-th place from <paramref name="first"/> on is filled.</param>
    public void ReadRow(ReadOnlySpan<float> plane, int row, Span<float> into, int first, int step)
    {
        var (y, share) = _down.At(row);
        int below = Math.Min(y + 1, _height - 1);
        var blend = _blend.AsSpan(0, _width);
        TensorPrimitives.Lerp(plane.Slice(y * _width, _width), plane.Slice(below * _width, _width), share, blend);
        for (int i = 0; i < Side; i++)
        {
            float left = blend[_columns[i]], right = blend[Math.Min(_columns[i] + 1, _width - 1)];
            into[(i * step) + first] = left + ((right - left) * _shares[i]);
        }
    }
}
