using System.CommandLine;
using System.Globalization;
using EdgeRoute.Cli.Output;
using EdgeRoute.Workbench.Importing;
using EdgeRoute.Workbench.Quantizing;

namespace EdgeRoute.Cli.Commands;

/// <summary><c>edgeroute pack quantize</c>: an int8 sibling for each stage of a pack.</summary>
internal static class QuantizeCommand
{
    private const string BestMethod = "best", AutoBits = "auto";

    private const int FramesMost = 100_000, EveryMost = 10_000, ThreadsMost = 64;

    private static readonly Argument<string> Pack = new("pack") { Description = "manifest or folder of a pack; or an ONNX file, which is "
        + "imported first" };
    private static readonly Option<string> Source = new("--source")
    {
        Description = "footage like what the robot will see: a folder of pictures, video, recording (.erec) or simulated world",
        Required = true, HelpName = "FOOTAGE",
    };
    private static readonly Option<string[]> Stages = new("--stages") { Description = "stages to quantize; default: all that can be",
        AllowMultipleArgumentsPerToken = true };
    private static readonly Option<string> Method = OptionRules.Words(
        "--method", "how ranges are chosen: from the least to the most value, without "
        + "one value in ten thousand, by entropy, or with the least squares of what rounding changes; best tries all four", BestMethod,
        [BestMethod, .. Enum.GetValues<RangeMethod>().Select(RangeChoice.WordOf)]);
    private static readonly Option<string> Activations = OptionRules.Words(
        "--activations", "uint8 for CPUs; int8, symmetric about zero and with float "
        + "biases, for TensorRT", "uint8", "uint8", "int8");
    private static readonly Option<string> WeightBits = OptionRules.Words(
        "--weight-bits", "7 runs right everywhere; 8 is a little closer to float, but "
        + "x64 processors without VNNI cut its sums off. auto: 7 on such a processor, else 8", AutoBits, AutoBits, "7", "8");
    private static readonly Option<long> Frames = new("--frames") { Description = "frames used at most; half of them, in blocks of four, "
        + "are held out to judge on", DefaultValueFactory = _ => 400 };
    private static readonly Option<int> Every = new("--every") { Description = "use one frame of so many, to cover a long video",
        DefaultValueFactory = _ => 1 };
    private static readonly Option<string?> Labels = new("--labels")
    {
        Description = "folder of YOLO box files, a file of 'picture class' lines, or 'names' for classes in the pictures' names: what "
            + "both models are worth is then told as well; choices go by the float model's answers",
    };
    private static readonly Option<double?> Loss = new("--loss") { Description = "points of agreement with the float model that may be "
        + "lost before layers go back to float; default: 0.5, and 0.1 where answers are boxes", HelpName = "POINTS" };
    private static readonly Option<string?> Output = new("--out") { Description = "of an ONNX file: folder of the pack that it is imported "
        + "into; default: one of the file's name, here", HelpName = "FOLDER" };
    private static readonly Option<string?> Files = new("--files") { Description = "folder of the pack's model files, where they are not "
        + "beside the manifest", HelpName = "FOLDER" };
    private static readonly Option<int> Threads = new("--threads") { Description = "threads of the model sessions; 0: one per core",
        DefaultValueFactory = _ => 0 };
    private static readonly Option<string?> Library = new("--onnxruntime")
    {
        Description = "the ONNX Runtime library or its folder; default: EDGEROUTE_ONNXRUNTIME, then the usual places",
    };
    private static readonly Option<bool> Replace = new("--replace") { Description = "make an int8 stage anew that is there already" };
    private static readonly Option<bool> DryRun = new("--dry-run") { Description = "measure, and leave the pack as it is" };
    private static readonly Option<bool> Json = new("--json") { Description = "everything as JSON on standard output" };

