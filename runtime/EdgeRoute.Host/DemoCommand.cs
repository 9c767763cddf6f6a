using System.CommandLine;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Reports;
using EdgeRoute.Simulation.Episodes;

namespace EdgeRoute.Host;

/// <summary>
/// <c>edgerouted demo CONFIG</c>: the simulated arm at work, then the same tables with the heaviest path for every plan, then a picture of
/// it.
/// </summary>
internal static class DemoCommand
{
    private const double SecondsMost = 3600;

    public static Command Create()
    {
        var config = new Argument<string>("config") { Description = "a device config whose first source is the simulated arm" };
        var seconds = new Option<double>("--seconds") { Description = "how long the arm works, 1 to 3600", DefaultValueFactory = _ => 30 };
        var sheet = new Option<string?>("--sheet") { Description = "write a picture of a few episodes into this file (PNG)" };
        var command = new Command("demo", """
            Lets the simulated arm work for a while, at the camera's own pace, then runs the same tables again with the pack's fixed
            route for every plan, and compares success, device time and arithmetic. Exit codes as of `run`.

            Examples:
              edgerouted demo device-configs/demo.yaml
              edgerouted demo device-configs/demo.yaml --seconds 10 --sheet episodes.png
            """) { config, seconds, sheet };
        command.SetAction(parse => Run(parse.GetRequiredValue(config), parse.GetValue(seconds), parse.GetValue(sheet)));
        return command;
    }

    private static int Run(string path, double seconds, string? sheet)
    {
        var reading = DeviceConfigReader.ReadFile(path);
        if (reading.Config is not { } config || !(seconds is >= 1 and <= SecondsMost))
        {
            Console.Error.WriteLine(reading.Config is null ? string.Join('\n', reading.Problems)
                : $"--seconds {seconds}: must be 1 to {SecondsMost:0}");
            return ExitCodes.WrongConfig;
        }

        using var console = new RunConsole(isJson: false, isQuiet: false);
        using var reports = new FoldedReports(console.Report, TimeProvider.System);
        try
        {
            using var stop = new StopSignals(writesFiles: false);
            var demo = new ArmDemo(config, reports.Report)
            {
                Say = console.Say,
                Print = console.Print,
                Watch = engine => [stop.Tell(engine), console.Watch(engine)],
                IsStopAsked = () => stop.IsAsked,
            };
            return demo.Run(seconds, sheet) ? ExitCodes.Done : ExitCodes.Missing;
        }
        catch (EngineRefusedException refused)
        {
            console.Refuse(refused.Message);
            return refused.Cause == RefusalCause.Config ? ExitCodes.WrongConfig : ExitCodes.Missing;
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException or DllNotFoundException)
        {
            console.Refuse(failed.Message);
            return ExitCodes.Missing;
        }
    }
}
