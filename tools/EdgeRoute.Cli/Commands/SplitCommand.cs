using System.CommandLine;
using EdgeRoute.Cli.Output;
using EdgeRoute.Workbench.Splitting;

namespace EdgeRoute.Cli.Commands;

/// <summary><c>edgeroute pack split</c>: stages, exits and numbers of tokens out of one vision transformer.</summary>
internal static class SplitCommand
{
    private const int FramesLeast = 32, FramesMost = 100_000, EveryMost = 10_000, ThreadsMost = 64, RandomMost = 32;

    private static readonly Argument<string> Model = new("model") { Description = "an ONNX file, or a pack that has it as a stage: its "
        + "manifest then says how frames are fed" };
    private static readonly Option<string> Source = new("--source")
    {
        Description = "footage like what the robot will see: a folder of pictures, video, recording (.erec) or simulated world",
        Required = true, HelpName = "FOOTAGE",
    };
    private static readonly Option<string?> Labels = new("--labels")
    {
        Description = "folder of YOLO box files, a file of 'picture class' lines, or 'names' for classes in the pictures' names; without: "
            + "the whole model's answers are right",
    };
    private static readonly Option<string?> Name = new("--name") { Description = "name of the new pack; default: the model's, with "
        + "-split" };
    private static readonly Option<string?> Output = new("--out") { Description = "folder to write; default: one of the pack's name, here",
        HelpName = "FOLDER" };
    private static readonly Option<string?> Stage = new("--stage") { Description = "of a pack: the stage to split, where it has several" };
    private static readonly Option<string?> Files = new("--files") { Description = "of a pack: folder of its model files, where they are "
        + "not beside the manifest", HelpName = "FOLDER" };
    private static readonly Option<int[]> Sites = new("--sites") { Description = "blocks before which tokens stay behind, counted from 0; "
        + "default: tried", AllowMultipleArgumentsPerToken = true };
    private static readonly Option<int[]> Exits = new("--exits") { Description = "numbers of blocks after which there is an exit, 0 for "
        + "none; default: the one that saves most, where it saves a tenth", AllowMultipleArgumentsPerToken = true };
    private static readonly Option<double[]> Keep = new("--keep") { Description = "shares of the tokens that each site may leave; default: "
        + "1 0.9 0.8 0.7 0.6 0.5", AllowMultipleArgumentsPerToken = true };
    private static readonly Option<TokenForm?> Form = new("--form") { Description = "whether tokens are left out or merged into others; "
        + "default: tried" };
    private static readonly Option<string> Rank = OptionRules.Words(
        "--rank", "which tokens go on: those that the class token looks at, or those with "
        + "the largest values; default: tried", "best", "best", "class-attention", "feature-norm");
    private static readonly Option<int> Random = new("--random") { Description = "random sites that the others are compared with",
        DefaultValueFactory = _ => 2 };
    private static readonly Option<long> Frames = new("--frames") { Description = "frames used at most; of every eight, four are fitted "
        + "and chosen on, and four judge", DefaultValueFactory = _ => 400 };
    private static readonly Option<int> Every = new("--every") { Description = "use one frame of so many, to cover a long video",
        DefaultValueFactory = _ => 1 };
    private static readonly Option<string?> Plot = new("--plot") { Description = "calibrate, play every way of routing through frames that "
        + "nothing was fitted on, and draw it: NAME.svg and NAME.png", HelpName = "NAME" };
    private static readonly Option<int> Threads = new("--threads") { Description = "threads of the model sessions; 0: one per core",
        DefaultValueFactory = _ => 0 };
    private static readonly Option<string?> Library = new("--onnxruntime")
    {
        Description = "the ONNX Runtime library or its folder; default: EDGEROUTE_ONNXRUNTIME, then the usual places",
    };
    private static readonly Option<bool> Replace = new("--replace") { Description = "write over a pack that is there already" };
    private static readonly Option<bool> Json = new("--json") { Description = "everything as JSON on standard output" };

