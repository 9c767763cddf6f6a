using System.CommandLine;
using EdgeRoute.Engine.Packs;
using EdgeRoute.Workbench.Replaying;

namespace EdgeRoute.Cli;

/// <summary><c>edgeroute explain</c>: says in words why a frame went its way.</summary>
internal static class ExplainCommand
{
    private static readonly Argument<string> Recording = new("recording") { Description = "the recording (.erec)" };
    private static readonly Option<long?> Frame = new("--frame") { Description = "number of the frame" };
    private static readonly Option<bool> Last = new("--last") { Description = "the last recorded frame" };
    private static readonly Option<bool> Late = new("--late") { Description = "the frame that was latest for its deadline" };
    private static readonly Option<bool> Slowest = new("--slowest") { Description = "the frame with the longest way from capture to answer" };
    private static readonly Option<string?> Source = new("--source") { Description = "which source of the recording, by name or index; needed where it has several" };
    private static readonly Option<string?> PackPath = new("--pack") { Description = "the pack, for class names and a cascade's thresholds; everything else is in the recording" };
    private static readonly Option<string?> Files = new("--files") { Description = "folder of the pack's model files, where they are not beside the manifest" };
    private static readonly Option<bool> Json = new("--json") { Description = "the figures as JSON on standard output" };

    public static Command Create()
    {
        var command = new Command("explain", """
            Says in plain words what was seen on one frame, what each option was worth and would cost, which rule chose, what it would have taken to choose otherwise, and what it
            really cost.

            Examples:
              edgeroute explain run.erec --frame 412
              edgeroute explain run.erec --late --pack models/shapes
            """) { Recording, Frame, Last, Late, Slowest, Source, PackPath, Files, Json };
        command.SetAction(parsed =>
        {
            using var console = new WorkConsole();
            return console.Run(() => Run(parsed, console));
        });
        return command;
    }

    private static int Run(ParseResult parsed, WorkConsole console)
    {
        if (RuleOf(parsed) is not { } rule)
        {
            console.Say("say which frame: one of --frame N, --last, --late and --slowest");
            return WorkConsole.Refused;
        }

        string path = parsed.GetValue(Recording)!;
        var pack = parsed.GetValue(PackPath) is { } folder ? PackReader.Read(folder, parsed.GetValue(Files)) : null;
        using var file = File.OpenRead(path);
        var frame = FrameExplainer.Explain(file, Path.GetFileName(path), parsed.GetValue(Source), rule, parsed.GetValue(Frame) ?? 0, pack);
        foreach (string line in parsed.GetValue(Json) ? [ReplayJson.Of(frame)] : ExplanationText.Of(frame))
        {
            Console.Out.WriteLine(line);
        }

        return WorkConsole.Done;
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
