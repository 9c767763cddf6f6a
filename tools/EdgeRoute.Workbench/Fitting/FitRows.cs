namespace EdgeRoute.Workbench.Fitting;

/// <summary>
/// What an estimator is fitted on: for each decision its features, the share in [0, 1] to be estimated, a weight, and the time block it
/// belongs to. Blocks are the unit that is split by: rows of one block are never in two folds, because frames that follow each other are
/// nearly copies.
/// </summary>
internal sealed class FitRows
{
    private readonly List<float> _targets = [];
    private readonly List<float> _weights = [];
    private readonly List<int> _blocks = [];
    private float[] _features = [];

    /// <param name="featureCount">Features of each row: <see cref="EdgeRoute.Core.Gains.SignalScale.FeatureCount"/>; places t first, then
    /// their squares.</param>
    public FitRows(int featureCount)
    {
        FeatureCount = featureCount > 0 ? featureCount : throw new ArgumentOutOfRangeException(nameof(featureCount), featureCount,
            "Rows have at least one feature.");
    }

    public int Count => _targets.Count;

    public int FeatureCount { get; }

    public ReadOnlySpan<float> Features(int row) => _features.AsSpan(row * FeatureCount, FeatureCount);

    public float Target(int row) => _targets[row];

    public float Weight(int row) => _weights[row];

    public int Block(int row) => _blocks[row];

    /// <exception cref="ArgumentException">Features of another length or not finite, a target outside [0, 1], a weight below 0 or not
    /// finite.</exception>
    public void Add(ReadOnlySpan<float> features, float target, float weight, int block)
    {
        if (features.Length != FeatureCount || !AreFinite(features))
        {
            throw new ArgumentException($"Row {Count} must have {FeatureCount} finite features; it has {features.Length}. Write them with "
                + "SignalScale.Apply.");
        }

        if (!(target is >= 0 and <= 1) || !(weight >= 0) || !float.IsFinite(weight))
        {
            throw new ArgumentException($"Row {Count} has target {target} and weight {weight}; a target lies in [0, 1], a weight is "
                + "finite and 0 or more.");
        }

        MakeRoom();
        features.CopyTo(_features.AsSpan(Count * FeatureCount));
        _targets.Add(target);
        _weights.Add(weight);
        _blocks.Add(block);
    }

    /// <summary>A copy with other targets: several shares are estimated from the same decisions.</summary>
    public FitRows WithTargets(ReadOnlySpan<float> targets)
    {
        if (targets.Length != Count)
        {
            throw new ArgumentException($"There are {Count} rows and {targets.Length} targets.");
        }

        var copy = new FitRows(FeatureCount);
        for (int i = 0; i < Count; i++)
        {
            copy.Add(Features(i), targets[i], Weight(i), Block(i));
        }

        return copy;
    }

    /// <summary>A copy of some rows, in the order given.</summary>
    public FitRows Select(IReadOnlyList<int> rows)
    {
        var copy = new FitRows(FeatureCount);
        foreach (int row in rows)
        {
            copy.Add(Features(row), Target(row), Weight(row), Block(row));
        }

        return copy;
    }

    /// <summary>Sum of all weights.</summary>
    public double TotalWeight()
    {
        double sum = 0;
        foreach (float weight in _weights)
        {
            sum += weight;
        }

        return sum;
    }

    /// <summary>The weighted mean of the targets.</summary>
    /// <exception cref="ArgumentException">No row has a weight: there is nothing to fit on.</exception>
    public double MeanTarget()
    {
        double sum = 0, total = TotalWeight();
        for (int i = 0; i < Count; i++)
        {
            sum += (double)_weights[i] * _targets[i];
        }

        return total > 0 ? sum / total : throw NothingToFitOn();
    }

    /// <summary>The rows that have a weight, in order.</summary>
    /// <exception cref="ArgumentException">There are none.</exception>
    internal IReadOnlyList<int> Weighted()
    {
        var rows = Enumerable.Range(0, Count).Where(i => _weights[i] > 0).ToList();
        return rows.Count > 0 ? rows : throw NothingToFitOn();
    }

    private ArgumentException NothingToFitOn() =>
        new($"None of the {Count} rows has a weight above 0: there is nothing to fit an estimator on.");

    private static bool AreFinite(ReadOnlySpan<float> values)
    {
        foreach (float value in values)
        {
            if (!float.IsFinite(value))
            {
                return false;
            }
        }

        return true;
    }

    private void MakeRoom()
    {
        if ((Count + 1) * FeatureCount > _features.Length)
        {
            Array.Resize(ref _features, Math.Max(256, 2 * Count) * FeatureCount);
        }
    }
}