    public static Command Create()
    {
        var command = new Command("quantize", """
            Gives each stage of a pack an int8 sibling: the same model in 8 bits, the ranges of its values taken from footage. The sibling
            becomes a stage of its own beside the float one, so that the router may use both. It is judged on frames that were held out,
            by the float model's answers, and what both take on this machine goes into the pack's cost profile.
            The last layers and whatever decodes the answer stay float. Where more than --loss is lost, further layers go back to float:
            those whose inputs have the worst outliers, or else those that alone change the answers most.

            Exit code: 0 written; 2 nothing can be quantized, or wrong input; 130 stopped, the pack is as it was.

            Examples:
              edgeroute pack quantize packs/street --source monday.mp4 --every 10
              edgeroute pack quantize yolov8n.onnx --source pictures --labels labels
              edgeroute pack quantize packs/street --source pictures --activations int8 --method entropy --dry-run
              edgeroute pack quantize packs/street --source pictures --stages heavy --replace --json > quantized.json
            """) { Pack, Source, Stages, Method, Activations, WeightBits, Frames, Every, Labels, Loss, Output, Files, Threads,
            Library, Replace, DryRun, Json };
        command.SetAction(parsed =>
        {
            using var console = new WorkConsole();
            return console.Run(() => Run(parsed, console), "stopped; the pack is as it was");
        });
        return command;
    }

    private static int Run(ParseResult parsed, WorkConsole console)
    {
        var request = RequestOf(parsed);
        string? folder = parsed.GetValue(Output);
        bool isImported = request.Pack.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase);
        if (isImported)
        {
            request = request with { Pack = Imported(request, folder, console) };
        }
        else if (folder is not null)
        {
            throw new ArgumentException("--out is the folder that an ONNX file is imported into; a pack is changed where it lies");
        }

        var report = Quantized(request, isImported, console);
        if (parsed.GetValue(Json))
        {
            Console.Out.WriteLine(report.ToJson());
        }
        else
        {
            QuantizeText.Show(report, request);
        }

        QuantizeText.Doubts(report).ForEach(d => console.Say("warning: " + d));
        console.Say(request.IsDryRun ? "nothing was written (--dry-run)" : $"wrote {report.Manifest}");
        return WorkConsole.Done;
    }

    private static QuantizeReport Quantized(QuantizeRequest request, bool isImported, WorkConsole console)
    {
        console.Show($"opening {request.Pack}");
        try
        {
            return QuantizeRun.Run(request, console.Report, console.Show, console.Cancel);
        }
        catch (OperationCanceledException) when (isImported)
        {
            console.Say($"'{request.Pack}' was imported; 'edgeroute pack quantize {request.Pack}' with the same --source begins anew");
            throw;
        }
    }

    /// <returns>The folder of the pack.</returns>
    private static string Imported(QuantizeRequest request, string? folder, WorkConsole console)
    {
        string model = request.Pack;
        var imported = ModelImport.Run(new ImportRequest(model, null, null, folder, null, null, request.Library, request.Replaces),
            console.Report);
        if (imported.Family is null)
        {
            throw new InvalidDataException($"'{model}' is not recognised; 'edgeroute import {model}' shows its outputs and the heads that "
                + "come nearest");
        }

        console.Say($"imported {model} as {imported.Family} into {imported.Folder}");
        return imported.Folder;
    }

    private static QuantizeRequest RequestOf(ParseResult parsed)
    {
        string method = parsed.GetRequiredValue(Method);
        return new QuantizeRequest(parsed.GetRequiredValue(Pack), parsed.GetValue(Files), parsed.GetRequiredValue(Source),
            [.. (parsed.GetValue(Stages) ?? []).Distinct()])
        {
            Method = method == BestMethod ? null : Enum.Parse<RangeMethod>(method, ignoreCase: true),
            Activations = Enum.Parse<ActivationForm>(parsed.GetRequiredValue(Activations), ignoreCase: true),
            WeightBits = int.TryParse(parsed.GetValue(WeightBits), CultureInfo.InvariantCulture, out int bits) ? bits : null,
            FrameLimit = OptionRules.Within("--frames", parsed.GetValue(Frames), 8, FramesMost),
            Every = OptionRules.Within("--every", parsed.GetValue(Every), 1, EveryMost),
            Labels = parsed.GetValue(Labels),
            LossMost = parsed.GetValue(Loss) is { } points ? OptionRules.Within("--loss", points, 0, 100) / 100 : null,
            Library = parsed.GetValue(Library),
            ThreadCount = OptionRules.Within("--threads", parsed.GetValue(Threads), 0, ThreadsMost),
            Replaces = parsed.GetValue(Replace),
            IsDryRun = parsed.GetValue(DryRun),
        };
    }
}
