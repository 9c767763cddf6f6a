using System.Runtime.InteropServices;
using EdgeRoute.Core.Frames;

namespace EdgeRoute.Workbench.Exporting;

/// <summary>
/// The outline of a mask, which viewers draw as lines, from the COCO run lengths that answers hold. It is looked at in a grid, so that an
/// outline is a few hundred lines whatever the picture's size.
/// </summary>
internal sealed class MaskOutline
{
    /// <summary>Cells along the longer side: the device's own masks have as many over an object.</summary>
    private const int CellsMost = 128;

    /// <summary>Of the text: five bits of a number a character, then whether more follow; the first of all characters is '0'.</summary>
    private const int NumberBits = 5, NumberMask = 31, SignBit = 16, MoreBit = 32, FirstCharacter = 48, ShiftMost = 30;

    private readonly List<float> _lines = [];
    private readonly List<long> _runs = [];
    private bool[] _cells = [];
    private int _columns, _rows, _step;

    /// <summary>
    /// Lines as X and Y of their ends, four numbers each, in pixels of the mask; empty where nothing is set, or the text is no mask of such
    /// a size. Valid until the next call.
    /// </summary>
    /// <param name="counts">Run lengths down each column from the left, of what is not and what is set in turn.</param>
    public ReadOnlySpan<float> Of(string counts, int width, int height)
    {
        _lines.Clear();
        bool isPicture = width is > 0 and <= FrameLayout.SideLimit && height is > 0 and <= FrameLayout.SideLimit;
        if (!isPicture || !TryReadRuns(counts, (long)width * height))
        {
            return [];
        }

        _step = Math.Max(1, (Math.Max(width, height) + CellsMost - 1) / CellsMost);
        (_columns, _rows) = (CellsAlong(width), CellsAlong(height));
        _cells = _cells.Length < _columns * _rows ? new bool[_columns * _rows] : _cells;
        _cells.AsSpan(0, _columns * _rows).Clear();
        FillCells(height);
        AddLines(_rows, _columns, IsSet, (across, along, to) => Add(along, across, to, across, width, height));
        AddLines(_columns, _rows, (across, along) => IsSet(along, across), (across, along, to) => Add(across, along, across, to, width,
            height));
        return CollectionsMarshal.AsSpan(_lines);
    }

    /// <summary>A mask within a window, as answers in memory hold it; false where the text is no mask of such a size.</summary>
    /// <param name="window">In fractions of the mask's sides.</param>
    /// <param name="cells">Those of <see cref="DetectionDetails"/>, all clear.</param>
    public bool TryFill(string counts, int width, int height, in Detection window, Span<ulong> cells)
    {
        bool isPicture = width is > 0 and <= FrameLayout.SideLimit && height is > 0 and <= FrameLayout.SideLimit;
        if (!isPicture || !TryReadRuns(counts, (long)width * height))
        {
            return false;
        }

        // Where each run begins, so that a pixel's run is found by halving.
        long[] starts = new long[_runs.Count];
        for (int i = 1; i < starts.Length; i++)
        {
            starts[i] = starts[i - 1] + _runs[i - 1];
        }

        const int Side = DetectionDetails.MaskSide;
        for (int cell = 0; cell < Side * Side; cell++)
        {
            int x = (int)((window.Left + (window.Width * ((cell % Side) + 0.5f) / Side)) * width);
            int y = (int)((window.Top + (window.Height * ((cell / Side) + 0.5f) / Side)) * height);
            if (x >= 0 && x < width && y >= 0 && y < height && IsSetAt(starts, ((long)x * height) + y))
            {
                cells[cell >> 6] |= 1UL << (cell & 63);
            }
        }

        return true;
    }

    private bool IsSetAt(long[] starts, long pixel)
    {
        int run = Array.BinarySearch(starts, pixel);
        run = run < 0 ? ~run - 1 : run;
        // Runs of no length begin where the one after them does.
        while (run + 1 < starts.Length && starts[run + 1] <= pixel)
        {
            run++;
        }

        return run % 2 == 1 && pixel < starts[run] + _runs[run];
    }

    /// <summary>Cells whose middle pixel lies inside.</summary>
    private int CellsAlong(int side) => Math.Max(0, ((side - 1 - (_step / 2)) / _step) + 1);

    private void FillCells(int height)
    {
        long at = 0;
        bool isSet = false;
        foreach (long run in _runs)
        {
            for (long end = at + run; isSet && at < end; at = Math.Min(end, ((at / height) + 1) * height))
            {
                FillColumn(at / height, at % height, Math.Min(end - (at / height * height), height));
            }

            at = isSet ? at : at + run;
            isSet = !isSet;
        }
    }

    private void FillColumn(long x, long top, long bottom)
    {
        if (x % _step != _step / 2 || x / _step >= _columns)
        {
            return;
        }

        for (long row = Math.Max(0, (top - (_step / 2) + _step - 1) / _step); row < _rows && (row * _step) + (_step / 2) < bottom; row++)
        {
            _cells[(row * _columns) + (x / _step)] = true;
        }
    }

    private bool IsSet(int row, int column) =>
        row >= 0 && row < _rows && column >= 0 && column < _columns && _cells[(row * _columns) + column];

    /// <summary>Between each two neighbouring rows (or columns) the stretches along which one side is set and the other is not.</summary>
    private static void AddLines(int across, int along, Func<int, int, bool> isSet, Action<int, int, int> add)
    {
        for (int a = 0; a <= across; a++)
        {
            int start = -1;
            for (int b = 0; b <= along; b++)
            {
                bool isEdge = b < along && isSet(a - 1, b) != isSet(a, b);
                if (isEdge && start < 0)
                {
                    start = b;
                }
                else if (!isEdge && start >= 0)
                {
                    add(a, start, b);
                    start = -1;
                }
            }
        }
    }

    private void Add(int left, int top, int right, int bottom, int width, int height) => _lines.AddRange(
    [
        Math.Min(left * _step, width), Math.Min(top * _step, height), Math.Min(right * _step, width), Math.Min(bottom * _step, height),
    ]);

    private bool TryReadRuns(string counts, long pixels)
    {
        _runs.Clear();
        long sum = 0;
        for (int at = 0; at < counts.Length;)
        {
            long number = 0;
            int shift = 0, bits;
            do
            {
                bits = at < counts.Length ? counts[at++] - FirstCharacter : -1;
                if (bits is < 0 or >= 2 * MoreBit || shift > ShiftMost)
                {
                    return false;
                }

                number |= (long)(bits & NumberMask) << shift;
                shift += NumberBits;
            }
            while ((bits & MoreBit) != 0);

            number |= (bits & SignBit) != 0 ? -1L << shift : 0;
            // From the fourth on a run is its difference from the last of its kind.
            long run = _runs.Count > 2 ? number + _runs[^2] : number;
            sum += run;
            if (run < 0 || sum > pixels)
            {
                return false;
            }

            _runs.Add(run);
        }

        return sum == pixels;
    }
}
