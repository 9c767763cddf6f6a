using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Regions;

namespace EdgeRoute.Tests.Core.Regions;

/// <summary>Windows where it pays to look closer, in situations planted by hand.</summary>
public sealed class RegionProposerTests
{
    private static readonly FrameRegion Half = new(0, 0, 0.5, 0.5);

    private readonly RegionProposer _proposer = new();

    [Fact]
    public void A_window_lies_around_a_doubtful_small_box_and_stays_in_the_frame()
    {
        _proposer.AddDoubt(Answer([], Box(0.9f, 0.9f, 0.04f, 0.2f)), Half);
        var window = Assert.Single(Cover(1));
        Assert.Equal(new FrameRegion(0.5, 0.5, 0.5, 0.5), window);
        _proposer.Clear();
        _proposer.AddDoubt(Answer([], Box(0.48f, 0.48f, 0.04f, 0.2f)), Half);
        Assert.Equal(0.25, Assert.Single(Cover(1)).Left, 3);
    }

    [Fact]
    public void Large_boxes_and_sure_ones_are_nothing_to_look_at()
    {
        _proposer.AddDoubt(Answer([Box(0.1f, 0.1f, 0.05f, 1)], Box(0.2f, 0.2f, 0.3f, 0.25f)), Half);
        Assert.Empty(Cover(1));
        _proposer.AddDoubt(Answer([Box(0.1f, 0.1f, 0.05f, 0.6f)]), Half);
        Assert.Single(Cover(1));
    }

    [Fact]
    public void The_first_window_covers_the_most_and_the_next_what_is_left()
    {
        _proposer.Add(Box(0.05f, 0.05f, 0.02f, 0), 1);
        _proposer.Add(Box(0.85f, 0.8f, 0.02f, 0), 0.7f);
        _proposer.Add(Box(0.7f, 0.9f, 0.02f, 0), 0.7f);
        var windows = Cover(3);
        Assert.Equal(2, windows.Length);
        Assert.True(windows[0].Left >= 0.4 && windows[0].Top >= 0.4, $"{windows[0]}");
        Assert.Equal((0, 0), (windows[1].Left, windows[1].Top));
    }

    [Fact]
    public void A_window_that_covers_too_little_is_none()
    {
        _proposer.Add(Box(0.05f, 0.05f, 0.02f, 0), 1);
        Assert.Equal(0, _proposer.Cover(Half, 1.5f, new FrameRegion[1]));
        Assert.Equal(1, _proposer.Cover(Half, 0.5f, new FrameRegion[1]));
    }

    [Fact]
    public void A_spot_too_large_for_the_window_is_in_none()
    {
        _proposer.Add(new Detection(0.1f, 0.1f, 0.7f, 0.1f, 1, 0), 1);
        Assert.Empty(Cover(1));
    }

    [Fact]
    public void Young_objects_count_and_known_ones_do_not()
    {
        var carried = Answer([Box(0.1f, 0.1f, 0.05f, 0.9f), Box(0.8f, 0.8f, 0.05f, 0.9f)]);
        carried.TrackSlots[0] = new DetectionTrack(1, 5, 0, 0);
        carried.TrackSlots[1] = new DetectionTrack(2, 0.2f, 0, 0);
        _proposer.AddYoungTracks(carried);
        Assert.Equal(0.5, Assert.Single(Cover(2)).Left, 3);
    }

    [Fact]
    public void Drift_counts_where_no_box_is_carried_and_light_on_everything_does_not()
    {
        var grid = new BlockGrid(64, 36, 4);
        byte[] answered = new byte[64 * 36], current = new byte[64 * 36];
        answered.AsSpan().Fill(80);
        current.AsSpan().Fill(95);
        _proposer.AddDrift(current, answered, grid, []);
        Assert.Empty(Cover(1));
        Paint(current, 4, 4, 160);
        _proposer.AddDrift(current, answered, grid, []);
        Assert.Equal(0, Assert.Single(Cover(1)).Left);
        _proposer.Clear();
        _proposer.AddDrift(current, answered, grid, [new Detection(0, 0, 0.3f, 0.3f, 1, 0)]);
        Assert.Empty(Cover(1));
    }

