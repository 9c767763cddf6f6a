using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Gpio;
using EdgeRoute.Simulation.Scripted;

namespace EdgeRoute.Tests.Engine.Gpio;

/// <summary>Output lines step by step, in scripted time.</summary>
public sealed class OutputLineTests
{
    private readonly ScriptedClock _clock = new(1_000_000_000);
    private readonly ScriptedGpioChip _chip = new();

    [Fact]
    public void A_pulse_lasts_as_long_as_it_says_and_another_makes_it_longer()
    {
        var lamp = Output();
        Step(lamp);
        lamp.Pulse(100, Now - 250_000);
        Assert.Equal(Now + 100_000_000, Step(lamp));
        _clock.AdvanceMs(60);
        lamp.Pulse(100, Now);
        Assert.Equal(Now + 100_000_000, Step(lamp));
        _clock.AdvanceMs(99);
        Step(lamp);
        Assert.True(_chip.Level("lamp"));
        _clock.AdvanceMs(1);
        Step(lamp);
        Assert.Equal(["lamp 0", "lamp 1", "lamp 0"], _chip.Written);
        Assert.Equal((1L, 250_000L), (lamp.Latency.Count, lamp.Latency.MaxNs));
    }

    [Fact]
    public void A_rule_that_is_on_for_a_shorter_time_than_the_thread_takes_is_seen_all_the_same()
    {
        var lamp = Output();
        lamp.Hold(Now);
        lamp.LetGo(Now);
        Step(lamp);
        Assert.True(_chip.Level("lamp"));
        _clock.AdvanceMs(2);
        Step(lamp);
        Assert.Equal(["lamp 0", "lamp 1", "lamp 0"], _chip.Written);
    }

    [Fact]
    public void A_chip_that_is_gone_is_noticed_without_a_write()
    {
        var lamp = Output();
        Step(lamp);
        _chip.Gone = "unplugged";
        _clock.AdvanceMs(600);
        Step(lamp);
        Assert.Equal(("unplugged", 1L), (lamp.Line.Held.Fault, lamp.Line.Held.FaultCount));
        _clock.AdvanceMs(500);
        Step(lamp);
        _chip.Gone = null;
        _clock.AdvanceMs(600);
        Step(lamp);
        Assert.Null(lamp.Line.Held.Fault);
        Assert.Equal(1, lamp.Line.Held.FaultCount);
    }

    [Fact]
    public void What_the_loop_says_to_a_line_allocates_nothing()
    {
        using var wake = new AutoResetEvent(false);
        var lamp = new OutputLine(Driven(), () => wake.Set(), _clock);
        var windows = new AllocationWindows(1000);
        for (int i = 0; i < windows.TotalFrameCount; i++)
        {
            lamp.Hold(i);
            lamp.Pulse(10, i);
            lamp.LetGo(i);
            windows.EndFrame();
        }

        Assert.Equal(0, windows.LeastBytes);
    }

    private long Now => _clock.GetTimestamp();

    private long Step(OutputLine line) => line.Step(Now, isAlive: true);

    private OutputLine Output() => new(Driven(), () => { }, _clock);

    private DrivenLine Driven() =>
        new(new HeldLine(new GpioLineConfig("lamp", GpioUse.Rule, null, "PH.00", 33), _chip.Open, (_, _) => { }));
}
