using System.Diagnostics;

namespace EdgeRoute.Core.Floors;

/// <summary>
/// Watches for the moment from which the mean loss is on the wrong side of a limit: a mixture of Shiryaev-Roberts e-detectors (Shin,
/// Ramdas, Rinaldo 2023). Every audit may be the moment, so old losses never dilute new ones.
/// </summary>
/// <remarks>
/// While the mean of each loss, given those before it, is on the right side of the limit, the evidence has mean at most the number of
/// audits. So alarms come at least <c>threshold</c> audits apart on average, and within T audits with probability at most T / threshold,
/// whatever the losses' distribution.
/// </remarks>
internal sealed class LossDetector
{
    private readonly double _limit;
    private readonly double _threshold;
    private readonly double _sign;
    private readonly double[] _stakes;
    private readonly double[] _shares;
    private readonly double[] _evidence;
    private readonly double[] _sinceCapital;
    private readonly LossRun[] _sinceRun;

    private LossDetector(double limit, double threshold, double sign, double[] stakes, double[] shares)
    {
        _limit = limit;
        _threshold = threshold;
        _sign = sign;
        _stakes = stakes;
        _shares = shares;
        _evidence = new double[stakes.Length];
        _sinceCapital = new double[stakes.Length];
        _sinceRun = new LossRun[stakes.Length];
        Reset();
    }

    /// <summary>The evidence so far; an alarm is due at the threshold.</summary>
    public double Evidence { get; private set; }

    /// <summary>The losses since the moment that fits the evidence best.</summary>
    public LossRun Since { get; private set; }

    /// <summary>
    /// Watches for a mean above the limit. Small stakes find small changes of 0/1 losses, large ones changes of losses that vary little.
    /// </summary>
    public static LossDetector Above(double limit, double threshold)
    {
        double largest = 0.9 / limit;
        return new LossDetector(limit, threshold, 1, [.. AboveStakes.Select(s => s * largest)], AboveShares);
    }

    /// <summary>Watches for a mean below the limit.</summary>
    public static LossDetector Below(double limit, double threshold) =>
        new(limit, threshold, -1, [.. BelowStakes.Select(s => s / (1 - limit))], BelowShares);

    public void Reset()
    {
        Array.Clear(_evidence);
        Array.Fill(_sinceCapital, 1);
        Array.Clear(_sinceRun);
        Evidence = 0;
        Since = default;
    }

    /// <summary>Takes in a loss in [0, 1] with a weight in (0, 1]; true when the evidence has reached the threshold.</summary>
    public bool Observe(double loss, double weight)
    {
        double best = 0;
        Evidence = 0;
        for (int j = 0; j < _stakes.Length; j++)
        {
            double factor = 1 + (weight * _stakes[j] * _sign * (loss - _limit));
            Debug.Assert(factor > 0, "A bet never loses all that it has.");
            _evidence[j] = (_evidence[j] + 1) * factor;
            Evidence += _shares[j] * _evidence[j];
            Follow(j, factor, loss, weight);
            if (_sinceCapital[j] > best)
            {
                best = _sinceCapital[j];
                Since = _sinceRun[j];
            }
        }

        return Evidence >= _threshold;
    }

    /// <summary>The best single moment of one stake: wherever its capital has fallen to what it started with, it starts anew.</summary>
    private void Follow(int j, double factor, double loss, double weight)
    {
        if (_sinceCapital[j] <= 1)
        {
            _sinceCapital[j] = 1;
            _sinceRun[j] = default;
        }

        _sinceCapital[j] *= factor;
        _sinceRun[j] = _sinceRun[j].With(loss, weight);
    }

    private static readonly double[] AboveStakes = [0.01, 0.025, 0.06, 0.15, 0.4, 1];
    private static readonly double[] AboveShares = [0.15, 0.3, 0.25, 0.12, 0.1, 0.08];
    private static readonly double[] BelowStakes = [0.2, 0.45, 0.95];
    private static readonly double[] BelowShares = [0.3, 0.3, 0.4];
}

/// <summary>A run of audited losses.</summary>
/// <param name="Count">Audits in it.</param>
public readonly record struct LossRun(long Count, double LossSum, double WeightSum)
{
    /// <summary>Weighted mean loss; NaN when the run is empty.</summary>
    public double Mean => WeightSum > 0 ? LossSum / WeightSum : double.NaN;

    public LossRun With(double loss, double weight) => new(Count + 1, LossSum + (weight * loss), WeightSum + weight);
}
