namespace EdgeRoute.Core.Floors;

/// <summary>
/// Limits of the mean of audited losses in [0, 1] that hold at all times at once: one may look after every audit and stop whenever one
/// likes. For each mean on a fixed grid two capitals bet that the true mean is above and below it, with predictable stakes (hedged capital,
/// Waudby-Smith and Ramdas 2024); a mean whose capital grows large is ruled out for good. Memory is constant; an audit costs one product
/// per side for each grid mean that is not ruled out yet.
/// </summary>
/// <remarks>
/// The limits are for a mean that does not change: after a change the lower limit may pass the upper one (<see cref="IsCrossed"/>), which
/// is itself evidence of the change. Frames audited with unequal probability keep the limits valid through their weight: a bet is scaled by
/// the smallest inclusion probability over the frame's own, so that over the random choice every frame of the source counts alike.
/// </remarks>
internal sealed class ConfidenceSequence
{
    /// <summary>Grid steps of 0.001 up to a mean of 0.2, where floors lie, then of 0.01.</summary>
    private const int FineCount = 200;
    private const int CoarseCount = 80;
    private const int MeanCount = FineCount + CoarseCount + 1;

    /// <summary>
    /// Largest part of its capital that a bet can lose at once; the value that Waudby-Smith and Ramdas recommend is 1/2 to 3/4.
    /// </summary>
    private const double LossAtOnce = 0.75;

    private readonly double _capitalLimit;
    private readonly double _logLimit;
    private readonly double[] _above = new double[MeanCount];
    private readonly double[] _below = new double[MeanCount];
    private int _lower;
    private int _upper;
    private double _weightSum;
    private double _lossSum;
    private double _squareSum;

    /// <param name="confidence">In (0, 1): 0.95.</param>
    public ConfidenceSequence(double confidence)
    {
        if (!(confidence is > 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(confidence), confidence, "The confidence must be between 0 and 1, both excluded.");
        }

        _capitalLimit = 2 / (1 - confidence);
        _logLimit = Math.Log(_capitalLimit);
        Reset();
    }

    /// <summary>Audits taken in.</summary>
    public long Count { get; private set; }

    /// <summary>Losses or weights that were not numbers, or weights outside (0, 1]: left out of the limits.</summary>
    public long RefusedCount { get; private set; }

    /// <summary>Weighted mean of the losses; NaN when there are none.</summary>
    public double Mean => _weightSum > 0 ? _lossSum / _weightSum : double.NaN;

    /// <summary>The mean loss is at least this.</summary>
    public double Lower => MeanAt(Math.Max(0, _lower - 1));

    /// <summary>The mean loss is at most this.</summary>
    public double Upper => MeanAt(Math.Min(MeanCount - 1, _upper + 1));

    /// <summary>True when no constant mean fits the losses any more: the mean has changed.</summary>
    public bool IsCrossed => _lower >= _upper + 2;

    /// <summary>Begins anew, as if nothing had been audited.</summary>
    public void Reset()
    {
        Array.Fill(_above, 1);
        Array.Fill(_below, 1);
        (_lower, _upper) = (0, MeanCount - 1);
        _weightSum = 0;
        _lossSum = 0;
        _squareSum = 0;
        Count = 0;
        RefusedCount = 0;
    }

    /// <summary>Takes in one audited frame. Once the limits have crossed they stay as they are until <see cref="Reset"/>.</summary>
    /// <param name="loss">Clamped to [0, 1]; not a number: refused and counted.</param>
    /// <param name="weight">Smallest inclusion probability over this frame's own, in (0, 1]; 1 when all frames are audited with the same
    /// probability.</param>
    public void Observe(double loss, double weight = 1)
    {
        if (double.IsNaN(loss) || !(weight is > 0 and <= 1))
        {
            RefusedCount++;
            return;
        }

        double x = Math.Clamp(loss, 0, 1), stake = NextStake();
        if (!IsCrossed)
        {
            Bet(x, weight, stake);
        }

        UpdateMoments(x, weight);
    }

    /// <summary>Depends on earlier audits only; that is what makes the limits valid.</summary>
    private double NextStake()
    {
        double t = Count + 1, variance = (0.25 + _squareSum) / t;
        return Math.Sqrt(2 * _logLimit / (variance * t * Math.Log(t + 1)));
    }

    /// <summary>The capital against small means falls and that against large means rises along the grid, so the means ruled out are its two
    /// ends. Means that the other side has ruled out are bet on no more, but for the nearest, which shows when the limits meet.</summary>
    private void Bet(double x, double weight, double stake)
    {
        int first = Math.Max(0, _lower - 1), last = Math.Min(MeanCount - 1, _upper + 1);
        for (int i = first; i <= last; i++)
        {
            double mean = MeanAt(i);
            _above[i] *= 1 + (weight * Math.Min(stake, LossAtOnce / mean) * (x - mean));
            _below[i] *= 1 + (weight * Math.Min(stake, LossAtOnce / (1 - mean)) * (mean - x));
        }

        while (_lower <= last && _above[_lower] >= _capitalLimit)
        {
            _lower++;
        }

        while (_upper >= first && _below[_upper] >= _capitalLimit)
        {
            _upper--;
        }
    }

    private void UpdateMoments(double x, double weight)
    {
        _weightSum += weight;
        _lossSum += weight * x;
        double mean = (0.5 + _lossSum) / (1 + _weightSum);
        _squareSum += weight * weight * (x - mean) * (x - mean);
        Count++;
    }

    private static double MeanAt(int index) => index <= FineCount ? index * 0.001 : 0.2 + ((index - FineCount) * 0.01);
}
