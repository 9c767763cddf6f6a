using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Signals;
using EdgeRoute.Engine.Stages.Heads;

namespace EdgeRoute.Tests.Engine.Stages.Heads;

/// <summary>Reading a line of text by CTC, against a plain decoding.</summary>
public sealed class TextHeadTests
{
    private const int Labels = 11, Columns = Labels + 1;

    private static CtcTextHead Head(int blank = 0, bool softmax = false, int limit = 32) => new(Labels, blank, softmax, limit);

    private static (ExitSignals Signals, Answer Answer) Decode(IHead head, long[] shape, float[] values) =>
        ArrayTensors.Decode(head, new ArrayTensors((shape, values)), ArrayTensors.SameSize(320, 48));

    /// <summary>Steps of which each is sure of one column; between equal characters stands a step of nothing.</summary>
    private static float[] Steps(params int[] best) => [.. best.SelectMany(b => Enumerable.Range(0, Columns).Select(c => c == b ? 0.78f
        : 0.02f))];

    private static int[] LabelsOf(Answer answer) =>
        [.. Enumerable.Range(0, TextValues.CountOf(answer.Values)).Select(i => (int)answer.Values[i * TextValues.PerCharacter])];

    [Fact]
    public void Repeated_characters_and_blanks_by_hand()
    {
        var (signals, answer) = Decode(Head(), [1, 9, Columns], Steps(0, 3, 3, 0, 3, 5, 5, 0, 1));
        Assert.Equal([2, 2, 4, 0], LabelsOf(answer));
        Assert.Equal((TaskKind.Text, 4), (answer.Task, answer.CountOrClass));
        Assert.Equal(0.78f, TextValues.ConfidenceOf(answer.Values), 1e-6f);
        Assert.Equal(0.76f, signals.Margin, 1e-5f);
        // The last column is no character, so all others are labels as they stand.
        Assert.Equal([0, 3, 5], LabelsOf(Decode(Head(blank: Labels), [9, 1, Columns], Steps(0, 0, 3, 3, 11, 11, 5, 11, 11)).Answer));
    }

    [Fact]
    public void An_empty_line_is_as_sure_as_its_steps()
    {
        var (signals, answer) = Decode(Head(), [1, 3, Columns], Steps(0, 0, 0));
        Assert.Equal(0, answer.ValueCount);
        Assert.Equal(0.78f, signals.MaxProbability, 1e-6f);
    }

    [Theory]
    [InlineData(0, false, false)]
    [InlineData(0, true, true)]
    [InlineData(Labels, true, false)]
    [InlineData(4, false, true)]
    public void Lines_equal_the_plain_decoding(int blank, bool isSoftmax, bool areStepsFirst)
    {
        for (int seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            int steps = 1 + (seed * 2);
            var (_, logits) = ArrayTensors.Random(random, -3, 3, steps, Columns);
            for (int t = 0; t < steps; t++)
            {
                logits[(t * Columns) + (random.Next(2) == 0 ? blank : random.Next(Columns))] += 4;
            }

            double[][] rows = [.. Enumerable.Range(0, steps).Select(t => Softmax(logits.AsSpan(t * Columns, Columns).ToArray()))];
            float[] given = isSoftmax ? logits : [.. rows.SelectMany(r => r).Select(v => (float)v)];
            long[] shape = areStepsFirst ? [steps, 1, Columns] : [1, steps, Columns];
            var (signals, answer) = Decode(Head(blank, isSoftmax, limit: 64), shape, given);
            var kept = Enumerable.Range(0, steps)
                .Where(t => Best(rows[t]) != blank && (t == 0 || Best(rows[t]) != Best(rows[t - 1]))).ToList();
            Assert.Equal(kept.Select(t => Best(rows[t]) < blank ? Best(rows[t]) : Best(rows[t]) - 1), LabelsOf(answer));
            Assert.All(kept.Select((t, i) => rows[t].Max() - answer.Values[(i * 2) + 1]), d => Assert.Equal(0, d, 1e-4));
            var measured = kept.Count > 0 ? kept : [.. Enumerable.Range(0, steps)];
            Assert.Equal(measured.Average(t => rows[t].Max()), signals.MaxProbability, 1e-4);
            Assert.Equal(measured.Average(t => rows[t].Max() - rows[t].OrderDescending().ElementAt(1)), signals.Margin, 1e-4);
            Assert.Equal(measured.Average(t => -rows[t].Sum(p => p * Math.Log(p)) / Math.Log(Columns)), signals.Entropy, 1e-4);
        }
    }

    private static double[] Softmax(float[] logits)
    {
        double all = logits.Sum(l => Math.Exp(l));
        return [.. logits.Select(l => Math.Exp(l) / all)];
    }

    private static int Best(double[] row) => Array.IndexOf(row, row.Max());

    [Theory]
    [InlineData(false, float.NaN, "output 0 holds values that are not numbers")]
    [InlineData(true, float.NegativeInfinity, "output 0 holds values that are not numbers")]
    [InlineData(false, 7f, "logits want \"activation\": \"softmax\"")]
    [InlineData(false, -7f, "logits want \"activation\": \"softmax\"")]
    public void What_is_no_step_fails_the_frame(bool isSoftmax, float value, string words)
    {
        float[] steps = Steps(1, 2, 3);
        steps[17] = value;
        Refuses(words, Head(softmax: isSoftmax), [1, 3, Columns], steps);
    }

    [Fact]
    public void Other_shapes_and_longer_lines_fail_the_frame()
    {
        Refuses("the head reads [1, steps, 12] or [steps, 1, 12]", Head(), [1, 3, Columns + 1], new float[3 * (Columns + 1)]);
        Refuses("the head reads", Head(), [2, 3, Columns], new float[6 * Columns]);
        Refuses("the head reads", Head(), [3, Columns], new float[3 * Columns]);
        Refuses("more than 2 characters ('text_limit' of the exit block)", Head(limit: 2), [1, 3, Columns], Steps(1, 2, 3));
    }

    private static void Refuses(string words, IHead head, long[] shape, float[] values) => Assert.Contains(words,
        Assert.Throws<InvalidDataException>(() => Decode(head, shape, values)).Message, StringComparison.Ordinal);

    [Fact]
    public void Decoding_allocates_nothing()
    {
        foreach (bool isSoftmax in new[] { true, false })
        {
            var head = Head(softmax: isSoftmax);
            var tensors = new ArrayTensors(([1, 5, Columns], Steps(1, 0, 2, 2, 3)));
            Answer answer = new(head.Task, 0, head.ValueLimit), copy = new(head.Task, 0, head.ValueLimit);
            Assert.Equal(0, AllocationWindows.LeastBytesOf(() =>
            {
                head.Decode(tensors, ArrayTensors.SameSize(320, 48), answer);
                copy.CopyFrom(answer);
            }));
            Assert.Equal(3, copy.CountOrClass);
        }
    }
}
