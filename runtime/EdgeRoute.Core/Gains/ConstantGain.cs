namespace EdgeRoute.Core.Gains;

/// <summary>The same for every frame: the teacher's own path, or an option of which nothing depends on the signals.</summary>
public sealed class ConstantGain(float value) : IGainEstimator
{
    public string Name => "constant";

    public float Value { get; } = value is >= 0 and <= 1 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "A gain is a number in [0, 1].");

    public float Estimate(ReadOnlySpan<float> features) => Value;
}
