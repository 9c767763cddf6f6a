using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Engine.Gpio;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.Tests.Engine.Gpio;

/// <summary>The lines of a device on a scripted chip, with their real threads.</summary>
public sealed class DeviceLinesTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private readonly ScriptedGpioChip _chip = new();
    private readonly StopSwitch _stop = new(TimeProvider.System);
    private readonly List<string> _told = [];
    private volatile bool _isAlive = true;
    private long _answered;
    private DeviceLines? _lines;

    public void Dispose() => _lines?.Dispose();

    [Fact]
    public void A_stop_line_holds_the_emergency_stop_while_it_is_active_and_while_it_cannot_be_read()
    {
        _chip.Pull("estop", true);
        var lines = Start(Line("estop", GpioUse.Stop) with { Path = "heavy" });
        Assert.Equal(["GPIO line estop"], _stop.Causes.Select(c => c.Cause));
        Assert.Equal("line 3 of chip is active", _stop.Causes[0].Reason);
        var frames = Assert.Single(lines.LocksOf("front", _ => 7));
        Assert.True(frames.Switch.IsOn && frames.IsStop && frames.NodeIndex == 7);
        _chip.Pull("estop", false);
        Wait(() => !_stop.IsPressed && !frames.Switch.IsOn, "the stop is not released");
        _chip.Gone = "the chip is unplugged";
        Wait(() => _stop.IsPressed && frames.Switch.IsOn, "a stop that cannot be read is not pressed");
        Assert.Equal("line 3 of chip cannot be read", _stop.Causes[0].Reason);
        var status = Status("estop");
        Assert.Equal((GpioLineStatus.Unknown, "the chip is unplugged", 1L), (status.Level, status.Fault, status.FaultCount));
        _chip.Gone = null;
        Wait(() => !_stop.IsPressed, "the line is not tried again");
        Assert.Contains("the emergency stop is pressed meanwhile", Said("the chip is unplugged"), StringComparison.Ordinal);
        Said("GPIO line 'estop' is back after");
    }

    [Fact]
    public void A_stop_line_that_is_missing_at_start_presses_and_another_runs_line_lets_go()
    {
        _stop.Press("GPIO line of_before");
        _stop.Press("control channel");
        _chip.Gone = "no GPIO line is called 'estop'";
        Start(Line("estop", GpioUse.Stop));
        Assert.Equal(["control channel", "GPIO line estop"], _stop.Causes.Select(c => c.Cause));
    }

    [Fact]
    public void A_lock_line_locks_only_while_it_is_known_to_be_active()
    {
        var lines = Start(Line("mode", GpioUse.Lock) with { Path = "heavy", Source = "front" });
        Assert.Empty(lines.LocksOf("rear", _ => 0));
        var frames = Assert.Single(lines.LocksOf("front", _ => 2));
        Assert.False(frames.Switch.IsOn || frames.IsStop);
        _chip.Pull("mode", true);
        Wait(() => frames.Switch.IsOn, "it does not lock");
        _chip.Gone = "unplugged";
        Wait(() => !frames.Switch.IsOn, "what cannot be read locks");
        Said("GPIO line 'mode' is active: frames of source front are locked to 'heavy'");
        Said("GPIO line 'mode' is inactive: frames of source front are no longer locked to 'heavy'");
    }

    [Fact]
    public void Triggers_ask_for_frames_and_edges_that_are_lost_are_counted()
    {
        var lines = Start(Line("button", GpioUse.Trigger) with { Source = "front" });
        var gate = lines.GateOf("front")!;
        Assert.Null(lines.GateOf("rear"));
        Assert.False(gate.Wait(0) || gate.TryPass());
        _chip.Pull("button", true);
        Assert.True(gate.Wait((int)Limit.TotalMilliseconds) && gate.TryPass());
        Assert.False(gate.TryPass());
        _chip.Pull("button", false, isLost: true);
        _chip.Pull("button", true, isLost: true);
        _chip.Pull("button", false);
        _chip.Pull("button", true);
        _chip.Pull("button", false);
        _chip.Pull("button", true);
        Wait(() => Status("button").EdgeCount == 5, "an edge is missing");
        var status = Status("button");
        Assert.Equal((2 + 1L, GpioLineStatus.Active), (status.LostCount, status.Level));
        Assert.True(status.ChangedUtcNs > 0 && status.LatencyUsP50 > 0);
        Assert.True(gate.TryPass());
    }

    [Fact]
    public void Rules_drive_a_line_which_has_its_safe_level_at_the_end()
    {
        var lines = Start(Line("lamp", GpioUse.Rule), Line("valve", GpioUse.Rule) with { IsSafeActive = true });
        Wait(() => Status("valve").Level == GpioLineStatus.Inactive, "without a rule it is inactive while the loop runs");
        var lamp = lines.OutputNamed("lamp");
        lamp.Hold(1);
        lamp.Hold(1);
        Wait(() => _chip.Level("lamp"), "it is not written");
        lamp.LetGo(1);
        lamp.Pulse(50, 1);
        lamp.LetGo(1);
        Wait(() => !_chip.Level("lamp"), "the pulse has no end");
        lamp.Hold(1);
        Wait(() => _chip.Level("lamp"), "it is not written again");
        Assert.True(Status("lamp").LatencyUsMax > 0);
        lines.Dispose();
        Assert.Equal((false, true), (_chip.Level("lamp"), _chip.Level("valve")));
        Assert.False(_chip.IsHeld("lamp"));
        Assert.Equal(["valve 1", "valve 0", "valve 1", "valve -"],
            _chip.Written.Where(w => w.StartsWith("valve", StringComparison.Ordinal)));
        Assert.Empty(lines.Statuses());
    }

    [Fact]
    public void A_loop_that_does_not_come_round_has_its_lines_at_their_safe_levels()
    {
        var lines = Start(Line("lamp", GpioUse.Rule));
        lines.OutputNamed("lamp").Hold(1);
        Wait(() => _chip.Level("lamp"), "it is not written");
        _isAlive = false;
        Wait(() => !_chip.Level("lamp"), "the level is not safe");
        Said("the frame loop does not come round: GPIO outputs have their safe levels until it does");
        _isAlive = true;
        Wait(() => _chip.Level("lamp"), "the rule is forgotten");
    }

    [Fact]
    public void A_heartbeat_beats_while_frames_are_answered()
    {
        Start(Line("alive", GpioUse.Heartbeat) with { PeriodMs = 20, WithinMs = 200 });
        using (new Timer(_ => Interlocked.Increment(ref _answered), null, 0, 10))
        {
            Wait(() => Status("alive").EdgeCount > 6, "it does not beat");
        }

        Wait(() => _told.Exists(t => t.Contains("no frame of source front was answered within 200 ms", StringComparison.Ordinal)),
            "that it stops is not told");
        Wait(() => !_chip.Level("alive"), "it does not rest");
        Said("heartbeat 'alive' beats");
    }

    [Fact]
    public void What_rules_ask_of_a_line_that_is_gone_is_counted_and_a_level_comes_true_later()
    {
        _chip.Gone = "unplugged";
        var lines = Start(Line("lamp", GpioUse.Rule));
        lines.OutputNamed("lamp").Hold(1);
        Wait(() => Status("lamp").LostCount == 1, "it is not counted");
        Assert.Equal(GpioLineStatus.Unknown, Status("lamp").Level);
        _chip.Gone = null;
        Wait(() => _chip.Level("lamp"), "the level that is asked for does not come");
    }

    [Fact]
    public void A_run_that_is_none_of_the_devices_own_leaves_lines_alone()
    {
        var config = new GpioConfig(null, [Line("lamp", GpioUse.Rule), Line("button", GpioUse.Trigger) with { Source = "front" }]);
        _lines = new DeviceLines(config, null, TimeProvider.System, (_, _) => { });
        _lines.Start(_stop, () => true, () => []);
        _lines.OutputNamed("lamp").Hold(1);
        Assert.Null(_lines.GateOf("front"));
        Assert.Empty(_lines.Statuses());
    }

    private static GpioLineConfig Line(string name, GpioUse use) => new(name, use, "chip", "3", null);

    private DeviceLines Start(params GpioLineConfig[] lines)
    {
        _lines = new DeviceLines(new GpioConfig(null, lines), _chip.Open, TimeProvider.System, (_, text) =>
        {
            lock (_told)
            {
                _told.Add(text);
            }
        });
        _lines.Start(_stop, () => _isAlive, () => [new StreamProgress("front", Interlocked.Read(ref _answered))]);
        return _lines;
    }

    private GpioLineStatus Status(string name) => _lines!.Statuses().Single(s => s.Name == name);

    /// <summary>What is told comes after what it tells of.</summary>
    private string Said(string part)
    {
        Wait(() => _told.Exists(t => t.Contains(part, StringComparison.Ordinal)), $"nobody says '{part}'");
        lock (_told)
        {
            return Assert.Single(_told, t => t.Contains(part, StringComparison.Ordinal));
        }
    }

    private void Wait(Func<bool> isSo, string otherwise)
    {
        bool IsSo()
        {
            lock (_told)
            {
                return isSo();
            }
        }

        Assert.True(SpinWait.SpinUntil(IsSo, Limit), otherwise);
    }
}
