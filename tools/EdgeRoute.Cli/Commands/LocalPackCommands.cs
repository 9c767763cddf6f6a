using System.CommandLine;
using System.Globalization;
using EdgeRoute.Cli.Output;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Workbench.Packs;

namespace EdgeRoute.Cli.Commands;

/// <summary>The verbs of <c>edgeroute pack</c> that look at packs on this machine.</summary>
internal static class LocalPackCommands
{
    private const double MegaBytes = 1e6;

    private static readonly Argument<string> Place = new("pack") { Description = "folder, manifest or archive (.tar, .tar.gz) of a pack" };

    private static readonly Argument<string> LocalManifest = new("manifest") { Description = "the pack's manifest on this machine" };

    private static readonly Argument<string> Target = new("target") { Description = "folder or archive (.tar, .tar.gz, .tgz) to write" };

    private static readonly Option<string?> Files = new("--files") { Description = "folder of the model files, where they are not beside "
        + "the manifest", HelpName = "FOLDER" };

    private static readonly Option<string?> Library = new("--onnxruntime")
    {
        Description = "the ONNX Runtime library or its folder, asked whether it takes a new model; default: EDGEROUTE_ONNXRUNTIME, then "
            + "the usual places",
    };

    private static readonly Option<bool> Json = new("--json") { Description = "as JSON on standard output" };

    public static Command Inspect() => Create("inspect", """
        Shows what a pack is: its task, its models with their inputs and heads, its paths and its thresholds.

        Examples:
          edgeroute pack inspect models/shapes
          edgeroute pack inspect night.tar.gz --json
        """, (parsed, _) =>
        {
            using var place = PackPlace.Open(parsed.GetValue(Place)!);
            var summary = PackSummary.Of(place.Manifest, parsed.GetValue(Files));
            if (parsed.GetValue(Json))
            {
                Console.Out.WriteLine(summary.ToJson());
            }
            else
            {
                Show(summary);
            }

            return WorkConsole.Done;
        }, Place, Files, Json);

    public static Command Verify() => Create("verify", """
        Checks a pack as a device does before it opens it: manifest, hashes, and the graphs of its models. Every problem at once.
        Exit code: 0 it can be used, 2 it is refused.

        Examples:
          edgeroute pack verify models/shapes
          edgeroute pack verify night.tar.gz
        """, (parsed, console) =>
        {
            string path = parsed.GetValue(Place)!;
            using var place = PackPlace.Open(path);
            var problems = PackVerification.Problems(place.Manifest, parsed.GetValue(Files), parsed.GetValue(Library),
                doubt => console.Say("warning: " + doubt));
            foreach (string problem in problems)
            {
                console.Say(problem);
            }

            if (problems.Count > 0)
            {
                return WorkConsole.Refused;
            }

            Console.Out.WriteLine($"{path} is whole, and its models are what it says");
            return WorkConsole.Done;
        }, Place, Files, Library);

    public static Command Export() => Create("export", """
        Copies a pack with everything that belongs to it, and nothing else, into a folder or an archive; its hashes are checked.

        Examples:
          edgeroute pack export packs/night night.tar.gz
          edgeroute pack export tests/fixtures/packs/coco/manifest.json /media/usb/coco --files models
        """, (parsed, console) =>
        {
            string target = parsed.GetValue(Target)!;
            using var place = PackPlace.Open(parsed.GetValue(Place)!);
            var files = PackExport.Write(place.Manifest, parsed.GetValue(Files), target, console.Show, console.Cancel);
            Console.Out.WriteLine($"wrote {target} with {files.Count} files: {string.Join(", ", files.Select(f => f.Name))}");
            return WorkConsole.Done;
        }, Place, Target, Files);

    public static Command Seal() => Create("seal", """
        Writes checksums of a manifest's blocks into it, so that whoever reads it finds damage, with its place. Again after each edit.

        Examples:
          edgeroute pack seal models/night/manifest.json
        """, (parsed, _) => SealFile(parsed.GetValue(LocalManifest)!), LocalManifest);

    /// <summary>The packs in a folder; one that cannot be used is listed with the first reason.</summary>
    public static int List(string folder, bool wantsJson)
    {
        var table = new TextTable("pack", "version", "task", ">stages", ">MB", "title", "folder");
        var summaries = new List<PackSummary>();
        foreach (string place in PackPlace.FoldersIn(folder))
        {
            try
            {
                summaries.Add(PackSummary.Of(place));
                var s = summaries[^1];
                table.Add(s.Name, s.Version, s.Task, Number(s.Stages.Count), Number(s.Bytes / MegaBytes), s.Title, place);
            }
            catch (PackRefusedException refused)
            {
                table.Add("-", "-", "-", "-", "-", "refused: " + refused.Reasons[0], place);
            }
        }

        if (wantsJson)
        {
            Console.Out.WriteLine($"[{string.Join(",\n", summaries.Select(s => s.ToJson()))}]");
        }
        else
        {
            table.Show($"no pack in {folder}");
        }

        return WorkConsole.Done;
    }

    private static void Show(PackSummary pack)
    {
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{pack.Name} {pack.Version}: {pack.Title}; {pack.Task}, {pack.LabelCount} labels, {pack.Bytes / MegaBytes:0.0} MB"));
        Console.Out.WriteLine($"licence {pack.Licence}; {pack.Origin}");
        var table = new TextTable("stage", "file", ">MB", ">opset", "input", "head", "outputs");
        foreach (var stage in pack.Stages)
        {
            table.Add(stage.Name, stage.File, Number(stage.Bytes / MegaBytes), Number(stage.OperatorSet), stage.Input, stage.Head,
                string.Join(", ", stage.Outputs));
        }

        table.Show("no stages");
        foreach (var stage in pack.Stages.Where(s => s.Quantized.Length > 0))
        {
            Console.Out.WriteLine($"{stage.Name}: {stage.Quantized}");
        }

        Console.Out.WriteLine($"paths {string.Join(", ", pack.Paths)}; fixed route {pack.FixedRoute}");
        foreach (string crop in pack.Crops)
        {
            Console.Out.WriteLine($"crops: {crop}");
        }

        foreach (string rule in pack.Rules)
        {
            Console.Out.WriteLine($"cascade: {rule}");
        }
    }

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    private static int SealFile(string path)
    {
        byte[] json = DocumentFile.Read(path, PackReader.ManifestLimitBytes);
        File.WriteAllBytes(path, ManifestChecksums.Seal(json));
        Console.Out.WriteLine($"{path} is sealed; a calibration made for it before is told to be of another version");
        return WorkConsole.Done;
    }

    private static Command Create(string name, string help, Func<ParseResult, WorkConsole, int> work, params Symbol[] symbols)
    {
        var command = new Command(name, help);
        Array.ForEach([.. symbols.OfType<Argument>()], command.Arguments.Add);
        Array.ForEach([.. symbols.OfType<Option>()], command.Options.Add);
        command.SetAction(parsed =>
        {
            using var console = new WorkConsole();
            return console.Run(() => work(parsed, console), "stopped");
        });
        return command;
    }
}
