using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Capture;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Simulation.Scripted;
using Act = EdgeRoute.Tests.Engine.Capture.ScriptedSource.Act;

namespace EdgeRoute.Tests.Engine.Capture;

public sealed class CaptureSupervisorTests
{
    private readonly ScriptedClock _clock = new(1_000_000_000);
    private readonly List<SourceEvent> _events = [];
    private readonly List<int> _pauses = [];

    [Fact]
    public void Frames_are_stamped_with_sequence_and_clock()
    {
        using var rig = Rig(isLive: true, [Act.Opens, Act.Frame, Act.Frame], steps: 3);
        Assert.True(rig.Exchange.TryTake(out var slot));
        Assert.Equal((3, 1L), (slot.Stamp.SourceIndex, slot.Stamp.Sequence));
        Assert.Equal(1_000_000_000 + (2 * 33_000_000), slot.Stamp.CaptureNs);
        Assert.Equal(slot.Stamp.CaptureNs, slot.Stamp.SourceNs);
        Assert.Equal(new ExchangeCounts(2, 1, 1, 0), rig.Exchange.Counts);
    }

    [Fact]
    public void Back_off_doubles_to_its_limit_and_starts_anew_once_the_source_is_healthy()
    {
        Act[] script =
        [
            .. Act.Many(Act.Refuses, 7), Act.Opens, Act.Frame, Act.Breaks, Act.Opens,
            .. Act.Many(Act.Frame, RestartBackoff.HealthyFrameCount), Act.Breaks, Act.Opens, Act.Frame,
        ];
        using var rig = Rig(isLive: true, script, steps: script.Length);
        Assert.Equal([100, 200, 400, 800, 1600, 2000, 2000, 2000, 100], _pauses);
        Assert.Equal(9, rig.Cycle.Tally.RestartCount);
        Assert.Equal((7, 2), (rig.Cycle.Tally.FaultCount(SourceFaultKind.OpenFailed),
            rig.Cycle.Tally.FaultCount(SourceFaultKind.StreamError)));
        Assert.Equal(8, ((SourceRestarting)_events.Last(e => e is SourceRestarting { AfterMs: 2000 })).AttemptCount);
        Assert.Equal(RestartBackoff.HealthyFrameCount + 2, rig.Cycle.Tally.FrameCount);
    }

