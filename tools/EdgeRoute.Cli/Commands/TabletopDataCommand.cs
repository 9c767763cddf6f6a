using System.CommandLine;
using EdgeRoute.Workbench.Training;
using Microsoft.Win32.SafeHandles;

namespace EdgeRoute.Cli.Commands;

/// <summary><c>edgeroute tabletop-data</c>: frames and labels of the tabletop world as one stream, for training and evaluation.</summary>
internal static class TabletopDataCommand
{
    private const int StandardOutputDescriptor = 1;

    public static Command Create()
    {
        var count = new Option<long>("--count") { Description = "Frames to write; 0 writes until the reader goes away.",
            DefaultValueFactory = _ => 0 };
        var seed = new Option<ulong>("--seed") { Description = "Seed of the world; another seed, other tables and textures.",
            DefaultValueFactory = _ => 1 };
        var width = new Option<int>("--width") { Description = "Pixels.", DefaultValueFactory = _ => 320 };
        var height = new Option<int>("--height") { Description = "Pixels.", DefaultValueFactory = _ => 240 };
        var clutter = new Option<string>("--clutter")
        {
            Description = "0 to 1, auto for calm and busy stretches, or uniform.", DefaultValueFactory = _ => "uniform",
        };
        var task = new Option<TabletopDataKind>("--task")
        {
            Description = "What is on the table and in the labels.", DefaultValueFactory = _ => TabletopDataKind.Shapes,
        };
        var output = new Option<string>("--out") { Description = "A file, or - for standard output.", DefaultValueFactory = _ => "-" };
        var command = new Command("tabletop-data", """
            Writes frames of the simulated table with their labels; each frame is another table.
            --task PickPlace shows the robot arm, with pads, things and its own state as labels; --task Plans writes the expert's plans
            without pictures. The layouts are in the writers' documentation.

            Examples:
              edgeroute tabletop-data --count 1000 --out tables.bin
              edgeroute tabletop-data --seed 7 | python3 train.py
              edgeroute tabletop-data --task PickPlace --width 96 --height 96 --count 1000 --out arm.bin
            """)
        {
            task, count, seed, width, height, clutter, output,
        };
        command.SetAction(parsed => Run(
            new TabletopDataRequest(
                parsed.GetValue(count), parsed.GetValue(seed), parsed.GetValue(width), parsed.GetValue(height), parsed.GetValue(clutter)!),
            parsed.GetValue(task), parsed.GetValue(output)!));
        return command;
    }

    private static int Run(TabletopDataRequest request, TabletopDataKind task, string output)
    {
        if (request.FindProblem() is { } problem)
        {
            Console.Error.WriteLine(problem);
            return 2;
        }

        using var stream = output == "-" ? OpenStandardOutput() : File.Create(output);
        try
        {
            Write(request, task, stream);
            return 0;
        }
        catch (IOException) when (output == "-" && request.Count == 0)
        {
            // The reader closed the pipe: the way an endless stream ends.
            return 0;
        }
    }

    private static void Write(TabletopDataRequest request, TabletopDataKind task, Stream stream)
    {
        switch (task)
        {
            case TabletopDataKind.PickPlace:
                PickPlaceDataWriter.WriteFrames(request, stream);
                break;
            case TabletopDataKind.Plans:
                PickPlaceDataWriter.WritePlans(request.Count, request.Seed, stream);
                break;
            default:
                TabletopDataWriter.Write(request, stream);
                break;
        }
    }

    /// <summary>
    /// The console's own stream takes a closed pipe for success and would write for ever; a plain file stream reports it.
    /// </summary>
    private static FileStream OpenStandardOutput() => new(new SafeFileHandle(StandardOutputDescriptor, ownsHandle: false),
        FileAccess.Write);
}
