using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Signals;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Stages.Heads;

namespace EdgeRoute.Tests.Engine.Stages.Heads;

/// <summary>
/// Finding text in a map of probabilities, against a plain decoding: regions filled cell by cell, rectangles tried in the direction of each
/// pair of cells.
/// </summary>
public sealed class TextMapHeadTests
{
    private const int Width = 48, Height = 40;
    private const double Near = 1e-9;

    private static readonly DetectionSettings Settings = new(Threshold: 0.6f, DoubtFloor: 0.3f, NmsOverlap: 1, Limit: 100);
    private static readonly TextMapRules Rules = new(0.3f, 1.5f, 3);

    /// <summary>A map at half the size of its input, and a frame of twice the input's.</summary>
    private static readonly FrameMapping Mapping = new(2, 0, 2, 0, 4 * Width, 4 * Height, 2 * Width, 2 * Height);

    private static Answer Room(IHead head) => new(head.Task, head.DetectionLimit, head.ValueLimit, head.Details);

    private static (ExitSignals Signals, Answer Answer) Decode(float[] map, TextMapRules? rules = null, int width = Width,
        FrameMapping? mapping = null)
    {
        var head = new DbTextHead(Settings, rules ?? Rules);
        var answer = Room(head);
        return (head.Decode(new ArrayTensors(([1, 1, map.Length / width, width], map)), mapping ?? Mapping, answer), answer);
    }

    private static float[] Filled(int left, int top, int right, int bottom, float value)
    {
        float[] map = new float[Width * Height];
        for (int y = top; y <= bottom; y++)
        {
            map.AsSpan((y * Width) + left, right - left + 1).Fill(value);
        }

        return map;
    }

    [Fact]
    public void An_upright_line_by_hand()
    {
        // From cell to cell 20 x 4; it grows by 20 * 4 * 1.5 / 48 = 2.5 on each side.
        var (signals, answer) = Decode(Filled(10, 8, 30, 12, 0.75f));
        var found = Assert.Single(answer.Detections.ToArray());
        Assert.Equal((0.75f, 0), (found.Confidence, found.ClassIndex));
        Assert.Equal(7.5f / Width, found.Left, 1e-5f);
        Assert.Equal(32.5f / Width, found.Right, 1e-5f);
        Assert.Equal(5.5f / Height, found.Top, 1e-5f);
        Assert.Equal(14.5f / Height, found.Bottom, 1e-5f);
        (double X, double Y)[] corners = [(7.5, 5.5), (32.5, 5.5), (32.5, 14.5), (7.5, 14.5)];
        Assert.All(corners.Zip(answer.Details.Points(0).ToArray()), pair => Assert.True(
            Math.Abs((pair.First.X / Width) - pair.Second.X) < 1e-5 && Math.Abs((pair.First.Y / Height) - pair.Second.Y) < 1e-5));
        Assert.Equal((0.75f, 1f), (signals.MaxProbability, signals.Count));
        Assert.Equal(DetailForm.Corners, answer.Details.Form);
    }

    [Fact]
    public void Thin_and_faint_regions_are_no_text_and_doubtful_ones_no_answer()
    {
        Assert.Equal(1, Decode(Filled(10, 8, 30, 10, 0.9f)).Signals.Margin);
        Assert.Equal(0, Decode(Filled(10, 8, 30, 12, 0.29f)).Answer.DetectionCount);
        var doubtful = Decode(Filled(10, 8, 30, 12, 0.5f));
        Assert.Equal((0, 0.5f), (doubtful.Answer.DetectionCount, doubtful.Signals.LowConfidenceMass));
        Assert.Equal(1, Decode(Filled(10, 8, 30, 10, 0.9f), Rules with { MinSize = 1 }).Answer.DetectionCount);
        Assert.Equal(0, Decode(Filled(10, 8, 30, 10, 0.9f), new TextMapRules(0.3f, 0, 1)).Answer.DetectionCount);
        Assert.Equal(0, Decode(Filled(10, 8, 10, 8, 0.9f), new TextMapRules(0.3f, 1.5f, 0)).Answer.DetectionCount);
    }

    [Fact]
    public void Corners_end_at_the_frame()
    {
        var found = Decode(Filled(0, 0, 20, 5, 0.9f)).Answer;
        Assert.Equal(new DetailPoint(0, 0, 1), found.Details.Points(0)[0]);
        Assert.Equal((0f, 0f), (found.Detections[0].Left, found.Detections[0].Top));
    }

