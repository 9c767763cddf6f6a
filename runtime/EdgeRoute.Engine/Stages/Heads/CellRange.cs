namespace EdgeRoute.Engine.Stages.Heads;

/// <summary>
/// The cells along one side of a network's map that a window of the frame reaches, and where the middles of the window's own cells lie
/// among them. Cells have their values at their middles, so values between them are interpolated.
/// </summary>
internal readonly struct CellRange
{
    private readonly double _start, _step;
    private readonly int _most;

    /// <param name="start">Of the window, in pixels of the frame; <paramref name="length"/> likewise.</param>
    /// <param name="windowCells">Cells of the window.</param>
    /// <param name="scale">Pixels of the frame for one of the tensor.</param>
    /// <param name="offset">Where the tensor begins in the frame.</param>
    /// <param name="tensorLength">Pixels of the tensor's side.</param>
    /// <param name="count">Cells of the map's side.</param>
    public CellRange(float start, float length, int windowCells, float scale, float offset, int tensorLength, int count)
    {
        double cells = (double)count / tensorLength;
        _step = length / (double)scale * cells / windowCells;
        _start = ((start - (double)offset) / scale * cells) + (_step / 2) - 0.5;
        _most = count - 1;
        First = At(0).Cell;
        Count = Math.Min(At(windowCells - 1).Cell + 1, _most) - First + 1;
    }

    public int First { get; }

    public int Count { get; }

    /// <summary>The cell before a cell of the window, and how far that lies on the way to the next.</summary>
    public (int Cell, float Share) At(int index)
    {
        double at = Math.Clamp(_start + (index * _step), 0, _most);
        return ((int)at, (float)(at - (int)at));
    }

    /// <summary>Whether a cell of the window lies in the map at all: the network saw that part of the frame.</summary>
    public bool Has(int index) => _start + (index * _step) is var at && at >= -0.5 && at <= _most + 0.5;
}
