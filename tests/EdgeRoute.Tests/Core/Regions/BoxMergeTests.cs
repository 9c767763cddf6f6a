using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Regions;

namespace EdgeRoute.Tests.Core.Regions;

/// <summary>Boxes of several looks as one set, against a plain way of writing the same.</summary>
public sealed class BoxMergeTests
{
    private static readonly FrameRegion Middle = new(0.25, 0.25, 0.5, 0.5), Corner = new(0, 0, 0.5, 0.5);

    [Theory]
    [InlineData(0.25f, 0.4f, true)]
    [InlineData(0.253f, 0.4f, true)]
    [InlineData(0.26f, 0.4f, false)]
    [InlineData(0.65f, 0.4f, true)]
    [InlineData(0.4f, 0.65f, true)]
    [InlineData(0.4f, 0.4f, false)]
    public void A_box_at_an_inner_border_is_cut(float left, float top, bool isCut) =>
        Assert.Equal(isCut, BoxMerge.IsCut(new Detection(left, top, 0.1f, 0.1f, 1, 0), Middle));

    [Theory]
    [InlineData(0, 0, false)]
    [InlineData(0, 0.41f, true)]
    [InlineData(0.41f, 0, true)]
    public void The_borders_of_the_frame_cut_nothing(float left, float top, bool isCut) =>
        Assert.Equal(isCut, BoxMerge.IsCut(new Detection(left, top, 0.09f, 0.09f, 1, 0), Corner));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Merged_sets_are_those_of_a_plain_merge(bool fuses)
    {
        var random = new Random(7);
        var merge = new BoxMerge(400);
        for (int round = 0; round < 300; round++)
        {
            Detection[] whole = Draw(random, FrameRegion.Full), part = Draw(random, Middle), corner = Draw(random, Corner);
            merge.Clear();
            merge.Add(whole);
            merge.Add(part, Middle);
            merge.Add(corner, Corner);
            var found = fuses ? merge.Fuse(0.5f) : merge.Suppress(0.5f);
            List<Detection> all = [.. whole, .. part.Where(b => !IsCutPlainly(b, Middle)), .. corner.Where(b => !IsCutPlainly(b, Corner))];
            var plain = fuses ? FusedPlainly(all) : SuppressedPlainly(all);
            Assert.Equal(plain.Count, found.Length);
            for (int i = 0; i < plain.Count; i++)
            {
                Assert.Equal((plain[i].ClassIndex, plain[i].Confidence), (found[i].ClassIndex, found[i].Confidence));
                Assert.True(Math.Abs(plain[i].Left - found[i].Left) < 1e-5 && Math.Abs(plain[i].Bottom - found[i].Bottom) < 1e-5,
                    $"round {round}, box {i}: {plain[i]} and {found[i]}");
            }
        }
    }

    [Fact]
    public void What_has_no_room_is_let_go_and_counted()
    {
        var merge = new BoxMerge(2);
        merge.Add([Box(0), Box(1), Box(2)]);
        Assert.Equal((2, 1), (merge.Suppress(0.5f).Length, merge.OverflowCount));
    }

    [Fact]
    public void Merging_allocates_nothing()
    {
        var merge = new BoxMerge(400);
        var (whole, part) = (Draw(new Random(1), FrameRegion.Full), Draw(new Random(2), Middle));
        Assert.Equal(0, AllocationWindows.LeastBytesOf(() =>
        {
            merge.Clear();
            merge.Add(whole);
            merge.Add(part, Middle);
            merge.Suppress(0.5f);
            merge.Fuse(0.5f);
        }));
    }

    private static Detection Box(int index) => new(index * 0.2f, 0.1f, 0.1f, 0.1f, 0.5f, 0);

    private static Detection[] Draw(Random random, FrameRegion window) => [.. Enumerable.Range(0, random.Next(12)).Select(_ =>
    {
        double width = window.Width * (0.05 + (0.5 * random.NextDouble())), height = window.Height * (0.05 + (0.5 * random.NextDouble()));
        return new Detection((float)(window.Left + ((window.Width - width) * random.NextDouble())),
            (float)(window.Top + ((window.Height - height) * random.NextDouble())), (float)width, (float)height, random.Next(1, 20) / 20f,
            random.Next(2));
    })];

    private static bool IsCutPlainly(Detection box, FrameRegion window)
    {
        double x = window.Width / 100, y = window.Height / 100;
        bool isAtLeft = box.Left - window.Left < x, isAtTop = box.Top - window.Top < y;
        bool isAtRight = window.Left + window.Width - box.Right < x, isAtBottom = window.Top + window.Height - box.Bottom < y;
        return (window.Left > 0.1 && isAtLeft) || (window.Top > 0.1 && isAtTop) || (window.Left + window.Width < 0.9 && isAtRight)
            || (window.Top + window.Height < 0.9 && isAtBottom);
    }

    private static List<Detection> SuppressedPlainly(List<Detection> boxes)
    {
        var kept = new List<Detection>();
        foreach (var box in boxes.OrderByDescending(b => b.Confidence))
        {
            if (!kept.Exists(k => k.ClassIndex == box.ClassIndex && k.OverlapWith(box) > 0.5f))
            {
                kept.Add(box);
            }
        }

        return kept;
    }

    private static List<Detection> FusedPlainly(List<Detection> boxes)
    {
        var clusters = new List<List<Detection>>();
        foreach (var box in boxes.OrderByDescending(b => b.Confidence))
        {
            var fit = clusters.Where(c => c[0].ClassIndex == box.ClassIndex).OrderByDescending(c => MeanOf(c).OverlapWith(box))
                .FirstOrDefault(c => MeanOf(c).OverlapWith(box) > 0.5f);
            if (fit is null)
            {
                clusters.Add([box]);
            }
            else
            {
                fit.Add(box);
            }
        }

        return clusters.ConvertAll(MeanOf);
    }

    private static Detection MeanOf(List<Detection> cluster)
    {
        double weight = cluster.Sum(b => (double)b.Confidence);
        double Mean(Func<Detection, float> side) => cluster.Sum(b => (double)b.Confidence * side(b)) / weight;
        double left = Mean(b => b.Left), top = Mean(b => b.Top);
        return cluster[0] with
        {
            Left = (float)left, Top = (float)top, Width = (float)(Mean(b => b.Right) - left), Height = (float)(Mean(b => b.Bottom) - top),
        };
    }
}
