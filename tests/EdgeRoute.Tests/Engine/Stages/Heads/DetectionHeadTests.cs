using EdgeRoute.Core.Frames;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Stages.Heads;

namespace EdgeRoute.Tests.Engine.Stages.Heads;

public sealed class DetectionHeadTests
{
    private static readonly DetectionSettings Settings = new(Threshold: 0.5f, DoubtFloor: 0.2f, NmsOverlap: 0.5f, Limit: 1000);

    /// <summary>One level of 2 x 1 cells of 8 pixels, two classes.</summary>
    private static ArrayTensors TwoCells(float[] first, float[] second) => new(([1, 2, 7], [.. first, .. second]));

    private static YoloxHead SmallYolox(DetectionSettings? settings = null) => new(settings ?? Settings, 2, [8]);

    [Fact]
    public void Yolox_by_hand()
    {
        // Cell 1: centre (1 + 0.5) * 8 = 12, 0.25 * 8 = 2; width exp(0) * 8 = 8; height exp(ln 0.25) * 8 = 2; confidence 0.9 * 0.8.
        var tensors = TwoCells([0, 0, 0, 0, 0, 1, 1], [0.5f, 0.25f, 0, MathF.Log(0.25f), 0.9f, 0.1f, 0.8f]);
        var (signals, answer) = ArrayTensors.Decode(SmallYolox(), tensors, ArrayTensors.SameSize(16, 8));
        var found = Assert.Single(answer.Detections.ToArray());
        Assert.Equal((1, 0.9f * 0.8f), (found.ClassIndex, found.Confidence));
        Assert.Equal((0.5f, 0.125f, 0.5f, 0.25f), (found.Left, found.Top, found.Width, found.Height));
        Assert.Equal((0.9f * 0.8f, 1f, 0f), (signals.MaxProbability, signals.Count, signals.LowConfidenceMass));
        Assert.Equal(0.22f, signals.Margin, 1e-6f);
    }

    [Fact]
    public void FastestDet_by_hand()
    {
        // One class, a 2 x 1 grid. Cell 1: centre x (1 + tanh 0) / 2, y (0 + tanh 0.5493) / 1 = 0.5; size sigmoid(0) = 0.5 and
        // sigmoid(-1.0986) = 0.25.
        float[] values = [0, 0.81f, 0, 0, 0, 0.54930615f, 0, 0, 0, -1.0986123f, 0, 0.64f];
        var head = new FastestDetHead(Settings, 1, objectnessPower: 0.5f, classPower: 0.5f);
        var (_, answer) = ArrayTensors.Decode(head, new ArrayTensors(([1, 6, 1, 2], values)), ArrayTensors.SameSize(16, 8));
        var found = Assert.Single(answer.Detections.ToArray());
        Assert.Equal(0.72f, found.Confidence, 1e-6f);
        Assert.Equal(0.25f, found.Left, 1e-6f);
        Assert.Equal(0.375f, found.Top, 1e-6f);
        Assert.Equal(0.5f, found.Width, 1e-6f);
        Assert.Equal(0.25f, found.Height, 1e-6f);
    }

    [Fact]
    public void Distributions_by_hand()
    {
        // One cell of 8 pixels in an 8 x 8 input, two bins: equal bins are a distance of half a cell, 4 pixels; a sure first bin is none.
        float[] classes = [0.1f, 0.7f], sides = [0, 0, 50, 0, 0, 0, 0, 0];
        var head = new DflHead(Settings, 2, [8], binCount: 2, appliesSigmoid: false);
        var (_, answer) = ArrayTensors.Decode(head, new ArrayTensors(([1, 1, 2], classes), ([1, 1, 8], sides)),
            ArrayTensors.SameSize(8, 8));
        var found = Assert.Single(answer.Detections.ToArray());
        Assert.Equal((0f, 0.5f, 1f, 0.5f, 0.7f, 1), (found.Left, found.Top, found.Width, found.Height, found.Confidence, found.ClassIndex));
    }

