namespace EdgeRoute.Cli.Top;

/// <summary>Which paths a stream's frames took in the latest intervals of telemetry, and what went wrong in each.</summary>
internal sealed class PathHistory
{
    /// <summary>Intervals of a column of the picture: two of 0.2 s, so that 66 columns show the last 26 seconds.</summary>
    public const int IntervalsPerColumn = 2;

    /// <summary>Enough for a terminal of 300 columns.</summary>
    private const int IntervalsMost = 600;

    private readonly LinkedList<Interval> _intervals = [];
    private long _endIndex;

    /// <summary>What became of the frames of one interval.</summary>
    /// <param name="Nodes">Frames answered, by route tree node.</param>
    internal sealed record Interval(IReadOnlyList<long> Nodes, long Dropped, long Failed, long Late)
    {
        public long FrameCount => Nodes.Sum();

        public static Interval Sum(IEnumerable<Interval> parts)
        {
            var all = parts.ToList();
            int count = all.Count == 0 ? 0 : all.Max(p => p.Nodes.Count);
            long[] nodes = [.. Enumerable.Range(0, count).Select(i => all.Sum(p => i < p.Nodes.Count ? p.Nodes[i] : 0))];
            return new Interval(nodes, all.Sum(p => p.Dropped), all.Sum(p => p.Failed), all.Sum(p => p.Late));
        }
    }

    public void Add(Interval interval)
    {
        _intervals.AddLast(interval);
        _endIndex++;
        if (_intervals.Count > IntervalsMost)
        {
            _intervals.RemoveFirst();
        }
    }

    /// <summary>Another route tree: its nodes are others.</summary>
    public void Clear()
    {
        _intervals.Clear();
        _endIndex = 0;
    }

    /// <summary>
    /// The latest columns, oldest first. Columns hold the same intervals from one drawing to the next, so that the picture moves and does
    /// not flicker.
    /// </summary>
    public List<Interval> Columns(int count)
    {
        long firstKept = _endIndex - _intervals.Count;
        return [.. _intervals.Select((interval, i) => (interval, Column: (firstKept + i) / IntervalsPerColumn)).GroupBy(p => p.Column)
            .Select(g => Interval.Sum(g.Select(p => p.interval))).TakeLast(count)];
    }

    /// <summary>
    /// How many cells of a column each node takes: by largest remainders, and at least one for each that has frames while there is room.
    /// </summary>
    public static int[] Heights(IReadOnlyList<long> counts, int rows)
    {
        long total = counts.Sum();
        int[] heights = new int[counts.Count];
        if (total == 0)
        {
            return heights;
        }

        for (int i = 0; i < heights.Length; i++)
        {
            heights[i] = (int)(counts[i] * rows / total);
        }

        foreach (int i in Enumerable.Range(0, heights.Length).OrderByDescending(i => counts[i] * rows % total).ThenBy(i => i)
            .Take(rows - heights.Sum()).ToList())
        {
            heights[i]++;
        }

        return heights;
    }
}
