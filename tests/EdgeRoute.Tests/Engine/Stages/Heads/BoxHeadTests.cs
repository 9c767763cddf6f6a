using EdgeRoute.Core.Frames;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Stages.Heads;

namespace EdgeRoute.Tests.Engine.Stages.Heads;

/// <summary>Heads of models that decode their boxes themselves.</summary>
public sealed class BoxHeadTests
{
    private const int Width = 64, Height = 32;

    private static readonly DetectionSettings Settings = new(Threshold: 0.5f, DoubtFloor: 0.2f, NmsOverlap: 0.5f, Limit: 1000);
    private static readonly BoxCoding Centers = new(BoxForm.Center, BoxUnit.Pixel), Corners = new(BoxForm.Corners, BoxUnit.Pixel);
    private static readonly BoxCoding Fractions = new(BoxForm.Center, BoxUnit.Fraction), Tops = new(BoxForm.CornersYx, BoxUnit.Fraction);

    /// <summary>Two candidates of two classes; the second is class 1 with 0.75 at 16,8 to 48,24.</summary>
    private static readonly float[] TwoRows = [5, 5, 2, 2, 0.1f, 0, 32, 16, 32, 16, 0.25f, 0.75f];

    private static YoloHead Yolov8(int classes = 2, BoxCoding? coding = null) => new(Settings, classes, coding ?? Centers,
        hasObjectness: false);

    private static Detection[] Found(IHead head, params (long[] Shape, float[] Values)[] tensors) =>
        ArrayTensors.Decode(head, new ArrayTensors(tensors), ArrayTensors.SameSize(Width, Height)).Answer.Detections.ToArray();

    private static void IsTheMiddle(Detection found, float confidence, int classIndex) =>
        Assert.Equal(new Detection(0.25f, 0.25f, 0.5f, 0.5f, confidence, classIndex), found);

    private static float[] Transposed(float[] values, int width) =>
        [.. Enumerable.Range(0, width).SelectMany(c => Enumerable.Range(0, values.Length / width).Select(r => values[(r * width) + c]))];

    [Fact]
    public void Candidates_without_objectness_by_hand()
    {
        IsTheMiddle(Assert.Single(Found(Yolov8(), ([1, 2, 6], TwoRows))), 0.75f, 1);
        IsTheMiddle(Assert.Single(Found(Yolov8(), ([1, 6, 2], Transposed(TwoRows, 6)))), 0.75f, 1);
        float[] fractions = [0.5f, 0.5f, 0.5f, 0.5f, 0.75f, 0.25f];
        IsTheMiddle(Assert.Single(Found(Yolov8(coding: Fractions), ([1, 6, 1], fractions))), 0.75f, 0);
    }

    [Fact]
    public void Candidates_with_objectness_by_hand()
    {
        var head = new YoloHead(Settings, 2, Centers, hasObjectness: true);
        float[] rows = [5, 5, 2, 2, 0.1f, 1, 1, 32, 16, 32, 16, 0.75f, 0.5f, 1, 9, 9, 2, 2, 1, 0.1f, 0.1f];
        IsTheMiddle(Assert.Single(Found(head, ([1, 3, 7], rows))), 0.75f, 1);
        IsTheMiddle(Assert.Single(Found(head, ([1, 7, 3], Transposed(rows, 7)))), 0.75f, 1);
    }

    [Fact]
    public void Rows_of_a_model_that_suppresses_by_hand()
    {
        var head = new EndToEndHead(Settings with { NmsOverlap = 1 }, 2, Corners, firstClass: 0);
        float[] rows = [16, 8, 48, 24, 0.75f, 1, 16, 8, 48, 24, 0.75f, 1, 0, 0, 0, 0, 0, -1];
        Assert.All(Found(head, ([1, 3, 6], rows)), d => IsTheMiddle(d, 0.75f, 1));
        Assert.Equal(2, Found(head, ([3, 6], rows)).Length);
    }

    [Fact]
    public void Queries_by_hand()
    {
        float[] boxes = [0.5f, 0.5f, 0.5f, 0.5f, 0, 0, 1, 1];
        float[] logits = [MathF.Log(3), -2, -9, -9];
        var sigmoid = new DetrHead(Settings, 2, Fractions, ClassActivation.Sigmoid);
        var found = Assert.Single(Found(sigmoid, ([1, 2, 2], logits), ([1, 2, 4], boxes)));
        Assert.Equal((0.75f, 0), (MathF.Round(found.Confidence, 5), found.ClassIndex));
        IsTheMiddle(found with { Confidence = 0.75f }, 0.75f, 0);
        // One class more that is never a label, as models with a background have it.
        Assert.Single(Found(sigmoid, ([1, 2, 3], [2, -2, 9, -9, -9, 9]), ([1, 2, 4], boxes)));
        var softmax = new DetrHead(Settings, 2, Fractions, ClassActivation.Softmax);
        var sure = Assert.Single(Found(softmax, ([1, 2, 3], [0, MathF.Log(6), 0, 1, 1, 90]), ([1, 2, 4], boxes)));
        Assert.Equal((0.75f, 1), (MathF.Round(sure.Confidence, 5), sure.ClassIndex));
    }

