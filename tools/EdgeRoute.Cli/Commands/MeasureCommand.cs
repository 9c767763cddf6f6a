using System.CommandLine;
using EdgeRoute.Cli.Output;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Workbench.Measuring;

namespace EdgeRoute.Cli.Commands;

/// <summary><c>edgeroute measure</c>: what a pack's stages take on this machine, and with how many threads.</summary>
internal static class MeasureCommand
{
    private const double SecondsMost = 3600;
    private const int ThreadsMost = 64, BatchLimit = 256;

    private static readonly Argument<string> Pack = new("pack") { Description = "manifest or folder of the pack" };
    private static readonly Option<double> Seconds = new("--seconds")
    {
        Description = "how long the settings take turns; opening them comes on top", DefaultValueFactory = _ => 30,
    };
    private static readonly Option<int[]> Threads = new("--threads")
    {
        Description = "counts of threads; default: 1 to the number of cores on the CPU, 1 with an accelerator",
        AllowMultipleArgumentsPerToken = true,
    };
    private static readonly Option<string[]> Providers = new("--providers")
    {
        Description = "execution providers, such as CUDA CPU; default: all that exist here", AllowMultipleArgumentsPerToken = true,
    };
    private static readonly Option<bool> Spin = new("--spin") { Description = "also with idle threads that spin (runtime.spin: true)" };
    private static readonly Option<int> Batch = new("--batch")
    {
        Description = "also the models alone on 1, 2, 4 and so on up to so many frames at once, where a graph takes more than one",
        DefaultValueFactory = _ => 1,
    };
    private static readonly Option<string?> Source = new("--source")
    {
        Description = "what the frames are of: a picture, video, recording or address; default: the simulated table, 640x480",
    };
    private static readonly Option<string?> Files = new("--files")
    {
        Description = "folder of the pack's model files, where they are not beside the manifest", HelpName = "FOLDER",
    };
    private static readonly Option<string?> Library = new("--onnxruntime")
    {
        Description = "the ONNX Runtime library or its folder; default: EDGEROUTE_ONNXRUNTIME, then the usual places",
    };
    private static readonly Option<bool> DryRun = new("--dry-run") { Description = "show the figures and store nothing" };
    private static readonly Option<bool> Force = new("--force") { Description = "store figures of a busy machine too" };
    private static readonly Option<bool> Json = new("--json") { Description = "everything as JSON on standard output" };

    public static Command Create()
    {
        var command = new Command("measure", """
            Measures what every stage of a pack takes on this machine, with each count of threads and each execution provider, and stores
            it in costs.json beside the manifest: the host then starts with these costs, and takes the count of threads that was found
            best where its config gives none. Run it on the device, while nothing else is at work there.

            All settings take turns on the same frames, so that a busy moment meets them all. Nothing is stored where the machine was
            busy or changed its clocks meanwhile.

            Exit code: 0 measured; 1 a stage failed, or the figures cannot be relied on; 2 wrong input; 130 stopped, nothing stored.

            Examples:
              edgeroute measure models/shapes
              edgeroute measure packs/coco --source street.jpg --threads 1 2 4 --seconds 60
              edgeroute measure packs/coco --providers CUDA CPU --spin --batch 8 --dry-run
              edgeroute measure models/shapes --json > measured.json
            """) { Pack, Seconds, Threads, Providers, Spin, Batch, Source, Files, Library, DryRun, Force, Json };
        command.SetAction(parsed =>
        {
            using var console = new WorkConsole();
            return console.Run(() => Run(parsed, console), "stopped; nothing is stored");
        });
        return command;
    }

    private static int Run(ParseResult parsed, WorkConsole console)
    {
        var choice = new MeasureChoice(parsed.GetRequiredValue(Pack), parsed.GetValue(Files), parsed.GetValue(Source),
            parsed.GetValue(Library), [.. (parsed.GetValue(Providers) ?? []).Select(ProviderOf).Distinct()],
            ThreadsOf(parsed.GetValue(Threads) ?? []), parsed.GetValue(Spin), SecondsOf(parsed.GetValue(Seconds)))
        {
            BatchMost = BatchOf(parsed.GetValue(Batch)),
        };
        var report = MeasureRun.Run(choice, console.Report, console.Show, console.Cancel);
        if (parsed.GetValue(Json))
        {
            Console.Out.WriteLine(report.ToJson());
        }
        else
        {
            MeasureText.Show(report);
        }

        console.Cancel.ThrowIfCancellationRequested();
        return Conclude(report, parsed.GetValue(DryRun), parsed.GetValue(Force), console);
    }

    private static int Conclude(MeasureReport report, bool isDryRun, bool isForced, WorkConsole console)
    {
        if (report.Faults.Count > 0)
        {
            console.Say($"nothing is stored, because runs failed: {string.Join("; ", report.Faults)}");
            return WorkConsole.Failed;
        }

        foreach (string doubt in report.Doubts)
        {
            console.Say("warning: " + doubt);
        }

        if (report.Doubts.Count > 0 && !isForced)
        {
            console.Say("nothing is stored, because these figures cannot be relied on; --force stores them all the same");
            return WorkConsole.Failed;
        }

        if (!isDryRun)
        {
            console.Say($"wrote {report.Store()}");
        }

        return WorkConsole.Done;
    }

    /// <exception cref="ArgumentException">There is no such provider.</exception>
    private static string ProviderOf(string text) =>
        ProviderConfig.Names.FirstOrDefault(n => string.Equals(n, text, StringComparison.OrdinalIgnoreCase))
        ?? throw new ArgumentException($"--providers names '{text}'; {NearestName.Suggest(text, [.. ProviderConfig.Names])}");

    private static IReadOnlyList<int> ThreadsOf(int[] counts) => counts.All(c => c is >= 1 and <= ThreadsMost)
        ? [.. counts.Distinct().Order()]
        : throw new ArgumentException($"--threads is {string.Join(' ', counts)}; counts of threads are 1 to {ThreadsMost}");

    private static int BatchOf(int most) => most is >= 1 and <= BatchLimit ? most
        : throw new ArgumentException($"--batch is {most}; batches are 1 to {BatchLimit} frames");

    private static double SecondsOf(double seconds) => seconds is > 0 and <= SecondsMost ? seconds
        : throw new ArgumentException(FormattableString.Invariant(
            $"--seconds is {seconds}; it must be above 0, and {SecondsMost} at most"));
}
