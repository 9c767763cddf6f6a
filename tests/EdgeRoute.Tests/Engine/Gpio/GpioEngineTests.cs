using System.Globalization;
using System.Text.RegularExpressions;
using EdgeRoute.Tests.Workbench.Sweeps;
using Xunit.Abstractions;

namespace EdgeRoute.Tests.Engine.Gpio;

/// <summary>
/// The real engine, pack and rules on the kernel's own GPIO with its simulated chip, in a User-Mode-Linux machine: buttons are pulled and
/// lamps are read as the kernel shows them.
/// </summary>
public sealed class GpioEngineTests(ITestOutputHelper output)
{
    private const string Heaviest = "light>heavy_1>heavy_2";

    private static readonly string Config = $$"""
        runtime: { library: {{TestPlaces.OnnxRuntimeLibrary}}, threads: 1 }
        packs: { shapes: { manifest: {{ShapesSweeps.ShapesFolder}}/manifest.json } }
        sources:
          table:
            open: 'sim://tabletop?width=160&height=120&seed=1&fps=10'
            pack: shapes
            policy: { kind: fixed, path: light }
            rules:
              heavy: { when: { path: '{{Heaviest}}' }, gpio: lamp }
              heavy_begins: { when: { path: '{{Heaviest}}' }, gpio: buzzer, pulse_ms: 300 }
        gpio:
          lines:
            estop: { use: stop, chip: robot-lines, line: 0 }
            button: { use: lock, line: mode_button, path: '{{Heaviest}}', debounce_us: 20000 }
            lamp: { use: rule, line: lamp }
            buzzer: { use: rule, chip: robot-lines, line: 3 }
            valve: { use: rule, chip: robot-lines, line: 4, active_low: true }
            alive: { use: heartbeat, line: alive, period_ms: 400, within_ms: 3000 }
        """;

    /// <summary>
    /// Lines 0 and 1 are inputs that the simulation pulls. What a line that is given back goes to is up to its driver: this one lets its
    /// pull resistor decide, so line 2 is pulled down and line 4 up.
    /// </summary>
    private const string Job = """
        mount -t configfs config /sys/kernel/config
        chip=/sys/kernel/config/gpio-sim/bench
        mkdir -p $chip/bank0/line1 $chip/bank0/line2 $chip/bank0/line5
        echo 8 > $chip/bank0/num_lines
        echo robot-lines > $chip/bank0/label
        echo mode_button > $chip/bank0/line1/name
        echo lamp > $chip/bank0/line2/name
        echo alive > $chip/bank0/line5/name
        echo 1 > $chip/live
        sim=/sys/devices/platform/$(cat $chip/dev_name)/$(cat $chip/bank0/chip_name)
        pull() { echo pull-$2 > $sim/sim_gpio$1/pull; }
        level() {
          for _ in $(seq 600); do [ "$(cat $sim/sim_gpio$1/value)" = $2 ] && { echo "LEVEL $1 $2"; return; }; sleep 0.1; done
          echo "NEVER $1 $2"; cat $log; exit 1
        }
        said() {
          for _ in $(seq 1200); do grep -m1 "$1" $log && return; sleep 0.1; done
          echo "UNSAID $1"; cat $log; exit 1
        }
        cd /run
        pull 4 up
        BENCH gpio-engine CONFIG > first 2>&1 & engine=$!
        log=first
        said "heartbeat 'alive' beats"
        level 2 0; level 4 1; level 5 1; level 5 0
        pull 1 up; level 2 1; level 3 0
        pull 0 up; said "emergency stop: pressed by GPIO line estop"
        pull 1 down; level 2 0
        pull 0 down; said "emergency stop: released by GPIO line estop"
        kill -HUP $engine; said TOLD; grep -E "^(LINE|DOCTOR)" first
        pull 1 up; level 2 1
        kill -9 $engine; wait $engine
        echo "KILLED $(cat $sim/sim_gpio2/value) $(cat $sim/sim_gpio4/value)"
        pull 1 down; pull 2 up
        BENCH gpio-engine CONFIG > second 2>&1 & engine=$!
        log=second
        said "heartbeat 'alive' beats"
        echo 0 > $chip/live
        said "'lamp'.*it is tried again"; said "emergency stop: pressed by GPIO line estop"
        echo 1 > $chip/live
        said "'lamp' is back"; said "'button' is back"; said "emergency stop: released by GPIO line estop"
        sim=/sys/devices/platform/$(cat $chip/dev_name)/$(cat $chip/bank0/chip_name)
        pull 1 up; level 2 1
        kill -TERM $engine; said ENDED; wait $engine; echo "EXIT $?"

        """;

    [SkippableFact]
    public void Buttons_lock_and_stop_rules_drive_lines_and_chips_come_and_go()
    {
        using var folder = new TemporaryFolder();
        string job = Job.Replace("BENCH", VirtualMachine.Bench, StringComparison.Ordinal)
            .Replace("CONFIG", folder.Write("device.yaml", Config), StringComparison.Ordinal);
        string told = VirtualMachine.Run("gpio-modules", job);
        output.WriteLine(told);
        Assert.DoesNotContain("NEVER", told, StringComparison.Ordinal);
        Assert.DoesNotContain("UNSAID", told, StringComparison.Ordinal);
        Assert.Contains("LINE button inactive 2 changes 0 lost 0 faults", told, StringComparison.Ordinal);
        Assert.Contains("LINE lamp inactive 2 changes 0 lost 0 faults", told, StringComparison.Ordinal);
        Assert.Contains("LINE buzzer inactive 2 changes 0 lost 0 faults", told, StringComparison.Ordinal);
        Assert.Contains("DOCTOR lamp used True: lamp (line 2 of robot-lines) is held by 'edgeroute lamp', this program", told,
            StringComparison.Ordinal);
        Assert.Contains("KILLED 0 1", told, StringComparison.Ordinal);
        foreach (string line in new[] { "lamp", "buzzer" })
        {
            var us = Regex.Match(told, $@"LINE {line} .*, us (\d+) (\d+) (\d+)");
            Assert.True(us.Success, $"how long the line {line} took after an answer is not told");
            Assert.All(us.Groups.Values.Skip(1), figure => Assert.True(int.Parse(figure.Value, CultureInfo.InvariantCulture) > 0));
        }

        Assert.Contains("EXIT 0", told, StringComparison.Ordinal);
    }
}
