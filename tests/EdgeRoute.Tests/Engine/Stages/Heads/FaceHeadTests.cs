using EdgeRoute.Core.Frames;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Stages.Heads;

namespace EdgeRoute.Tests.Engine.Stages.Heads;

/// <summary>Faces of YuNet, against a plain decoding in double precision.</summary>
public sealed class FaceHeadTests
{
    private const int Width = 96, Height = 64, Points = 5;

    private static readonly int[] Strides = [8, 16, 32];
    private static readonly DetectionSettings Settings = new(Threshold: 0.6f, DoubtFloor: 0.3f, NmsOverlap: 0.3f, Limit: 100);

    private static IHead Head(int classes = 1, int[]? strides = null) => HeadFactory.Create(new ExitSpec(HeadKind.Yunet, ["a"], classes)
    {
        Detection = Settings, Strides = strides ?? Strides, KeypointCount = Points, KeypointValues = 2,
    });

    private static (long[] Shape, float[] Values)[] Tensors(Random random, int classes, int width = Width, int height = Height,
        int[]? strides = null)
    {
        long[] cells = [.. (strides ?? Strides).Select(s => (long)(width / s) * (height / s))];
        return
        [
            .. cells.Select(c => ArrayTensors.Random(random, 0, 1, 1, c, classes)), .. cells.Select(c => Cubed(random, c)),
            .. cells.Select(c => ArrayTensors.Random(random, -0.5, 1.2, 1, c, 4)),
            .. cells.Select(c => ArrayTensors.Random(random, -2, 2, 1, c, 2 * Points)),
        ];
    }

    /// <summary>Most cells have no face.</summary>
    private static (long[] Shape, float[] Values) Cubed(Random random, long cells)
    {
        var (shape, values) = ArrayTensors.Random(random, 0, 1, 1, cells, 1);
        return (shape, [.. values.Select(v => v * v * v)]);
    }

    private static Answer Decode(IHead head, FrameMapping mapping, params (long[] Shape, float[] Values)[] tensors)
    {
        var answer = new Answer(head.Task, head.DetectionLimit, head.ValueLimit, head.Details);
        head.Decode(new ArrayTensors(tensors), mapping, answer);
        return answer;
    }