    [Fact]
    public void Tiles_cover_the_frame()
    {
        var windows = new FrameRegion[4];
        Assert.Equal(4, RegionProposer.Tile(new FrameRegion(0, 0, 0.6, 0.5), windows));
        Assert.Equal([new(0, 0, 0.6, 0.5), new(0.4, 0, 0.6, 0.5), new(0, 0.5, 0.6, 0.5), new(0.4, 0.5, 0.6, 0.5)], windows);
    }

    [Fact]
    public void No_window_of_random_spots_is_better_than_any_around_a_spot()
    {
        var random = new Random(5);
        for (int round = 0; round < 200; round++)
        {
            var spots = Enumerable.Range(0, random.Next(1, 40)).Select(_ => (Box: Box(random.NextSingle() * 0.95f,
                random.NextSingle() * 0.95f, 0.05f, 0), Weight: random.NextSingle() + 0.01f)).ToList();
            _proposer.Clear();
            spots.ForEach(s => _proposer.Add(s.Box, s.Weight));
            var found = Cover(1)[0];
            double most = spots.Max(s => Weight(spots, Around(s.Box)));
            Assert.True(Weight(spots, found) >= most - 1e-4, $"round {round}: {found} covers less than {most}");
            Assert.True(found.IsInside && found.Width == 0.5);
        }
    }

    [Fact]
    public void Choosing_windows_allocates_nothing()
    {
        var answer = Answer([Box(0.1f, 0.1f, 0.05f, 0.6f)], [.. Enumerable.Range(0, 60).Select(i => Box(i / 64f, i / 80f, 0.03f, 0.2f))]);
        var into = new FrameRegion[4];
        Assert.Equal(0, AllocationWindows.LeastBytesOf(() =>
        {
            _proposer.Clear();
            _proposer.AddDoubt(answer, Half);
            _proposer.Cover(Half, 0, into);
        }));
    }

    /// <summary>As the tests read it: what lies inside, clear of the borders that are not the frame's.</summary>
    private static double Weight(IEnumerable<(Detection Box, float Weight)> spots, FrameRegion w) => spots.Where(s =>
        (w.Left <= 0 || s.Box.Left >= w.Left + (0.02 * w.Width)) && (w.Left + w.Width >= 1 || s.Box.Right <= w.Left + (0.98 * w.Width))
        && (w.Top <= 0 || s.Box.Top >= w.Top + (0.02 * w.Height)) && (w.Top + w.Height >= 1 || s.Box.Bottom <= w.Top + (0.98 * w.Height)))
        .Sum(s => (double)s.Weight);

    private static FrameRegion Around(Detection box) => new(
        Math.Clamp(box.Left + (box.Width / 2) - 0.25, 0, 0.5), Math.Clamp(box.Top + (box.Height / 2) - 0.25, 0, 0.5), 0.5, 0.5);

    private FrameRegion[] Cover(int count)
    {
        var into = new FrameRegion[count];
        return into[.._proposer.Cover(Half, 0, into)];
    }

    private static void Paint(byte[] luma, int width, int height, byte value)
    {
        for (int i = 0; i < width * height; i++)
        {
            luma[(i / width * 64) + (i % width)] = value;
        }
    }

    private static Detection Box(float left, float top, float side, float confidence) => new(left, top, side, side, confidence, 0);

    private static Answer Answer(Detection[] detections, params Detection[] candidates)
    {
        var answer = new Answer(TaskKind.Detection, 4, 0, candidateLimit: 64) { NodeIndex = 1, DetectionCount = detections.Length };
        detections.CopyTo(answer.DetectionSlots);
        answer.SetCandidates(candidates);
        return answer;
    }
}
