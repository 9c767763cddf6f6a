using EdgeRoute.Cli.Top;
using EdgeRoute.Protocol.Control;
using EdgeRoute.TestBench.Robots;

namespace EdgeRoute.Tests.Cli.Top;

/// <summary>Models as a session would have filled them.</summary>
internal static class TopModels
{
    public static TopModel Robot(int ticks = 60)
    {
        var (model, script) = (new TopModel { Zone = TimeZoneInfo.Utc,
            Welcome = new Welcome { Device = "robot3", Role = ControlRole.Operator }, LinkProblem = null },
            new RobotScript());
        model.Describe(RobotScript.Description);
        model.Streams[0].Curve = RobotScript.Curve;
        for (int tick = 0; tick < ticks; tick++)
        {
            model.Take(script.Telemetry(tick));
        }

        script.Events.Events.ForEach(model.Take);
        return model;
    }

    public static ConsoleKeyInfo Key(char key)
    {
        var code = char.IsLetter(key) ? ConsoleKey.A + (char.ToUpperInvariant(key) - 'A') : ConsoleKey.None;
        return new ConsoleKeyInfo(key, code, char.IsUpper(key), false, false);
    }
}
