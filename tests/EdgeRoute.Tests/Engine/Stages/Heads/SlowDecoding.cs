using EdgeRoute.Core.Frames;
using EdgeRoute.Documents.Packs;

namespace EdgeRoute.Tests.Engine.Stages.Heads;

/// <summary>
/// Detection decoding written a second time, the plain way: every cell in double precision, no shortcuts, suppression by its definition.
/// Boxes are fractions of the input.
/// </summary>
internal static class SlowDecoding
{
    public sealed record Box(double Left, double Top, double Right, double Bottom, double Confidence, int ClassIndex);

    public static List<Box> Yolox(float[] values, int classes, int width, int height, int[] strides)
    {
        var boxes = new List<Box>();
        int row = 0;
        foreach (int stride in strides)
        {
            for (int y = 0; y < height / stride; y++)
            {
                for (int x = 0; x < width / stride; x++, row++)
                {
                    double At(int i) => values[(row * (5 + classes)) + i];
                    var (best, probability) = Best(classes, c => At(5 + c));
                    double cx = (x + At(0)) * stride / width, cy = (y + At(1)) * stride / height;
                    double w = Math.Exp(At(2)) * stride / width, h = Math.Exp(At(3)) * stride / height;
                    boxes.Add(new Box(cx - (w / 2), cy - (h / 2), cx + (w / 2), cy + (h / 2), At(4) * probability, best));
                }
            }
        }

        return boxes;
    }

    public static List<Box> FastestDet(float[] values, int classes, int columns, int lines, double objectnessPower, double classPower)
    {
        var boxes = new List<Box>();
        for (int y = 0; y < lines; y++)
        {
            for (int x = 0; x < columns; x++)
            {
                double At(int plane) => values[(((plane * lines) + y) * columns) + x];
                var (best, probability) = Best(classes, c => At(5 + c));
                double cx = (x + Math.Tanh(At(1))) / columns, cy = (y + Math.Tanh(At(2))) / lines;
                double w = 1 / (1 + Math.Exp(-At(3))), h = 1 / (1 + Math.Exp(-At(4)));
                double confidence = Math.Pow(At(0), objectnessPower) * Math.Pow(probability, classPower);
                boxes.Add(new Box(cx - (w / 2), cy - (h / 2), cx + (w / 2), cy + (h / 2), confidence, best));
            }
        }

        return boxes;
    }

    public static List<Box> Dfl(float[][] tensors, int classes, int bins, int width, int height, int[] strides, bool sigmoid)
    {
        var boxes = new List<Box>();
        for (int level = 0; level < strides.Length; level++)
        {
            int stride = strides[level], columns = (int)Math.Ceiling(width / (double)stride),
                lines = (int)Math.Ceiling(height / (double)stride);
            for (int cell = 0; cell < columns * lines; cell++)
            {
                var (best, value) = Best(classes, c => tensors[level][(cell * classes) + c]);
                double Side(int side)
                {
                    double[] e = [.. Enumerable.Range(0, bins).Select(b =>
                        Math.Exp(tensors[strides.Length + level][(((cell * 4) + side) * bins) + b]))];
                    return e.Select((v, b) => v * b).Sum() / e.Sum() * stride;
                }

                double cx = ((cell % columns) + 0.5) * stride, cy = ((cell / columns) + 0.5) * stride;
                boxes.Add(new Box(
                    (cx - Side(0)) / width, (cy - Side(1)) / height, (cx + Side(2)) / width, (cy + Side(3)) / height,
                    sigmoid ? 1 / (1 + Math.Exp(-value)) : value, best));
            }
        }

        return boxes;
    }

    /// <summary>Candidates of the YOLO family as decoded exports have them, in pixels, row by row.</summary>
    public static List<Box> Rows(float[] values, int classes, bool hasObjectness, int width, int height)
    {
        int classesAt = hasObjectness ? 5 : 4, length = classesAt + classes;
        var boxes = new List<Box>();
        for (int row = 0; row < values.Length / length; row++)
        {
            double At(int i) => values[(row * length) + i];
            var (best, probability) = Best(classes, c => At(classesAt + c));
            boxes.Add(new Box((At(0) - (At(2) / 2)) / width, (At(1) - (At(3) / 2)) / height, (At(0) + (At(2) / 2)) / width,
                (At(1) + (At(3) / 2)) / height, (hasObjectness ? At(4) : 1) * probability, best));
        }

        return boxes;
    }

    /// <summary>Queries of the DETR family, boxes as fractions; a softmax has one more logit than there are classes.</summary>
    public static List<Box> Queries(float[] logits, float[] boxes, int classes, bool softmax)
    {
        int columns = classes + (softmax ? 1 : 0);
        return [.. Enumerable.Range(0, logits.Length / columns).Select(q =>
        {
            double At(int c) => logits[(q * columns) + c];
            var (best, logit) = Best(classes, At);
            double all = Enumerable.Range(0, columns).Sum(c => Math.Exp(At(c)));
            double x = boxes[q * 4], y = boxes[(q * 4) + 1], w = boxes[(q * 4) + 2], h = boxes[(q * 4) + 3];
            return new Box(x - (w / 2), y - (h / 2), x + (w / 2), y + (h / 2),
                softmax ? Math.Exp(logit) / all : 1 / (1 + Math.Exp(-logit)), best);
        })];
    }

    /// <summary>Cut to the frame, taken above the floor, suppressed class by class.</summary>
    public static List<Box> Remaining(IEnumerable<Box> boxes, DetectionSettings settings)
    {
        var open = boxes.Where(b => b.Confidence >= settings.DoubtFloor)
            .Select(b => b with { Left = Cut(b.Left), Top = Cut(b.Top), Right = Cut(b.Right), Bottom = Cut(b.Bottom) })
            .Where(b => b.Right > b.Left && b.Bottom > b.Top).OrderByDescending(b => b.Confidence).ToList();
        var kept = new List<Box>();
        while (open.Count > 0)
        {
            var sure = open[0];
            kept.Add(sure);
            open.RemoveAll(b => ReferenceEquals(b, sure) || (b.ClassIndex == sure.ClassIndex && Overlap(b, sure) > settings.NmsOverlap));
        }

        return kept;
    }

    public static void AssertSame(IReadOnlyList<Box> expected, ReadOnlySpan<Detection> found)
    {
        Assert.Equal(expected.Count, found.Length);
        for (int i = 0; i < found.Length; i++)
        {
            Assert.Equal(expected[i].ClassIndex, found[i].ClassIndex);
            Assert.Equal(expected[i].Confidence, found[i].Confidence, 1e-5);
            Assert.Equal(expected[i].Left, found[i].Left, 1e-5);
            Assert.Equal(expected[i].Top, found[i].Top, 1e-5);
            Assert.Equal(expected[i].Right, found[i].Right, 1e-5);
            Assert.Equal(expected[i].Bottom, found[i].Bottom, 1e-5);
        }
    }

    private static double Cut(double value) => Math.Clamp(value, 0, 1);

    private static double Overlap(Box a, Box b)
    {
        double w = Math.Max(0, Math.Min(a.Right, b.Right) - Math.Max(a.Left, b.Left)), h = Math.Max(0,
            Math.Min(a.Bottom, b.Bottom) - Math.Max(a.Top, b.Top));
        return w * h / (((a.Right - a.Left) * (a.Bottom - a.Top)) + ((b.Right - b.Left) * (b.Bottom - b.Top)) - (w * h));
    }

    private static (int Index, double Value) Best(int count, Func<int, double> at)
    {
        int best = Enumerable.Range(0, count).MaxBy(at);
        return (best, at(best));
    }
}
