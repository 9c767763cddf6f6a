namespace EdgeRoute.Core.Frames;

/// <summary>
/// Counts of captured frames and of their ends for one source. The law: once a source is closed, <see cref="Captured"/> equals the sum of
/// the six ends.
/// </summary>
public readonly record struct EndTally(long Captured, long Completed, long Exited, long Escalated, long Skipped, long Dropped, long Failed)
{
    public long Ended => Completed + Exited + Escalated + Skipped + Dropped + Failed;

    /// <summary>Frames with an answer, seen or reused.</summary>
    public long Answered => Completed + Exited + Escalated + Skipped;

    /// <summary>Frames captured but not ended yet; 0 after shutdown, never negative.</summary>
    public long InFlight => Captured - Ended;

    public static EndTally operator +(EndTally a, EndTally b) => new(
        a.Captured + b.Captured, a.Completed + b.Completed, a.Exited + b.Exited, a.Escalated + b.Escalated,
        a.Skipped + b.Skipped, a.Dropped + b.Dropped, a.Failed + b.Failed);

    public static EndTally operator -(EndTally a, EndTally b) => new(
        a.Captured - b.Captured, a.Completed - b.Completed, a.Exited - b.Exited, a.Escalated - b.Escalated,
        a.Skipped - b.Skipped, a.Dropped - b.Dropped, a.Failed - b.Failed);

    /// <summary>Without the frames in flight: as if they had not been captured yet.</summary>
    public EndTally Settled() => this with { Captured = Ended };

    /// <summary>The tally after one more frame ended in <paramref name="end"/>.</summary>
    public EndTally With(FrameEnd end) => end switch
    {
        FrameEnd.Completed => this with { Completed = Completed + 1 },
        FrameEnd.Exited => this with { Exited = Exited + 1 },
        FrameEnd.Escalated => this with { Escalated = Escalated + 1 },
        FrameEnd.Skipped => this with { Skipped = Skipped + 1 },
        FrameEnd.Dropped => this with { Dropped = Dropped + 1 },
        FrameEnd.Failed => this with { Failed = Failed + 1 },
        _ => throw new ArgumentOutOfRangeException(nameof(end), end, "A frame must end in one of the six ends."),
    };
}
