using System.Diagnostics;

namespace EdgeRoute.Benchmarks;

/// <summary>Minimum and median time of an action. The minimum is the comparable figure on a machine that others use too.</summary>
public static class Stopclock
{
    /// <summary>Runs needed before a minimum means anything.</summary>
    private const int LeastRuns = 20;

    /// <summary>Memory for samples; a longer measurement keeps its minimum and forgets its last samples.</summary>
    private const int MostRuns = 100_000;

    public static (double MinUs, double MedianUs, int Runs) Measure(double seconds, Action action)
    {
        for (int i = 0; i < 3; i++)
        {
            action();
        }

        var samples = new List<double>(1000);
        long end = Stopwatch.GetTimestamp() + (long)(seconds * Stopwatch.Frequency);
        while (samples.Count < LeastRuns || (Stopwatch.GetTimestamp() < end && samples.Count < MostRuns))
        {
            long start = Stopwatch.GetTimestamp();
            action();
            samples.Add((Stopwatch.GetTimestamp() - start) * 1e6 / Stopwatch.Frequency);
        }

        samples.Sort();
        return (samples[0], samples[samples.Count / 2], samples.Count);
    }
}
