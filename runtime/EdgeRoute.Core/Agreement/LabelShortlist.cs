using System.Diagnostics;
using EdgeRoute.Core.Frames;

namespace EdgeRoute.Core.Agreement;

/// <summary>An audited frame that is worth a person's look.</summary>
/// <param name="Doubt">In [0, 1]; larger is more worth a label.</param>
public readonly record struct ShortlistedFrame(FrameStamp Stamp, double PredictedGain, double ObservedGain, double Doubt);

/// <summary>What became of a frame offered for labelling.</summary>
/// <param name="IsKept">The caller keeps the frame's pixels.</param>
/// <param name="HasReplaced">The caller deletes what it kept for <paramref name="Replaced"/>.</param>
public readonly record struct ShortlistOutcome(bool IsKept, bool HasReplaced, ShortlistedFrame Replaced);

/// <summary>
/// Picks the audited frames of one source that are worth a label: in each period of source time the most doubtful ones, at most a given
/// number. A frame is kept at once and gives way when a more doubtful one comes in the same period. Offering allocates nothing. One list
/// per source, because sources have their own time.
/// </summary>
public sealed class LabelShortlist
{
    /// <summary>More frames per period than a person would label; also bounds the memory.</summary>
    public const int FrameLimit = 10_000;

    private readonly ShortlistedFrame[] _kept;
    private readonly long _periodNs;
    private long _elapsedNs;
    private long _latestNs = long.MinValue;

    /// <param name="frameLimit">Frames kept per period, 1 to <see cref="FrameLimit"/>.</param>
    /// <param name="periodNs">Length of a period in nanoseconds of source time: an hour or a day.</param>
    /// <exception cref="ArgumentOutOfRangeException">The limit or the period is out of range.</exception>
    public LabelShortlist(int frameLimit, long periodNs)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(frameLimit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(frameLimit, FrameLimit);
        ArgumentOutOfRangeException.ThrowIfLessThan(periodNs, 1);
        _kept = new ShortlistedFrame[frameLimit];
        _periodNs = periodNs;
    }

    /// <summary>Frames kept in the present period.</summary>
    public int Count { get; private set; }

    public long OfferedCount { get; private set; }

    /// <summary>Frames offered whose gains were not numbers.</summary>
    public long RefusedCount { get; private set; }

    /// <summary>Frames that were not kept or gave way to others.</summary>
    public long PassedOverCount { get; private set; }

    /// <summary>The frames kept in the present period, in no order.</summary>
    public ReadOnlySpan<ShortlistedFrame> Kept => _kept.AsSpan(0, Count);

    /// <summary>
    /// Half for a prediction that was wrong, half for one that could not tell: predicted against observed gain, and how near 1/2 the
    /// prediction was.
    /// </summary>
    public static double DoubtOf(double predictedGain, double observedGain)
    {
        double predicted = Math.Clamp(predictedGain, 0, 1), observed = Math.Clamp(observedGain, 0, 1);
        return 0.5 * (Math.Abs(predicted - observed) + 1 - Math.Abs((2 * predicted) - 1));
    }

    /// <summary>Offers an audited frame.</summary>
    /// <param name="predictedGain">Of the option that was taken, before the audit; clamped to [0, 1]; not a number: refused and
    /// counted.</param>
    /// <param name="observedGain">What the audit found; clamped to [0, 1]; not a number: refused and counted.</param>
    public ShortlistOutcome Offer(in FrameStamp stamp, double predictedGain, double observedGain)
    {
        OfferedCount++;
        Advance(stamp.SourceNs);
        if (double.IsNaN(predictedGain) || double.IsNaN(observedGain))
        {
            RefusedCount++;
            return default;
        }

        var frame = new ShortlistedFrame(stamp, predictedGain, observedGain, DoubtOf(predictedGain, observedGain));
        Debug.Assert(frame.Doubt is >= 0 and <= 1, "A doubt lies in [0, 1].");
        return Count < _kept.Length ? Fill(frame) : Displace(frame);
    }

    /// <summary>
    /// Only time that passes forward counts: a file that starts again would otherwise begin a new period, and a new budget, with every
    /// round.
    /// </summary>
    private void Advance(long sourceNs)
    {
        if (_latestNs != long.MinValue && sourceNs > _latestNs)
        {
            _elapsedNs += sourceNs - _latestNs;
        }

        _latestNs = sourceNs;
        if (_elapsedNs >= _periodNs)
        {
            _elapsedNs %= _periodNs;
            Count = 0;
        }
    }

    private ShortlistOutcome Fill(in ShortlistedFrame frame)
    {
        _kept[Count++] = frame;
        return new ShortlistOutcome(true, false, default);
    }

    private ShortlistOutcome Displace(in ShortlistedFrame frame)
    {
        PassedOverCount++;
        int least = 0;
        for (int i = 1; i < _kept.Length; i++)
        {
            least = _kept[i].Doubt < _kept[least].Doubt ? i : least;
        }

        if (frame.Doubt <= _kept[least].Doubt)
        {
            return default;
        }

        var replaced = _kept[least];
        _kept[least] = frame;
        return new ShortlistOutcome(true, true, replaced);
    }
}