    public static Command Create()
    {
        var command = new Command("split", """
            Cuts a vision transformer that was exported whole, without training it again. Its blocks are found by what they compute; before
            some of them a share of the tokens stays behind, which the router chooses frame by frame as 'keep', and where an exit earns its
            place the model is cut in two there, with a head fitted on the footage. With all tokens the pack answers as the model did.
            Places and ways of leaving tokens behind are tried at the same arithmetic, and measured on this machine.

            Exit code: 0 written; 2 the model is not one that can be cut (the operator is named), or wrong input; 130 stopped.

            Examples:
              edgeroute pack split vit_small.onnx --source pictures --labels names --plot report
              edgeroute pack split packs/street --stage heavy --source monday.mp4 --every 10
              edgeroute pack split dino.onnx --source pictures --sites 3 6 9 --exits 4 --keep 1 0.7 0.5 --form merge
              edgeroute pack split vit_small.onnx --source pictures --exits 0 --json > split.json
            """) { Model, Source, Labels, Name, Output, Stage, Files, Sites, Exits, Keep, Form, Rank, Random, Frames, Every, Plot, Threads,
            Library, Replace, Json };
        command.SetAction(parsed =>
        {
            using var console = new WorkConsole();
            return console.Run(() => Run(parsed, console), "stopped; a pack that was not told to be written is as it was");
        });
        return command;
    }

    private static int Run(ParseResult parsed, WorkConsole console)
    {
        var request = RequestOf(parsed);
        var report = SplitRun.Run(request, console.Report, console.Show, console.Cancel);
        if (parsed.GetValue(Json))
        {
            Console.Out.WriteLine(report.ToJson());
        }
        else
        {
            SplitText.Show(report);
        }

        console.Say($"wrote {report.Manifest}; 'edgerouted run {report.Config}' runs it");
        if (parsed.GetValue(Plot) is { } plot)
        {
            var points = SplitFrontier.Run(request, report, plot, console.Report, console.Show, console.Cancel);
            SplitText.Routed(points, report).ForEach(console.Say);
            console.Say($"wrote {plot}.svg and {plot}.png, and calibration.json beside the manifest");
        }

        return WorkConsole.Done;
    }

    private static SplitRequest RequestOf(ParseResult parsed)
    {
        int[] sites = parsed.GetValue(Sites) ?? [], exits = parsed.GetValue(Exits) ?? [];
        double[] keep = parsed.GetValue(Keep) ?? [];
        string rank = parsed.GetRequiredValue(Rank);
        var request = new SplitRequest(parsed.GetRequiredValue(Model), parsed.GetRequiredValue(Source))
        {
            Files = parsed.GetValue(Files),
            Stage = parsed.GetValue(Stage),
            Name = parsed.GetValue(Name),
            Folder = parsed.GetValue(Output),
            Labels = parsed.GetValue(Labels),
            Sites = sites.Length == 0 ? null : sites,
            Exits = exits.Length == 0 ? null : [.. exits.Where(e => e != 0)],
            Form = parsed.GetValue(Form),
            Rank = rank switch { "class-attention" => TokenRank.ClassAttention, "feature-norm" => TokenRank.FeatureNorm, _ => null },
            RandomCount = OptionRules.Within("--random", parsed.GetValue(Random), 0, RandomMost),
            FrameLimit = OptionRules.Within("--frames", parsed.GetValue(Frames), FramesLeast, FramesMost),
            Every = OptionRules.Within("--every", parsed.GetValue(Every), 1, EveryMost),
            Library = parsed.GetValue(Library),
            ThreadCount = OptionRules.Within("--threads", parsed.GetValue(Threads), 0, ThreadsMost),
            Replaces = parsed.GetValue(Replace),
        };
        foreach (double ratio in keep)
        {
            OptionRules.Within("--keep", ratio, 0.01, 1);
        }

        if (parsed.GetValue(Plot) is not null && request.Every > 1)
        {
            throw new ArgumentException("--plot plays whole footage; leave --every out, or give footage with fewer frames a second");
        }

        return keep.Length == 0 ? request : request with { Ratios = keep };
    }
}
