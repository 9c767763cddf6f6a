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
    private readonly SurenessMeter _meter = new(classCount);

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

        SurenessMeter.Softmax(values, probabilities);
        return Signals(probabilities, Energy(values, probabilities));
    }

    /// <summary>Log-sum-exp of the logits: the largest logit less the logarithm of its own probability.</summary>
    private static float Energy(ReadOnlySpan<float> logits, ReadOnlySpan<float> probabilities)
    {
        int top = TensorPrimitives.IndexOfMax(logits);
        return logits[top] - MathF.Log(probabilities[top]);
    }

    private ExitSignals Signals(ReadOnlySpan<float> probabilities, float energy)
    {
        var (_, most, margin, entropy) = _meter.Of(probabilities);
        return new ExitSignals(most, margin, entropy, 0, 0, TsallisEntropy.Of(probabilities, tsallisOrder), energy);
    }
}
