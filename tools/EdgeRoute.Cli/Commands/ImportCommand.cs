using System.CommandLine;
using System.Globalization;
using EdgeRoute.Cli.Output;
using EdgeRoute.Workbench.Importing;

namespace EdgeRoute.Cli.Commands;

/// <summary><c>edgeroute import</c>: a pack out of one model file.</summary>
internal static class ImportCommand
{
    public static Command Create()
    {
        var models = new Argument<string[]>("model")
        {
            Description = "the ONNX file; several that answer the same task become one pack", Arity = ArgumentArity.OneOrMore,
        };
        var name = new Option<string?>("--name") { Description = "name of the pack; default: that of the file" };
        var labels = new Option<string?>("--labels")
        {
            Description = "class names or a reader's characters, one a line, or YAML with 'names'; default: the model's", HelpName = "FILE",
        };
        var output = new Option<string?>("--out") { Description = "folder to write; default: one of the pack's name, here",
            HelpName = "FOLDER" };
        var picture = new Option<string?>("--picture") { Description = "try the pack on this picture, and draw its answer into "
            + "trial.jpg in the pack; default: a grey one",
            HelpName = "FILE" };
        var size = new Option<string?>("--size") { Description = "input size of a model that leaves it open, such as 640x480",
            HelpName = "WIDTHxHEIGHT" };
        var source = new Option<string?>("--source") { Description = "footage or a camera's address, which the written device.yaml opens; "
            + "default: the first camera of this machine. With several files: footage on which the thresholds between them are chosen too",
            HelpName = "FOOTAGE" };
        var library = new Option<string?>("--onnxruntime")
        {
            Description = "the ONNX Runtime library or its folder; default: EDGEROUTE_ONNXRUNTIME, then the usual places",
        };
        var crop = new Option<string[]>("--crop")
        {
            Description = "a classifier, an embedding or a reader of text that looks at each box of the detector, with its own labels or "
                + "characters after a comma; again for more of them",
            HelpName = "FILE[,LABELS]",
        };
        var replace = new Option<bool>("--replace") { Description = "write over a pack that is there already" };
        var json = new Option<bool>("--json") { Description = "what was recognised and guessed as JSON on standard output" };
        var command = new Command("import", """
            Makes a pack of one ONNX file: recognises what it is, writes manifest, labels and a copy of the model, loads the pack and runs
            it once. Says what it went by, what it guessed, and how to correct that. Beside the manifest it writes a device.yaml that runs
            the pack, and a README.md.
            Several files become one graph, the cheapest first by a run on this machine: from each an edge leads to the next dearer one,
            which is taken where the answer is in doubt. Files of other tasks or other classes are refused. With --crop a detector gets a
            second look: what the other model says of each box, cut out of the frame, is attached to the box, such as the text of a sign.

            Exit code: 0 the pack answers; 1 it was written, but does not answer; 2 it was not recognised or cannot be imported.

            Examples:
              edgeroute import yolov8n.onnx --source street.mp4 && edgerouted run yolov8n/device.yaml --annotate frames
              edgeroute import detector.onnx --labels names.txt --out packs/detector --picture street.jpg
              edgeroute import rtdetr.onnx --size 640x640 --json > report.json
              edgeroute import yolov8n.onnx yolov8m.onnx --name street --source monday.mp4
              edgeroute import text_finder.onnx --crop text_reader.onnx,characters.txt --name signs
            """) { models, name, labels, output, picture, size, source, library, crop, replace, json };
        command.SetAction(parsed =>
        {
            using var console = new WorkConsole();
            return console.Run(() =>
            {
                string[] files = parsed.GetValue(models)!;
                var request = new ImportRequest(files[0], parsed.GetValue(name), parsed.GetValue(labels), parsed.GetValue(output),
                    parsed.GetValue(picture), ReadSize(parsed.GetValue(size)), parsed.GetValue(library), parsed.GetValue(replace))
                    { Source = parsed.GetValue(source) };
                bool wantsJson = parsed.GetValue(json);
                request = files.Length == 1 ? request : request with { Name = GraphImport.NameOf(request, files) };
                CropModel[] looks = [.. (parsed.GetValue(crop) ?? []).Select(CropModel.Parse)];
                using var crops = looks.Length == 0 ? null : new CropImport(request, looks, console.Report, console.Show, console.Cancel);
                return files.Length > 1 ? GraphImportView.Run(request, files, crops, wantsJson, console)
                    : Show(WithCrops(ModelImport.Run(request, console.Report), crops), wantsJson);
            }, "stopped");
        });
        return command;
    }

    private static ImportReport WithCrops(ImportReport report, CropImport? crops) => crops is null || report.Family is null ? report
        : report with { Crops = crops.AddTo(report.Folder, report.Guesses) };

    private static int Show(ImportReport report, bool wantsJson)
    {
        if (wantsJson)
        {
            Console.Out.WriteLine(report.ToJson());
        }
        else
        {
            ImportText.Lines(report).ForEach(Console.Out.WriteLine);
        }

        if (report.Family is null)
        {
            return WorkConsole.Refused;
        }

        return report.Trial is { Fault: null } ? WorkConsole.Done : WorkConsole.Failed;
    }

    /// <exception cref="ArgumentException">It is no size.</exception>
    private static (int Width, int Height)? ReadSize(string? text)
    {
        if (text is null)
        {
            return null;
        }

        int[] sides = [.. text.Split('x').Select(p => int.TryParse(p, NumberStyles.None, CultureInfo.InvariantCulture, out int n) ? n : 0)];
        return sides is [> 0 and <= 16384, > 0 and <= 16384]
            ? (sides[0], sides[1])
            : throw new ArgumentException($"--size is '{text}'; write width and height in pixels, such as 640x480");
    }
}
