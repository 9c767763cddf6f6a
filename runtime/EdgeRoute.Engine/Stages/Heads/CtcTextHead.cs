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
    private readonly int _columns = labelCount + 1;
    private readonly float[] _probabilities = new float[labelCount + 1];
    private readonly SurenessMeter _meter = new(labelCount + 1);

    public TaskKind Task => TaskKind.Text;

    public int DetectionLimit => 0;

    public int ValueLimit => textLimit * TextValues.PerCharacter;

    public ExitSignals Decode(IHeadTensors tensors, in FrameMapping mapping, Answer answer)
    {
        var steps = Steps(tensors);
        (answer.ValueCount, answer.DetectionCount) = (0, 0);
        int count = 0, previous = blank;
        _meter.Clear();
        for (int at = 0; at < steps.Length; at += _columns)
        {
            var step = steps.Slice(at, _columns);
            int best = TensorPrimitives.IndexOfMax(step);
            if (best != blank && best != previous)
            {
                RequireRoom(count);
                TextValues.Set(answer.ValueSlots, count++, best < blank ? best : best - 1, Measure(step).Probability);
            }

            previous = best;
        }

        answer.ValueCount = count * TextValues.PerCharacter;
        for (int at = 0; count == 0 && at < steps.Length; at += _columns)
        {
            Measure(steps.Slice(at, _columns));
        }

        return _meter.Means;
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

    private ClassSureness Measure(ReadOnlySpan<float> step)
    {
        if (!appliesSoftmax)
        {
            return _meter.Add(step);
        }

        SurenessMeter.Softmax(step, _probabilities);
        return _meter.Add(_probabilities);
    }
}
