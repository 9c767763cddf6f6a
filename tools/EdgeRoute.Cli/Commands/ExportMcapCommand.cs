using System.CommandLine;
using System.CommandLine.Completions;
using System.Diagnostics;
using System.Globalization;
using EdgeRoute.Cli.Connecting;
using EdgeRoute.Cli.Output;
using EdgeRoute.Workbench.Exporting;

namespace EdgeRoute.Cli.Commands;

/// <summary><c>edgeroute export mcap</c>: a recording as a file that Foxglove and other viewers open.</summary>
internal static class ExportMcapCommand
{
    private const string Extension = ".mcap", LayoutExtension = ".layout.json";

    private static readonly Argument<string> Recording = new("recording") { Description = "the recording (.erec)" };
    private static readonly Option<string?> Out = new("--out", "-o") { Description = "file to write; default: the recording's name with "
        + ".mcap, beside it", HelpName = "FILE" };
    internal static readonly Option<string?> Answers = new("--answers") { Description = "answers file of the same run, for boxes, tracks, "
        + "key points and masks: recordings hold pictures and decisions, not answers", HelpName = "FILE" };
    private static readonly Option<string[]> Streams = new("--stream", "--source") { Description = "this source only, by name or index; "
        + "may be given several times", HelpName = "STREAM", DefaultValueFactory = _ => [] };
    internal static readonly Option<string?> From = new("--from") { Description = "leave out what was before: time since the recording's "
        + "start, such as 90s or 5m, or an instant, such as 2026-05-01T12:00:00Z", HelpName = "TIME" };
    internal static readonly Option<string?> To = new("--to") { Description = "leave out what came after", HelpName = "TIME" };
    private static readonly Option<string> Compression = new("--compression") { Description = "of chunks: zstd or none", HelpName = "KIND",
        DefaultValueFactory = _ => "zstd" };
    private static readonly Option<bool> Layout = new("--layout") { Description = "also a layout for Foxglove beside it, such "
        + "as run" + LayoutExtension + ": pictures with boxes, latency, paths, log" };
    internal static readonly Option<bool> Force = new("--force") { Description = "replace files that exist" };
    internal static readonly Option<bool> Json = new("--json") { Description = "what was written as JSON on standard output" };

    public static Command Create()
    {
        Compression.AcceptOnlyFromAmong("zstd", "none");
        Streams.CompletionSources.Add(c => SourceNames(c, Recording));
        var command = new Command("mcap", """
            Writes a recording as an MCAP file, which Foxglove, Lichtblick and the mcap libraries open: pictures, boxes drawn
            on them, every decision with what was weighed, events as a log. A topic for each source and kind; all of a frame stands at the
            instant of its capture, in UTC where the device knew it. The file appears when it is whole: Ctrl-C leaves none. A recording
            that is damaged or still being written is exported as far as it can be read, and that is told.

            Examples:
              edgeroute export mcap run.erec
              edgeroute export mcap run.erec --answers answers.jsonl --layout
              edgeroute export mcap run.erec --stream front --from 90s --to 2m --out front.mcap
              edgeroute export mcap run.erec --force --json | jq .warnings
            """) { Recording, Out, Answers, Streams, From, To, Compression, Layout, Force, Json };
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
        if (Path.GetFullPath(path) == Path.GetFullPath(recording))
        {
            throw new ArgumentException($"'{path}' is the recording itself; name another file with --out");
        }

        var request = new ExportRequest(parsed.GetValue(Answers), parsed.GetValue(Streams)!, InstantOf("--from", parsed.GetValue(From)),
            InstantOf("--to", parsed.GetValue(To)), parsed.GetValue(Compression) == "zstd");
        var export = new McapExport(recording, request, $"edgeroute {ProgramVersion.Text}");
        var clock = Stopwatch.StartNew();
        var report = export.Run(path, parsed.GetValue(Layout) ? Path.ChangeExtension(path, null) + LayoutExtension : null,
            parsed.GetValue(Force), progress => console.Show(LineOf(progress, clock.Elapsed)), console.Cancel);
        Show(report, parsed.GetValue(Json));
        foreach (string warning in report.Warnings)
        {
            console.Say("warning: " + warning);
        }

        return WorkConsole.Done;
    }

    private static void Show(ExportReport report, bool wantsJson)
    {
        if (wantsJson)
        {
            Console.Out.WriteLine(report.ToJson());
            return;
        }

        var table = new TextTable("topic", "schema", ">messages");
        foreach (var channel in report.Channels)
        {
            table.Add(channel.Topic, channel.Schema, channel.MessageCount.ToString(CultureInfo.InvariantCulture));
        }

        table.Show("nothing");
        string span = FigureText.Of((report.LastNs - report.FirstNs) / 1e9, "0.0");
        string start = report.IsUtc ? $" from {FigureText.Date((long)report.FirstNs)}" : "";
        Console.Out.WriteLine($"{report.File}: {FigureText.Bytes(report.Bytes)}, {report.MessageCount} messages over {span} s{start}");
        if (report.Answers is { } answers)
        {
            Console.Out.WriteLine($"answers: {answers.UsedCount} of {answers.ReadCount} are of frames that are exported");
        }

        if (report.Layout is { } layout)
        {
            Console.Out.WriteLine($"{layout}: in Foxglove, Layouts > Import from file");
        }
    }

    internal static string LineOf(ExportProgress progress, TimeSpan elapsed)
    {
        double share = Math.Clamp(progress.ReadShare, 0.001, 1);
        string written = progress.WrittenBytes > 0 ? $"{FigureText.Bytes(progress.WrittenBytes)} written, " : "";
        return $"{FigureText.Percent(share)} of the recording, {written}"
            + $"{FigureText.Duration(elapsed.TotalSeconds * (1 - share) / share)} left";
    }

    internal static ExportInstant? InstantOf(string option, string? text)
    {
        if (text is null)
        {
            return null;
        }

        if (!text.Contains('T', StringComparison.Ordinal))
        {
            return new ExportInstant(text is "0" or "0s" ? 0 : DurationText.Seconds(text), null);
        }

        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var utc)
            ? new ExportInstant(0, utc)
            : throw new ArgumentException($"{option} '{text}' is no instant; write such as 2026-05-01T12:00:00Z, or a time since the "
                + "recording's start, such as 90s");
    }

    internal static IEnumerable<CompletionItem> SourceNames(CompletionContext context, Argument<string> recordingArgument) =>
        context.ParseResult.GetValue(recordingArgument) is { Length: > 0 } recording
            ? McapExport.SourceNames(recording).Select(n => new CompletionItem(n)) : [];
}
