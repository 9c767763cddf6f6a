using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace EdgeRoute.Core.Gains;

/// <summary>Logistic regression on all features: 1 / (1 + exp(-(bias + weights . features))).</summary>
public sealed class LogisticGain : IGainEstimator
{
    private readonly float[] _weights;

    /// <exception cref="ArgumentException">A weight is not finite, or so large that a sum of them may not be.</exception>
    public LogisticGain(float bias, IReadOnlyList<float> weights)
    {
        if (!float.IsFinite(bias) || !weights.All(w => MathF.Abs(w) < 1e6f))
        {
            throw new ArgumentException("Logistic weights must be finite and below 1e6.");
        }

        (Bias, _weights) = (bias, [.. weights]);
    }

    public string Name => "logistic";

    public float Bias { get; }

    public IReadOnlyList<float> Weights => _weights;

    public float Estimate(ReadOnlySpan<float> features)
    {
        // Four lanes on every machine, so that the sum is rounded in the same order on the robot and on the laptop.
        var lanes = Vector128<float>.Zero;
        int i = 0;
        var weights = MemoryMarshal.Cast<float, Vector128<float>>(_weights);
        var values = MemoryMarshal.Cast<float, Vector128<float>>(features);
        for (int lane = 0; lane < weights.Length && lane < values.Length; lane++)
        {
            lanes += weights[lane] * values[lane];
            i += 4;
        }

        float sum = Bias + lanes[0] + lanes[1] + lanes[2] + lanes[3];
        for (; i < _weights.Length; i++)
        {
            sum += _weights[i] * features[i];
        }

        return 1 / (1 + MathF.Exp(-sum));
    }
}
