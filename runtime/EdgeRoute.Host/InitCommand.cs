using System.CommandLine;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Board;
using EdgeRoute.Engine.Doctor;
using EdgeRoute.Engine.Running;
using EdgeRoute.Simulation.Sources;

namespace EdgeRoute.Host;

/// <summary><c>edgerouted init [FILE]</c>: a device config to begin with, for this machine's cameras and providers.</summary>
internal static class InitCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("file") { Description = "the file to write", DefaultValueFactory = _ => "device.yaml" };
        var pack = new Option<string>("--pack") { Description = "manifest of the pack to run; else the first that is installed" };
        var json = new Option<bool>("--json") { Description = "what was found, for programs" };
        var command = new Command("init", """
            Writes a commented device config for what this machine has: its cameras (a simulated one where there is none), the providers
            that work, and a pack. It passes `edgerouted check`. A file that is there already stays as it is.
            Exit code 0: written, 1: something is missing, 2: the file is there already, or would not pass the check.

            Examples:
              edgerouted init
              edgerouted init /etc/edgeroute/device.yaml --pack /var/lib/edgeroute/packs/detect/manifest.json
            """) { file, pack, json };
        command.SetAction(parse => Run(parse.GetRequiredValue(file), parse.GetValue(pack), parse.GetValue(json)));
        return command;
    }

    private static int Run(string path, string? pack, bool isJson)
    {
        if (Path.Exists(path))
        {
            return Refuse(ExitCodes.WrongConfig, $"'{path}' is there already and stays as it is; name another file");
        }

        string version = typeof(InitCommand).Assembly.GetName().Version?.ToString(3) ?? "";
        if (FirstConfig.Of(pack, new SystemFiles(), version, out string reason) is not { } found)
        {
            return Refuse(ExitCodes.Missing, reason);
        }

        string text = found.Text();
        var reading = DeviceConfigReader.ReadText(text, path);
        string[] problems = reading.Config is { } config ? [.. StartCheck.Problems(config, SimulatedSources.Schemes)]
            : [.. reading.Problems.Select(p => p.ToString())];
        if (problems.Length > 0)
        {
            return Refuse(ExitCodes.WrongConfig, $"nothing is written, because it could not run:\n{string.Join('\n', problems)}");
        }

        return TryWrite(path, text) is { } fault ? Refuse(ExitCodes.Missing, fault) : Tell(path, found, isJson);
    }

    private static string? TryWrite(string path, string text)
    {
        try
        {
            using var file = new StreamWriter(new FileStream(path, FileMode.CreateNew, FileAccess.Write));
            file.Write(text);
            return null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return $"'{path}' cannot be written: {fault.Message}";
        }
    }

    private static int Tell(string path, FirstConfig found, bool isJson)
    {
        if (isJson)
        {
            Console.Out.WriteLine(found.ToJson());
            return ExitCodes.Done;
        }

        Console.Out.WriteLine($"providers: {string.Join(", ", found.Providers)}");
        foreach (string refused in found.Refused)
        {
            Console.Out.WriteLine($"  not {refused}");
        }

        Console.Out.Write(found.Cameras.ToText());
        Console.Out.WriteLine($"pack: {found.Pack}\nwritten: {path}\nnext: edgerouted check {path}; edgerouted run {path}");
        return ExitCodes.Done;
    }

    private static int Refuse(int exitCode, string reason)
    {
        Console.Error.WriteLine($"edgerouted: {reason}");
        return exitCode;
    }
}
