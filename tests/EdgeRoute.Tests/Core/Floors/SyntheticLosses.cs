namespace EdgeRoute.Tests.Core.Floors;

/// <summary>Losses whose true mean is known, for judging bounds and watches.</summary>
internal static class SyntheticLosses
{
    /// <summary>0 or 1.</summary>
    public static double ZeroOne(Random random, double mean) => random.NextDouble() < mean ? 1 : 0;

    /// <summary>Mostly nothing, else anything up to 1: what one minus an F1 looks like.</summary>
    public static double Partial(Random random, double mean) => random.NextDouble() < 2 * mean ? random.NextDouble() : 0;

    /// <summary>Rarely, but then entirely: half of the mean comes as losses of 1, the rest as a haze of small ones.</summary>
    public static double HeavyTailed(Random random, double mean) => random.NextDouble() < 0.5 * mean ? 1
        : mean * random.NextDouble() / (1 - (0.5 * mean));

    /// <summary>Mean of ten 0/1 losses: varies little.</summary>
    public static double Block(Random random, double mean)
    {
        int sum = 0;
        for (int i = 0; i < 10; i++)
        {
            sum += random.NextDouble() < mean ? 1 : 0;
        }

        return sum / 10.0;
    }

    public static double[] Many(int count, Func<double> draw)
    {
        var losses = new double[count];
        for (int i = 0; i < count; i++)
        {
            losses[i] = draw();
        }

        return losses;
    }

    /// <summary>
    /// 1 wherever a first-order autoregressive Gaussian is in its upper tail: hard scenes that last. Stationary from the first frame.
    /// </summary>
    /// <param name="tailPoint">Loss where the Gaussian exceeds this: 1.6448536 gives a mean of 0.05.</param>
    public static double[] Scenes(Random random, int count, double persistence, double tailPoint)
    {
        double state = Gaussian(random), fresh = Math.Sqrt(1 - (persistence * persistence));
        return Many(count, () =>
        {
            state = (persistence * state) + (fresh * Gaussian(random));
            return state > tailPoint ? 1 : 0;
        });
    }

    /// <summary>Share of runs, in [0, 1].</summary>
    public static double Share(int runCount, Func<Random, bool> run) =>
        Enumerable.Range(0, runCount).AsParallel().WithDegreeOfParallelism(2).Count(seed => run(new Random(seed))) / (double)runCount;

    private static double Gaussian(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