    /// <summary>Some turned bars of uneven probability, and specks.</summary>
    private static float[] Bars(int seed)
    {
        var random = new Random(seed);
        float[] map = new float[Width * Height];
        for (int bar = 0; bar < 3; bar++)
        {
            double x = 8 + (random.NextDouble() * (Width - 16)), y = 8 + (random.NextDouble() * (Height - 16));
            double angle = random.NextDouble() * Math.PI, along = 5 + (random.NextDouble() * 8), across = 1.5 + (random.NextDouble() * 3);
            for (int i = 0; i < map.Length; i++)
            {
                double dx = (i % Width) - x, dy = (i / Width) - y;
                bool isIn = Math.Abs((dx * Math.Cos(angle)) + (dy * Math.Sin(angle))) < along
                    && Math.Abs((dy * Math.Cos(angle)) - (dx * Math.Sin(angle))) < across;
                map[i] = isIn ? 0.6f + (0.4f * random.NextSingle()) : map[i];
            }
        }

        for (int i = 0; i < 25; i++)
        {
            map[random.Next(map.Length)] = random.NextSingle();
        }

        return map;
    }

    [Fact]
    public void Turned_lines_equal_the_plain_decoding()
    {
        int count = 0;
        for (int seed = 0; seed < 12; seed++)
        {
            float[] map = Bars(seed);
            var answer = Decode(map).Answer;
            var expected = Plain(map);
            Assert.Equal(expected.Count, answer.DetectionCount);
            foreach (var likely in expected)
            {
                bool isFound = Enumerable.Range(0, answer.DetectionCount).Any(i => likely.Any(one => IsSame(one, answer, i)));
                Assert.True(isFound, $"map {seed}: no answer is {likely[0]}");
            }

            count += expected.Count;
        }

        Assert.True(count > 12, $"{count} texts");
    }

    private static bool IsSame(Quad quad, Answer answer, int index)
    {
        var points = answer.Details.Points(index).ToArray();
        return Math.Abs(quad.Confidence - answer.Detections[index].Confidence) <= 1e-4 && quad.Corners.Zip(points).All(p =>
            Math.Abs(Math.Clamp(p.First.X / Width, 0, 1) - p.Second.X) <= 1e-4
            && Math.Abs(Math.Clamp(p.First.Y / Height, 0, 1) - p.Second.Y) <= 1e-4);
    }

    private sealed record Quad(double Confidence, (double X, double Y)[] Corners);

    /// <summary>For each text the rectangles of least area, of which there may be several.</summary>
    private static List<List<Quad>> Plain(float[] map)
    {
        var found = new List<List<Quad>>();
        foreach (var cells in Regions(map))
        {
            // What is inside decides nothing.
            var region = cells.FindAll(c => cells.Count(o => Math.Abs(o.X - c.X) <= 1 && Math.Abs(o.Y - c.Y) <= 1) < 9);
            var directions = region.SelectMany(a => region.Select(b => (X: b.X - a.X, Y: b.Y - a.Y))).Where(d => d != (0, 0)).Distinct();
            var boxes = directions.Select(d => Box(region, Math.Atan2(d.Y, d.X))).ToList();
            if (boxes.Count == 0)
            {
                continue;
            }

            double least = boxes.Min(b => b.Width * b.Height);
            var quads = boxes.Where(b => (b.Width * b.Height) - least < Near && Math.Min(b.Width, b.Height) >= Rules.MinSize - Near)
                .Select(b => Grown(b, map)).OfType<Quad>().Where(q => q.Confidence >= Settings.Threshold).ToList();
            if (quads.Count > 0)
            {
                found.Add(quads);
            }
        }

        return found;
    }

    private static List<List<(int X, int Y)>> Regions(float[] map)
    {
        var open = Enumerable.Range(0, map.Length).Where(i => map[i] > Rules.Threshold).Select(i => (X: i % Width, Y: i / Width))
            .ToHashSet();
        var regions = new List<List<(int, int)>>();
        while (open.Count > 0)
        {
            var region = new List<(int X, int Y)> { open.First() };
            open.Remove(region[0]);
            for (int i = 0; i < region.Count; i++)
            {
                foreach (var next in open.Where(o => Math.Abs(o.X - region[i].X) <= 1 && Math.Abs(o.Y - region[i].Y) <= 1).ToList())
                {
                    open.Remove(next);
                    region.Add(next);
                }
            }

            regions.Add(region);
        }

        return regions;
    }

    private sealed record Turned(double Angle, double X, double Y, double Width, double Height);

