using EdgeRoute.Core.Frames;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Stages.Heads;

namespace EdgeRoute.Tests.Engine.Stages.Heads;

/// <summary>Heads that say more of a detection than its box, against a plain decoding.</summary>
public sealed class DetailHeadTests
{
    private const int Side = 64, Classes = 3, Joints = 17, Masks = 8, PrototypeSide = 16;
    private const double Largest = 1e-4;

    private static readonly DetectionSettings Settings = new(Threshold: 0.5f, DoubtFloor: 0.2f, NmsOverlap: 0.5f, Limit: 100);

    /// <summary>A frame of 640 x 480 letterboxed into the middle of 64 x 64.</summary>
    private static readonly FrameMapping Letterbox = new(10, 0, 10, -80, 640, 480, Side, Side);

    private static IHead Head(HeadKind kind, int classes = Classes, int values = 3) => HeadFactory.Create(
        new ExitSpec(kind, ["a"], classes)
        {
            Detection = kind is HeadKind.EndToEndPose or HeadKind.EndToEndObb or HeadKind.EndToEndSeg
                ? Settings with { NmsOverlap = 1 } : Settings,
            Boxes = new BoxCoding(kind is HeadKind.EndToEndPose or HeadKind.EndToEndSeg ? BoxForm.Corners : BoxForm.Center, BoxUnit.Pixel),
            KeypointCount = Joints, KeypointValues = values, MaskCount = Masks,
        });

    private static Answer Decode(IHead head, params (long[] Shape, float[] Values)[] tensors)
    {
        var answer = Room(head);
        head.Decode(new ArrayTensors(tensors), Letterbox, answer);
        return answer;
    }

    private static Answer Room(IHead head) => new(head.Task, head.DetectionLimit, head.ValueLimit, head.Details);

    /// <summary>Candidates with boxes all over the input, few of them sure, and details as <paramref name="detail"/> draws them.</summary>
    private static float[] Rows(Random random, int count, int detailCount, Func<int, double> detail)
    {
        float[] rows = new float[count * (4 + Classes + detailCount)];
        for (int i = 0, at = 0; i < count; i++)
        {
            double[] box = [random.NextDouble() * Side, random.NextDouble() * Side, 4 + (random.NextDouble() * 30),
                4 + (random.NextDouble() * 30)];
            double[] classes = [.. Enumerable.Range(0, Classes).Select(_ => Math.Pow(random.NextDouble(), 3))];
            foreach (double value in box.Concat(classes).Concat(Enumerable.Range(0, detailCount).Select(detail)))
            {
                rows[at++] = (float)value;
            }
        }

        return rows;
    }

    private static (long[] Shape, float[] Values) Tensor(float[] rows, int width, bool isPlanes)
    {
        int count = rows.Length / width;
        float[] planes = [.. Enumerable.Range(0, width).SelectMany(c => Enumerable.Range(0, count).Select(r => rows[(r * width) + c]))];
        return isPlanes ? ([1, width, count], planes) : ([1, count, width], rows);
    }

    private static void AssertBoxes(List<SlowDetails.Found> expected, Answer answer)
    {
        Assert.NotEmpty(expected);
        SlowDecoding.AssertSame(expected.ConvertAll(f => f.Box), answer.Detections);
        Assert.Equal((640, 480), (answer.Details.FrameWidth, answer.Details.FrameHeight));
    }

