using EdgeRoute.Core.Prices;

namespace EdgeRoute.Tests.Core.Prices;

/// <summary>Cameras of which the newest frame waits, files of which every frame does, and one lane that serves them.</summary>
public sealed class FairQueueTests
{
    private sealed record Camera(double PeriodMs, double FrameMs, double Weight = 1, double DeadlineMs = 1000, double PhaseMs = 0,
        bool KeepsAll = false)
    {
        public List<double> Latencies { get; } = [];

        public int LateCount => Latencies.Count(l => l > DeadlineMs);

        public double P50 => Latencies.Order().ElementAt(Latencies.Count / 2);

        public double DeviceMs => Latencies.Count * FrameMs;

        /// <summary>Capture instant of the frame that waits, in milliseconds; NaN for none.</summary>
        public double WaitingAt(double nowMs, double takenMs)
        {
            double newest = PhaseMs + (Math.Floor((nowMs - PhaseMs) / PeriodMs) * PeriodMs);
            double next = double.IsNaN(takenMs) ? PhaseMs : takenMs + PeriodMs;
            double waiting = KeepsAll ? next : Math.Max(newest, next);
            return waiting <= nowMs && waiting >= PhaseMs ? waiting : double.NaN;
        }
    }

    [Fact]
    public void Streams_that_stay_are_owed_what_they_were_when_others_come_and_go()
    {
        var queue = new FairQueue(2);
        WaitingFrame[] both = [new(10, 5, 1, 1), new(20, 5, 1, 1)];
        Assert.Equal(0, queue.Pick(both));
        queue.Charge(0, FairQueue.LeadLimitMs + 50, 1);

        // The first is ahead of its share: it waits for the other, also where a third has come before both.
        var next = queue.With([-1, 0, 1]);
        Assert.Equal(2, next.Pick([new(long.MaxValue, 5, 0, 1), .. both]));
        Assert.Equal(1, queue.With([0]).With([-1, 0]).Pick([new(long.MaxValue, 5, 0, 1), both[0]]));
    }

    [Fact]
    public void A_busy_camera_beside_a_slow_one_gets_what_the_slow_one_leaves()
    {
        Camera fast = new(33, 40), slow = new(200, 40);
        Serve([fast, slow], 60_000);
        Assert.InRange(slow.Latencies.Count, 298, 301);
        Assert.InRange(fast.Latencies.Count, 1180, 1210);
    }

    [Fact]
    public void A_file_whose_every_frame_waits_takes_no_more_than_its_half()
    {
        Camera live = new(33, 30), file = new(10, 30, KeepsAll: true);
        Serve([live, file], 60_000);
        Assert.InRange(live.DeviceMs / file.DeviceMs, 0.97, 1.03);
    }

    [Theory]
    [InlineData(1, 3)]
    [InlineData(1, 20)]
    [InlineData(5, 2)]
    public void Weights_part_the_lane_whatever_a_frame_costs(double first, double second)
    {
        Camera a = new(10, 25, first), b = new(10, 60, second);
        Serve([a, b], 120_000);
        Assert.InRange(a.DeviceMs / b.DeviceMs / (first / second), 0.93, 1.07);
    }

    [Fact]
    public void Equal_cameras_that_show_the_same_moment_wait_equally_long()
    {
        var cameras = Enumerable.Range(0, 4).Select(_ => new Camera(100, 20)).ToList();
        Serve(cameras, 120_000);
        double[] means = [.. cameras.Select(c => c.Latencies.Average())];
        Assert.All(cameras, c => Assert.Equal(1200, c.Latencies.Count));
        Assert.InRange(means.Max() / means.Min(), 1, 1.1);
        Assert.InRange(cameras.Max(c => c.P50) - cameras.Min(c => c.P50), 0, 20.1);
    }

    [Fact]
    public void A_camera_within_its_share_keeps_its_deadline_beside_one_that_takes_all()
    {
        Camera urgent = new(33, 10, DeadlineMs: 45), greedy = new(5, 30, DeadlineMs: 1000, KeepsAll: true);
        Serve([urgent, greedy], 60_000);
        Assert.InRange(urgent.Latencies.Count, 1815, 1820);
        Assert.Equal(0, urgent.LateCount);
    }

    [Fact]
    public void A_short_deadline_is_no_way_to_more_than_a_share()
    {
        Camera greedy = new(5, 30, DeadlineMs: 1), modest = new(33, 30);
        Serve([greedy, modest], 60_000);
        Assert.InRange(greedy.DeviceMs / modest.DeviceMs, 0.97, 1.03);
    }

    [Fact]
    public void A_stream_that_was_away_has_saved_up_no_more_than_the_lead()
    {
        Camera steady = new(10, 20), back = new(10, 20, PhaseMs: 60_000);
        Serve([steady, back], 70_000);
        Assert.InRange(back.Latencies.Count, 245, 256);
    }

    [Fact]
    public void Nothing_that_waits_is_nobodys_turn()
    {
        var queue = new FairQueue(2);
        Assert.Equal(-1, queue.Pick([new(long.MaxValue, 1, 0, 1), new(long.MaxValue, 1, 0, 1)]));
        Assert.Equal(1, queue.Pick([new(long.MaxValue, 1, 0, 1), new(5, 1, double.NaN, 1)]));
        queue.Charge(1, double.NaN, 1);
        Assert.Equal(0, queue.Pick([new(7, 1, 0, 1), new(long.MaxValue, 1, 0, 1)]));
    }

    private static void Serve(IReadOnlyList<Camera> cameras, double untilMs)
    {
        var queue = new FairQueue(cameras.Count);
        double[] taken = [.. cameras.Select(_ => double.NaN)];
        var frames = new WaitingFrame[cameras.Count];
        for (double now = 0; now < untilMs;)
        {
            for (int i = 0; i < frames.Length; i++)
            {
                var camera = cameras[i];
                double since = camera.WaitingAt(now, taken[i]);
                long allowance = (long)(camera.DeadlineMs * 1e6);
                long due = double.IsNaN(since) ? long.MaxValue : (long)(since * 1e6) + allowance;
                frames[i] = new(due, allowance, camera.FrameMs, camera.Weight);
            }

            int index = queue.Pick(frames);
            if (index < 0)
            {
                now += 0.5;
                continue;
            }

            taken[index] = cameras[index].WaitingAt(now, taken[index]);
            now += cameras[index].FrameMs;
            cameras[index].Latencies.Add(now - taken[index]);
            queue.Charge(index, cameras[index].FrameMs, cameras[index].Weight);
        }
    }
}
