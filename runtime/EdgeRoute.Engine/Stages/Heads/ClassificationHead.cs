using System.Numerics.Tensors;
using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Signals;
using EdgeRoute.Documents.Packs;

namespace EdgeRoute.Engine.Stages.Heads;

/// <summary>One tensor with a value per class; the answer holds all class probabilities.</summary>
/// <param name="appliesSoftmax">The values are logits; otherwise they are probabilities already.</param>
/// <param name="tsallisOrder">Order of the signal tsallis_entropy.</param>
internal sealed class ClassificationHead(int classCount, bool appliesSoftmax, float tsallisOrder = TsallisEntropy.UsualOrder) : IHead
{
    /// <summary>Keeps log(0) out of the entropy, where it would be multiplied by 0. The smallest normal float is 1.2e-38.</summary>
    private const float LeastProbability = 1e-30f;

    private readonly float[] _logs = new float[classCount];

    public TaskKind Task => TaskKind.Classification;

    public int DetectionLimit => 0;

    public int ValueLimit => classCount;

    public ExitSignals Decode(IHeadTensors tensors, in FrameMapping mapping, Answer answer)
    {
        var values = tensors.Values(0);
        if (values.Length != classCount)
        {
            throw new InvalidDataException($"Output 0 has {values.Length} values; the pack has {classCount} labels.");
        }

        SoundOutput.CheckFinite(values, "output 0");
        var probabilities = answer.ValueSlots[..classCount];
        (answer.ValueCount, answer.DetectionCount) = (classCount, 0);
        if (!appliesSoftmax)
        {
            SoundOutput.CheckProbabilities(values, "output 0", "logits want the head 'softmax_classification'");
            values.CopyTo(probabilities);
            return Signals(probabilities, energy: 0);
        }

        Softmax(values, probabilities);
        return Signals(probabilities, Energy(values, probabilities));
    }

    /// <summary>Log-sum-exp of the logits: the largest logit less the logarithm of its own probability.</summary>
    private static float Energy(ReadOnlySpan<float> logits, ReadOnlySpan<float> probabilities)
    {
        int top = TensorPrimitives.IndexOfMax(logits);
        return logits[top] - MathF.Log(probabilities[top]);
    }

    /// <summary>Softmax with the largest logit taken off first, so that no exponential overflows.</summary>
    private static void Softmax(ReadOnlySpan<float> logits, Span<float> probabilities)
    {
        TensorPrimitives.Subtract(logits, TensorPrimitives.Max(logits), probabilities);
        TensorPrimitives.Exp(probabilities, probabilities);
        TensorPrimitives.Divide(probabilities, TensorPrimitives.Sum<float>(probabilities), probabilities);
    }

    private ExitSignals Signals(ReadOnlySpan<float> probabilities, float energy)
    {
        int top = TensorPrimitives.IndexOfMax(probabilities);
        float most = probabilities[top];
        float second = MathF.Max(MaxOf(probabilities[..top]), MaxOf(probabilities[(top + 1)..]));
        TensorPrimitives.Max(probabilities, LeastProbability, _logs);
        TensorPrimitives.Log(_logs, _logs);
        float entropy = classCount > 1 ? -TensorPrimitives.Dot(probabilities, _logs) / MathF.Log(classCount) : 0;
        return new ExitSignals(Unit(most), Unit(most - second), Unit(entropy), 0, 0,
            TsallisEntropy.Of(probabilities, tsallisOrder), energy);
    }

    private static float MaxOf(ReadOnlySpan<float> values) => values.IsEmpty ? 0 : TensorPrimitives.Max(values);

    /// <summary>Half-precision probabilities may sum to a little more than 1.</summary>
    private static float Unit(float value) => Math.Clamp(value, 0, 1);
}