    /// <summary>The class of nothing stands in front, behind or not at all.</summary>
    [Theory]
    [InlineData(0, new[] { 0.1f, 0.2f, 0.25f, 0.75f })]
    [InlineData(0, new[] { 0.1f, 0.2f, 0.9f, 0.25f, 0.75f, 0.9f })]
    [InlineData(1, new[] { 0.9f, 0.1f, 0.2f, 0.9f, 0.25f, 0.75f })]
    public void Probabilities_and_boxes_apart_by_hand(int firstClass, float[] probabilities)
    {
        var head = new DetrHead(Settings, 2, Corners, ClassActivation.None, firstClass);
        long columns = probabilities.Length / 2;
        float[] boxes = [0, 0, 9, 9, 16, 8, 48, 24];
        IsTheMiddle(Assert.Single(Found(head, ([1, 2, columns], probabilities), ([1, 2, 4], boxes))), 0.75f, 1);
        probabilities[firstClass] = float.NaN;
        Assert.Throws<InvalidDataException>(() => Found(head, ([1, 2, columns], probabilities), ([1, 2, 4], boxes)));
        probabilities[firstClass] = 4;
        Assert.Throws<InvalidDataException>(() => Found(head, ([1, 2, columns], probabilities), ([1, 2, 4], boxes)));
    }

    [Fact]
    public void Probabilities_and_boxes_apart_equal_the_plain_decoding()
    {
        for (int seed = 0; seed < 12; seed++)
        {
            int classes = 1 + (seed * 7), count = 40 + (seed * 31);
            float[] rows = ArrayTensors.Random(new Random(seed), 0, 0.9, count, 4 + classes).Values;
            float[][] sorted = [.. rows.Chunk(4 + classes).Select(r => (float[])[r[0] * Width, r[1] * Height, r[2] * Width, r[3] * Height,
                .. r[4..]])];
            var plain = SlowDecoding.Rows([.. sorted.SelectMany(r => r)], classes, false, Width, Height);
            var expected = SlowDecoding.Remaining(plain, Settings).Where(b => b.Confidence >= Settings.Threshold).ToList();
            var head = new DetrHead(Settings, classes, Centers, ClassActivation.None);
            SlowDecoding.AssertSame(expected, Found(head, ([1, count, classes], [.. sorted.SelectMany(r => r[4..])]),
                ([1, count, 4], [.. sorted.SelectMany(r => r[..4])])));
        }
    }

    [Fact]
    public void Rows_with_the_number_of_the_picture_by_hand()
    {
        var head = new EndToEndHead(Settings with { NmsOverlap = 1 }, 2, Corners, firstClass: 0, hasBatchColumn: true);
        float[] rows = [0, 16, 8, 48, 24, 1, 0.75f, 0, 0, 0, 0, 0, -1, 0];
        IsTheMiddle(Assert.Single(Found(head, ([2, 7], rows))), 0.75f, 1);
        IsTheMiddle(Assert.Single(Found(head, ([1, 2, 7], rows))), 0.75f, 1);
    }

