namespace EdgeRoute.Workbench.Fitting;

/// <summary>Squared errors of one candidate summed over each time block: the units that may be taken as independent.</summary>
internal sealed class BlockLosses
{
    private readonly SortedDictionary<int, (double Loss, double Weight)> _blocks = [];
    private readonly double _totalWeight;

    public BlockLosses(FitRows rows, float[] estimates)
    {
        _totalWeight = rows.TotalWeight();
        for (int i = 0; i < estimates.Length; i++)
        {
            double difference = (double)estimates[i] - rows.Target(i);
            var (loss, weight) = _blocks.GetValueOrDefault(rows.Block(i));
            _blocks[rows.Block(i)] = (loss + (rows.Weight(i) * difference * difference), weight + rows.Weight(i));
        }

        Mean = _blocks.Values.Sum(b => b.Loss) / _totalWeight;
    }

    /// <summary>The weighted mean squared error.</summary>
    public double Mean { get; }

    /// <summary>
    /// Whether this candidate's error exceeds the best one's by no more than one standard error of that difference (a ratio estimate over
    /// blocks).
    /// </summary>
    public bool IsWithinOneErrorOf(BlockLosses best)
    {
        double excess = Mean - best.Mean;
        double squares = 0;
        foreach (var (block, (loss, weight)) in _blocks)
        {
            double deviation = loss - best._blocks[block].Loss - (weight * excess);
            squares += deviation * deviation;
        }

        double error = Math.Sqrt(squares * _blocks.Count / Math.Max(1, _blocks.Count - 1)) / _totalWeight;
        return excess <= error;
    }
}
