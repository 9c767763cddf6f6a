using EdgeRoute.Core.Frames;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Stages.Heads;

namespace EdgeRoute.Tests.Engine.Stages.Heads;

/// <summary>Heads that say something of every place of the frame, against a plain decoding.</summary>
public sealed class MapHeadTests
{
    private const int Classes = 5, Width = 24, Height = 16, Side = Answer.MapSide;

    /// <summary>A frame of 640 x 480 stretched to 96 x 64.</summary>
    private static readonly FrameMapping Stretched = new(640f / 96, 0, 480f / 64, 0, 640, 480, 96, 64);

    /// <summary>The same frame's middle 480 x 320 alone.</summary>
    private static readonly FrameMapping Middle = new(5, 80, 5, 80, 640, 480, 96, 64);

    /// <summary>Its corner of 80 x 60.</summary>
    private static readonly FrameMapping Corner = new(80f / 96, 0, 60f / 64, 0, 640, 480, 96, 64);

    private static (Answer Answer, double MaxProbability) Decode(IHead head, FrameMapping mapping, long[] shape, float[] values)
    {
        var (signals, answer) = ArrayTensors.Decode(head, new ArrayTensors((shape, values)), mapping);
        return (answer, signals.MaxProbability);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Classes_equal_the_plain_decoding(bool isCut)
    {
        var mapping = isCut ? Middle : Stretched;
        var (shape, values) = ArrayTensors.Random(new Random(3), -4, 4, 1, Classes, Height, Width);
        var (answer, most) = Decode(new SegmentationHead(Classes), mapping, shape, values);
        double sum = 0;
        int seen = 0;
        for (int cell = 0; cell < Side * Side; cell++)
        {
            double x = ((cell % Side) + 0.5) / Side, y = ((cell / Side) + 0.5) / Side;
            double[] logits = [.. Enumerable.Range(0, Classes).Select(c => SlowDetails.MaskAt(x, y, [1], values[(c * Width * Height)..],
                Width, Height, mapping))];
            double[] sorted = [.. logits.OrderDescending()];
            int found = (int)answer.Values[cell];
            bool isSeen = !isCut || (Math.Abs(x - 0.5) < 0.375 && Math.Abs(y - 0.5) < 1 / 3.0);
            Assert.True(isSeen ? found >= 0 && (logits[found] == sorted[0] || sorted[0] - logits[found] < 1e-4) : found == -1,
                $"cell {x},{y}: {found}");
            sum += isSeen ? 1 / logits.Sum(l => Math.Exp(l - sorted[0])) : 0;
            seen += isSeen ? 1 : 0;
        }

        Assert.Equal(sum / seen, most, 1e-4);
    }

    [Fact]
    public void Depths_equal_the_plain_decoding_in_both_shapes()
    {
        var (_, values) = ArrayTensors.Random(new Random(4), 0, 9, Height, Width);
        var four = Decode(new DepthHead(), Middle, [1, 1, Height, Width], values).Answer;
        var three = Decode(new DepthHead(), Middle, [1, Height, Width], values).Answer;
        Assert.Equal(four.Values.ToArray(), three.Values.ToArray());
        int seen = 0;
        for (int cell = 0; cell < Side * Side; cell++)
        {
            double x = ((cell % Side) + 0.5) / Side, y = ((cell / Side) + 0.5) / Side;
            if (float.IsFinite(four.Values[cell]))
            {
                Assert.Equal(SlowDetails.MaskAt(x, y, [1], values, Width, Height, Middle), four.Values[cell], 1e-4);
                seen++;
            }
        }

        Assert.InRange(seen, Side * Side * 49 / 100, Side * Side * 51 / 100);
    }

    [Fact]
    public void Numbers_of_classes_are_those_of_the_nearest_place_in_both_shapes()
    {
        var random = new Random(6);
        float[] values = [.. Enumerable.Range(0, Width * Height).Select(_ => (float)random.Next(Classes))];
        var four = Decode(new ClassMapHead(Classes), Middle, [1, 1, Height, Width], values).Answer;
        Assert.Equal(four.Values.ToArray(), Decode(new ClassMapHead(Classes), Middle, [1, Height, Width], values).Answer.Values.ToArray());
        int seen = 0;
        for (int cell = 0; cell < Side * Side; cell++)
        {
            double x = ((((cell % Side) + 0.5) / Side * 640) - 80) / 5 * Width / 96, y = ((((cell / Side) + 0.5) / Side * 480) - 80) / 5
                * Height / 64;
            bool isSeen = x >= 0 && x <= Width && y >= 0 && y <= Height;
            Assert.Equal(isSeen ? values[((int)y * Width) + (int)x] : -1, four.Values[cell]);
            seen += isSeen ? 1 : 0;
        }

        Assert.InRange(seen, Side * Side * 49 / 100, Side * Side * 51 / 100);
    }

    [Theory]
    [InlineData(5f)]
    [InlineData(-1f)]
    [InlineData(0.5f)]
    [InlineData(float.NaN)]
    public void A_number_that_is_no_class_fails_the_frame(float value)
    {
        float[] values = new float[16];
        values.AsSpan().Fill(value);
        var refused = Assert.Throws<InvalidDataException>(() => Decode(new ClassMapHead(Classes), Stretched, [1, 4, 4], values));
        Assert.Contains("which is no class: the pack has 5 labels", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_map_fails_the_frame()
    {
        void Refuses(string words, IHead head, long[] shape, float[] values) => Assert.Contains(words,
            Assert.Throws<InvalidDataException>(() => Decode(head, Stretched, shape, values)).Message, StringComparison.Ordinal);
        float[] holed = new float[Classes * 6];
        holed[7] = float.NaN;
        Refuses("not numbers", new SegmentationHead(Classes), [1, Classes, 2, 3], holed);
        Refuses("not numbers", new DepthHead(), [1, 5, 6], holed);
        Refuses("the head reads [1, 4, height, width]", new SegmentationHead(4), [1, Classes, 2, 3], new float[30]);
        Refuses("the head reads [1, height, width]", new DepthHead(), [1, 5, 2, 3], new float[30]);
        Refuses("the head reads", new DepthHead(), [30], new float[30]);
        Refuses("the head reads [1, height, width]", new ClassMapHead(4), [1, 5, 2, 3], new float[30]);
    }

    /// <summary>Whatever the network saw of the frame; with a corner of it this takes seconds on an emulated board too.</summary>
    [Fact]
    public void Decoding_allocates_nothing()
    {
        var random = new Random(5);
        (IHead Head, ArrayTensors Tensors)[] cases =
        [
            (new SegmentationHead(2), new ArrayTensors(ArrayTensors.Random(random, -1, 1, 1, 2, 8, 8))),
            (new DepthHead(), new ArrayTensors(ArrayTensors.Random(random, 0, 1, 1, 8, 8))),
            (new ClassMapHead(2), new ArrayTensors(([1, 2, 2], [0, 1, 1, 0]))),
        ];
        foreach (var (head, tensors) in cases)
        {
            var answer = new Answer(head.Task, head.DetectionLimit, head.ValueLimit);
            Assert.Equal(0, AllocationWindows.LeastBytesOf(() => head.Decode(tensors, Corner, answer)));
            Assert.Equal(0, answer.CountOrClass);
            Assert.Contains(answer.Values.ToArray(), v => v >= 0);
        }
    }
}
