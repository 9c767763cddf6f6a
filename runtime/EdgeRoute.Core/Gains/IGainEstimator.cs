namespace EdgeRoute.Core.Gains;

/// <summary>
/// Estimates a share in [0, 1] (the quality of an answer, the part of the way on that will be run) from a decision's features. Pure;
/// allocates nothing.
/// </summary>
public interface IGainEstimator
{
    /// <summary>As calibration files and explanations name it.</summary>
    string Name { get; }

    /// <param name="features">As <see cref="SignalScale.Apply"/> writes them: finite, in [-1, 1].</param>
    /// <returns>A finite number in [0, 1].</returns>
    float Estimate(ReadOnlySpan<float> features);
}

/// <summary>The same for every frame: the teacher's own path, or an option of which nothing depends on the signals.</summary>
public sealed class ConstantGain(float value) : IGainEstimator
{
    public string Name => "constant";

    public float Value { get; } = value is >= 0 and <= 1 ? value
        : throw new ArgumentOutOfRangeException(nameof(value), value, "A gain is a number in [0, 1].");

    public float Estimate(ReadOnlySpan<float> features) => Value;
}
