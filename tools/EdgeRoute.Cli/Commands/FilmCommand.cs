using System.CommandLine;
using System.Diagnostics;
using EdgeRoute.Cli.Output;
using EdgeRoute.Workbench.Exporting;

namespace EdgeRoute.Cli.Commands;

/// <summary><c>edgeroute film</c>: a recording as a video, with what the device saw drawn on it.</summary>
internal static class FilmCommand
{
    private const string Extension = ".mp4";

    private static readonly Argument<string> Recording = new("recording") { Description = "the recording (.erec) with pictures" };
    private static readonly Option<string?> Out = new("--out", "-o") { Description = "file to write, .mp4, .webm or .mkv; default: the "
        + "recording's name with .mp4, beside it", HelpName = "FILE" };
    private static readonly Option<string?> Stream = new("--stream", "--source") { Description = "whose pictures, by name or index; needed "
        + "where there are several", HelpName = "STREAM" };

    public static Command Create()
    {
        Stream.CompletionSources.Add(c => ExportMcapCommand.SourceNames(c, Recording));
        var command = new Command("film", """
            Makes a video of a recording's pictures (record.frames: jpeg), for people who want to look: each with the path that its frame
            took, how it ended and how long it took; with the answers file of its run, boxes, tracks, key points and masks are drawn on it.
            Pictures are shown when they were captured, pauses of more than 5 s are shortened. The file appears when it is whole: Ctrl-C
            leaves none. GStreamer encodes it: H.264 for .mp4 where an encoder is installed, VP8 for .webm and .mkv.

            Examples:
              edgeroute film run.erec --answers answers.jsonl --out walk.mp4
              edgeroute film run.erec --stream front --from 90s --to 2m --out front.webm
            """)
        {
            Recording, Out, ExportMcapCommand.Answers, Stream, ExportMcapCommand.From, ExportMcapCommand.To, ExportMcapCommand.Force,
            ExportMcapCommand.Json,
        };
        command.SetAction(parsed =>
        {
            using var console = new WorkConsole();
            return console.Run(() => Run(parsed, console), "stopped; no file was written");
        });
        return command;
    }

    private static int Run(ParseResult parsed, WorkConsole console)
    {
        string recording = parsed.GetValue(Recording)!;
        string path = parsed.GetValue(Out) ?? Path.ChangeExtension(recording, Extension);
        string[] sources = parsed.GetValue(Stream) is { } stream ? [stream] : [];
        var request = new ExportRequest(parsed.GetValue(ExportMcapCommand.Answers), sources,
            ExportMcapCommand.InstantOf("--from", parsed.GetValue(ExportMcapCommand.From)),
            ExportMcapCommand.InstantOf("--to", parsed.GetValue(ExportMcapCommand.To)), IsCompressed: true);
        var clock = Stopwatch.StartNew();
        var report = new FilmExport(recording, request).Run(path, parsed.GetValue(ExportMcapCommand.Force),
            progress => console.Show(ExportMcapCommand.LineOf(progress, clock.Elapsed)), console.Cancel);
        if (parsed.GetValue(ExportMcapCommand.Json))
        {
            Console.Out.WriteLine(report.ToJson());
        }
        else
        {
            Console.Out.WriteLine($"{report.File}: {report.FrameCount} pictures of '{report.Source}', {report.Width}x{report.Height}, "
                + $"{FigureText.Of(report.Seconds, "0.0")} s, {FigureText.Bytes(report.Bytes)}");
        }

        foreach (string warning in report.Warnings)
        {
            console.Say("warning: " + warning);
        }

        return WorkConsole.Done;
    }
}
