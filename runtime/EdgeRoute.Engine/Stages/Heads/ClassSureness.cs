using System.Numerics.Tensors;
using EdgeRoute.Core.Signals;

namespace EdgeRoute.Engine.Stages.Heads;

/// <summary>How sure a network is of one choice among its classes; each number in [0, 1].</summary>
/// <param name="TopIndex">The most probable class.</param>
/// <param name="Probability">That of the most probable class.</param>
/// <param name="Margin">By how much it is more probable than the next.</param>
/// <param name="Entropy">Of all probabilities, as a share of the largest that so many classes can have.</param>
internal readonly record struct ClassSureness(int TopIndex, float Probability, float Margin, float Entropy);

/// <summary>Measures choices among classes, one after the other, and their mean. Allocates nothing after construction.</summary>
internal sealed class SurenessMeter(int classCount)
{
    /// <summary>Keeps log(0) out of the entropy, where it would be multiplied by 0. The smallest normal float is 1.2e-38.</summary>
    private const float LeastProbability = 1e-30f;

    private readonly float[] _logs = new float[classCount];
    private double _most, _margin, _entropy;
    private int _count;

    /// <summary>Means over all that was added since <see cref="Clear"/>; 0 where that is nothing.</summary>
    public ExitSignals Means
    {
        get
        {
            int count = Math.Max(1, _count);
            return new((float)(_most / count), (float)(_margin / count), (float)(_entropy / count), 0, 0);
        }
    }

    /// <summary>
    /// Softmax with the largest logit taken off first, so that no exponential overflows; in place where the spans are one.
    /// </summary>
    public static void Softmax(ReadOnlySpan<float> logits, Span<float> probabilities)
    {
        TensorPrimitives.Subtract(logits, TensorPrimitives.Max(logits), probabilities);
        TensorPrimitives.Exp(probabilities, probabilities);
        TensorPrimitives.Divide(probabilities, TensorPrimitives.Sum<float>(probabilities), probabilities);
    }

    public void Clear()
    {
        (_most, _margin, _entropy) = (0, 0, 0);
        _count = 0;
    }

    /// <summary>Measures a choice and counts it for the mean.</summary>
    public ClassSureness Add(ReadOnlySpan<float> probabilities)
    {
        var one = Of(probabilities);
        _most += one.Probability;
        _margin += one.Margin;
        _entropy += one.Entropy;
        _count++;
        return one;
    }

    public ClassSureness Of(ReadOnlySpan<float> probabilities)
    {
        int top = TensorPrimitives.IndexOfMax(probabilities);
        float most = probabilities[top];
        float second = MathF.Max(MaxOf(probabilities[..top]), MaxOf(probabilities[(top + 1)..]));
        TensorPrimitives.Max(probabilities, LeastProbability, _logs);
        TensorPrimitives.Log(_logs, _logs);
        float entropy = classCount > 1 ? -TensorPrimitives.Dot(probabilities, _logs) / MathF.Log(classCount) : 0;
        return new(top, Unit(most), Unit(most - second), Unit(entropy));
    }

    private static float MaxOf(ReadOnlySpan<float> values) => values.IsEmpty ? 0 : TensorPrimitives.Max(values);

    /// <summary>Half-precision probabilities may sum to a little more than 1.</summary>
    private static float Unit(float value) => Math.Clamp(value, 0, 1);
}
