namespace EdgeRoute.Core.Floors;

/// <summary>
/// A fixed mixture of bets that the mean of losses is below a limit. Each bet multiplies its capital by 1 + stake * (limit - loss); the
/// capital of the mixture has mean at most 1 when the mean loss is at or above the limit, so it is rarely large then.
/// </summary>
internal static class LossBets
{
    /// <summary>Variances of losses for which one bet each is the best: from 0/1 losses of mean 0.08 to means of long blocks.</summary>
    private static readonly double[] Variances = [0.08, 0.03, 0.012, 0.004, 0.001];

    private static readonly double[] Shares = [0.15, 0.25, 0.25, 0.2, 0.15];

    /// <summary>Nearly all the capital; below 1, so that it stays positive whatever the loss and grows with the limit.</summary>
    private const double LargestStake = 0.97;

    /// <summary>Logarithm of the capital after all losses.</summary>
    /// <param name="risk">The p-value that is hoped for: it sets the stakes, together with the number of losses.</param>
    public static double LogCapital(ReadOnlySpan<double> losses, double limit, double risk)
    {
        Span<double> logs = stackalloc double[Variances.Length];
        for (int j = 0; j < logs.Length; j++)
        {
            logs[j] = LogCapitalOf(losses, limit, Stake(j, losses.Length, risk));
        }

        return LogMixture(logs);
    }

    /// <summary>Logarithm of the capital after so many losses of 0.</summary>
    public static double LogCapitalWithoutLoss(long count, double limit, double risk)
    {
        Span<double> logs = stackalloc double[Variances.Length];
        for (int j = 0; j < logs.Length; j++)
        {
            logs[j] = count * Math.Log(1 + (Stake(j, count, risk) * limit));
        }

        return LogMixture(logs);
    }

    /// <summary>
    /// The stake that would make the bound narrowest if the losses had this variance (Waudby-Smith and Ramdas 2024, section 3).
    /// </summary>
    private static double Stake(int index, long count, double risk) =>
        Math.Min(LargestStake, Math.Sqrt(-2 * Math.Log(risk) / (count * Variances[index])));

    private static double LogMixture(ReadOnlySpan<double> logs)
    {
        double largest = double.NegativeInfinity, sum = 0;
        foreach (double log in logs)
        {
            largest = Math.Max(largest, log);
        }

        for (int j = 0; j < logs.Length; j++)
        {
            sum += Shares[j] * Math.Exp(logs[j] - largest);
        }

        return largest + Math.Log(sum);
    }

    /// <summary>
    /// Products of a few factors share one logarithm: they lie in [0.03, 2], so sixteen of them neither overflow nor underflow.
    /// </summary>
    private static double LogCapitalOf(ReadOnlySpan<double> losses, double limit, double stake)
    {
        double log = 0, product = 1;
        for (int i = 0; i < losses.Length; i++)
        {
            product *= 1 + (stake * (limit - losses[i]));
            if (i % 16 == 15)
            {
                log += Math.Log(product);
                product = 1;
            }
        }

        return log + Math.Log(product);
    }
}