    [Theory]
    [InlineData(true, 3)]
    [InlineData(false, 3)]
    [InlineData(true, 2)]
    public void Key_points_equal_the_plain_decoding_in_both_layouts(bool isPlanes, int values)
    {
        for (int seed = 0; seed < 8; seed++)
        {
            var random = new Random(seed);
            float[] rows = Rows(random, 60 + seed, Joints * values, i => i % values == 2 ? random.NextDouble()
                : random.NextDouble() * Side);
            var answer = Decode(Head(HeadKind.Yolov8Pose, values: values), Tensor(rows, 4 + Classes + (Joints * values), isPlanes));
            var expected = SlowDetails.Rows(rows, Classes, Joints * values, Settings, Letterbox);
            AssertBoxes(expected, answer);
            for (int i = 0; i < expected.Count; i++)
            {
                for (int k = 0; k < Joints; k++)
                {
                    double[] point = expected[i].Row[(4 + Classes + (k * values))..];
                    var (x, y) = SlowDetails.Place(point[0], point[1], Letterbox);
                    var found = answer.Details.Points(i)[k];
                    Assert.Equal(x, found.X, Largest);
                    Assert.Equal(y, found.Y, Largest);
                    Assert.Equal(values == 3 ? point[2] : 1, found.Visibility, Largest);
                }
            }
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Oriented_boxes_equal_the_plain_decoding_in_both_layouts(bool isPlanes)
    {
        for (int seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            float[] rows = Rows(random, 60 + seed, 1, _ => (random.NextDouble() * Math.PI) - (Math.PI / 4));
            var answer = Decode(Head(HeadKind.Yolov8Obb), Tensor(rows, 4 + Classes + 1, isPlanes));
            var expected = SlowDetails.Rows(rows, Classes, 1, Settings, Letterbox, isOriented: true);
            AssertBoxes(expected, answer);
            for (int i = 0; i < expected.Count; i++)
            {
                var corners = SlowDetails.Corners(expected[i].Row, Letterbox);
                Assert.All(corners.Zip(answer.Details.Points(i).ToArray()), pair => Assert.True(
                    Math.Max(Math.Abs(pair.First.X - pair.Second.X), Math.Abs(pair.First.Y - pair.Second.Y)) <= Largest));
            }
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Masks_equal_the_plain_decoding_in_both_layouts(bool isPlanes)
    {
        for (int seed = 0; seed < 3; seed++)
        {
            var random = new Random(seed);
            float[] rows = Rows(random, 40 + seed, Masks, _ => (random.NextDouble() * 2) - 1);
            var prototypes = ArrayTensors.Random(random, -1, 1, 1, Masks, PrototypeSide, PrototypeSide);
            var answer = Decode(Head(HeadKind.Yolov8Seg), Tensor(rows, 4 + Classes + Masks, isPlanes), prototypes);
            var expected = SlowDetails.Rows(rows, Classes, Masks, Settings, Letterbox);
            AssertBoxes(expected, answer);
            for (int i = 0; i < expected.Count; i++)
            {
                AssertMask(expected[i], prototypes.Values, answer.Details.Mask(i));
            }
        }
    }

    /// <summary>The class probabilities of a plain decoding, each with its objectness multiplied in.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Masks_with_an_objectness_equal_the_plain_decoding_in_both_layouts(bool isPlanes)
    {
        const int Length = 4 + Classes + Masks;
        var random = new Random(11);
        float[] rows = Rows(random, 60, Masks, _ => (random.NextDouble() * 2) - 1);
        float[] with = [.. rows.Chunk(Length).SelectMany(r => (float[])[.. r[..4], 0.8f, .. r[4..]])];
        float[] multiplied = [.. rows.Select((v, i) => i % Length is >= 4 and < 4 + Classes ? v * 0.8f : v)];
        var prototypes = ArrayTensors.Random(random, -1, 1, 1, Masks, PrototypeSide, PrototypeSide);
        var answer = Decode(Head(HeadKind.Yolov5Seg), Tensor(with, Length + 1, isPlanes), prototypes);
        var expected = SlowDetails.Rows(multiplied, Classes, Masks, Settings, Letterbox);
        AssertBoxes(expected, answer);
        for (int i = 0; i < expected.Count; i++)
        {
            AssertMask(expected[i], prototypes.Values, answer.Details.Mask(i));
        }
    }

    /// <summary>A cell may fall to either side only where the sum is zero within the largest difference allowed.</summary>
    private static void AssertMask(SlowDetails.Found expected, float[] prototypes, ReadOnlySpan<ulong> mask)
    {
        var box = expected.Box;
        for (int cell = 0; cell < DetectionDetails.MaskSide * DetectionDetails.MaskSide; cell += 5)
        {
            int column = cell % DetectionDetails.MaskSide, row = cell / DetectionDetails.MaskSide;
            double x = box.Left + ((column + 0.5) / DetectionDetails.MaskSide * (box.Right - box.Left));
            double y = box.Top + ((row + 0.5) / DetectionDetails.MaskSide * (box.Bottom - box.Top));
            double sum = SlowDetails.MaskAt(x, y, expected.Row[^Masks..], prototypes, PrototypeSide, PrototypeSide, Letterbox);
            bool isRight = DetectionDetails.IsSet(mask, column, row) == sum > 0 || Math.Abs(sum) <= Largest;
            Assert.True(isRight, $"cell {column},{row} with the sum {sum}");
        }
    }

    [Fact]
    public void Listed_boxes_keep_their_own_details()
    {
        float[] pose = new float[3 * (6 + (Joints * 3))];
        float[] second = [16, 20, 48, 44, 0.75f, 1, 32, 32, 0.5f, 16, 20, 1];
        second.CopyTo(pose, 6 + (Joints * 3));
        var found = Decode(Head(HeadKind.EndToEndPose), ([1, 3, 6 + (Joints * 3)], pose));
        Assert.Equal(new Detection(0.25f, 0.25f, 0.5f, 0.5f, 0.75f, 1), Assert.Single(found.Detections.ToArray()));
        DetailPoint[] joints = [new(0.5f, 0.5f, 0.5f), new(0.25f, 0.25f, 1)];
        Assert.Equal(joints, found.Details.Points(0)[..2].ToArray());

        float[] turned = [1, 1, 1, 1, 0.1f, 0, 0, 32, 32, 16, 8, 0.75f, 2, MathF.PI / 2];
        var oriented = Decode(Head(HeadKind.EndToEndObb), ([1, 2, 7], turned));
        // Turned by a right angle, the width of 16 stands upright: 40 pixels wide and 80 high in the frame's 640 x 480.
        var box = Assert.Single(oriented.Detections.ToArray());
        Assert.Equal((0.4375, 0.125, 2), (Math.Round(box.Left, 5), Math.Round(box.Width, 5), box.ClassIndex));
        Assert.Equal((0.5625, Math.Round(160 / 480.0, 5)), (Math.Round(oriented.Details.Points(0)[0].X, 5),
            Math.Round(oriented.Details.Points(0)[0].Y, 5)));

        float[] masked = new float[2 * (6 + Masks)], prototypes = new float[Masks * PrototypeSide * PrototypeSide];
        float[] first = [16, 20, 48, 44, 0.75f, 1, 0, 1];
        first.CopyTo(masked, 0);
        prototypes.AsSpan().Fill(-1);
        for (int y = 0; y < PrototypeSide; y++)
        {
            prototypes.AsSpan((PrototypeSide * PrototypeSide) + (y * PrototypeSide), PrototypeSide / 2).Fill(1);
        }

        var mask = Decode(Head(HeadKind.EndToEndSeg), ([1, 2, 6 + Masks], masked), ([1, Masks, PrototypeSide, PrototypeSide], prototypes));
        // The left half of the picture is the object, and so is the left half of a box in the middle.
        Assert.All(Enumerable.Range(0, DetectionDetails.MaskSide), row => Assert.True(
            DetectionDetails.IsSet(mask.Details.Mask(0), 63, row) && !DetectionDetails.IsSet(mask.Details.Mask(0), 64, row)));
    }

    [Fact]
    public void Turned_boxes_are_suppressed_by_what_they_cover()
    {
        float[] crossed = [32, 32, 40, 4, 0.9f, 0, 0, 0, 32, 32, 40, 4, 0.8f, 0, 0, MathF.PI / 2, 33, 32, 40, 4, 0.7f, 0, 0, 0.02f];
        var answer = Decode(Head(HeadKind.Yolov8Obb), ([1, 3, 8], crossed));
        Assert.Equal([0.9f, 0.8f], answer.Detections.ToArray().Select(d => d.Confidence));
        // An angle that is some half turns more is the same box, and so the same thing.
        crossed[15] = 3 * MathF.PI;
        Assert.Equal([0.9f], Decode(Head(HeadKind.Yolov8Obb), ([1, 3, 8], crossed)).Detections.ToArray().Select(d => d.Confidence));
    }

    [Theory]
    [InlineData(HeadKind.Yolov8Pose, 0, float.NaN, "key points holds values that are not numbers")]
    [InlineData(HeadKind.Yolov8Pose, 1, 1e9f, "a key point lies at")]
    [InlineData(HeadKind.Yolov8Pose, 2, 7f, "the visibility of a key point holds 7")]
    [InlineData(HeadKind.Yolov8Obb, 0, float.NaN, "a candidate's angle is NaN")]
    [InlineData(HeadKind.Yolov8Obb, 0, 320f, "a candidate's angle is 320, which is no number of radians")]
    [InlineData(HeadKind.Yolov8Seg, 3, float.PositiveInfinity, "mask coefficients holds values that are not numbers")]
    public void What_makes_no_answer_fails_the_frame_in_both_layouts(HeadKind kind, int place, float value, string words)
    {
        int details = kind switch { HeadKind.Yolov8Pose => Joints * 3, HeadKind.Yolov8Obb => 1, _ => Masks };
        float[] rows = new float[2 * (4 + Classes + details)];
        float[] sure = [32, 32, 16, 16, 0.9f];
        sure.CopyTo(rows, 0);
        rows[4 + Classes + place] = value;
        var prototypes = ArrayTensors.Random(new Random(1), -1, 1, 1, Masks, PrototypeSide, PrototypeSide);
        foreach (bool isPlanes in new[] { true, false })
        {
            var refused = Assert.Throws<InvalidDataException>(() => Decode(Head(kind), Tensor(rows, 4 + Classes + details, isPlanes),
                prototypes));
            Assert.Contains(words, refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Prototypes_that_are_no_numbers_or_of_another_shape_fail_the_frame()
    {
        float[] rows = new float[2 * (4 + Classes + Masks)];
        float[] sure = [32, 32, 16, 16, 0.9f, 0, 0, 1];
        sure.CopyTo(rows, 0);
        var tensor = Tensor(rows, 4 + Classes + Masks, isPlanes: false);
        float[] prototypes = new float[Masks * 64];
        prototypes[27] = float.NaN;
        Assert.Contains("output 1 under a candidate", Assert.Throws<InvalidDataException>(() => Decode(Head(HeadKind.Yolov8Seg), tensor,
            ([1, Masks, 8, 8], prototypes))).Message, StringComparison.Ordinal);
        Assert.Contains("prototypes are [1, 8, height, width]", Assert.Throws<InvalidDataException>(() => Decode(Head(HeadKind.Yolov8Seg),
            tensor, ([1, 4, 16, 8], prototypes))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Other_numbers_of_classes_or_points_fail_the_frame()
    {
        float[] rows = new float[2 * (4 + Classes + (Joints * 3))];
        Assert.Throws<InvalidDataException>(() => Decode(Head(HeadKind.Yolov8Pose, classes: 2), ([1, 2, rows.Length / 2], rows)));
        Assert.Throws<InvalidDataException>(() => Decode(Head(HeadKind.Yolov8Pose, values: 2), ([1, 2, rows.Length / 2], rows)));
        Assert.Empty(Decode(Head(HeadKind.Yolov8Pose), ([1, 2, rows.Length / 2], rows)).Detections.ToArray());
    }

    [Fact]
    public void Decoding_allocates_nothing()
    {
        var random = new Random(7);
        var prototypes = ArrayTensors.Random(random, -1, 1, 1, Masks, PrototypeSide, PrototypeSide);
        foreach (var (kind, details) in new[] { (HeadKind.Yolov8Pose, Joints * 3), (HeadKind.Yolov8Obb, 1), (HeadKind.Yolov8Seg, Masks) })
        {
            var head = Head(kind);
            var tensors = new ArrayTensors(Tensor(Rows(random, 16, details, _ => random.NextDouble()), 4 + Classes + details, true),
                prototypes);
            Answer answer = Room(head), copy = Room(head);
            Assert.Equal(0, AllocationWindows.LeastBytesOf(() =>
            {
                head.Decode(tensors, Letterbox, answer);
                copy.CopyFrom(answer);
                copy.Clear();
            }));
            Assert.True(answer.DetectionCount > 0);
        }
    }
}
