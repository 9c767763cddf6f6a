namespace EdgeRoute.Workbench.Fitting;

/// <summary>Splits rows by time: each fold is a run of whole blocks, with about as many rows as the others.</summary>
internal static class BlockFolds
{
    /// <param name="foldCount">Folds wanted; there are never more than blocks.</param>
    /// <returns>For each row the index of its fold, from 0 on without a gap.</returns>
    public static int[] Of(FitRows rows, int foldCount)
    {
        if (foldCount < 1)
        {
            throw new ArgumentOutOfRangeException(nameof(foldCount), foldCount, "There is at least one fold.");
        }

        var sizes = new SortedDictionary<int, int>();
        for (int i = 0; i < rows.Count; i++)
        {
            sizes[rows.Block(i)] = sizes.GetValueOrDefault(rows.Block(i)) + 1;
        }

        var folds = FoldOfEach(sizes, Math.Min(foldCount, sizes.Count), rows.Count);
        return [.. Enumerable.Range(0, rows.Count).Select(i => folds[rows.Block(i)])];
    }

    /// <summary>
    /// A block goes to the fold that its middle row falls in, but no fold is left out and every fold behind still gets a block.
    /// </summary>
    private static Dictionary<int, int> FoldOfEach(SortedDictionary<int, int> sizes, int foldCount, int rowCount)
    {
        var folds = new Dictionary<int, int>();
        int before = 0, fold = -1;
        foreach (var (block, size) in sizes)
        {
            int wanted = (int)(((2L * before) + size) * foldCount / (2L * rowCount));
            int least = Math.Max(fold, foldCount - (sizes.Count - folds.Count));
            fold = Math.Clamp(wanted, least, fold + 1);
            folds[block] = fold;
            before += size;
        }

        return folds;
    }
}
