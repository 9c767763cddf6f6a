using EdgeRoute.Core.Tracking;

namespace EdgeRoute.Tests.Core.Tracking;

/// <summary>Chunks of two values a step, stepped through tick by tick while later ones come.</summary>
public sealed class ChunkStepperTests
{
    private const int StepCount = 8;

    /// <summary>Step i of it is [first + i, -(first + i)].</summary>
    private static float[] Chunk(float first, int count = StepCount) =>
        [.. Enumerable.Range(0, count).SelectMany(i => new[] { first + i, -(first + i) })];

    private static float[] Run(ChunkStepper stepper, long from, int count) => [.. Enumerable.Range(0, count)
        .Select(i => stepper.TryStep(from + i, out _, out var values) ? values[0] : float.NaN)];

    [Fact]
    public void A_chunk_is_stepped_through_once_and_then_nothing_is_due()
    {
        var stepper = new ChunkStepper();
        Assert.False(stepper.HasChunk);
        Assert.False(stepper.TryStep(0, out _, out _));
        Assert.Equal(new ChunkStart(true, 0, 0), stepper.Begin(Chunk(10), 2, 5, 5));
        Assert.Equal([10, 11, 12, 13, 14, 15, 16, 17, float.NaN], Run(stepper, 5, 9));
        Assert.True(stepper.TryStep(7, out var step, out var values));
        Assert.Equal((2, 0f, -12f), (step.Index, step.OldWeight, values[1]));
    }

    [Fact]
    public void Steps_that_passed_while_it_was_computed_are_skipped()
    {
        var stepper = new ChunkStepper();
        Assert.Equal(new ChunkStart(true, 3, 0), stepper.Begin(Chunk(10), 2, 20, 23));
        Assert.Equal([13, 14], Run(stepper, 23, 2));
    }

    [Fact]
    public void A_chunk_whose_time_has_passed_is_not_taken_and_the_one_before_goes_on()
    {
        var stepper = new ChunkStepper();
        stepper.Begin(Chunk(10, 40), 2, 0, 0);
        Assert.Equal(new ChunkStart(false, 9, 0), stepper.Begin(Chunk(90), 2, 4, 13));
        Assert.Equal(23, Run(stepper, 13, 1)[0]);
        Assert.False(new ChunkStepper().Begin([], 2, 0, 0).IsTaken);
        Assert.False(new ChunkStepper().Begin([1], 2, 0, 0).IsTaken);
        Assert.False(new ChunkStepper().Begin([1], 0, 0, 0).IsTaken);
    }

    [Fact]
    public void A_new_chunk_takes_over_little_by_little_from_the_step_that_is_due()
    {
        var stepper = new ChunkStepper();
        stepper.Begin(Chunk(0), 2, 0, 0);
        var start = stepper.Begin(Chunk(100), 2, 2, 5);
        Assert.Equal(new ChunkStart(true, 3, 3), start);
        float old = 5;
        foreach (int i in new[] { 3, 4, 5 })
        {
            float c = (6 - i) / 4f, weight = c * (MathF.Exp(c) - 1) / (MathF.E - 1);
            Assert.True(stepper.TryStep(2 + i, out var step, out var values));
            Assert.Equal((i, weight), (step.Index, step.OldWeight));
            Assert.Equal(100 + i + (weight * (old - (100 + i))), values[0], 1e-4f);
            Assert.Equal(-values[0], values[1]);
            old++;
        }

        Assert.Equal([106, 107, float.NaN], Run(stepper, 8, 3));
    }

    [Fact]
    public void Weights_fall_from_step_to_step_and_lie_between_nought_and_one()
    {
        for (int covered = 1; covered < 40; covered++)
        {
            for (int passed = 0; passed < covered; passed++)
            {
                float[] weights = [.. Enumerable.Range(0, 45).Select(i => ChunkStepper.WeightOfOld(i, passed, covered))];
                Assert.All(weights[..passed], w => Assert.Equal(1, w));
                Assert.All(weights[covered..], w => Assert.Equal(0, w));
                Assert.All(weights[passed..covered], w => Assert.InRange(w, 1e-6f, 0.999999f));
                Assert.All(weights.Zip(weights.Skip(1)), pair => Assert.True(pair.First >= pair.Second));
            }
        }
    }

    [Fact]
    public void Without_blending_and_after_a_drop_a_chunk_is_taken_as_it_is()
    {
        var plain = new ChunkStepper { Blends = false };
        plain.Begin(Chunk(0), 2, 0, 0);
        Assert.Equal(0, plain.Begin(Chunk(100), 2, 2, 5).BlendedCount);
        Assert.Equal([103, 104], Run(plain, 5, 2));
        var dropped = new ChunkStepper();
        dropped.Begin(Chunk(0), 2, 0, 0);
        dropped.Drop();
        Assert.False(dropped.HasChunk || dropped.TryStep(1, out _, out _));
        dropped.Begin(Chunk(100), 2, 2, 5);
        Assert.Equal([103, 104], Run(dropped, 5, 2));
        var other = new ChunkStepper();
        other.Begin(Chunk(0), 2, 0, 0);
        Assert.Equal(0, other.Begin([1, 2, 3, 4, 5, 6], 3, 1, 1).BlendedCount);
    }

    [Fact]
    public void A_set_point_holds_until_the_next_and_is_not_blended()
    {
        var stepper = new ChunkStepper { IsSetPoint = true };
        stepper.Begin([7, 8], 2, 0, 90);
        Assert.Equal([7, 7], Run(stepper, 100, 2));
        Assert.Equal(new ChunkStart(true, 0, 0), stepper.Begin([9, 9], 2, 100, 102));
        Assert.Equal(9, Run(stepper, 500, 1)[0]);
    }

    [Fact]
    public void Whatever_comes_when_each_value_lies_between_those_of_the_plans()
    {
        var random = new Random(7);
        for (int round = 0; round < 300; round++)
        {
            var stepper = new ChunkStepper();
            long tick = random.Next(100);
            for (int i = 0; i < 50; i++)
            {
                tick += random.Next(4);
                int count = random.Next(1, 20);
                float[] chunk = [.. Enumerable.Range(0, count * 3).Select(_ => (float)random.NextDouble())];
                stepper.Begin(chunk, 3, tick - random.Next(-3, 25), tick);
                if (stepper.TryStep(tick, out var step, out var values))
                {
                    Assert.InRange(step.OldWeight, 0, 1);
                    Assert.Equal(3, values.Length);
                    Assert.All(values.ToArray(), v => Assert.InRange(v, 0, 1));
                }
            }
        }
    }

    [Fact]
    public void Chunks_of_a_size_seen_before_allocate_nothing()
    {
        var stepper = new ChunkStepper();
        float[] chunk = Chunk(1);
        long tick = 0;
        Assert.Equal(0, AllocationWindows.LeastBytesOf(() =>
        {
            stepper.Begin(chunk, 2, tick - 2, tick);
            stepper.TryStep(tick++, out _, out _);
        }));
    }
}
