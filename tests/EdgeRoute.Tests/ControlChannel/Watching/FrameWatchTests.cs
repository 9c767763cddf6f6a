using EdgeRoute.ControlChannel.Watching;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Tracing;
using EdgeRoute.Tests.ControlChannel.Serving;

namespace EdgeRoute.Tests.ControlChannel.Watching;

public sealed class FrameWatchTests
{
    private const long Ms = 1_000_000, Second = 1_000_000_000;

    private sealed record Sample(long PublishedNs, long LatencyMs, int Node, bool IsLate);

    /// <summary>The window over random frames is what a plain computation over all of them says.</summary>
    [Theory]
    [InlineData(1, 40)]
    [InlineData(2, 400)]
    [InlineData(3, 900)]
    public void Windows_are_those_of_a_plain_computation(int seed, int count)
    {
        var random = new Random(seed);
        var watch = ChannelRig.MakeWatch(0);
        var all = new List<Sample>();
        long now = 0;
        for (int i = 0; i < count; i++)
        {
            now += random.Next(1, 60) * Ms;
            var sample = new Sample(now, random.Next(1, 500), random.Next(-1, 3), random.Next(4) == 0);
            all.Add(sample);
            ChannelRig.Publish(watch, 0, i, sample.Node, now, sample.LatencyMs, sample.IsLate ? TraceFlags.Late : TraceFlags.None);
            if (random.Next(20) == 0)
            {
                watch.Pump(now);
                AssertSame(all.Where(s => s.PublishedNs > now - FrameWatch.WindowNs).ToList(), watch.Window(0, now),
                    Math.Min(now, FrameWatch.WindowNs) / 1e9);
            }
        }

        watch.Pump(now);
        long since = now - (3 * Second);
        AssertSame(all.Where(s => s.PublishedNs > since).ToList(), watch.WindowSince(0, since, now).Status,
            Math.Min(now, 3 * Second) / 1e9);
        Assert.Equal(all.Count(s => s.PublishedNs > since && s.Node < 0), watch.WindowSince(0, since, now).FailedCount);
        Assert.Equal(0, watch.Window(1, now).FrameCount);
    }

    [Fact]
    public void Streams_come_and_go_and_no_frame_is_taken_for_anothers()
    {
        var watch = ChannelRig.MakeWatch(0);
        var seen = new List<(int, long)>();
        watch.Seen += (in TraceRecord r) => seen.Add((r.Stamp.SourceIndex, r.Stamp.Sequence));
        ChannelRig.Publish(watch, 1, 7, 0, Second, 5, TraceFlags.None);
        watch.Follow([new WatchedStream("front", ["previous", "light", "heavy"]), new WatchedStream("rear", ["heavy"]) { Index = 2 }],
            2 * Second);
        ChannelRig.Publish(watch, 2, 0, 0, 3 * Second, 5, TraceFlags.None);
        watch.Pump(3 * Second);
        watch.Pump(3 * Second);

        // The frame of the one that has gone was on its way still, and was handed on.
        Assert.Equal([(1, 7), (2, 0)], seen);
        Assert.Equal((2, 1, null), (watch.IndexOf("rear"), watch.Epoch, watch.StreamOf(1)));
        Assert.Equal((1L, 0L), (watch.Window(2, 4 * Second).FrameCount, watch.Window(1, 4 * Second).FrameCount));
        Assert.Equal([new PathTotal("rear", "heavy", 1)], watch.PathTotals());

        // What the one that went had remembered serves the next, empty.
        watch.Follow([new WatchedStream("third", ["light"]) { Index = 3 }], 4 * Second);
        Assert.Equal(0, watch.Window(3, 5 * Second).FrameCount);
        TraceRecord record = default;
        Assert.False(watch.TryPick(3, TracePick.Last, ref record));
    }

    [Fact]
    public void An_empty_window_has_no_latency()
    {
        var window = ChannelRig.MakeWatch(0).Window(0, 20 * Second);
        Assert.Equal((0L, 0.0, 10.0), (window.FrameCount, window.FramesPerSecond, window.Seconds));
        Assert.True(double.IsNaN(window.LatencyMsP99) && double.IsNaN(window.DeviceMsMean));
        Assert.Empty(window.Paths);
    }

    [Fact]
    public void A_window_that_has_forgotten_says_so()
    {
        var watch = ChannelRig.MakeWatch(0);
        for (int i = 1; i <= StreamWindow.Capacity; i++)
        {
            ChannelRig.Publish(watch, 0, i, 1, i * Ms);
            watch.Pump(i * Ms);
        }

        Assert.True(watch.WindowSince(0, 0, Second).IsWhole);
        ChannelRig.Publish(watch, 0, 0, 1, (StreamWindow.Capacity + 1) * Ms);
        watch.Pump(Second);
        var since = watch.WindowSince(0, 0, Second);
        Assert.False(since.IsWhole);
        Assert.Equal(StreamWindow.Capacity, since.Status.FrameCount);
    }

