using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Signals;
using EdgeRoute.Documents.Packs;

namespace EdgeRoute.Engine.Stages.Heads;

/// <summary>
/// An action chunk of <c>steps x dimensions</c> values: the output tensors' values one after the other, as the manifest orders them.
/// </summary>
/// <param name="hasConfidence">The last tensor is the policy's own confidence in [0, 1]: it becomes the exit's signals.</param>
internal sealed class PolicyHead(int stepCount, int dimensionCount, bool hasConfidence) : IHead
{
    public TaskKind Task => TaskKind.Policy;

    public int DetectionLimit => 0;

    public int ValueLimit => stepCount * dimensionCount;

    public ExitSignals Decode(IHeadTensors tensors, in FrameMapping mapping, Answer answer)
    {
        var room = answer.ValueSlots[..ValueLimit];
        int actionTensors = tensors.Count - (hasConfidence ? 1 : 0), at = 0;
        for (int i = 0; i < actionTensors; i++)
        {
            var values = tensors.Values(i);
            CheckLength(at + values.Length <= ValueLimit, at + values.Length);
            SoundOutput.CheckFinite(values, "an action of the policy");
            values.CopyTo(room[at..]);
            at += values.Length;
        }

        CheckLength(at == ValueLimit, at);
        (answer.ValueCount, answer.DetectionCount) = (at, 0);
        return hasConfidence ? Signals(tensors.Values(tensors.Count - 1)[0]) : default;
    }

    private static ExitSignals Signals(float given)
    {
        SoundOutput.CheckProbability(given, "the policy's confidence", "it wants a sigmoid");
        float confidence = Math.Clamp(given, 0, 1);
        return new(confidence, MathF.Abs((2 * confidence) - 1), DetectionSignals.BinaryEntropy(confidence), 0, 0);
    }

    private void CheckLength(bool isRight, int found)
    {
        if (!isRight)
        {
            throw new InvalidDataException($"The outputs have {found} values; the manifest says {stepCount} steps of {dimensionCount} "
                + "dimensions.");
        }
    }
}
