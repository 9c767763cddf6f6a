using System.CommandLine;
using EdgeRoute.Cli.Connecting;
using EdgeRoute.Cli.Output;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Workbench.Replaying;

namespace EdgeRoute.Cli.Commands;

/// <summary><c>edgeroute explain</c>: says in words why a frame went its way.</summary>
internal static class ExplainCommand
{
    private static readonly Argument<string?> Recording = new("recording")
    {
        Description = "the recording (.erec); without one the device is asked, which remembers its last 512 frames",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<long?> Frame = new("--frame") { Description = "number of the frame" };
    private static readonly Option<bool> Last = new("--last") { Description = "the last recorded frame" };
    private static readonly Option<bool> Late = new("--late") { Description = "the frame that was latest for its deadline" };
    private static readonly Option<bool> Slowest = new("--slowest") { Description = "the frame with the longest way from "
        + "capture to answer" };
    private static readonly Option<string?> Source = new("--source", "--stream")
    {
        Description = "which source of the recording, by name or index, or which stream of the device; needed where there are several",
    };

    private static readonly Option<string?> PackPath = new("--pack") { Description = "the pack, for class names and a cascade's "
        + "thresholds; everything else is in the recording" };
    private static readonly Option<string?> Files = new("--files") { Description = "folder of the pack's model files, where they are not "
        + "beside the manifest" };
    private static readonly Option<bool> Json = new("--json") { Description = "the figures as JSON on standard output" };

    public static Command Create()
    {
        var command = new Command("explain", """
            Says in plain words why a frame went its way: what was seen, what each option was worth and would cost, which rule chose, what
            it would have taken to choose otherwise, and what it really cost. From a recording, or from a running device.

            Examples:
              edgeroute explain run.erec --frame 412
              edgeroute explain run.erec --late --pack models/shapes
              edgeroute explain --slowest
              edgeroute explain --device robot3 --stream front --frame 412
            """) { Recording, Frame, Last, Late, Slowest, Source, PackPath, Files, Json, DeviceVerb.Device };
        command.SetAction(parsed =>
        {
            using var console = new WorkConsole();
            return parsed.GetValue(Recording) is null
                ? console.Run(() => AskAsync(parsed, console).GetAwaiter().GetResult(), "stopped")
                : console.Run(() => Run(parsed, console));
        });
        return command;
    }

    private static int Run(ParseResult parsed, WorkConsole console)
    {
        if (RuleOf(parsed) is not { } rule)
        {
            console.Say("of a recording, say which frame: one of --frame N, --last, --late and --slowest");
            return WorkConsole.Refused;
        }

        string path = parsed.GetValue(Recording)!;
        if (!File.Exists(path) && !path.Contains('.', StringComparison.Ordinal))
        {
            console.Say($"there is no recording '{path}'; of a running device, name the stream with --stream {path}");
            return WorkConsole.Refused;
        }

        using var file = File.OpenRead(path);
        Show(parsed, file, Path.GetFileName(path), parsed.GetValue(Source), rule, parsed.GetValue(Frame) ?? 0);
        return WorkConsole.Done;
    }

    /// <summary>The device answers with a recording of one frame, which is explained like any other.</summary>
    private static async Task<int> AskAsync(ParseResult parsed, WorkConsole console)
    {
        var rule = RuleOf(parsed) ?? FrameRule.Last;
        var request = new TraceRequest { Stream = parsed.GetValue(Source) ?? "", Sequence = parsed.GetValue(Frame), Pick = PickOf(rule) };
        await using var client = await new DeviceFinder().Find(parsed.GetValue(DeviceVerb.Device))(console.Cancel);
        var reply = await client.RequestAsync<TraceReply>(ControlMethod.TraceGet, request, null, console.Cancel);
        using var recording = new MemoryStream(reply.Recording);
        Show(parsed, recording, client.Welcome.Device, reply.Stream.Length == 0 ? null : reply.Stream, FrameRule.Number, reply.Sequence);
        return WorkConsole.Done;
    }

    private static string PickOf(FrameRule rule) => rule switch { FrameRule.Late => "late", FrameRule.Slowest => "slowest", _ => "last" };

    private static void Show(ParseResult parsed, Stream recording, string name, string? source, FrameRule rule, long number)
    {
        var pack = parsed.GetValue(PackPath) is { } folder ? PackReader.Read(folder, parsed.GetValue(Files)) : null;
        var frame = FrameExplainer.Explain(recording, name, source, rule, number, pack);
        foreach (string line in parsed.GetValue(Json) ? [ReplayJson.Of(frame)] : ExplanationText.Of(frame))
        {
            Console.Out.WriteLine(line);
        }
    }

    /// <summary>Null where none or several are given.</summary>
    private static FrameRule? RuleOf(ParseResult parsed)
    {
        var given = new List<FrameRule>();
        given.AddRange(parsed.GetValue(Frame) is null ? [] : [FrameRule.Number]);
        given.AddRange(parsed.GetValue(Last) ? [FrameRule.Last] : []);
        given.AddRange(parsed.GetValue(Late) ? [FrameRule.Late] : []);
        given.AddRange(parsed.GetValue(Slowest) ? [FrameRule.Slowest] : []);
        return given.Count == 1 ? given[0] : null;
    }
}
