namespace EdgeRoute.Core.Quality;

/// <summary>
/// A fixed mixture of bets that the mean of losses is below a limit. Each bet multiplies its capital by 1 + stake * (limit - loss); the capital of the mixture
/// has mean at most 1 when the mean loss is at or above the limit, so it is rarely large then.
/// </summary>
internal static class LossBets
{
    /// <summary>From stakes for losses of large variance close to the limit to nearly all the capital, for losses well below it. Below 1, so that the
    /// capital stays positive whatever the loss and grows with the limit.</summary>
    private static readonly double[] Stakes = [0.05, 0.12, 0.27, 0.5, 0.75, 0.97];

    /// <summary>Large stakes decide how few blocks suffice when there is hardly any loss, so they have the larger shares.</summary>
    private static readonly double[] Shares = [0.08, 0.12, 0.15, 0.15, 0.2, 0.3];

    public static double LogCapital(ReadOnlySpan<double> losses, double limit)
    {
        Span<double> logs = stackalloc double[Stakes.Length];
        for (int j = 0; j < Stakes.Length; j++)
        {
            logs[j] = LogCapital(losses, limit, Stakes[j]);
        }

        return LogMixture(logs);
    }

    public static double LogCapitalWithoutLoss(long count, double limit)
    {
        Span<double> logs = stackalloc double[Stakes.Length];
        for (int j = 0; j < Stakes.Length; j++)
        {
            logs[j] = count * Math.Log(1 + (Stakes[j] * limit));
        }

        return LogMixture(logs);
    }

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

    /// <summary>Products of a few factors share one logarithm: the factors lie in [0.03, 2], so sixteen of them neither overflow nor underflow.</summary>
    private static double LogCapital(ReadOnlySpan<double> losses, double limit, double stake)
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
