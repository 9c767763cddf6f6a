namespace EdgeRoute.Core.Costs;

/// <summary>What a pack's heaviest path takes with so many threads (median, milliseconds).</summary>
public readonly record struct ThreadTime(int ThreadCount, float Ms);

/// <summary>
/// How many threads the models of a process get. They share one pool, so that all packs have a say: the count with which the pack that
/// loses most loses least. More threads that bring next to nothing are not taken, because the time of each core is watts.
/// </summary>
public static class ThreadChoice
{
    /// <summary>Fewer threads are taken while the loss stays within this part of the best: what a measurement tells apart.</summary>
    public const float Tolerance = 0.05f;

    /// <param name="packs">For each pack its times, in any order.</param>
    /// <returns>0 where no count was measured with all packs.</returns>
    public static int Of(IReadOnlyList<IReadOnlyList<ThreadTime>> packs)
    {
        var counts = packs.Count == 0 ? [] : packs[0].Select(t => t.ThreadCount).Where(c => packs.All(p => HasTime(p, c))).Order().ToList();
        if (counts.Count == 0)
        {
            return 0;
        }

        var losses = counts.ConvertAll(count => packs.Max(p => LossOf(p, count)));
        float limit = losses.Min() * (1 + Tolerance);
        return counts[losses.FindIndex(l => l <= limit)];
    }

    /// <summary>Time with so many threads, as a multiple of the pack's best time.</summary>
    public static float LossOf(IReadOnlyList<ThreadTime> pack, int threadCount) =>
        pack.First(t => t.ThreadCount == threadCount).Ms / pack.Where(t => t.Ms > 0).Min(t => t.Ms);

    private static bool HasTime(IReadOnlyList<ThreadTime> pack, int count) => pack.Any(t => t.ThreadCount == count && t.Ms > 0);
}
