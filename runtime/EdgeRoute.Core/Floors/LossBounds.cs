using EdgeRoute.Core.Gains;

namespace EdgeRoute.Core.Floors;

/// <summary>
/// P-values and upper bounds for the mean of independent losses in [0, 1]. A p-value tests "the mean is above what is allowed": it is small
/// when the losses show the opposite. A bound holds with the stated confidence. Inputs that are not numbers or out of range are refused
/// with an exception, never clamped.
/// </summary>
internal static class LossBounds
{
    /// <summary>Rounding that a sum of losses may carry, as a share of their count: far below any loss that matters.</summary>
    private const double SumRounding = 1e-12;

    /// <summary>Halvings of [0, 1] until neighbouring numbers remain.</summary>
    private const int HalvingCount = 60;

    /// <summary>Halvings for the bound by bets, each of which goes through all losses: to 1e-8, rounded up.</summary>
    private const int BetHalvingCount = 27;

    /// <summary>
    /// Exact for losses that are 0 or 1 (Clopper and Pearson 1934): how likely so few losses are when the mean is exactly what is allowed.
    /// </summary>
    public static double BinomialPValue(long lossCount, long count, double allowedLoss)
    {
        Check(lossCount, count, allowedLoss);
        return BinomialTail.AtMost(lossCount, count, allowedLoss);
    }

    /// <summary>Exact upper bound for losses that are 0 or 1.</summary>
    public static double BinomialUpper(long lossCount, long count, double confidence)
    {
        Check(lossCount, count, confidence);
        return Solve(m => BinomialTail.AtMost(lossCount, count, m), (double)lossCount / count, 1 - confidence);
    }

    /// <summary>For losses anywhere in [0, 1]: the smaller of the Hoeffding and the Bentkus tail (Bates et al. 2021, "Distribution-free,
    /// risk-controlling prediction sets"; used by Angelopoulos et al. in "Learn then test"). Ignores that losses may vary little;
    /// <see cref="BettingPValue"/> does not.</summary>
    public static double HoeffdingBentkusPValue(double lossSum, long count, double allowedLoss)
    {
        Check(lossSum, count, allowedLoss);
        double mean = Math.Min(lossSum / count, 1);
        if (mean >= allowedLoss)
        {
            return 1;
        }

        double hoeffding = Math.Exp(-count * RelativeEntropy(mean, allowedLoss));
        long ceiling = (long)Math.Ceiling(lossSum - (SumRounding * count));
        return Math.Min(1, Math.Min(hoeffding, Math.E * BinomialTail.AtMost(ceiling, count, allowedLoss)));
    }

    /// <summary>Upper bound for losses anywhere in [0, 1] from <see cref="HoeffdingBentkusPValue"/>.</summary>
    public static double HoeffdingBentkusUpper(double lossSum, long count, double confidence)
    {
        Check(lossSum, count, confidence);
        return Solve(m => HoeffdingBentkusPValue(lossSum, count, m), Math.Min(lossSum / count, 1), 1 - confidence);
    }

    /// <summary>For losses anywhere in [0, 1], tighter the less they vary: one over the capital of a fixed mixture of bets against the
    /// allowed mean (after Waudby-Smith and Ramdas 2024). The bets do not depend on the losses, so their order does not matter, and by the
    /// inequality of the means the losses need not have equal means: only their average is tested.</summary>
    /// <param name="confidence">The bets are chosen to be best at this confidence; the p-value is valid for any.</param>
    public static double BettingPValue(ReadOnlySpan<double> losses, double allowedLoss, double confidence)
    {
        CheckLosses(losses);
        Check(0, losses.Length, allowedLoss);
        Check(0, losses.Length, confidence);
        return BettingPValueUnchecked(losses, allowedLoss, 1 - confidence);
    }

    /// <summary>Upper bound for losses anywhere in [0, 1] from <see cref="BettingPValue"/>.</summary>
    public static double BettingUpper(ReadOnlySpan<double> losses, double confidence)
    {
        Check(0, losses.Length, confidence);
        double low = SumOf(losses) / losses.Length, high = 1;
        for (int i = 0; i < BetHalvingCount && low < high; i++)
        {
            double middle = 0.5 * (low + high);
            (low, high) = BettingPValueUnchecked(losses, middle, 1 - confidence) > 1 - confidence ? (middle, high) : (low, middle);
        }

        return high;
    }

