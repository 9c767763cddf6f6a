using System.CommandLine;
using EdgeRoute.Cli.Output;
using EdgeRoute.Workbench.Choosing;
using EdgeRoute.Workbench.Sweeps;

namespace EdgeRoute.Cli.Commands;

/// <summary><c>edgeroute pack choose</c>: the packs, policy and threads that do best on footage under constraints.</summary>
internal static class ChooseCommand
{
    private const int ThreadsMost = 64;

    private const string Stopped = "stopped; what was run is kept, and the same command goes on from there";

    private static readonly Option<string[]> Packs = new("--packs")
    {
        Description = "the packs to choose from: manifests or folders", Required = true, AllowMultipleArgumentsPerToken = true,
        HelpName = "PACK...",
    };
    private static readonly Option<string> Source = new("--source")
    {
        Description = "footage to judge on: video, folder of pictures, recording (.erec), or a simulated world", Required = true,
        HelpName = "FOOTAGE",
    };
    private static readonly Option<string?> Under = new("--under")
    {
        Description = $"constraints, with commas between: {string.Join(", ", Constraint.Words)}; latencies are of preprocessing, models "
            + "and heads, memory of the models' sessions, watts of the whole board while it works, "
            + "look_share the part of the frames that a model looks at",
        HelpName = "CONSTRAINTS",
    };
    private static readonly Option<string?> Labels = new("--labels")
    {
        Description = "folder of YOLO box files, a file of 'picture class' lines, or 'names' for classes in the pictures' names; without: "
            + "the teacher's answers are right",
    };
    private static readonly Option<string?> Teacher = new("--teacher") { Description = "the pack whose answers are right; default: the one "
        + "with the costliest path", HelpName = "PACK" };
    private static readonly Option<int[]> Threads = new("--threads")
    {
        Description = "counts of threads to try; default: 1 to the number of cores", AllowMultipleArgumentsPerToken = true,
    };
    private static readonly Option<double[]> Scales = new("--scales")
    {
        Description = "smaller inputs to try too, as parts of the sides, where a model leaves its input's size open",
        AllowMultipleArgumentsPerToken = true,
    };
    private static readonly Option<string> Out = new("--out") { Description = "folder to write", HelpName = "FOLDER",
        DefaultValueFactory = _ => "chosen" };
    private static readonly Option<string?> Name = new("--name") { Description = "name of the pack that is written; default: that of its "
        + "folder" };
    private static readonly Option<bool> Replace = new("--replace") { Description = "write over a pack that is there already" };
    private static readonly Option<bool> DryRun = new("--dry-run") { Description = "show what would be chosen, and write nothing" };
    private static readonly Option<bool> NoCalibration = new("--no-calibration") { Description = "write no calibration; the value policy "
        + "and budgets need one" };
    private static readonly Option<bool> Exhaustive = new("--exhaustive") { Description = "run every stage on every frame with every count "
        + "of threads" };
    private static readonly Option<string?> Sweep = new("--sweep") { Description = "folder that keeps what was run; a choice that was "
        + "stopped goes on there", HelpName = "FOLDER" };
    private static readonly Option<long> Frames = new("--frames") { Description = "use at most this many frames",
        DefaultValueFactory = _ => long.MaxValue };
    private static readonly Option<double> Fps = new("--fps") { Description = "pictures per second of a folder of pictures; 0: they have "
        + "nothing to do with each other" };
    private static readonly Option<double> Band = new("--doubt-band")
    {
        Description = "detections up to this far above the threshold are neither asked for nor counted as false; 0: every one counts",
        DefaultValueFactory = _ => 0.1,
    };
    private static readonly Option<string?> Library = new("--onnxruntime")
    {
        Description = "the ONNX Runtime library or its folder; default: EDGEROUTE_ONNXRUNTIME, then the usual places",
    };
    private static readonly Option<string?> Plot = new("--plot") { Description = "draw the frontier: NAME.svg and NAME.png",
        HelpName = "NAME" };
    private static readonly Option<bool> Json = new("--json") { Description = "everything as JSON on standard output" };

