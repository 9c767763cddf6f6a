using EdgeRoute.Core.Frames;
using EdgeRoute.Engine.Stages.Heads;

namespace EdgeRoute.Tests.Engine.Stages.Heads;

public sealed class ValueHeadTests
{
    private static ArrayTensors Of(params float[] values) => new(([1, values.Length], values));

    [Fact]
    public void Softmax_by_hand()
    {
        float[] logits = [0, MathF.Log(2), MathF.Log(5)];
        var (signals, answer) = ArrayTensors.Decode(new ClassificationHead(3, appliesSoftmax: true), Of(logits), default);
        Assert.Equal([0.125f, 0.25f, 0.625f], answer.Values.ToArray(), (a, b) => MathF.Abs(a - b) < 1e-6f);
        Assert.Equal(2, answer.TopIndex);
        Assert.Equal(0.625f, signals.MaxProbability, 1e-6f);
        Assert.Equal(0.375f, signals.Margin, 1e-6f);
        double entropy = -((0.125 * Math.Log(0.125)) + (0.25 * Math.Log(0.25)) + (0.625 * Math.Log(0.625))) / Math.Log(3);
        Assert.Equal(entropy, signals.Entropy, 1e-6);
        Assert.Equal((0f, 0f), (signals.LowConfidenceMass, signals.Count));
    }

    [Fact]
    public void Softmax_equals_the_plain_formula_for_any_size()
    {
        for (int count = 1; count < 70; count++)
        {
            var tensor = ArrayTensors.Random(new Random(count), -8, 8, 1, count);
            var (signals, answer) = ArrayTensors.Decode(new ClassificationHead(count, appliesSoftmax: true),
                new ArrayTensors(tensor), default);
            double[] e = [.. tensor.Values.Select(v => Math.Exp(v))];
            double[] p = [.. e.Select(v => v / e.Sum())];
            Assert.Equal(p, answer.Values.ToArray().Select(v => (double)v), (a, b) => Math.Abs(a - b) < 1e-6);
            var ordered = p.OrderDescending().ToArray();
            Assert.Equal(ordered[0] - ordered.ElementAtOrDefault(1), signals.Margin, 1e-5);
            Assert.Equal(count == 1 ? 0 : -p.Sum(v => v * Math.Log(v)) / Math.Log(count), signals.Entropy, 1e-5);
        }
    }

    [Fact]
    public void Large_logits_do_not_overflow()
    {
        var (signals, answer) = ArrayTensors.Decode(new ClassificationHead(3, appliesSoftmax: true), Of(1000, 999, -1000), default);
        Assert.Equal(0.7310586f, answer.Values[0], 1e-6f);
        Assert.Equal(0, answer.Values[2]);
        Assert.False(float.IsNaN(signals.Entropy));
    }

