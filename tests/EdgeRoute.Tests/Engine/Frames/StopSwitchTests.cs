using EdgeRoute.Engine.Frames;
using EdgeRoute.Simulation.Scripted;

namespace EdgeRoute.Tests.Engine.Frames;

public sealed class StopSwitchTests
{
    private readonly StopSwitch _stop = new(new ScriptedClock(5_000_000));
    private readonly List<string> _told = [];

    public StopSwitchTests() => _stop.Changed += change => _told.Add(change.Words);

    [Fact]
    public void It_is_pressed_while_any_cause_holds_it()
    {
        Assert.True(_stop.Press("line estop", "pin 7 is low"));
        Assert.True(_stop.Press("control channel"));
        Assert.True(_stop.IsPressed);
        Assert.Equal(["line estop", "control channel"], _stop.Causes.Select(c => c.Cause));
        Assert.Equal(5_000_000, _stop.Causes[0].SinceNs);
        Assert.True(_stop.Release("control channel"));
        Assert.True(_stop.IsPressed);
        Assert.True(_stop.Release("line estop"));
        Assert.False(_stop.IsPressed);
        Assert.Empty(_stop.Causes);
        Assert.Equal(
            [
                "emergency stop: pressed by line estop (pin 7 is low); every actuator is told to hold",
                "emergency stop: pressed by control channel; every actuator is told to hold",
                "emergency stop: control channel has let go; 1 more hold it, and actuators still hold",
                "emergency stop: released by line estop; actions go on with the next plan",
            ], _told);
    }

    [Fact]
    public void The_same_again_changes_nothing_and_is_not_told()
    {
        Assert.False(_stop.Release("line estop"));
        Assert.True(_stop.Press("line estop"));
        Assert.False(_stop.Press("line estop", "again"));
        Assert.Single(_told);
        Assert.Equal("", _stop.Causes[0].Reason);
    }

    [Fact]
    public void Many_threads_press_and_release_and_it_is_released_in_the_end()
    {
        const int Rounds = 500;
        Parallel.For(0, 8, i =>
        {
            for (int round = 0; round < Rounds; round++)
            {
                Assert.True(_stop.Press($"cause {i}"));
                Assert.True(_stop.IsPressed);
                Assert.True(_stop.Release($"cause {i}"));
            }
        });
        Assert.False(_stop.IsPressed);
        Assert.Equal(8 * Rounds * 2, _told.Count);
    }
}