    /// <summary>Fewest losses, all of them 0, with which a test can show that the mean is not above what is allowed.</summary>
    public static long FewestWithoutLoss(LossTest test, FloorGoal goal)
    {
        if (test != LossTest.Betting)
        {
            return (long)Math.Ceiling(Math.Log(goal.Risk) / Math.Log(1 - goal.AllowedLoss));
        }

        long count = 1;
        while (LossBets.LogCapitalWithoutLoss(count, goal.AllowedLoss, goal.Risk) < -Math.Log(goal.Risk))
        {
            count++;
        }

        return count;
    }

    /// <summary>The p-value that a test gives these losses.</summary>
    public static double PValue(LossTest test, ReadOnlySpan<double> losses, FloorGoal goal) => test switch
    {
        LossTest.Binomial => BinomialPValue(CountOf(losses), losses.Length, goal.AllowedLoss),
        LossTest.HoeffdingBentkus => HoeffdingBentkusPValue(SumOf(losses), losses.Length, goal.AllowedLoss),
        _ => BettingPValue(losses, goal.AllowedLoss, goal.Confidence),
    };

    /// <summary>The upper bound that a test gives these losses.</summary>
    public static double Upper(LossTest test, ReadOnlySpan<double> losses, double confidence) => test switch
    {
        LossTest.Binomial => BinomialUpper(CountOf(losses), losses.Length, confidence),
        LossTest.HoeffdingBentkus => HoeffdingBentkusUpper(SumOf(losses), losses.Length, confidence),
        _ => BettingUpper(losses, confidence),
    };

    internal static double SumOf(ReadOnlySpan<double> losses)
    {
        CheckLosses(losses);
        double sum = 0;
        foreach (double loss in losses)
        {
            sum += loss;
        }

        return sum;
    }

    private static long CountOf(ReadOnlySpan<double> losses)
    {
        long count = 0;
        foreach (double loss in losses)
        {
            if (loss is not (0 or 1))
            {
                throw new ArgumentOutOfRangeException(nameof(losses), loss,
                    "The binomial test takes losses that are 0 or 1; use the betting test for others.");
            }

            count += (long)loss;
        }

        return count;
    }

    private static double BettingPValueUnchecked(ReadOnlySpan<double> losses, double allowedLoss, double risk) =>
        Math.Min(1, Math.Exp(-LossBets.LogCapital(losses, allowedLoss, risk)));

    /// <summary>The mean at which a p-value that falls with it crosses the risk.</summary>
    private static double Solve(Func<double, double> pValue, double mean, double risk)
    {
        double low = mean, high = 1;
        for (int i = 0; i < HalvingCount && low < high; i++)
        {
            double middle = 0.5 * (low + high);
            (low, high) = pValue(middle) > risk ? (middle, high) : (low, middle);
        }

        return high;
    }

    /// <summary>Kullback-Leibler divergence of two Bernoulli distributions, for mean below allowed.</summary>
    private static double RelativeEntropy(double mean, double allowed) =>
        (mean > 0 ? mean * Math.Log(mean / allowed) : 0) + (mean < 1 ? (1 - mean) * Math.Log((1 - mean) / (1 - allowed)) : 0);

    private static void CheckLosses(ReadOnlySpan<double> losses)
    {
        for (int i = 0; i < losses.Length; i++)
        {
            if (!(losses[i] is >= 0 and <= 1))
            {
                throw new ArgumentOutOfRangeException(nameof(losses), losses[i], $"Loss {i} is not in [0, 1].");
            }
        }
    }

    private static void Check(double lossSum, long count, double fraction)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        if (!(lossSum >= 0 && lossSum <= count * (1 + SumRounding)))
        {
            throw new ArgumentOutOfRangeException(nameof(lossSum), lossSum, $"The sum of {count} losses must be in [0, {count}].");
        }

        if (!(fraction is > 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(fraction), fraction,
                "The allowed loss or the confidence must be between 0 and 1, both excluded.");
        }
    }
}