    [Fact]
    public void Each_way_to_break_is_typed_told_and_followed_by_a_restart()
    {
        Act[] script =
        [
            Act.Opens, Act.Frame, Act.Ends,
            Act.Opens, Act.Breaks,
            Act.Opens, Act.Throws,
            Act.Opens, Act.Frame, .. Act.Many(Act.Silence, 30),
            Act.Opens, .. Act.Many(Act.Silence, 100),
            Act.Opens, new Act("fault", Kind: SourceFaultKind.UnusableFormat),
        ];
        using var rig = Rig(isLive: true, script, steps: script.Length);
        Assert.Equal(
            [
                SourceFaultKind.EndOfLive, SourceFaultKind.StreamError, SourceFaultKind.StreamError, SourceFaultKind.Stall,
                SourceFaultKind.Stall,
                SourceFaultKind.UnusableFormat,
            ],
            _events.OfType<SourceFaulted>().Select(e => e.Fault.Kind));
        Assert.Equal(6, _events.OfType<SourceRestarting>().Count());
        Assert.Equal(6, _events.OfType<SourceOpened>().Count());
        Assert.Contains("thrown by script", _events.OfType<SourceFaulted>().ElementAt(2).Fault.Detail, StringComparison.Ordinal);
        Assert.Contains("limit 3000 ms", _events.OfType<SourceFaulted>().ElementAt(3).Fault.Detail, StringComparison.Ordinal);
        Assert.Contains("limit 10000 ms", _events.OfType<SourceFaulted>().ElementAt(4).Fault.Detail, StringComparison.Ordinal);
        Assert.Equal(6, rig.Source.CloseCount);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public void A_file_that_breaks_begins_anew_only_where_it_repeats(bool repeats, bool goesOn)
    {
        var source = new ScriptedSource(false, _clock, [Act.Opens, Act.Frame, Act.Breaks, Act.Opens, Act.Frame]) { Repeats = repeats };
        using var rig = Rig(source, steps: 2);
        Assert.Equal(goesOn, rig.Cycle.Step());
        Assert.Equal((goesOn ? 1 : 0, 1), (rig.Cycle.Tally.RestartCount, _events.OfType<SourceFaulted>().Count()));
        Assert.Equal(goesOn ? [100] : [], _pauses);
    }

    [Fact]
    public void A_file_that_repeats_and_never_gave_a_frame_ends()
    {
        using var rig = Rig(new ScriptedSource(false, _clock, [Act.Opens, Act.Breaks]) { Repeats = true }, steps: 1);
        Assert.False(rig.Cycle.Step());
        Assert.Empty(_pauses);
    }

    [Fact]
    public void A_slow_reader_is_no_stall()
    {
        Act[] script = [Act.Opens, .. Act.Many(Act.Frame, SlotExchange.WaitingLimit + 1)];
        using var rig = Rig(isLive: false, script, steps: 1 + SlotExchange.WaitingLimit, DeliveryMode.EveryFrame);
        _clock.AdvanceMs(60_000);
        Assert.True(rig.Cycle.Step());
        Assert.Empty(_events.OfType<SourceFaulted>());
        Assert.True(rig.Exchange.TryTake(out var slot));
        rig.Exchange.Release(slot);
        Assert.True(rig.Cycle.Step());
        Assert.Equal(SlotExchange.WaitingLimit + 1, rig.Exchange.Counts.Captured);
    }

    [Fact]
    public void A_camera_with_a_trigger_goes_on_and_only_the_frames_asked_for_are_taken()
    {
        using var rig = Rig(isLive: true, [Act.Opens, .. Act.Many(Act.Frame, 200)], steps: 1);
        var gate = rig.Cycle.Gate = new TriggerGate();
        for (int i = 0; i < 150; i++)
        {
            Assert.True(rig.Cycle.Step());
        }

        Assert.Equal(new ExchangeCounts(0, 0, 0, 0), rig.Exchange.Counts);
        gate.Ask();
        gate.Ask();
        rig.Cycle.Step();
        rig.Cycle.Step();
        Assert.Equal((1L, 1L), (rig.Exchange.Counts.Captured, gate.MissedCount));
        Assert.Empty(_events.OfType<SourceFaulted>());
    }

    [Fact]
    public void A_file_with_a_trigger_waits_for_it()
    {
        using var rig = Rig(isLive: false, [Act.Opens, Act.Frame, Act.Frame, Act.Ends], steps: 1, DeliveryMode.EveryFrame);
        var gate = rig.Cycle.Gate = new TriggerGate();
        Assert.True(rig.Cycle.Step());
        Assert.Equal(0, rig.Exchange.Counts.Captured);
        for (int i = 1; i <= 2; i++)
        {
            gate.Ask();
            Assert.True(rig.Cycle.Step());
            Assert.True(rig.Cycle.Step());
            Assert.Equal(i, rig.Exchange.Counts.Captured);
            Assert.True(rig.Exchange.TryTake(out var slot));
            rig.Exchange.Release(slot);
        }

        gate.Ask();
        Assert.False(rig.Cycle.Step());
    }

    [Fact]
    public void A_file_ends_once_and_without_a_restart()
    {
        using var rig = Rig(isLive: false, [Act.Opens, Act.Frame, Act.Ends], steps: 2);
        Assert.False(rig.Cycle.Step());
        rig.Cycle.Finish();
        Assert.IsType<SourceEnded>(_events[^1]);
        Assert.Equal((1L, SourceFault.None), (((SourceEnded)_events[^1]).FrameCount, ((SourceEnded)_events[^1]).Fault));
        Assert.False(rig.Exchange.IsDrained);
        Assert.True(rig.Exchange.TryTake(out _));
        Assert.True(rig.Exchange.IsDrained);
        Assert.Empty(_pauses);
    }

    [Fact]
    public void A_file_that_breaks_is_at_its_end_and_says_why()
    {
        using var rig = Rig(isLive: false, [Act.Opens, Act.Frame, Act.Breaks], steps: 2);
        Assert.False(rig.Cycle.Step());
        rig.Cycle.Finish();
        Assert.Equal(SourceFaultKind.StreamError, ((SourceEnded)_events[^1]).Fault.Kind);
    }

    [Fact]
    public void What_can_never_work_is_not_tried_again_unless_it_worked_before()
    {
        var hopeless = new Act("fault", Kind: SourceFaultKind.CannotWork);
        using var never = Rig(isLive: true, [Act.Opens, hopeless], steps: 1);
        Assert.False(never.Cycle.Step());
        Assert.Empty(_pauses);
        using var before = Rig(isLive: true, [Act.Opens, Act.Frame, hopeless, Act.Opens], steps: 4);
        Assert.Single(_pauses);
    }

    [Fact]
    public void That_a_source_is_back_is_told_with_its_first_frame_and_once()
    {
        Act[] script = [Act.Refuses, Act.Opens, Act.Frame, Act.Frame, Act.Breaks, Act.Refuses, Act.Opens, Act.Frame, Act.Frame];
        using var rig = Rig(isLive: true, script, steps: script.Length);
        var back = _events.OfType<SourceBack>().ToList();
        Assert.Equal([false, true], back.Select(b => b.WasThere));
        Assert.Equal([100 + 33, 200 + 400 + 33], back.Select(b => b.AwayMs));
        Assert.Equal("is back after 633 ms", SourceEventText.Of(back[1]).Text);
    }

    [Fact]
    public void A_call_that_does_not_return_is_a_fault_seen_from_outside_and_so_is_the_return()
    {
        using var rig = Rig(isLive: true, [Act.Opens, Act.Frame, Act.Frame], steps: 2);
        Assert.Equal(0, rig.Cycle.Watch());
        _clock.AdvanceMs(CaptureLimits.Usual.StallMs + 1);
        Assert.True(rig.Cycle.Watch() > CaptureLimits.Usual.StallMs);
        rig.Cycle.Watch();
        Assert.Contains("inside its library", Assert.Single(_events.OfType<SourceFaulted>()).Fault.Detail, StringComparison.Ordinal);
        Assert.Equal(1, rig.Cycle.Tally.FaultCount(SourceFaultKind.Stall));
        Assert.True(rig.Cycle.Step());
        Assert.Equal(0, rig.Cycle.Watch());
        Assert.Single(_events.OfType<SourceBack>());
    }

    [Fact]
    public void A_pause_before_the_next_opening_is_no_hang() => Assert.True(RestartBackoff.MaxMs < CaptureLimits.OpeningMs);

    [Fact]
    public void A_change_of_size_is_taken_at_a_frame_boundary_counted_and_told()
    {
        var larger = new Act("frame", 33, 16, 12);
        using var rig = Rig(isLive: true, [Act.Opens, Act.Frame, larger, larger, Act.Frame], steps: 5);
        Assert.Equal(2, rig.Cycle.Tally.FormatChangeCount);
        var change = _events.OfType<SourceFormatChanged>().First();
        Assert.Equal((8, 16), (change.Before.Width, change.After.Width));
        Assert.Equal(4, rig.Cycle.Tally.FrameCount);
    }

    [Fact]
    public void An_unreadable_picture_is_counted_and_nothing_restarts()
    {
        using var rig = Rig(isLive: false, [Act.Opens, Act.BadPicture, Act.BadPicture, Act.Frame], steps: 4);
        Assert.Equal(2, rig.Cycle.Tally.FaultCount(SourceFaultKind.UnreadablePicture));
        Assert.Equal(2, _events.OfType<SourceFaulted>().Count());
        Assert.Equal((0, 1), (rig.Cycle.Tally.RestartCount, rig.Cycle.Tally.FrameCount));
    }

    [Fact]
    public void A_stop_during_back_off_ends_the_cycle_at_once()
    {
        using var signal = new FrameSignal();
        using var exchange = new SlotExchange(DeliveryMode.NewestWins, signal);
        var source = new ScriptedSource(true, _clock, Act.Refuses);
        var cycle = new CaptureSupervisor(0, source, exchange, CaptureLimits.Usual, _clock, _events.Add, _ => true);
        Assert.False(cycle.Step());
    }

    [Fact]
    public void Steady_capture_allocates_nothing()
    {
        var windows = new AllocationWindows();
        using var rig = Rig(isLive: true, [Act.Opens, .. Act.Many(Act.Frame, windows.TotalFrameCount)], steps: 1);
        for (int i = 0; i < windows.TotalFrameCount; i++)
        {
            rig.Cycle.Step();
            if (rig.Exchange.TryTake(out var slot))
            {
                rig.Exchange.Release(slot);
            }

            windows.EndFrame();
        }

        Assert.Equal(0, windows.LeastBytes);
        Assert.Equal(windows.TotalFrameCount, rig.Exchange.Counts.Captured);
    }

    [Fact]
    public void A_source_that_throws_on_closing_and_a_listener_that_throws_stop_nothing()
    {
        var signal = new FrameSignal();
        var exchange = new SlotExchange(DeliveryMode.NewestWins, signal);
        var source = new ScriptedSource(true, _clock, Act.Opens, Act.Frame, Act.Throws, Act.Opens, Act.Frame) { ThrowsOnClose = true };
        var cycle = new CaptureSupervisor(0, source, exchange, CaptureLimits.Usual, _clock,
            _ => throw new InvalidOperationException("nobody listens"), NotePause);
        for (int i = 0; i < 5; i++)
        {
            Assert.True(cycle.Step());
        }

        cycle.Finish();
        Assert.Equal((2, 1), (cycle.Tally.FrameCount, cycle.Tally.RestartCount));
        Assert.Equal(3, cycle.Tally.FaultCount(SourceFaultKind.StreamError));
        source.ThrowsOnClose = false;
        new CycleRig(cycle, exchange, source, signal).Dispose();
    }

    private CycleRig Rig(bool isLive, Act[] script, int steps, DeliveryMode delivery = DeliveryMode.NewestWins) =>
        Rig(new ScriptedSource(isLive, _clock, script), steps, delivery);

    private CycleRig Rig(ScriptedSource source, int steps, DeliveryMode delivery = DeliveryMode.NewestWins)
    {
        var signal = new FrameSignal();
        var exchange = new SlotExchange(delivery, signal);
        var cycle = new CaptureSupervisor(3, source, exchange, CaptureLimits.Usual, _clock, _events.Add, NotePause);
        for (int i = 0; i < steps; i++)
        {
            Assert.True(cycle.Step(), $"the cycle ended at step {i}");
        }

        return new CycleRig(cycle, exchange, source, signal);
    }

    private bool NotePause(int ms)
    {
        _pauses.Add(ms);
        _clock.AdvanceMs(ms);
        return false;
    }

    private sealed record CycleRig(CaptureSupervisor Cycle, SlotExchange Exchange, ScriptedSource Source, FrameSignal Signal) : IDisposable
    {
        public void Dispose()
        {
            Exchange.Dispose();
            Source.Dispose();
            Signal.Dispose();
        }
    }
}
