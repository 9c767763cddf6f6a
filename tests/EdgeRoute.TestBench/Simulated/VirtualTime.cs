namespace EdgeRoute.TestBench.Simulated;

/// <summary>
/// Time that stands still while code runs, and moves from one due event to the next. Everything happens on one thread, in an order that
/// the seed alone decides. The time of day is a second clock, which may jump.
/// </summary>
internal sealed class VirtualTime : TimeProvider
{
    private readonly PriorityQueue<Action, (long DueNs, long Order)> _due = new();
    private long _order;

    /// <summary>Monotonic, in nanoseconds.</summary>
    public long NowNs { get; private set; } = 1_000_000_000;

    /// <summary>Of the time of day against the monotonic clock.</summary>
    public long DayOffsetNs { get; set; } = 1_800_000_000_000_000_000;

    public override long TimestampFrequency => 1_000_000_000;

    public override long GetTimestamp() => NowNs;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddTicks((NowNs + DayOffsetNs) / 100);

    /// <summary>Does something later; at equal instants in the order of asking.</summary>
    public void In(long delayNs, Action act) => _due.Enqueue(act, (NowNs + Math.Max(0, delayNs), _order++));

    /// <summary>Whoever is asking is busy for so long; what is due meanwhile happens.</summary>
    public void Spend(long ns)
    {
        long until = NowNs + ns;
        while (RunNext(until))
        {
        }

        NowNs = until;
    }

    /// <summary>Lets the next event happen, if it is due until then.</summary>
    public bool RunNext(long untilNs)
    {
        if (!_due.TryPeek(out var act, out var due) || due.DueNs > untilNs)
        {
            return false;
        }

        _due.Dequeue();
        NowNs = Math.Max(NowNs, due.DueNs);
        act();
        return true;
    }
}

/// <summary>A promise of the device was broken; the words say which, and by what.</summary>
internal sealed class BrokenLawException(string law) : Exception(law);
