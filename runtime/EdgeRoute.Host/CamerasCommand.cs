using System.CommandLine;
using EdgeRoute.Engine.Board;
using EdgeRoute.Engine.Doctor;

namespace EdgeRoute.Host;

/// <summary><c>edgerouted cameras</c>: the cameras of this machine, and the lines that bring them into a device config.</summary>
internal static class CamerasCommand
{
    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "for programs" };
        var root = new Option<string>("--root") { Description = "read /dev below this folder", DefaultValueFactory = _ => "/" };
        var command = new Command("cameras", """
            Lists the cameras of this machine that V4L2 shows, with formats, sizes and rates, and prints the 'sources:' block to paste into
            a device config. Takes no picture and disturbs no program that does.
            Exit code 0: some can be opened, 1: none.

            Examples:
              edgerouted cameras
              edgerouted cameras --json
            """) { json, root };
        command.SetAction(parse => Run(parse.GetValue(json), parse.GetRequiredValue(root)));
        return command;
    }

    private static int Run(bool isJson, string root)
    {
        var report = CameraReport.Read(new SystemFiles(root), CameraReport.AskKernel);
        string sources = report.Sources("PACK");
        Console.Out.Write(isJson ? report.ToJson() + "\n" : report.ToText());
        if (!isJson && sources.Length > 0)
        {
            Console.Out.Write($"\n# PACK is a name under 'packs'\nsources:\n{sources}");
        }

        return sources.Length > 0 ? ExitCodes.Done : ExitCodes.Missing;
    }
}
