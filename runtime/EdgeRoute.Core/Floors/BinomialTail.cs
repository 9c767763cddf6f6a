namespace EdgeRoute.Core.Floors;

/// <summary>
/// Tails of the binomial distribution, to about 1e-12 for up to millions of trials. The point probability is Loader's saddle-point form
/// (2000), which has no difference of large logarithms; the tail is the continued fraction of the regularised incomplete beta function.
/// </summary>
internal static class BinomialTail
{
    /// <summary>The fraction converges in a few times the root of the number of trials; this many would do for 1e12 of them.</summary>
    private const int FractionTermLimit = 5_000_000;

    /// <summary>From here on five terms of the Stirling series are exact to the last bit.</summary>
    private const double StirlingStart = 16;

    private const double HalfLogTwoPi = 0.918938533204672741780329736406;

    /// <summary>
    /// Probability of at most <paramref name="successCount"/> successes in <paramref name="trialCount"/> independent trials.
    /// </summary>
    /// <param name="probability">Of one success, in [0, 1].</param>
    public static double AtMost(long successCount, long trialCount, double probability)
    {
        if (successCount >= trialCount)
        {
            return 1;
        }

        return successCount < 0 ? 0 : RegularizedBeta(trialCount - successCount, successCount + 1, 1 - probability, probability);
    }

    /// <summary>The regularised incomplete beta function I_x(a, b) for a, b of at least a few hundredths.</summary>
    public static double RegularizedBeta(double a, double b, double x) => RegularizedBeta(a, b, x, 1 - x);

    /// <summary>Natural logarithm of the gamma function for positive arguments.</summary>
    public static double LogGamma(double x)
    {
        double product = 1;
        for (; x < StirlingStart; x++)
        {
            product *= x;
        }

        return ((x - 0.5) * Math.Log(x)) - x + HalfLogTwoPi + StirlingSeries(x) - Math.Log(product);
    }

    /// <param name="y">1 - x, handed in because the subtraction would lose the digits of a small x.</param>
    private static double RegularizedBeta(double a, double b, double x, double y)
    {
        if (x <= 0 || y <= 0)
        {
            return x <= 0 ? 0 : 1;
        }

        return x <= (a + 1) / (a + b + 2) ? LowerTail(a, b, x, y) : 1 - LowerTail(b, a, y, x);
    }

    private static double LowerTail(double a, double b, double x, double y) =>
        Math.Clamp(b / (a + b) * PointProbability(a, b, x, y) * Fraction(a, b, x), 0, 1);

    /// <summary>Probability of a successes and b failures, for real a and b.</summary>
    private static double PointProbability(double a, double b, double x, double y)
    {
        double n = a + b;
        double log = StirlingError(n) - StirlingError(a) - StirlingError(b) - Deviance(a, n * x) - Deviance(b, n * y);
        return Math.Exp(log) * Math.Sqrt(n / (2 * Math.PI * a * b));
    }

    /// <summary>value * log(value / mean) + mean - value, without cancellation where they are close.</summary>
    private static double Deviance(double value, double mean)
    {
        double v = (value - mean) / (value + mean);
        if (Math.Abs(v) >= 0.1)
        {
            return (value * Math.Log(value / mean)) + mean - value;
        }

        double sum = (value - mean) * v, term = 2 * value * v, last = double.NaN;
        for (int j = 3; sum != last; j += 2)
        {
            last = sum;
            term *= v * v;
            sum += term / j;
        }

        return sum;
    }

    /// <summary>What Stirling's formula leaves out of log(z!).</summary>
    private static double StirlingError(double z) =>
        z >= StirlingStart ? StirlingSeries(z) : LogGamma(z + 1) - (((z + 0.5) * Math.Log(z)) - z + HalfLogTwoPi);

    private static double StirlingSeries(double z)
    {
        double s = 1 / (z * z);
        return (1.0 / 12 - (s * (1.0 / 360 - (s * (1.0 / 1260 - (s * (1.0 / 1680 - (s * (1.0 / 1188 - (s * 691.0 / 360360)))))))))) / z;
    }

    /// <summary>The continued fraction of the incomplete beta function by Lentz's method, two terms a turn.</summary>
    private static double Fraction(double a, double b, double x)
    {
        double c = 1, d = 1 / Away(1 - ((a + b) * x / (a + 1))), value = d;
        for (int i = 1; i < FractionTermLimit; i++)
        {
            double even = i * (b - i) * x / ((a + (2 * i) - 1) * (a + (2 * i)));
            d = 1 / Away(1 + (even * d));
            c = Away(1 + (even / c));
            value *= d * c;
            double odd = -(a + i) * (a + b + i) * x / ((a + (2 * i)) * (a + (2 * i) + 1));
            d = 1 / Away(1 + (odd * d));
            c = Away(1 + (odd / c));
            value *= d * c;
            if (Math.Abs((d * c) - 1) < 1e-16)
            {
                break;
            }
        }

        return value;
    }

    /// <summary>Keeps a denominator away from zero.</summary>
    private static double Away(double value) => Math.Abs(value) < 1e-300 ? 1e-300 : value;
}