    private static Turned Box(List<(int X, int Y)> region, double angle)
    {
        double cos = Math.Cos(angle), sin = Math.Sin(angle);
        var along = region.ConvertAll(p => (p.X * cos) + (p.Y * sin));
        var across = region.ConvertAll(p => (p.Y * cos) - (p.X * sin));
        double u = (along.Min() + along.Max()) / 2, v = (across.Min() + across.Max()) / 2;
        return new Turned(angle, (u * cos) - (v * sin), (u * sin) + (v * cos), along.Max() - along.Min(), across.Max() - across.Min());
    }

    private static Quad? Grown(Turned box, float[] map)
    {
        double cos = Math.Cos(box.Angle), sin = Math.Sin(box.Angle), sum = 0;
        int count = 0;
        for (int i = 0; i < map.Length; i++)
        {
            double dx = (i % Width) - box.X, dy = (i / Width) - box.Y;
            bool isIn = Math.Abs((dx * cos) + (dy * sin)) <= (box.Width / 2) + 1e-6 && Math.Abs((dy * cos) - (dx * sin))
                <= (box.Height / 2) + 1e-6;
            sum += isIn ? map[i] : 0;
            count += isIn ? 1 : 0;
        }

        double distance = box.Width * box.Height * Rules.UnclipRatio / (2 * (box.Width + box.Height));
        double w = (box.Width / 2) + distance, h = (box.Height / 2) + distance;
        (double X, double Y)[] corners = [.. new[] { (-w, -h), (w, -h), (w, h), (-w, h) }.Select(c =>
            (box.X + (c.Item1 * cos) - (c.Item2 * sin), box.Y + (c.Item1 * sin) + (c.Item2 * cos)))];
        var left = corners.OrderBy(c => c.X).Take(2).OrderBy(c => c.Y).ToArray();
        var right = corners.OrderBy(c => c.X).Skip(2).OrderBy(c => c.Y).ToArray();
        return 2 * Math.Min(w, h) < Rules.MinSize + 2 ? null : new Quad(sum / count, [left[0], right[0], right[1], left[1]]);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    [InlineData(1.5f)]
    [InlineData(-0.5f)]
    public void What_is_no_probability_fails_the_frame_wherever_it_stands(float value)
    {
        foreach (int at in new[] { 0, 700, (Width * Height) - 1 })
        {
            float[] map = new float[Width * Height];
            map[at] = value;
            Assert.Throws<InvalidDataException>(() => Decode(map));
        }
    }

    [Fact]
    public void Maps_of_another_shape_and_noise_fail_the_frame()
    {
        var head = new DbTextHead(Settings, Rules);
        Assert.Contains("the head reads [1, 1, height, width]", Assert.Throws<InvalidDataException>(() => head.Decode(
            new ArrayTensors(([1, 2, 4, 4], new float[32])), Mapping, Room(head))).Message, StringComparison.Ordinal);
        const int Side = 520;
        float[] noise = new float[Side * Side];
        for (int i = 0; i < noise.Length; i += 2)
        {
            noise[i] = 0.9f;
        }

        Assert.Contains("noise", Assert.Throws<InvalidDataException>(() => Decode(noise, width: Side)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Regions_meet_over_corners_and_around_a_bay()
    {
        // A U whose arms meet only in the last row, and a cell that touches it over a corner.
        float[] map = new float[8 * 6];
        foreach (var (x, y) in new[] { (1, 0), (5, 0), (1, 1), (5, 1), (1, 2), (5, 2), (2, 3), (3, 3), (4, 3), (7, 5) })
        {
            map[(y * 8) + x] = 1;
        }

        var regions = new MapRegions();
        regions.Find(map, 8, 0.3f);
        Assert.Equal(2, regions.Count);
        Assert.Equal((7, 1), (regions.RunsOf(0).Length, regions.RunsOf(1).Length));
        Assert.Equal(new MapRun(3, 2, 5), regions.RunsOf(0)[^1]);
        regions.Find(new float[48], 8, 0.3f);
        Assert.Equal(0, regions.Count);
    }

    [Fact]
    public void Decoding_allocates_nothing()
    {
        var head = new DbTextHead(Settings, Rules);
        var tensors = new ArrayTensors(([1, 1, Height, Width], Filled(10, 8, 30, 12, 0.75f)));
        var answer = Room(head);
        Assert.Equal(0, AllocationWindows.LeastBytesOf(() => head.Decode(tensors, Mapping, answer)));
        Assert.True(answer.DetectionCount > 0);
    }
}
