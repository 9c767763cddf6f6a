namespace EdgeRoute.ControlChannel.Journal;

/// <summary>
/// Counts refusals by cause, and writes them into the event log so that a flood of them cannot flood it: of each cause one line in a while,
/// with the number left out. Any thread.
/// </summary>
public sealed class RefusalLog(EventLog events)
{
    /// <summary>
    /// Between two lines of one cause: a person at the log sees an attack at once, and it takes 150 minutes to push anything else out of
    /// the log.
    /// </summary>
    public const long QuietNs = 20_000_000_000;

    private readonly Lock _gate = new();
    private readonly long[] _counts = new long[CauseCount];
    private readonly Line[] _lines = new Line[CauseCount];

    private static readonly int CauseCount = Enum.GetValues<ConnectionRefusal>().Length;

    private record struct Line(bool IsShown, long ShownNs, long LeftOutCount, string LastText);

    public long Total
    {
        get
        {
            lock (_gate)
            {
                return _counts.Sum();
            }
        }
    }

    public long CountOf(ConnectionRefusal cause)
    {
        lock (_gate)
        {
            return _counts[(int)cause];
        }
    }

    /// <param name="text">What was refused, to whom, and why.</param>
    public void Add(ConnectionRefusal cause, string text, long nowNs)
    {
        lock (_gate)
        {
            _counts[(int)cause]++;
            ref var line = ref _lines[(int)cause];
            line.LastText = text;
            if (line.IsShown && nowNs - line.ShownNs < QuietNs)
            {
                line.LeftOutCount++;
                return;
            }

            Show(ref line, nowNs);
        }
    }

    /// <summary>Only the count: for refusals that happen many times within one connection that is logged anyway.</summary>
    public void Count(ConnectionRefusal cause)
    {
        lock (_gate)
        {
            _counts[(int)cause]++;
        }
    }

    /// <summary>Shows what was left out, once its cause has been quiet for long enough.</summary>
    public void Tick(long nowNs)
    {
        lock (_gate)
        {
            for (int i = 0; i < _lines.Length; i++)
            {
                if (_lines[i].LeftOutCount > 0 && nowNs - _lines[i].ShownNs >= QuietNs)
                {
                    _lines[i].LeftOutCount--;
                    Show(ref _lines[i], nowNs);
                }
            }
        }
    }

    private void Show(ref Line line, long nowNs)
    {
        string more = line.LeftOutCount > 0 ? $" (and {line.LeftOutCount} more like it)" : "";
        events.Add(EventLevel.Warning, "", line.LastText + more);
        (line.IsShown, line.ShownNs, line.LeftOutCount) = (true, nowNs, 0);
    }
}
