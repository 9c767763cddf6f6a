using System.Diagnostics;
using System.Numerics;

namespace EdgeRoute.Core.Costs;

/// <summary>
/// Durations in log-scaled buckets of fixed number: recording allocates nothing, and a quantile is within 0.8 % (or 8 ns) of the exact one.
/// One thread records; another may read at any time and sees counts that are at most a few records old.
/// </summary>
public sealed class LatencyHistogram
{
    /// <summary>
    /// Longest duration told apart, about 36 minutes; longer ones share the last bucket and are still exact in <see cref="MaxNs"/>.
    /// </summary>
    public const long LongestNs = (1L << (UnitShift + SubBucketBits + OctaveCount)) - 1;

    /// <summary>64 buckets per doubling: a bucket is 1/64 wide at most, so its middle is off by 1/128 at most.</summary>
    private const int SubBucketBits = 6;

    /// <summary>Durations are counted in units of 16 ns, finer than any clock here.</summary>
    private const int UnitShift = 4;
    private const int OctaveCount = 31;
    private const int SubBucketCount = 1 << SubBucketBits;

    private readonly long[] _buckets = new long[(OctaveCount + 1) * SubBucketCount];

    public long Count { get; private set; }

    /// <summary>The longest duration recorded, exact; 0 when there is none.</summary>
    public long MaxNs { get; private set; }

    public long TotalNs { get; private set; }

    public double MeanNs => Count == 0 ? double.NaN : (double)TotalNs / Count;

    /// <summary>Records one duration; a negative one counts as 0.</summary>
    public void Add(long ns)
    {
        long duration = Math.Max(ns, 0);
        _buckets[IndexOf(duration)]++;
        Count++;
        TotalNs += duration;
        MaxNs = Math.Max(MaxNs, duration);
        Debug.Assert(TotalNs >= MaxNs && Count > 0, "The sum of all durations has room, and holds the longest.");
    }

    /// <summary>Adds all durations of another histogram.</summary>
    public void Add(LatencyHistogram other)
    {
        for (int i = 0; i < _buckets.Length; i++)
        {
            _buckets[i] += other._buckets[i];
        }

        Count += other.Count;
        TotalNs += other.TotalNs;
        MaxNs = Math.Max(MaxNs, other.MaxNs);
    }

    /// <summary>The duration that a fraction of all durations do not exceed, in nanoseconds; NaN when there is none.</summary>
    /// <param name="fraction">In [0, 1]: 0.99 for p99. 1 gives the exact maximum.</param>
    public double QuantileNs(double fraction)
    {
        long rank = Math.Max(1, (long)Math.Ceiling(fraction * Count)), seen = 0;
        if (Count == 0 || rank >= Count)
        {
            return Count == 0 ? double.NaN : MaxNs;
        }

        for (int i = 0; i < _buckets.Length; i++)
        {
            seen += _buckets[i];
            if (seen >= rank)
            {
                return Math.Min(MiddleNs(i), MaxNs);
            }
        }

        return MaxNs;
    }

    private static int IndexOf(long ns)
    {
        ulong units = (ulong)Math.Min(ns, LongestNs) >> UnitShift;
        int octave = Math.Max(0, BitOperations.Log2(units | 1) - SubBucketBits);
        return (octave * SubBucketCount) + (int)(units >> octave);
    }

    private static double MiddleNs(int index)
    {
        int octave = Math.Max(0, (index >> SubBucketBits) - 1);
        long lowest = (long)(index - (octave << SubBucketBits)) << octave;
        return (lowest + (0.5 * (1L << octave))) * (1 << UnitShift);
    }
}