    [Fact]
    public void Probabilities_stay_as_they_are_and_signals_stay_in_range()
    {
        var (signals, answer) = ArrayTensors.Decode(new ClassificationHead(3, appliesSoftmax: false), Of(1.0005f, 0, 0), default);
        Assert.Equal([1.0005f, 0, 0], answer.Values.ToArray());
        Assert.Equal((1f, 1f, 0f), (signals.MaxProbability, signals.Margin, signals.Entropy));
        var (unsure, _) = ArrayTensors.Decode(new ClassificationHead(4, appliesSoftmax: false), Of(0.25f, 0.25f, 0.25f, 0.25f), default);
        Assert.Equal((0.25f, 0f), (unsure.MaxProbability, unsure.Margin));
        Assert.Equal(1, unsure.Entropy, 1e-6f);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void Values_that_are_not_numbers_fail_the_frame(float value)
    {
        IHead[] heads = [new ClassificationHead(3, true), new ClassificationHead(3, false), new EmbeddingHead(3, true),
            new EmbeddingHead(3, false), new PolicyHead(3, 1, false)];
        Assert.All(heads, head => Assert.Contains("not numbers", Assert.Throws<InvalidDataException>(
            () => ArrayTensors.Decode(head, Of(0.2f, value, 0.3f), default)).Message, StringComparison.Ordinal));
        var unsure = new ArrayTensors(([1, 1], [1]), ([1], [value]));
        Assert.Throws<InvalidDataException>(() => ArrayTensors.Decode(new PolicyHead(1, 1, hasConfidence: true), unsure, default));
    }

    [Fact]
    public void Logits_where_probabilities_are_meant_fail_the_frame_with_the_head_that_takes_them()
    {
        Assert.All([Of(5.5f, 0, 0), Of(0.5f, -3, 0.5f)], logits => Assert.Contains("softmax_classification",
            Assert.Throws<InvalidDataException>(() => ArrayTensors.Decode(new ClassificationHead(3, false), logits, default)).Message,
            StringComparison.Ordinal));
        var unsure = new ArrayTensors(([1, 1], [1]), ([1], [4.5f]));
        Assert.Throws<InvalidDataException>(() => ArrayTensors.Decode(new PolicyHead(1, 1, hasConfidence: true), unsure, default));
    }

    [Fact]
    public void An_embedding_too_long_for_its_length_to_be_a_number_fails_the_frame() => Assert.Throws<InvalidDataException>(
        () => ArrayTensors.Decode(new EmbeddingHead(2, normalizes: true), Of(3e38f, 3e38f), default));

    [Fact]
    public void An_embedding_is_scaled_to_unit_length_when_asked()
    {
        Assert.Equal([3f, 4f], ArrayTensors.Decode(new EmbeddingHead(2, normalizes: false), Of(3, 4), default).Answer.Values.ToArray());
        Assert.Equal([0.6f, 0.8f], ArrayTensors.Decode(new EmbeddingHead(2, normalizes: true), Of(3, 4), default).Answer.Values.ToArray());
        Assert.Equal([0f, 0f], ArrayTensors.Decode(new EmbeddingHead(2, normalizes: true), Of(0, 0), default).Answer.Values.ToArray());
    }

    [Fact]
    public void An_action_chunk_is_the_outputs_one_after_the_other()
    {
        var tensors = new ArrayTensors(([1, 2], [1, 2]), ([1, 4], [3, 4, 5, 6]), ([1], [0.75f]));
        var (signals, answer) = ArrayTensors.Decode(new PolicyHead(3, 2, hasConfidence: true), tensors, default);
        Assert.Equal([1f, 2, 3, 4, 5, 6], answer.Values.ToArray());
        Assert.Equal((0.75f, 0.5f), (signals.MaxProbability, signals.Margin));
        Assert.Equal(0.8112781f, signals.Entropy, 1e-5f);
        Assert.Equal(default, ArrayTensors.Decode(new PolicyHead(1, 1, hasConfidence: false), Of(7), default).Signals);
    }

    [Fact]
    public void Values_of_another_number_fail_the_frame()
    {
        IHead[] heads = [new ClassificationHead(3, true), new EmbeddingHead(3, true), new PolicyHead(3, 1, false),
            new PolicyHead(1, 1, false)];
        Assert.All(heads, head => Assert.Throws<InvalidDataException>(() => ArrayTensors.Decode(head, Of(1, 2), default)));
    }

    [Fact]
    public void Decoding_values_allocates_nothing()
    {
        (IHead Head, ArrayTensors Tensors)[] cases =
        [
            (new ClassificationHead(1000, true), new ArrayTensors(ArrayTensors.Random(new Random(1), -5, 5, 1, 1000))),
            (new EmbeddingHead(256, true), new ArrayTensors(ArrayTensors.Random(new Random(1), -5, 5, 1, 256))),
            (new PolicyHead(8, 4, false), new ArrayTensors(ArrayTensors.Random(new Random(1), -5, 5, 1, 8, 4))),
        ];
        foreach (var (head, tensors) in cases)
        {
            var answer = new Answer(head.Task, 0, head.ValueLimit);
            Assert.Equal(0, AllocationWindows.LeastBytesOf(() => head.Decode(tensors, default, answer)));
        }
    }

    [Fact]
    public void The_surest_classes_come_largest_first_and_equals_in_order()
    {
        Span<int> indices = stackalloc int[4];
        Assert.Equal(4, TopClasses.Select([0.1f, 0.4f, 0.3f, 0.4f, 0.2f], indices));
        Assert.Equal([1, 3, 2, 4], indices.ToArray());
        Assert.Equal(1, TopClasses.Select([0.5f], indices));
    }
}
