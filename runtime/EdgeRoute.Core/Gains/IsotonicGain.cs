namespace EdgeRoute.Core.Gains;

/// <summary>
/// A monotone table over one feature, linear between its points: isotonic regression (Barlow et al., 1972) of the quality on a single
/// signal.
/// </summary>
public sealed class IsotonicGain : IGainEstimator
{
    /// <summary>Points of a table at most; a thousand frames never support more distinct steps.</summary>
    public const int PointLimit = 64;

    /// <summary>Even cells over [-1, 1]: a look-up starts at its cell's first point instead of searching.</summary>
    private const int CellCount = 64;

    private readonly float[] _at;
    private readonly float[] _values;
    private readonly byte[] _firstAbove = new byte[CellCount];

    /// <param name="featureIndex">Which feature is looked up.</param>
    /// <param name="at">Places along the feature, rising.</param>
    /// <param name="values">The gain at each place, in [0, 1], never falling or never rising.</param>
    /// <exception cref="ArgumentException">The table is empty, too long, out of order or out of range.</exception>
    public IsotonicGain(int featureIndex, IReadOnlyList<float> at, IReadOnlyList<float> values)
    {
        bool isSound = featureIndex >= 0 && at.Count is >= 1 and <= PointLimit && at.Count == values.Count && at.All(float.IsFinite)
            && at.Zip(at.Skip(1)).All(p => p.First < p.Second) && values.All(v => v is >= 0 and <= 1) && IsMonotone(values);
        if (!isSound)
        {
            throw new ArgumentException($"An isotonic table needs 1 to {PointLimit} rising places, each with a value in [0, 1], never "
                + "falling or never rising.");
        }

        (FeatureIndex, _at, _values) = (featureIndex, [.. at], [.. values]);
        for (int cell = 0; cell < CellCount; cell++)
        {
            float left = (cell * 2f / CellCount) - 1;
            _firstAbove[cell] = (byte)_at.Count(a => a < left);
        }
    }

    public string Name => "isotonic";

    public int FeatureIndex { get; }

    public IReadOnlyList<float> At => _at;

    public IReadOnlyList<float> Values => _values;

    public float Estimate(ReadOnlySpan<float> features)
    {
        float x = features[FeatureIndex];
        int above = _firstAbove[Math.Clamp((int)((x + 1) * (CellCount / 2)), 0, CellCount - 1)];
        while (above > 0 && _at[above - 1] >= x)
        {
            above--;
        }

        while (above < _at.Length && _at[above] < x)
        {
            above++;
        }

        if (above == 0 || above == _at.Length)
        {
            return _values[Math.Min(above, _at.Length - 1)];
        }

        float part = (x - _at[above - 1]) / (_at[above] - _at[above - 1]);
        return _values[above - 1] + (part * (_values[above] - _values[above - 1]));
    }

    private static bool IsMonotone(IReadOnlyList<float> values)
    {
        var steps = values.Zip(values.Skip(1)).ToList();
        return steps.All(s => s.First <= s.Second) || steps.All(s => s.First >= s.Second);
    }
}
