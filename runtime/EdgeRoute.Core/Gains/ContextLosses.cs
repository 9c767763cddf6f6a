using System.Diagnostics;

namespace EdgeRoute.Core.Gains;

/// <summary>
/// The online part of the gain estimate: for each context (a cluster of signals) the factor by which losses seen in audits exceed the
/// predicted ones. A factor leaves 1 only when the evidence is good: when 1 lies outside an interval of <see cref="Deviations"/> standard
/// errors around the ratio of sums, and then only to the near end of that interval. Fed off the hot path; read at frame boundaries.
/// </summary>
public sealed class ContextLosses
{
    /// <summary>Audits of a context before it may correct anything: below it the standard error itself is not known.</summary>
    public const int LeastAudits = 30;

    /// <summary>
    /// Factors stay within [1 / limit, limit]: beyond it the calibration is wrong altogether, which is the floor audit's to say.
    /// </summary>
    public const float FactorLimit = 8;

    /// <summary>Two-sided 95 % of a normal distribution.</summary>
    private const double Deviations = 1.96;

    /// <summary>Old evidence halves in 500 audits of its context, so that a context can change its mind.</summary>
    private const double Keep = 0.99861;

    private readonly double[] _counts, _losses, _expected, _squares, _weights;
    private readonly float[] _factors;

    public ContextLosses(int contextCount)
    {
        _counts = new double[contextCount];
        _losses = new double[contextCount];
        _expected = new double[contextCount];
        _squares = new double[contextCount];
        _weights = new double[contextCount];
        _factors = new float[contextCount];
        Array.Fill(_factors, 1);
    }

    public int ContextCount => _factors.Length;

    /// <summary>What losses are multiplied with; 1 for context -1.</summary>
    public float FactorOf(int contextIndex) => (uint)contextIndex < (uint)_factors.Length ? _factors[contextIndex] : 1;

    /// <summary>Takes in one audited frame.</summary>
    /// <param name="contextIndex">Its context; -1 is ignored.</param>
    /// <param name="predictedLoss">What the calibration alone expected, in [0, 1].</param>
    /// <param name="observedLoss">What the audit saw, in [0, 1].</param>
    /// <param name="inclusionProbability">With which the frame was chosen for audit, in (0, 1]: rarely chosen frames count for
    /// more.</param>
    public void Observe(int contextIndex, double predictedLoss, double observedLoss, double inclusionProbability)
    {
        bool isUsable = (uint)contextIndex < (uint)_factors.Length && predictedLoss is >= 0 and <= 1 && observedLoss is >= 0 and <= 1
            && inclusionProbability is > 0 and <= 1;
        if (!isUsable)
        {
            return;
        }

        double weight = 1 / inclusionProbability;
        double difference = observedLoss - (predictedLoss * _factors[contextIndex]);
        Fade(_counts, contextIndex, 1);
        Fade(_weights, contextIndex, weight);
        Fade(_losses, contextIndex, weight * observedLoss);
        Fade(_expected, contextIndex, weight * predictedLoss);
        Fade(_squares, contextIndex, weight * weight * difference * difference);
        Update(contextIndex);
    }

    private static void Fade(double[] sums, int index, double add) => sums[index] = (sums[index] * Keep) + add;

    private void Update(int i)
    {
        if (_counts[i] < LeastAudits || _expected[i] <= 0)
        {
            return;
        }

        // Standard error of a ratio of sums (Cochran, Sampling Techniques, 1977, section 6.4).
        double ratio = _losses[i] / _expected[i];
        double margin = Deviations * Math.Sqrt(_squares[i]) / _expected[i];
        _factors[i] = (float)Math.Clamp(NearestToOne(ratio - margin, ratio + margin), 1 / FactorLimit, FactorLimit);
        Debug.Assert(_factors[i] > 0, "A factor is a number above 0.");
    }

    /// <summary>Of an interval: 1 where it lies inside, else the end that is nearer to it.</summary>
    private static double NearestToOne(double low, double high)
    {
        if (low > 1)
        {
            return low;
        }

        return high < 1 ? high : 1;
    }
}
