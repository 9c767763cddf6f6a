using System.Globalization;
using System.Numerics.Tensors;
using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Signals;
using EdgeRoute.Documents.Packs;

namespace EdgeRoute.Engine.Stages.Heads;

/// <summary>
/// A line of text by connectionist temporal classification (Graves et al., ICML 2006): steps from left to right, [1, steps, classes] or
/// [steps, 1, classes], one class for each label and one for no character. Greedy decoding: the best class of each step; a class that
/// repeats that of the step before, and no character, say nothing. The signals are means over the characters, or over all steps of an empty
/// line.
/// </summary>
/// <param name="blank">The column of no character; labels have the others, in their order.</param>
/// <param name="appliesSoftmax">Steps are logits.</param>
/// <param name="textLimit">Characters at most.</param>
internal sealed class CtcTextHead(int labelCount, int blank, bool appliesSoftmax, int textLimit) : IHead
{
    /// <summary>Keeps log(0) out of the entropy, where it would be multiplied by 0.</summary>
    private const float LeastProbability = 1e-30f;

    private readonly int _columns = labelCount + 1;
    private readonly float[] _probabilities = new float[labelCount + 1];
    private readonly float[] _logs = new float[labelCount + 1];

    public TaskKind Task => TaskKind.Text;

    public int DetectionLimit => 0;

    public int ValueLimit => textLimit * TextValues.PerCharacter;

    public ExitSignals Decode(IHeadTensors tensors, in FrameMapping mapping, Answer answer)
    {
        var steps = Steps(tensors);
        (answer.ValueCount, answer.DetectionCount) = (0, 0);
        int count = 0, previous = blank;
        var sums = default(StepSums);
        for (int at = 0; at < steps.Length; at += _columns)
        {
            var step = steps.Slice(at, _columns);
            int best = TensorPrimitives.IndexOfMax(step);
            if (best != blank && best != previous)
            {
                sums = Add(sums, step, out float probability);
                RequireRoom(count);
                TextValues.Set(answer.ValueSlots, count++, best < blank ? best : best - 1, probability);
            }

            previous = best;
        }

        answer.ValueCount = count * TextValues.PerCharacter;
        for (int at = 0; count == 0 && at < steps.Length; at += _columns)
        {
            sums = Add(sums, steps.Slice(at, _columns), out _);
        }

        int divisor = Math.Max(1, sums.Count);
        return new ExitSignals((float)(sums.Most / divisor), (float)(sums.Margin / divisor), (float)(sums.Entropy / divisor), 0, 0);
    }

    private ReadOnlySpan<float> Steps(IHeadTensors tensors)
    {
        var values = tensors.Values(0);
        var shape = tensors.Shape(0);
        if (shape.Length != 3 || shape[2] != _columns || Math.Min(shape[0], shape[1]) != 1
            || values.Length != shape[0] * shape[1] * shape[2])
        {
            throw new InvalidDataException($"Output 0 has the shape [{string.Join(", ", shape.ToArray())}]; the head reads "
                + $"[1, steps, {_columns}] or [steps, 1, {_columns}]: {labelCount} labels, and one class for no character.");
        }

        if (appliesSoftmax)
        {
            SoundOutput.CheckFinite(values, "output 0");
        }
        else
        {
            SoundOutput.CheckProbabilities(values, "output 0", "logits want \"activation\": \"softmax\"");
        }

        return values;
    }

    private void RequireRoom(int count)
    {
        if (count == textLimit)
        {
            throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture,
                $"the text has more than {textLimit} characters ('text_limit' of the exit block)"));
        }
    }

    private StepSums Add(in StepSums sums, ReadOnlySpan<float> step, out float probability)
    {
        var probabilities = _probabilities.AsSpan();
        if (appliesSoftmax)
        {
            TensorPrimitives.Subtract(step, TensorPrimitives.Max(step), probabilities);
            TensorPrimitives.Exp(probabilities, probabilities);
            TensorPrimitives.Divide(probabilities, TensorPrimitives.Sum<float>(probabilities), probabilities);
        }
        else
        {
            step.CopyTo(probabilities);
        }

        int top = TensorPrimitives.IndexOfMax<float>(probabilities);
        float second = Math.Max(MaxOf(probabilities[..top]), MaxOf(probabilities[(top + 1)..]));
        probability = Math.Clamp(probabilities[top], 0, 1);
        TensorPrimitives.Max(probabilities, LeastProbability, _logs);
        TensorPrimitives.Log(_logs, _logs);
        double entropy = -TensorPrimitives.Dot<float>(probabilities, _logs) / Math.Log(_columns);
        return new(sums.Most + probability, sums.Margin + Math.Clamp(probabilities[top] - second, 0, 1),
            sums.Entropy + Math.Clamp(entropy, 0, 1), sums.Count + 1);
    }

    private static float MaxOf(ReadOnlySpan<float> values) => values.IsEmpty ? 0 : TensorPrimitives.Max(values);

    private readonly record struct StepSums(double Most, double Margin, double Entropy, int Count);
}