    [Fact]
    public void Yolox_equals_the_plain_decoding()
    {
        for (int seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            int classes = 1 + (seed * 4);
            int cells = (12 * 8) + (6 * 4) + (3 * 2);
            var tensor = ArrayTensors.Random(random, -0.5, 1, 1, cells, 5 + classes);
            for (int i = 0; i < tensor.Values.Length; i++)
            {
                tensor.Values[i] = i % (5 + classes) < 4 ? tensor.Values[i] : Math.Max(0, tensor.Values[i]);
            }

            var boxes = SlowDecoding.Yolox(tensor.Values, classes, 96, 64, [8, 16, 32]);
            Compare(new YoloxHead(Settings, classes, [8, 16, 32]), new ArrayTensors(tensor), boxes, 96, 64);
        }
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(0.6, 0.4)]
    public void FastestDet_equals_the_plain_decoding(double objectnessPower, double classPower)
    {
        for (int seed = 0; seed < 20; seed++)
        {
            int classes = 1 + (seed * 4);
            var tensor = ArrayTensors.Random(new Random(seed), 0, 1, 1, 5 + classes, 5, 7);
            var head = new FastestDetHead(Settings, classes, (float)objectnessPower, (float)classPower);
            Compare(head, new ArrayTensors(tensor), SlowDecoding.FastestDet(tensor.Values, classes, 7, 5, objectnessPower, classPower), 224,
                160);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Distributions_equal_the_plain_decoding(bool sigmoid)
    {
        for (int seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            int classes = 1 + (seed * 4);
            var (least, most) = sigmoid ? (-6, 2) : (0, 0.8);
            // 100 x 68 does not divide by the strides: cells are rounded up.
            (long[] Shape, float[] Values)[] tensors =
            [
                ArrayTensors.Random(random, least, most, 1, 13 * 9, classes), ArrayTensors.Random(random, least, most, 1, 2 * 2, classes),
                ArrayTensors.Random(random, -3, 3, 1, 13 * 9, 32), ArrayTensors.Random(random, -3, 3, 1, 2 * 2, 32),
            ];
            var head = new DflHead(Settings, classes, [8, 64], binCount: 8, sigmoid);
            var plain = SlowDecoding.Dfl([.. tensors.Select(t => t.Values)], classes, 8, 100, 68, [8, 64], sigmoid);
            Compare(head, new ArrayTensors(tensors), plain, 100, 68);
            var rows = Enumerable.Range(0, 2).SelectMany(level => tensors[level].Values.Chunk(classes).Zip(tensors[2 + level].Values
                .Chunk(32), (c, d) => c.Concat(d))).SelectMany(r => r);
            Compare(head, new ArrayTensors(([1, (13 * 9) + 4, classes + 32], [.. rows])), plain, 100, 68);
        }
    }

    [Fact]
    public void Distances_begin_where_in_the_cell_the_manifest_says()
    {
        // The second of two cells of 8 pixels: equal bins are 4 pixels to each side of its upper left corner at 8,0.
        var head = new DflHead(Settings, 1, [8], binCount: 2, appliesSigmoid: false, cellOffset: 0);
        float[] rows = [0.1f, 0, 0, 0, 0, 0, 0, 0, 0, 0.7f, 0, 0, 0, 0, 0, 0, 0, 0];
        var (_, answer) = ArrayTensors.Decode(head, new ArrayTensors(([1, 2, 9], rows)), ArrayTensors.SameSize(16, 8));
        Assert.Equal(new Detection(0.25f, 0, 0.5f, 0.5f, 0.7f, 0), Assert.Single(answer.Detections.ToArray()));
    }

    private static void Compare(DetectionHead head, ArrayTensors tensors, List<SlowDecoding.Box> boxes, int width, int height)
    {
        var remaining = SlowDecoding.Remaining(boxes, Settings);
        var sure = remaining.Where(b => b.Confidence >= Settings.Threshold).ToList();
        var (signals, answer) = ArrayTensors.Decode(head, tensors, ArrayTensors.SameSize(width, height));
        SlowDecoding.AssertSame(sure, answer.Detections);
        Assert.Equal(remaining.Where(b => b.Confidence < Settings.Threshold).Sum(b => b.Confidence), signals.LowConfidenceMass, 1e-3);
        Assert.Equal(remaining.Select(b => Math.Abs(b.Confidence - Settings.Threshold)).Append(1).Min(), signals.Margin, 1e-4);
        Assert.Equal((float)sure.Count, signals.Count);
        double Entropy(double p) => p is <= 0 or >= 1 ? 0 : -(p * Math.Log2(p)) - ((1 - p) * Math.Log2(1 - p));
        Assert.Equal(remaining.Select(b => Entropy(b.Confidence)).DefaultIfEmpty(0).Average(), signals.Entropy, 1e-4);
    }

    [Fact]
    public void Boxes_are_given_in_fractions_of_the_frame_through_the_mapping()
    {
        // A 200 x 100 frame letterboxed into 16 x 8 with 2 pixels of padding to the left: frame x = 20 * (tensor x) - 40.
        var mapping = new FrameMapping(20, -40, 12.5f, 0, 200, 100, 16, 8);
        var tensors = TwoCells([0, 0, 0, 0, 0, 1, 1], [0, 0.5f, MathF.Log(0.5f), MathF.Log(0.5f), 0.9f, 0.9f, 0]);
        var (_, answer) = ArrayTensors.Decode(SmallYolox(), tensors, mapping);
        var found = Assert.Single(answer.Detections.ToArray());
        Assert.Equal((0.4f, 0.25f, 0.4f, 0.5f), (found.Left, found.Top, found.Width, found.Height));
    }

    [Fact]
    public void Boxes_are_cut_at_the_frame_and_dropped_outside_it()
    {
        var mapping = new FrameMapping(1, 8, 1, 0, 16, 8, 16, 8); // The frame's right half lies under the tensor's left half.
        var tensors = TwoCells([0.5f, 0.5f, 1, 1, 0.9f, 0.9f, 0], [0.75f, 0.5f, -2, -2, 0.9f, 0.9f, 0]);
        var (_, answer) = ArrayTensors.Decode(SmallYolox(), tensors, mapping);
        var found = Assert.Single(answer.Detections.ToArray());
        Assert.Equal((0f, 1f, 1f), (found.Top, found.Right, found.Bottom));
    }

    [Fact]
    public void Doubtful_candidates_make_the_signals_but_not_the_answer()
    {
        var tensors = TwoCells([0.5f, 0.5f, 0, 0, 0.4f, 1, 0], [0.5f, 0.5f, 0, 0, 0.3f, 0, 1]);
        var (signals, answer) = ArrayTensors.Decode(SmallYolox(), tensors, ArrayTensors.SameSize(16, 8));
        Assert.Empty(answer.Detections.ToArray());
        Assert.Equal((0f, 0f), (signals.MaxProbability, signals.Count));
        Assert.Equal(0.7f, signals.LowConfidenceMass, 1e-6f);
        Assert.Equal(0.1f, signals.Margin, 1e-6f);
        Assert.Equal((0.97095f + 0.88129f) / 2, signals.Entropy, 1e-4f);
    }

    [Fact]
    public void An_empty_scene_is_sure()
    {
        var tensors = TwoCells(new float[7], new float[7]);
        var (signals, answer) = ArrayTensors.Decode(SmallYolox(), tensors, ArrayTensors.SameSize(16, 8));
        Assert.Equal(0, answer.DetectionCount);
        Assert.Equal((0f, 1f, 0f, 0f, 0f), (signals.MaxProbability, signals.Margin, signals.Entropy, signals.LowConfidenceMass,
            signals.Count));
    }

    [Theory]
    [InlineData(0, float.NaN)]
    [InlineData(1, float.PositiveInfinity)]
    [InlineData(2, float.NaN)]
    [InlineData(3, float.NegativeInfinity)]
    [InlineData(4, float.NaN)]
    [InlineData(4, float.NegativeInfinity)]
    [InlineData(4, -7.5f)]
    [InlineData(4, 3f)]
    [InlineData(5, -4f)]
    [InlineData(6, float.NaN)]
    [InlineData(6, 3f)]
    public void Values_of_a_grid_that_make_no_answer_fail_the_frame(int at, float value)
    {
        float[] bad = [0.5f, 0.5f, 0, 0, 0.9f, at == 5 ? value : 1, at == 5 ? value : 0];
        bad[at] = value;
        Assert.Throws<InvalidDataException>(() => ArrayTensors.Decode(SmallYolox(), TwoCells([0.5f, 0.5f, 0, 0, 0.9f, 1, 0], bad),
            ArrayTensors.SameSize(16, 8)));
    }

    [Theory]
    [InlineData(0, float.NegativeInfinity)]
    [InlineData(0, -3f)]
    [InlineData(1, float.PositiveInfinity)]
    [InlineData(3, float.NegativeInfinity)]
    [InlineData(4, float.NaN)]
    [InlineData(5, -2f)]
    [InlineData(5, 2f)]
    public void Values_of_planes_that_make_no_answer_fail_the_frame(int at, float value)
    {
        float[] values = [0.9f, 0, 0, 0, 0, 0.9f];
        values[at] = value;
        var head = new FastestDetHead(Settings, 1, objectnessPower: 0.5f, classPower: 0.5f);
        Assert.Throws<InvalidDataException>(() => ArrayTensors.Decode(head, new ArrayTensors(([1, 6, 1, 1], values)),
            ArrayTensors.SameSize(8, 8)));
    }

    [Theory]
    [InlineData(true, 77, float.NaN)]
    [InlineData(true, 3, float.NegativeInfinity)]
    [InlineData(true, 0, float.PositiveInfinity)]
    [InlineData(false, 77, float.NaN)]
    [InlineData(false, 79, -3f)]
    [InlineData(false, 79, 3f)]
    public void Class_values_of_distributions_that_make_no_answer_fail_the_frame(bool sigmoid, int at, float value)
    {
        var head = new DflHead(Settings, 80, [8], binCount: 8, sigmoid);
        float[] classes = new float[80];
        classes.AsSpan().Fill(sigmoid ? -9 : 0);
        classes[at] = value;
        Assert.Throws<InvalidDataException>(() => ArrayTensors.Decode(head,
            new ArrayTensors(([1, 1, 80], classes), ([1, 1, 32], new float[32])), ArrayTensors.SameSize(8, 8)));
    }

    [Fact]
    public void Distances_that_are_no_numbers_fail_the_frame_only_where_they_are_read()
    {
        var head = new DflHead(Settings, 1, [8], binCount: 8, appliesSigmoid: true);
        float[] sides = new float[32];
        sides[9] = float.NegativeInfinity;
        ArrayTensors Of(float logit) => new(([1, 1, 1], [logit]), ([1, 1, 32], sides));
        Assert.Throws<InvalidDataException>(() => ArrayTensors.Decode(head, Of(3), ArrayTensors.SameSize(8, 8)));
        Assert.Equal(0, ArrayTensors.Decode(head, Of(-9), ArrayTensors.SameSize(8, 8)).Answer.DetectionCount);
    }

    [Fact]
    public void A_grid_decoded_by_the_export_is_read_where_the_manifest_says_so()
    {
        var head = new YoloxHead(Settings, 2, [8], isDecoded: true);
        var tensors = TwoCells([4, 4, 1, 1, 0, 1, 1], [12, 2, 8, 2, 0.9f, 0.1f, 0.8f]);
        var (_, answer) = ArrayTensors.Decode(head, tensors, ArrayTensors.SameSize(16, 8));
        var found = Assert.Single(answer.Detections.ToArray());
        Assert.Equal((0.5f, 0.125f, 0.5f, 0.25f), (found.Left, found.Top, found.Width, found.Height));
    }

    [Theory]
    [InlineData(40f, 30f)]
    [InlineData(300f, 2f)]
    [InlineData(2f, 2f)]
    public void A_grid_decoded_by_the_export_fails_the_frame_by_name_where_the_manifest_does_not_say_so(float width, float height)
    {
        // 416 x 416 pixels, cells of 8: what every row holds is its place in the input.
        float[] values = [.. Enumerable.Range(0, 52 * 52).SelectMany(i => new[] { ((i % 52) + 0.5f) * 8, ((i / 52) + 0.5f) * 8, width,
            height, i == 60 ? 0.9f : 0.001f, 0.9f, 0 })];
        var failure = Assert.Throws<InvalidDataException>(() => ArrayTensors.Decode(SmallYolox(), new ArrayTensors(([1, 2704, 7], values)),
            ArrayTensors.SameSize(416, 416)));
        Assert.Contains("'decoded': true", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_candidate_larger_than_any_cell_can_give_fails_the_frame_by_name()
    {
        var tensors = TwoCells([4, 4, 9, 7, 0.9f, 1, 0], [0, 0, 0, 0, 0, 0, 0]);
        Assert.Contains("'decoded': true", Assert.Throws<InvalidDataException>(
            () => ArrayTensors.Decode(SmallYolox(), tensors, ArrayTensors.SameSize(16, 8))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_raw_grid_fails_the_frame_where_the_manifest_calls_it_decoded()
    {
        var head = new YoloxHead(Settings, 2, [8], isDecoded: true);
        var tensors = TwoCells([0.5f, 0.5f, -1, -1, 0.9f, 1, 0], [0, 0, 0, 0, 0, 0, 0]);
        Assert.Contains("decode_in_inference", Assert.Throws<InvalidDataException>(
            () => ArrayTensors.Decode(head, tensors, ArrayTensors.SameSize(16, 8))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void More_detections_than_the_limit_are_counted_and_the_surest_kept()
    {
        var head = SmallYolox(Settings with { Limit = 1 });
        var tensors = TwoCells([0.5f, 0.5f, 0, 0, 0.8f, 1, 0], [0.5f, 0.5f, 0, 0, 0.9f, 1, 0]);
        var (signals, answer) = ArrayTensors.Decode(head, tensors, ArrayTensors.SameSize(16, 8));
        Assert.Equal(0.9f, Assert.Single(answer.Detections.ToArray()).Confidence);
        Assert.Equal((1L, 1f), (head.DetectionOverflowCount, signals.Count));
    }

    [Fact]
    public void A_tensor_of_another_size_fails_the_frame_with_both_sizes()
    {
        var failure = Assert.Throws<InvalidDataException>(
            () => ArrayTensors.Decode(SmallYolox(), new ArrayTensors(([1, 1, 7], new float[7])), ArrayTensors.SameSize(16, 8)));
        Assert.Contains("7 values; the head decodes 14", failure.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidDataException>(() => ArrayTensors.Decode(
            new FastestDetHead(Settings, 1, 1, 1), new ArrayTensors(([2, 6], new float[12])), ArrayTensors.SameSize(16, 8)));
        Assert.Throws<InvalidDataException>(() => ArrayTensors.Decode(
            new DflHead(Settings, 1, [8], 8, false), new ArrayTensors(([1, 2, 1], new float[2]), ([1, 2, 32], new float[63])),
            ArrayTensors.SameSize(16, 8)));
    }

    [Fact]
    public void Decoding_allocates_nothing()
    {
        var random = new Random(3);
        var mapping = ArrayTensors.SameSize(64, 64);
        (DetectionHead Head, ArrayTensors Tensors)[] cases =
        [
            (new YoloxHead(Settings, 20, [8]), new ArrayTensors(ArrayTensors.Random(random, 0, 1, 1, 64, 25))),
            (new FastestDetHead(Settings, 20, 0.6f, 0.4f), new ArrayTensors(ArrayTensors.Random(random, 0, 1, 1, 25, 8, 8))),
            (new DflHead(Settings, 20, [8], 8, true),
                new ArrayTensors(ArrayTensors.Random(random, -2, 2, 1, 64, 20), ArrayTensors.Random(random, -2, 2, 1, 64, 32))),
        ];
        foreach (var (head, tensors) in cases)
        {
            var answer = new Answer(head.Task, head.DetectionLimit, head.ValueLimit);
            Assert.Equal(0, AllocationWindows.LeastBytesOf(() => head.Decode(tensors, mapping, answer)));
            Assert.True(answer.DetectionCount > 0);
        }
    }
}
