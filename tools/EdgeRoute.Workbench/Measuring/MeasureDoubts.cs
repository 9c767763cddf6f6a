using System.Globalization;

namespace EdgeRoute.Workbench.Measuring;

/// <summary>Times of the heaviest path with a setting that would be stored.</summary>
/// <param name="Setting">In words.</param>
/// <param name="PathMs">In the order in which they were measured.</param>
internal sealed record PathTimes(string Setting, IReadOnlyList<float> PathMs);

/// <summary>Whether figures can be relied on: a busy machine, or one that throttles, tells of itself and not of the pack.</summary>
internal static class MeasureDoubts
{
    /// <summary>Other processes' part of all cores: with more, a measurement with all cores has to share them.</summary>
    private const double OthersPercentMost = 10;

    /// <summary>p95 over p50; on a quiet machine runs of a path differ by some percent.</summary>
    private const double SpreadMost = 1.5;

    /// <summary>Change of the median from the first third to the last.</summary>
    private const double DriftMost = 0.15;

    /// <summary>Fewer runs have no p95.</summary>
    private const int RunsLeast = 20;

    /// <param name="seconds">How long was measured.</param>
    /// <param name="othersPercent">Null where the kernel does not tell.</param>
    /// <returns>In words, with what to do; empty where nothing speaks against the figures.</returns>
    public static IReadOnlyList<string> Find(IReadOnlyList<PathTimes> paths, double seconds, double? othersPercent)
    {
        var doubts = paths.SelectMany(p => Find(p, seconds)).ToList();
        if (othersPercent > OthersPercentMost)
        {
            doubts.Insert(0, string.Create(CultureInfo.InvariantCulture,
                $"other processes took {othersPercent:0} % of the processor meanwhile; end them, or measure later"));
        }

        return doubts;
    }

    private static IEnumerable<string> Find(PathTimes path, double seconds)
    {
        int count = path.PathMs.Count;
        if (count < RunsLeast)
        {
            double enough = Math.Ceiling(1.2 * seconds * RunsLeast / Math.Max(count, 1));
            yield return string.Create(CultureInfo.InvariantCulture,
                $"{count} runs of the heaviest path with {path.Setting} are too few; give more time, such as --seconds {enough}");
            yield break;
        }

        float[] sorted = [.. path.PathMs.Order()];
        (float median, float high) = (MeasureReporter.Median(sorted), MeasureReporter.High(sorted));
        if (high > SpreadMost * median)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"with {path.Setting} the heaviest path takes {median:0.00} ms on the "
                + $"median and {high:0.00} ms at p95: something disturbs it; end what else runs, or measure later");
        }

        float first = MedianOf(path.PathMs.Take(count / 3)), last = MedianOf(path.PathMs.Skip(count - (count / 3)));
        if (Math.Abs(last - first) > DriftMost * first)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"with {path.Setting} the heaviest path took {first:0.00} ms in the "
                + $"first third of the time and {last:0.00} ms in the last: the machine changes its clocks, or other "
                + $"work began or ended; let it cool down, or fix its clocks");
        }
    }

    private static float MedianOf(IEnumerable<float> values) => MeasureReporter.Median([.. values.Order()]);
}