    private static IEnumerable<(SlowDecoding.Box Box, (double X, double Y)[] Points)> Plain((long[] Shape, float[] Values)[] tensors,
        int classes)
    {
        for (int level = 0; level < Strides.Length; level++)
        {
            int stride = Strides[level], columns = Width / stride;
            for (int cell = 0; cell < columns * (Height / stride); cell++)
            {
                double At(int kind, int width, int index) => tensors[(kind * Strides.Length) + level].Values[(cell * width) + index];
                int best = Enumerable.Range(0, classes).MaxBy(c => At(0, classes, c)), column = cell % columns, row = cell / columns;
                double x = (At(2, 4, 0) + column) * stride, y = (At(2, 4, 1) + row) * stride, w = Math.Exp(At(2, 4, 2)) * stride,
                    h = Math.Exp(At(2, 4, 3)) * stride;
                var box = new SlowDecoding.Box((x - (w / 2)) / Width, (y - (h / 2)) / Height, (x + (w / 2)) / Width, (y + (h / 2)) / Height,
                    Math.Sqrt(At(0, classes, best) * At(1, 1, 0)), best);
                yield return (box, [.. Enumerable.Range(0, Points).Select(i => ((At(3, 2 * Points, 2 * i) + column) * stride / Width,
                    (At(3, 2 * Points, (2 * i) + 1) + row) * stride / Height))]);
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Faces_equal_the_plain_decoding(int classes)
    {
        for (int seed = 0; seed < 12; seed++)
        {
            var tensors = Tensors(new Random(seed), classes);
            var plain = Plain(tensors, classes).ToList();
            var expected = SlowDecoding.Remaining(plain.Select(p => p.Box), Settings)
                .Where(b => b.Confidence >= Settings.Threshold).ToList();
            var answer = Decode(Head(classes), ArrayTensors.SameSize(Width, Height), tensors);
            Assert.NotEmpty(expected);
            SlowDecoding.AssertSame(expected, answer.Detections);
            for (int i = 0; i < expected.Count; i++)
            {
                var points = plain.Single(p => p.Box.Confidence == expected[i].Confidence).Points;
                Assert.All(points.Zip(answer.Details.Points(i).ToArray()), pair => Assert.True(pair.Second.Visibility == 1
                    && Math.Abs(pair.First.X - pair.Second.X) <= 1e-4 && Math.Abs(pair.First.Y - pair.Second.Y) <= 1e-4));
            }
        }
    }

    [Fact]
    public void A_face_by_hand_through_a_letterbox()
    {
        // Cell 1 of two, 8 pixels each: the middle at 12,4, 8 x 4 pixels; a frame of 160 x 80 at a tenth of its size.
        var answer = Decode(Head(strides: [8]), new FrameMapping(10, 0, 10, 0, 160, 80, 16, 8), ([1, 2, 1], [0, 0.64f]),
            ([1, 2, 1], [0.9f, 1]), ([1, 2, 4], [0, 0, 0, 0, 0.5f, 0.5f, 0, MathF.Log(0.5f)]), ([1, 2, 10], [.. new float[10],
                -1, 0, 1, 1, 0.5f, 0.5f, 0, 0, 0.25f, 0.75f]));
        Assert.Equal(new Detection(0.5f, 0.25f, 0.5f, 0.5f, 0.8f, 0), Assert.Single(answer.Detections.ToArray()));
        DetailPoint[] points = [new(0, 0, 1), new(1, 1, 1), new(0.75f, 0.5f, 1), new(0.5f, 0, 1), new(0.625f, 0.75f, 1)];
        Assert.Equal(points, answer.Details.Points(0).ToArray());
    }

    [Theory]
    [InlineData(0, float.NaN, "a class holds")]
    [InlineData(0, 3f, "a class holds 3")]
    [InlineData(1, float.NaN, "an objectness holds")]
    [InlineData(1, -2f, "an objectness holds -2")]
    [InlineData(2, float.NaN, "box holds values that are not numbers")]
    [InlineData(2, 5000f, "which no cell can mean")]
    [InlineData(3, float.PositiveInfinity, "key points holds values that are not numbers")]
    [InlineData(3, 1e6f, "a key point lies at")]
    public void What_makes_no_face_fails_the_frame(int tensor, float value, string words)
    {
        (long[] Shape, float[] Values)[] tensors = [([1, 1, 1], [0.9f]), ([1, 1, 1], [0.9f]), ([1, 1, 4], [0.5f, 0.5f, 0, 0]),
            ([1, 1, 10], new float[10])];
        tensors[tensor].Values[0] = value;
        var refused = Assert.Throws<InvalidDataException>(() => Decode(Head(strides: [8]), ArrayTensors.SameSize(8, 8), tensors));
        Assert.Contains(words, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_box_is_looked_at_only_where_there_is_a_face()
    {
        (long[] Shape, float[] Values)[] tensors = [([1, 1, 1], [0.05f]), ([1, 1, 1], [0.9f]), ([1, 1, 4], [float.NaN, 0, 0, 0]),
            ([1, 1, 10], new float[10])];
        Assert.Empty(Decode(Head(strides: [8]), ArrayTensors.SameSize(8, 8), tensors).Detections.ToArray());
        Assert.Throws<InvalidDataException>(() => Decode(Head(strides: [8]), ArrayTensors.SameSize(16, 8), tensors));
    }

    [Fact]
    public void Decoding_allocates_nothing()
    {
        var head = Head(strides: [8, 16]);
        var tensors = new ArrayTensors(Tensors(new Random(5), 1, 32, 32, [8, 16]));
        var answer = new Answer(head.Task, head.DetectionLimit, head.ValueLimit, head.Details);
        var mapping = ArrayTensors.SameSize(32, 32);
        Assert.Equal(0, AllocationWindows.LeastBytesOf(() => head.Decode(tensors, mapping, answer)));
        Assert.True(answer.DetectionCount > 0);
    }
}
