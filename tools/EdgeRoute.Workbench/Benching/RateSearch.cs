namespace EdgeRoute.Workbench.Benching;

/// <summary>The highest rate that holds: doubled or halved until it lies between two, then bisected.</summary>
internal static class RateSearch
{
    /// <summary>Frames per second at which it gives up.</summary>
    public const double RateLeast = 0.25, RateMost = 8192;

    /// <summary>Ratio of the two rates at the end: repeated runs of one config differ by as much.</summary>
    private const double Precision = 1.03;

    /// <param name="first">The rate to begin with.</param>
    /// <param name="holds">Tries a rate; null ends the search.</param>
    /// <returns>The highest rate that held; 0 where none did.</returns>
    public static double Find(double first, Func<double, bool?> holds)
    {
        (double low, double high) = (0, double.PositiveInfinity);
        for (double rate = first; holds(rate) is { } held; rate = Next(low, high))
        {
            (low, high) = held ? (rate, high) : (low, rate);
            if (high <= low * Precision || low >= RateMost || high <= RateLeast)
            {
                break;
            }
        }

        return low;
    }

    /// <summary>Trials that are left once the rate lies between two of which one is twice the other.</summary>
    public static int BisectionCount => (int)Math.Ceiling(Math.Log2(Math.Log(2) / Math.Log(Precision)));

    private static double Next(double low, double high)
    {
        if (low == 0)
        {
            return high / 2;
        }

        return double.IsInfinity(high) ? low * 2 : Math.Sqrt(low * high);
    }
}
