using System.CommandLine;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Running;
using EdgeRoute.Engine.Steering;
using EdgeRoute.Simulation.Sources;

namespace EdgeRoute.Host;

/// <summary>
/// <c>edgerouted check CONFIG</c>: every problem of a device config, its packs and addresses at once, or its effective form.
/// </summary>
internal static class CheckCommand
{
    public static Command Create()
    {
        var config = new Argument<string>("config") { Description = "the device config (YAML)" };
        var command = new Command("check", """
            Reports every problem of a device config with file, line and the nearest valid name, of the packs, their models' graphs and the
            addresses that it names, and of the folders and ports that it needs. Opens no camera and no session, and leaves nothing behind.
            Exit code 0: none, 2: some.

            Examples:
              edgerouted check /etc/edgeroute/device.yaml
            """) { config };
        command.SetAction(parse => Run(parse.GetRequiredValue(config)));
        return command;
    }

    private static int Run(string path)
    {
        var reading = DeviceConfigReader.ReadFile(path);
        foreach (var problem in reading.Problems)
        {
            Console.Error.WriteLine(problem);
        }

        if (reading.Config is not { } config)
        {
            Console.Error.WriteLine($"{reading.Problems.Count} problem{(reading.Problems.Count == 1 ? "" : "s")}");
            return ExitCodes.WrongConfig;
        }

        foreach (string doubt in EnvironmentText.Doubts(config))
        {
            Console.Error.WriteLine("warning: " + doubt);
        }

        string[] refused = [.. StartCheck.Problems(config, SimulatedSources.Schemes,
                told => Console.Error.WriteLine("warning: " + told)),
            .. ConfigTrial.ProblemsOfMachine(config, told => Console.Error.WriteLine("note: " + told))];
        foreach (string problem in refused)
        {
            Console.Error.WriteLine(problem);
        }

        if (refused.Length > 0)
        {
            return ExitCodes.WrongConfig;
        }

        Console.Out.Write(config.Printable());
        Console.Out.WriteLine($"# threads of the models: {ThreadPick.Of(config, Environment.MachineName).Reason}");
        Console.Out.WriteLine($"# sha256 {config.HashText()}");
        return ExitCodes.Done;
    }
}
