using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeRoute.Core.Frames;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Packs;

namespace EdgeRoute.Workbench.Importing;

/// <summary>A model that looks at the boxes of a detector.</summary>
/// <param name="Model">The ONNX file.</param>
/// <param name="Labels">File of its classes or characters; null: the model's own, or those that fit in number.</param>
public sealed record CropModel(string Model, string? Labels)
{
    /// <summary>Reads <c>reader.onnx</c> or <c>reader.onnx,characters.txt</c>.</summary>
    public static CropModel Parse(string text)
    {
        int comma = File.Exists(text) ? -1 : text.LastIndexOf(',');
        return comma < 0 ? new CropModel(text, null) : new CropModel(text[..comma], text[(comma + 1)..]);
    }
}

/// <summary>
/// Adds models that look at crops (a classifier, an embedding, a reader of text) to a pack of detectors. They are looked at before the pack
/// is written, so that one that does not do leaves nothing behind.
/// </summary>
public sealed class CropImport : IDisposable
{
    private const string PartsEnding = ".crops", FallbackName = "crop-";

    private static readonly JsonSerializerOptions Format = new()
    {
        WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly ImportRequest _request;
    private readonly string _parts;
    private readonly List<ImportReport> _made = [];

    /// <param name="request">Of the detectors.</param>
    /// <param name="progress">Told which is looked at.</param>
    /// <exception cref="InvalidDataException">One of them is none that can look at crops.</exception>
    /// <inheritdoc cref="ModelImport.Run"/>
    public CropImport(ImportRequest request, IReadOnlyList<CropModel> crops, EngineReporter report, Action<string> progress,
        CancellationToken cancel)
    {
        _request = request;
        _parts = ModelImport.FolderOf(request, ModelImport.PackNameOf(request)) + PartsEnding;
        try
        {
            foreach (var crop in crops)
            {
                cancel.ThrowIfCancellationRequested();
                progress($"looking at {crop.Model}, for crops");
                var own = new ImportRequest(crop.Model, NameFor(crop.Model), crop.Labels, null, null, null, request.Library, true);
                _made.Add(Usable(ModelImport.Make(own with { Folder = Path.Combine(_parts, own.Name!) }, report)));
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Writes the crop stages into the pack, and what was guessed of them into its page.</summary>
    /// <param name="folder">The pack that was imported.</param>
    /// <param name="guesses">Those of the detectors.</param>
    /// <returns>What came of each, with its place in the pack.</returns>
    /// <exception cref="InvalidDataException">The pack detects nothing, so that there are no boxes to look at.</exception>
    public IReadOnlyList<ImportReport> AddTo(string folder, IEnumerable<ImportGuess> guesses)
    {
        var pack = PackReader.Read(folder);
        if (pack.Task != TaskKind.Detection)
        {
            throw new InvalidDataException($"'{folder}' answers a task of '{WordOf(pack)}', and crops are cut at the boxes of detections; "
                + "name a detector first, and what looks at its boxes with --crop");
        }

        string path = Path.Combine(folder, PackWriter.ManifestName);
        var manifest = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        var stages = manifest["stages"]!.AsArray();
        var crops = new JsonArray();
        var placed = _made.ConvertAll(made => Place(made, folder, stages, crops));
        manifest["crops"] = crops;
        File.WriteAllText(path, manifest.ToJsonString(Format) + "\n");
        PackReader.Read(folder);
        PackGuide.Write(_request with { Replaces = true }, folder, PackGuide.Guesses(guesses.Concat(placed.SelectMany(p =>
            p.Guesses.Select(g => g with { What = $"{Path.GetFileName(p.Folder)}: {g.What}" })))));
        return placed;
    }

    public void Dispose()
    {
        if (Directory.Exists(_parts))
        {
            Directory.Delete(_parts, recursive: true);
        }
    }

    private string NameFor(string model)
    {
        string name = ModelImport.NameOf(model);
        return _made.Exists(m => Path.GetFileName(m.Folder) == name) ? FallbackName + _made.Count.ToString(CultureInfo.InvariantCulture)
            : name;
    }

    private static string WordOf(Pack pack) => ManifestEnums.Of(ManifestEnums.Tasks, pack.Task);

    private static ImportReport Usable(ImportReport made)
    {
        if (made.Family is null)
        {
            throw new InvalidDataException($"'{made.Model}' is not recognised; 'edgeroute import {made.Model}' alone shows its outputs and "
                + "the heads that come nearest");
        }

        var pack = PackReader.Read(made.Folder);
        if (pack.Task is not (TaskKind.Classification or TaskKind.Embedding or TaskKind.Text))
        {
            throw new InvalidDataException($"'{made.Model}' answers a task of '{WordOf(pack)}'; at crops look a classifier, an embedding "
                + "or a reader of text");
        }

        return made.Trial is { Fault: { } fault }
            ? throw new InvalidDataException($"'{made.Model}' does not answer on {made.Trial.Seen}: {fault}") : made;
    }

    private static ImportReport Place(ImportReport made, string folder, JsonArray stages, JsonArray crops)
    {
        var block = JsonNode.Parse(File.ReadAllText(Path.Combine(made.Folder, PackWriter.ManifestName)))!["stages"]![0]!.DeepClone()
            .AsObject();
        string name = Path.GetFileName(made.Folder);
        if (stages.Any(s => (string?)s!["name"] == name))
        {
            name = FallbackName + crops.Count.ToString(CultureInfo.InvariantCulture);
        }

        string place = Path.Combine(folder, name);
        if (Directory.Exists(place))
        {
            Directory.Delete(place, recursive: true);
        }

        File.Delete(Path.Combine(made.Folder, PackWriter.ManifestName));
        Directory.Move(made.Folder, place);
        block["name"] = name;
        block["file"] = $"{name}/{block["file"]}";
        foreach (var weights in block["weights"]?.AsArray() ?? [])
        {
            weights!["file"] = $"{name}/{weights["file"]}";
        }

        var crop = new JsonObject { ["stage"] = name };
        if (File.Exists(Path.Combine(place, PackWriter.LabelsName)))
        {
            crop["labels_file"] = $"{name}/{PackWriter.LabelsName}";
        }

        string index = stages.Count.ToString(CultureInfo.InvariantCulture);
        stages.Add((JsonNode)block);
        crops.Add((JsonNode)crop);
        return made with
        {
            Folder = place,
            Guesses = [.. made.Guesses.Select(g => g with { Change = g.Change.Replace("stages[0]", $"stages[{index}]",
                StringComparison.Ordinal) })],
        };
    }
}
