using System.Collections.Concurrent;
using EdgeRoute.Core.Frames;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Capture;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Simulation.Scripted;
using EdgeRoute.TestBench.Capture;
using EdgeRoute.Tests.Interop.Gstreamer;
using Act = EdgeRoute.Tests.Engine.Capture.ScriptedSource.Act;

namespace EdgeRoute.Tests.Engine.Capture;

public sealed class CaptureThreadTests
{
    [Fact]
    public void A_stop_ends_back_off_and_waiting_at_once_and_counts_what_was_left()
    {
        using var refused = new CaptureRun(new ScriptedSource(true, null, Act.Many(Act.Refuses, 1_000)), DeliveryMode.NewestWins);
        refused.WaitFor<SourceRestarting>(e => e.AfterMs == 400);
        Assert.True(refused.Thread.Stop());
        Assert.Equal(SourceFaultKind.OpenFailed, refused.WaitFor<SourceEnded>().Fault.Kind);

        using var full = new CaptureRun(new ScriptedSource(false, null, [Act.Opens, .. Act.Many(Act.Frame, 1_000)]),
            DeliveryMode.EveryFrame);
        Assert.Equal(3, full.Take(3));
        Assert.True(full.Thread.Stop());
        var counts = full.Exchange.Counts;
        Assert.Equal((3, counts.Captured - 3, 0), (counts.Taken, counts.Dropped, counts.Waiting));
        Assert.True(full.Thread.IsEnded);
    }

    [Fact]
    public void A_source_that_hangs_is_left_behind_and_nothing_it_uses_is_freed()
    {
        using var source = new HangingSource();
        var run = new CaptureRun(source, DeliveryMode.NewestWins);
        source.Entered.Wait(CaptureRun.PatienceMs);
        Assert.False(run.Thread.Stop());
        Assert.False(run.Thread.IsEnded);
        run.Thread.Dispose();
        run.Exchange.Dispose();

        // When it comes back after all, it still finds its slot, and the frame is counted.
        source.GoOn.Set();
        run.WaitFor<SourceEnded>();
        Assert.Equal(new ExchangeCounts(1, 0, 1, 0), run.Exchange.Counts);
        Assert.Equal(1, source.CloseCount);
    }

    [Fact]
    public void A_source_that_is_slow_to_begin_does_not_hang_until_its_call_has_taken_too_long()
    {
        var clock = new ScriptedClock(1_000_000_000);
        using var slow = new HangingSource();
        using var signal = new FrameSignal();
        using var exchange = new SlotExchange(DeliveryMode.NewestWins, signal);
        using var thread = new CaptureThread(0, slow, exchange, clock, _ => { });
        Assert.False(thread.IsHanging);
        thread.Start();
        Assert.True(slow.Entered.Wait(CaptureRun.PatienceMs));
        clock.AdvanceMs(CaptureLimits.Usual.StallMs);
        Assert.False(thread.Stop());
        Assert.False(thread.IsHanging);
        clock.AdvanceMs(1);
        Assert.True(thread.IsHanging);
        slow.GoOn.Set();
        Assert.True(slow.Closed.Wait(CaptureRun.PatienceMs));
    }

    [Fact]
    public void A_live_source_that_hangs_is_told_and_replaced_and_the_old_one_changes_nothing_when_it_wakes()
    {
        var clock = new ScriptedClock(1_000_000_000);
        using var hanging = new HangingSource();
        using var signal = new FrameSignal();
        using var exchange = new SlotExchange(DeliveryMode.NewestWins, signal);
        using var next = new HangingSource();
        var told = new ConcurrentQueue<SourceEvent>();
        using var thread = new CaptureThread(0, hanging, exchange, clock, told.Enqueue) { Remake = () => next };
        thread.Start();
        Assert.True(hanging.Entered.Wait(CaptureRun.PatienceMs));
        clock.AdvanceMs(CaptureLimits.Usual.StallMs + 1);
        thread.Watch();
        Assert.Equal(SourceFaultKind.Stall, Assert.Single(told.OfType<SourceFaulted>()).Fault.Kind);
        Assert.Empty(told.OfType<SourceReplaced>());
        clock.AdvanceMs(CaptureLimits.Usual.StallMs);
        thread.Watch();
        Assert.Single(told.OfType<SourceReplaced>());
        Assert.True(next.Entered.Wait(CaptureRun.PatienceMs));
        hanging.GoOn.Set();
        Assert.True(hanging.Closed.Wait(CaptureRun.PatienceMs));
        Assert.Equal(new ExchangeCounts(0, 0, 0, 0), exchange.Counts);
        next.GoOn.Set();
        Assert.True(signal.Wait(CaptureRun.PatienceMs));
        Assert.True(thread.Stop());
        Assert.True(thread.Tally.RestartCount == 1 && exchange.Counts.Captured > 0);
        Assert.Contains(told, e => e is SourceBack);
    }

    [SkippableFact]
    public void Several_sources_feed_one_loop_through_one_signal()
    {
        GstNeeds.TestPicture();
        using var signal = new FrameSignal();
        var clock = TimeProvider.System;
        var factory = new SourceFactory(clock);
        var exchanges = new List<SlotExchange>();
        var threads = new List<CaptureThread>();
        for (int i = 0; i < 4; i++)
        {
            string address = $"test://ball?width={32 + i}&height=24&frames={50 + i}";
            Assert.True(factory.TryMake(address, SourceOptions.Usual, out var source, out string problem), problem);
            exchanges.Add(new SlotExchange(SourceOptions.Usual.DeliveryFor(source.IsLive), signal));
            threads.Add(new CaptureThread(i, source, exchanges[i], clock, _ => { }));
        }

        threads.ForEach(t => t.Start());
        int[] taken = new int[4];
        while (!exchanges.TrueForAll(e => e.IsDrained))
        {
            Assert.True(signal.Wait(CaptureRun.PatienceMs), "no source has a frame");
            for (int i = 0; i < 4; i++)
            {
                while (exchanges[i].TryTake(out var slot))
                {
                    Assert.Equal((i, 32 + i), (slot.Stamp.SourceIndex, slot.Layout.Width));
                    taken[i]++;
                    exchanges[i].Release(slot);
                }
            }
        }

        Assert.Equal([50, 51, 52, 53], taken);
        threads.ForEach(t => t.Dispose());
        exchanges.ForEach(e => e.Dispose());
    }

    /// <summary>A source whose first read does not return until it is told to: a driver that hangs.</summary>
    private sealed class HangingSource : IFrameSource
    {
        public ManualResetEventSlim Entered { get; } = new();

        public ManualResetEventSlim GoOn { get; } = new();

        public int CloseCount { get; private set; }

        public string Description => "hanging";

        public bool IsLive => true;

        public SourceFault Fault => SourceFault.None;

        public bool Open() => true;

        public ReadOutcome Read(FrameSlot slot, int waitMs, out long sourceNs)
        {
            sourceNs = -1;
            Entered.Set();
            GoOn.Wait();
            slot.Prepare(FrameLayout.Packed(PixelFormat.Gray8, 4, 4)).Fill(1);
            return ReadOutcome.Frame;
        }

        public ManualResetEventSlim Closed { get; } = new();

        public void Close()
        {
            CloseCount++;
            Closed.Set();
        }

        public void Dispose()
        {
            Entered.Dispose();
            GoOn.Dispose();
        }
    }
}