    public static Command Create()
    {
        Under.CompletionSources.Add(_ => Constraint.Words.Select(w => new System.CommandLine.Completions.CompletionItem(w)));
        var command = new Command("choose", """
            Chooses from several packs what does best on your footage: every path of each, and every cascade of one pack's path before
            another's, with each count of threads; and every path on every n-th frame, or on frames that changed, its answers carried
            between (not on pictures that have nothing to do with each other). Without a constraint on quality it takes the best
            quality that keeps the constraints, and of what hardly differs in that the cheapest; with one, the cheapest. Frames that
            answers are carried to count as frames that took no time. The chosen point is written as a pack with calibration, and a
            device config that 'edgerouted run' takes as it is.

            Models run on a few frames first, and on all of them only where they might still win; what breaks a constraint at its best
            runs no further. Interrupt it at any time; the same command goes on where it stopped.

            Exit code: 0 chosen; 1 no point keeps the constraints (the nearest is told, with what it lacks), or something is missing;
            2 wrong input; 130 stopped, what was run is kept.

            Examples:
              edgeroute pack choose --packs packs/nano packs/small --source monday.mp4 --under "latency_p95<=30ms,memory<=2GB"
              edgeroute pack choose --packs packs/nano packs/small --source monday.mp4 --under "quality>=0.95" --out packs/street
              edgeroute pack choose --packs packs/nano packs/small --source monday.mp4 --under "latency_mean<=5ms,look_share>=0.3"
              edgeroute pack choose --packs packs/a packs/b --source pictures --labels names --threads 1 2 --dry-run --json
            """);
        Array.ForEach(new Option[] { Packs, Source, Under, Labels, Teacher, Threads, Scales, Out, Name, Replace, DryRun, NoCalibration,
            Exhaustive, Sweep, Frames, Fps, Band, Library, Plot, Json }, command.Options.Add);
        command.SetAction(parsed =>
        {
            using var console = new WorkConsole();
            return console.Run(() => Run(parsed, console), Stopped);
        });
        return command;
    }

    private static int Run(ParseResult parsed, WorkConsole console)
    {
        var request = RequestOf(parsed);
        bool isDryRun = parsed.GetValue(DryRun), replaces = parsed.GetValue(Replace);
        string folder = parsed.GetRequiredValue(Out);
        string name = parsed.GetValue(Name) ?? Path.GetFileName(Path.GetFullPath(folder).TrimEnd('/')).ToLowerInvariant();
        if (!isDryRun)
        {
            // What cannot be written is told before anything is run.
            Choice.RequirePlace(folder, name, replaces);
        }

        var choice = ChooseRun.Run(request, console.Report, console.Show, console.Cancel);
        if (parsed.GetValue(Json))
        {
            Console.Out.WriteLine(choice.Report.ToJson());
        }
        else
        {
            ChooseText.Show(choice.Report);
        }

        if (parsed.GetValue(Plot) is { } plot)
        {
            new ChoosePlot(choice.Report, request.Constraints).Write(plot);
            console.Say($"wrote {plot}.svg and {plot}.png");
        }

        if (choice.Report.Chosen is null)
        {
            ChooseText.LackWords(choice.Report).ForEach(console.Say);
            return WorkConsole.Failed;
        }

        if (!isDryRun)
        {
            var files = choice.Write(folder, name, replaces, !parsed.GetValue(NoCalibration), console.Show, console.Cancel);
            console.Say($"wrote {string.Join(", ", files)}; 'edgerouted run {files[0]}' runs it");
            if (request.HasTime)
            {
                string rate = request.FramesPerSecond > 0 ? FormattableString.Invariant($" --fps {request.FramesPerSecond}") : "";
                console.Say($"'edgeroute frontier --pack {files[1]} --source {request.Source}{rate} --write best' tells whether the value "
                    + "rule spends less on it");
            }
        }

        return WorkConsole.Done;
    }

    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    private static ChooseRequest RequestOf(ParseResult parsed)
    {
        string source = parsed.GetRequiredValue(Source);
        string? kept = parsed.GetValue(Sweep);
        double fps = parsed.GetValue(Fps), band = parsed.GetValue(Band);
        long frames = parsed.GetValue(Frames);
        if (band is not (>= 0 and < 1) || fps is not (0 or (>= 0.5 and <= 1000)) || frames < 2)
        {
            throw new ArgumentException("--doubt-band must lie in 0 to 1, --fps must be 0 or 0.5 to 1000, and --frames 2 at least");
        }

        int[] threads = parsed.GetValue(Threads) ?? [];
        return new ChooseRequest(parsed.GetRequiredValue(Packs), source, Constraint.ParseAll(parsed.GetValue(Under) ?? ""),
            (pack, count) => Path.Combine(kept ?? SweepOptions.UsualFolder, SweepIdentity.NameOf(pack, null, source, fps, count)))
        {
            Threads = threads.All(t => t is >= 1 and <= ThreadsMost) ? threads : throw new ArgumentException(
                $"--threads is {string.Join(' ', threads)}; counts of threads are 1 to {ThreadsMost}"),
            Labels = parsed.GetValue(Labels), Teacher = parsed.GetValue(Teacher), DoubtBand = band, FrameLimit = frames,
            Scales = ScalesOf(parsed.GetValue(Scales) ?? []), FramesPerSecond = fps, Library = parsed.GetValue(Library),
            IsExhaustive = parsed.GetValue(Exhaustive),
        };
    }

    private static double[] ScalesOf(double[] scales) => scales.All(s => s is > 0 and < 1) ? [.. scales.Distinct()]
        : throw new ArgumentException(FormattableString.Invariant($"--scales is {string.Join(' ', scales)}; scales lie between 0 and 1, ")
            + "such as 0.5 0.75");
}
