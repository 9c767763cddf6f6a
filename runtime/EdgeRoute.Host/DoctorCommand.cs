using System.CommandLine;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Board;
using EdgeRoute.Engine.Doctor;

namespace EdgeRoute.Host;

/// <summary><c>edgerouted doctor [CONFIG] [--json]</c>: what of this machine works, what does not, why, and what to do.</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        var config = new Argument<string?>("config") { Description = "a device config: what it needs is then required",
            Arity = ArgumentArity.ZeroOrOne };
        var json = new Option<bool>("--json") { Description = "for programs" };
        var root = new Option<string>("--root") { Description = "read /proc, /sys, /dev and /etc below this folder",
            DefaultValueFactory = _ => "/" };
        var command = new Command("doctor", "Reports library, providers, GStreamer, JPEG, GPIO and sensors. Exit code 0: all that is "
            + "needed was found, 1: not.")
        {
            config, json, root,
        };
        command.SetAction(parse => Run(parse.GetValue(config), parse.GetValue(json), parse.GetRequiredValue(root)));
        return command;
    }

    private static int Run(string? path, bool isJson, string root)
    {
        var needs = DoctorNeeds.Default;
        if (path is not null)
        {
            // Files that are missing are the business of `check`; the doctor looks at the machine.
            var reading = DeviceConfigReader.ReadFile(path, checkPaths: false);
            if (reading.Config is null)
            {
                Console.Error.WriteLine(string.Join('\n', reading.Problems));
                return ExitCodes.WrongConfig;
            }

            needs = DoctorNeeds.Of(reading.Config);
        }

        string version = typeof(DoctorCommand).Assembly.GetName().Version?.ToString(3) ?? "";
        var report = DoctorProbes.Run(needs, new SystemFiles(root), version);
        Console.Out.WriteLine(isJson ? report.ToJson() : DoctorText.Of(report));
        return report.IsReady ? ExitCodes.Done : ExitCodes.Missing;
    }
}
