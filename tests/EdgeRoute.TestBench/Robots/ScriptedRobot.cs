using EdgeRoute.Protocol.Control;

namespace EdgeRoute.TestBench.Robots;

/// <summary>
/// The scripted robot as a program of its own, to look at the laptop tool with:
/// <c>dotnet EdgeRoute.TestBench.dll scripted-device SOCKET</c>.
/// </summary>
internal static class ScriptedRobot
{
    public static async Task<int> RunAsync(string path)
    {
        var script = new RobotScript();
        await using var device = new ScriptedDevice(path);
        script.Teach(device);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        for (int tick = 0; await timer.WaitForNextTickAsync(); tick++)
        {
            Age(script);
            await device.NotifyAsync(ControlNotification.Telemetry, script.Telemetry(tick));
            if (device.Requests.Any(r => r.Method == ControlMethod.Subscribe
                && System.Text.Encoding.ASCII.GetString(r.Parameter).Contains("trace", StringComparison.Ordinal)))
            {
                await device.NotifyAsync(ControlNotification.Trace, RobotScript.Traces(3));
            }

            if (tick % 50 == 49)
            {
                await device.NotifyAsync(ControlNotification.Event, script.NextEvent($"tick {tick}"));
            }
        }

        return 0;
    }

    private static void Age(RobotScript script)
    {
        if (script.Trial is { State: "running" } trial)
        {
            trial.SecondsLeft -= 0.2;
            trial.State = trial.SecondsLeft <= 0 ? "kept" : "running";
        }
    }
}