    [Fact]
    public void Lists_by_hand()
    {
        var head = new SsdHead(Settings, 2, Tops, firstClass: 1);
        float[] boxes = [0.25f, 0.25f, 0.75f, 0.75f, 0, 0, 1, 1], classes = [2, 1], confidences = [0.75f, 0.9f];
        var found = Found(head, ([1, 2, 4], boxes), ([1, 2], classes), ([1, 2], confidences), ([1], [1]));
        IsTheMiddle(Assert.Single(found), 0.75f, 1);
        Assert.Equal(2, Found(head, ([2, 4], boxes), ([2], classes), ([2], confidences)).Length);
        var pixels = new SsdHead(Settings, 2, Corners, firstClass: 0);
        IsTheMiddle(Assert.Single(Found(pixels, ([1, 1, 4], [16, 8, 48, 24]), ([1, 1], [1]), ([1, 1], [0.75f]))), 0.75f, 1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Candidates_equal_the_plain_decoding_in_both_layouts(bool hasObjectness)
    {
        for (int seed = 0; seed < 12; seed++)
        {
            var random = new Random(seed);
            int classes = 1 + (seed * 7), count = 40 + (seed * 31), width = (hasObjectness ? 5 : 4) + classes;
            float[] rows = ArrayTensors.Random(random, 0, 0.9, count, width).Values;
            for (int at = 0; at < rows.Length; at += width)
            {
                for (int i = 0; i < 4; i++)
                {
                    rows[at + i] *= i % 2 == 0 ? Width : Height;
                }
            }

            var expected = SlowDecoding.Remaining(SlowDecoding.Rows(rows, classes, hasObjectness, Width, Height), Settings)
                .Where(b => b.Confidence >= Settings.Threshold).ToList();
            var head = new YoloHead(Settings, classes, Centers, hasObjectness);
            SlowDecoding.AssertSame(expected, Found(head, ([1, count, width], rows)));
            SlowDecoding.AssertSame(expected, Found(head, ([1, width, count], Transposed(rows, width))));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Queries_equal_the_plain_decoding(bool softmax)
    {
        for (int seed = 0; seed < 12; seed++)
        {
            var random = new Random(seed);
            int classes = 2 + (seed * 3), count = 10 + (seed * 25);
            var logits = ArrayTensors.Random(random, -6, softmax ? 6 : 2, 1, count, classes + (softmax ? 1 : 0));
            var boxes = ArrayTensors.Random(random, 0, 1, 1, count, 4);
            var expected = SlowDecoding.Remaining(SlowDecoding.Queries(logits.Values, boxes.Values, classes, softmax), Settings)
                .Where(b => b.Confidence >= Settings.Threshold).ToList();
            var head = new DetrHead(Settings, classes, Fractions, softmax ? ClassActivation.Softmax : ClassActivation.Sigmoid);
            SlowDecoding.AssertSame(expected, Found(head, logits, boxes));
        }
    }

    /// <summary>By place in the two rows: boxes, classes, and what would rule the candidate out before it is looked at.</summary>
    [Theory]
    [InlineData(4, float.NaN, "not numbers")]
    [InlineData(10, float.NaN, "not numbers")]
    [InlineData(11, float.PositiveInfinity, "not numbers")]
    [InlineData(4, float.NegativeInfinity, "not numbers")]
    [InlineData(6, float.NaN, "not numbers")]
    [InlineData(9, float.PositiveInfinity, "not numbers")]
    [InlineData(5, -3.5f, "export the model with the sigmoid")]
    [InlineData(11, 3.5f, "export the model with the sigmoid")]
    [InlineData(6, 5000f, "far outside the input")]
    public void What_makes_no_answer_fails_the_frame_in_both_layouts(int place, float value, string words)
    {
        float[] rows = [.. TwoRows];
        rows[place] = value;
        Assert.Contains(words, Assert.Throws<InvalidDataException>(() => Found(Yolov8(), ([1, 2, 6], rows))).Message,
            StringComparison.Ordinal);
        Assert.Contains(words, Assert.Throws<InvalidDataException>(() => Found(Yolov8(), ([1, 6, 2], Transposed(rows, 6)))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Boxes_in_pixels_that_are_declared_fractions_say_so() =>
        Assert.Contains("'box_unit'", Assert.Throws<InvalidDataException>(() => Found(Yolov8(coding: Fractions), ([1, 2, 6], TwoRows)))
            .Message, StringComparison.Ordinal);

    /// <summary>A pixel or two the wrong way round is what few bits make of a line.</summary>
    [Theory]
    [InlineData(9f, 9f, 1f, 9f, true)]
    [InlineData(1f, 9f, 9f, 1f, true)]
    [InlineData(9f, 1f, 8.5f, 9f, false)]
    public void A_box_whose_ends_lie_the_wrong_way_round_fails_the_frame(float left, float top, float right, float bottom, bool fails)
    {
        var head = new EndToEndHead(Settings, 2, Corners, firstClass: 0);
        float[] row = [left, top, right, bottom, 0.9f, 0];
        if (!fails)
        {
            Assert.Empty(Found(head, ([1, 1, 6], row)));
            return;
        }

        string words = Assert.Throws<InvalidDataException>(() => Found(head, ([1, 1, 6], row))).Message;
        Assert.Contains("lie the wrong way round", words, StringComparison.Ordinal);
        Assert.Contains("'box_form'", words, StringComparison.Ordinal);
        row[4] = 0.01f;
        Assert.Empty(Found(head, ([1, 1, 6], row)));
    }

    [Theory]
    [InlineData(0.9f, 2f, "class 2; the pack has 2 labels")]
    [InlineData(0.9f, -1f, "class -1; the pack has 2 labels")]
    [InlineData(0.9f, 0.5f, "class 0.5; the pack has 2 labels")]
    [InlineData(0.9f, float.NaN, "class NaN; the pack has 2 labels")]
    [InlineData(float.NaN, 0f, "not numbers")]
    [InlineData(12f, 0f, "where a probability lies in 0..1")]
    public void A_listed_box_of_no_class_or_confidence_fails_the_frame(float confidence, float number, string words)
    {
        var rows = new EndToEndHead(Settings, 2, Corners, firstClass: 0);
        Assert.Contains(words, Assert.Throws<InvalidDataException>(
            () => Found(rows, ([1, 1, 6], [1, 1, 9, 9, confidence, number]))).Message, StringComparison.Ordinal);
        var lists = new SsdHead(Settings, 2, Corners, firstClass: 0);
        Assert.Contains(words, Assert.Throws<InvalidDataException>(
            () => Found(lists, ([1, 1, 4], [1, 1, 9, 9]), ([1, 1], [number]), ([1, 1], [confidence]))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Logits_that_are_not_numbers_and_counts_beyond_the_list_fail_the_frame()
    {
        foreach (var activation in new[] { ClassActivation.Sigmoid, ClassActivation.Softmax })
        {
            Assert.Throws<InvalidDataException>(() => Found(new DetrHead(Settings, 2, Fractions, activation),
                ([1, 1, 3], [float.NaN, 0, 0]), ([1, 1, 4], [0, 0, 1, 1])));
        }

        Assert.Throws<InvalidDataException>(() => Found(new SsdHead(Settings, 2, Corners, firstClass: 0), ([1, 1, 4], [1, 1, 9, 9]),
            ([1, 1], [0]), ([1, 1], [0.9f]), ([1], [2])));
    }

    [Fact]
    public void Tensors_of_other_sizes_fail_the_frame()
    {
        Assert.Throws<InvalidDataException>(() => Found(Yolov8(classes: 3), ([1, 2, 6], TwoRows)));
        Assert.Throws<InvalidDataException>(() => Found(new EndToEndHead(Settings, 2, Corners, 0), ([1, 2, 5], new float[10])));
        Assert.Throws<InvalidDataException>(() => Found(new DetrHead(Settings, 2, Fractions, ClassActivation.Sigmoid),
            ([1, 2, 2], new float[4]), ([1, 1, 4], new float[4])));
        Assert.Throws<InvalidDataException>(() => Found(new SsdHead(Settings, 2, Corners, 0), ([1, 1, 4], new float[4]),
            ([1, 2], new float[2]), ([1, 2], new float[2])));
    }

    [Fact]
    public void Nothing_in_sight_is_no_detection()
    {
        Assert.Empty(Found(Yolov8(), ([1, 6, 0], [])));
        Assert.Empty(Found(Yolov8(), ([1, 6, 3], new float[18])));
        Assert.Empty(Found(new SsdHead(Settings, 2, Tops, 0), ([1, 2, 4], new float[8]), ([1, 2], [-1, -1]), ([1, 2], [0, 0]), ([1], [0])));
    }

    [Fact]
    public void Decoding_allocates_nothing()
    {
        var random = new Random(5);
        var mapping = ArrayTensors.SameSize(Width, Height);
        var coding = Fractions;
        (DetectionHead Head, ArrayTensors Tensors)[] cases =
        [
            (new YoloHead(Settings, 80, coding, false), new ArrayTensors(ArrayTensors.Random(random, 0, 0.9, 1, 84, 500))),
            (new YoloHead(Settings, 80, coding, true), new ArrayTensors(ArrayTensors.Random(random, 0, 0.99, 1, 500, 85))),
            (new EndToEndHead(Settings, 2, new BoxCoding(BoxForm.Corners, BoxUnit.Pixel), 0),
                new ArrayTensors(([1, 2, 6], [1, 1, 9, 9, 0.9f, 1, 20, 1, 29, 9, 0.9f, 0]))),
            (new DetrHead(Settings, 80, coding, ClassActivation.Softmax),
                new ArrayTensors(ArrayTensors.Random(random, -90, 90, 1, 100, 81), ArrayTensors.Random(random, 0, 1, 1, 100, 4))),
            (new SsdHead(Settings, 2, Tops, 0), new ArrayTensors(([1, 1, 4], [0, 0, 1, 1]), ([1, 1], [1]), ([1, 1], [0.9f]), ([1], [1]))),
        ];
        foreach (var (head, tensors) in cases)
        {
            var answer = new Answer(head.Task, head.DetectionLimit, head.ValueLimit);
            Assert.Equal(0, AllocationWindows.LeastBytesOf(() => head.Decode(tensors, mapping, answer)));
            Assert.True(answer.DetectionCount > 0);
        }
    }
}