    [Fact]
    public void The_latest_stories_are_remembered()
    {
        var watch = ChannelRig.MakeWatch(0);
        for (int i = 0; i < StreamWatch.HistoryCount + 10; i++)
        {
            ChannelRig.Publish(watch, 0, i, 1, (i + 1) * Ms, latencyMs: i == 100 ? 900 : i % 7,
                i is 50 or 200 ? TraceFlags.Late : TraceFlags.None);
            watch.Pump(i * Ms);
        }

        var record = default(TraceRecord);
        Assert.False(watch.TryFind(0, 9, ref record));
        Assert.True(watch.TryFind(0, 10, ref record));
        Assert.Equal(10, record.Stamp.Sequence);
        Assert.Equal(StreamWatch.HistoryCount + 9, Picked(watch, TracePick.Last));
        Assert.Equal(200, Picked(watch, TracePick.Late));
        Assert.Equal(100, Picked(watch, TracePick.Slowest));
        Assert.False(watch.TryPick(1, TracePick.Last, ref record));
    }

    [Fact]
    public void A_ring_that_runs_over_is_counted()
    {
        var watch = ChannelRig.MakeWatch(0);
        for (int i = 0; i < 300; i++)
        {
            ChannelRig.Publish(watch, 0, i, 1, (i + 1) * Ms);
        }

        watch.Pump(Second);
        Assert.Equal(44, watch.LostCount);
        Assert.Equal([0, 256, 0], watch.NodeTotals(0));
    }

    [Fact]
    public void Another_route_tree_begins_anew()
    {
        var watch = ChannelRig.MakeWatch(0);
        ChannelRig.Publish(watch, 0, 1, 2, Second);
        watch.Pump(Second);
        Assert.Equal([new PathTotal("front", "heavy", 1)], watch.PathTotals());
        ChannelRig.Publish(watch, 0, 2, 2, 2 * Second);
        watch.Change(0, new WatchedStream("front", ["tiny"]), 3 * Second);
        ChannelRig.Publish(watch, 0, 3, 0, 4 * Second);
        watch.Pump(4 * Second);
        Assert.Equal([new PathTotal("front", "tiny", 1)], watch.PathTotals());
        Assert.Equal(["tiny"], watch.Window(0, 4 * Second).Paths.Select(p => p.Path));
    }

    [Fact]
    public void The_loop_allocates_nothing()
    {
        var watch = ChannelRig.MakeWatch(0);
        long i = 0;
        Assert.Equal(0, AllocationWindows.LeastBytesOf(() => ChannelRig.Publish(watch, 0, i++, 1, i * Ms)));
    }

    [Fact]
    public void Pumped_is_raised_with_its_time()
    {
        var watch = ChannelRig.MakeWatch(0);
        var times = new List<long>();
        watch.Pumped += times.Add;
        watch.Pump(5);
        watch.Pump(9);
        Assert.Equal([5, 9], times);
    }

    private static long Picked(FrameWatch watch, TracePick pick)
    {
        var record = default(TraceRecord);
        Assert.True(watch.TryPick(0, pick, ref record));
        return record.Stamp.Sequence;
    }

    private static void AssertSame(List<Sample> samples, WindowStatus window, double seconds)
    {
        var latencies = samples.Where(s => s.Node >= 0).Select(s => (double)s.LatencyMs).Order().ToList();
        Assert.Equal((samples.Count, samples.Count(s => s.IsLate)), ((int)window.FrameCount, (int)window.LateCount));
        Assert.Equal(seconds, window.Seconds, 9);
        Assert.Equal(samples.Count / seconds, window.FramesPerSecond, 6);
        Assert.Equal(latencies[^1], window.LatencyMsMax);
        foreach (var (quantile, value) in new[] { (0.5, window.LatencyMsP50), (0.95, window.LatencyMsP95), (0.99, window.LatencyMsP99) })
        {
            // The least that enough of the frames do not exceed.
            Assert.True(latencies.Count(l => l <= value) >= quantile * latencies.Count);
            Assert.True(latencies.Count(l => l < value) < quantile * latencies.Count);
        }

        Assert.Equal(samples.Average(s => s.LatencyMs / 2.0), window.DeviceMsMean, 3);
        Assert.True(double.IsNaN(window.EnergyMillijoulesMean));
        string[] names = ["previous", "light", "heavy"];
        var paths = samples.Where(s => s.Node >= 0).GroupBy(s => names[s.Node]).ToDictionary(g => g.Key, g => (long)g.Count());
        Assert.Equal(paths, window.Paths.ToDictionary(p => p.Path, p => p.FrameCount));
        Assert.Equal(window.Paths.OrderByDescending(p => p.FrameCount).Select(p => p.FrameCount), window.Paths.Select(p => p.FrameCount));
        Assert.All(window.Paths, p => Assert.Equal(p.FrameCount / (double)samples.Count, p.Share, 9));
    }
}
