namespace EdgeRoute.Engine.Stages.Heads;

/// <summary>Cells of one row that belong together.</summary>
/// <param name="End">The first cell after them.</param>
internal readonly record struct MapRun(int Row, int First, int End);

/// <summary>
/// The regions of a map of probabilities whose cells lie above a threshold, joined over sides and corners, in the order of their first
/// cells. Found by runs of rows and the sets that touching runs make (Rosenfeld and Pfaltz, JACM 13(4), 1966).
/// </summary>
internal sealed class MapRegions
{
    /// <summary>A page full of text has a few thousand; a map with more is noise.</summary>
    public const int RunLimit = 1 << 16;

    /// <summary>Cells looked at together: nearly all of a map holds no text.</summary>
    private const int BlockLength = 64;

    private const string Sigmoid = "export the model with the sigmoid at its end";

    /// <summary>In the order of rows; these and the other arrays grow with the busiest map seen.</summary>
    private MapRun[] _runs = new MapRun[1024];
    private MapRun[] _sorted = new MapRun[1024];

    /// <summary>By run: one before it of the same region, or itself; afterwards the number of its region.</summary>
    private int[] _parents = new int[1024];

    /// <summary>By region: where its runs begin among the sorted ones.</summary>
    private int[] _starts = new int[1025];
    private int _count;

    /// <summary>Regions of the map looked at last.</summary>
    public int Count { get; private set; }

    /// <summary>The runs of a region, row after row.</summary>
    public ReadOnlySpan<MapRun> RunsOf(int region) => _sorted.AsSpan(_starts[region], _starts[region + 1] - _starts[region]);

    /// <exception cref="InvalidDataException">The map holds what is no probability, or noise.</exception>
    public void Find(ReadOnlySpan<float> map, int width, float threshold)
    {
        _count = 0;
        int before = 0, height = map.Length / width;
        for (int row = 0; row < height; row++)
        {
            int first = _count;
            FindRuns(map.Slice(row * width, width), row, threshold);
            JoinRows(before, first);
            before = first;
        }

        Sort();
    }

    private void FindRuns(ReadOnlySpan<float> cells, int row, float threshold)
    {
        int open = -1;
        for (int start = 0; start < cells.Length; start += BlockLength)
        {
            int end = Math.Min(start + BlockLength, cells.Length);
            bool isEmpty = ClassRows.AllBelow(cells[start..end], threshold, -SoundOutput.Rounding);
            for (int i = start; i < (isEmpty ? start + 1 : end); i++)
            {
                SoundOutput.CheckProbability(cells[i], "the map", Sigmoid);
                if (cells[i] > threshold)
                {
                    open = open < 0 ? i : open;
                }
                else if (open >= 0)
                {
                    AddRun(new MapRun(row, open, i));
                    open = -1;
                }
            }
        }

        if (open >= 0)
        {
            AddRun(new MapRun(row, open, cells.Length));
        }
    }

    private void AddRun(in MapRun run)
    {
        if (_count == RunLimit)
        {
            throw new InvalidDataException($"the map has more than {RunLimit} separate stretches above 'map_threshold', which is noise and "
                + "no text");
        }

        if (_count == _runs.Length)
        {
            Array.Resize(ref _runs, 2 * _count);
            Array.Resize(ref _sorted, 2 * _count);
            Array.Resize(ref _parents, 2 * _count);
            Array.Resize(ref _starts, (2 * _count) + 1);
        }

        _parents[_count] = _count;
        _runs[_count++] = run;
    }

    /// <summary>Joins the runs of the last row with those above them, from left to right in both.</summary>
    /// <param name="above">The first run of the row before.</param>
    /// <param name="first">The first run of the last row.</param>
    private void JoinRows(int above, int first)
    {
        int upper = above, lower = first;
        while (upper < first && lower < _count)
        {
            ref readonly var a = ref _runs[upper];
            ref readonly var b = ref _runs[lower];
            if (a.First <= b.End && b.First <= a.End)
            {
                Join(upper, lower);
            }

            (upper, lower) = a.End < b.End ? (upper + 1, lower) : (upper, lower + 1);
        }
    }

    private void Join(int a, int b)
    {
        (a, b) = (RootOf(a), RootOf(b));
        _parents[Math.Max(a, b)] = Math.Min(a, b);
    }

    private int RootOf(int run)
    {
        while (_parents[run] != run)
        {
            _parents[run] = _parents[_parents[run]];
            run = _parents[run];
        }

        return run;
    }

    /// <summary>Numbers the regions and puts the runs of each together; the order within stays.</summary>
    private void Sort()
    {
        // A run's parent comes before it and is of the same region, so its number is known when the run asks for it.
        Count = 0;
        for (int i = 0; i < _count; i++)
        {
            _parents[i] = _parents[i] == i ? Count++ : _parents[_parents[i]];
        }

        var starts = _starts.AsSpan(0, Count + 1);
        starts.Clear();
        for (int i = 0; i < _count; i++)
        {
            starts[_parents[i]]++;
        }

        int sum = 0;
        for (int i = 0; i <= Count; i++)
        {
            sum += starts[i];
            starts[i] = sum;
        }

        for (int i = _count - 1; i >= 0; i--)
        {
            _sorted[--starts[_parents[i]]] = _runs[i];
        }
    }
}
