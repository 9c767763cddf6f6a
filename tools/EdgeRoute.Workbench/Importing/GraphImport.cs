using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using EdgeRoute.Core.Signals;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Packs;

namespace EdgeRoute.Workbench.Importing;

/// <summary>
/// Makes one pack of several model files that answer the same task: each is imported on its own, and all become one graph, the cheapest
/// first, with an edge from each to the next dearer one and a cascade over them.
/// </summary>
public static class GraphImport
{
    /// <summary>Until it is chosen on footage: a class that is this likely is believed.</summary>
    private const double UsualProbability = 0.8;

    /// <summary>Until it is chosen on footage: doubts of half a detection are borne.</summary>
    private const double UsualDoubt = 0.5;

    private const string Parts = ".import";

    private static readonly JsonSerializerOptions Format = new()
    {
        WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <param name="request">Of all of them; its model is the first.</param>
    /// <param name="models">All, in any order.</param>
    /// <param name="progress">Told which is looked at.</param>
    /// <exception cref="InvalidDataException">They do not fit together, or one of them is none that a pack can hold.</exception>
    /// <inheritdoc cref="ModelImport.Run"/>
    public static GraphImportReport Run(ImportRequest request, IReadOnlyList<string> models, EngineReporter report, Action<string> progress,
        CancellationToken cancel)
    {
        if (models.GroupBy(m => Path.GetFullPath(m), StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw new InvalidDataException($"'{twice.First()}' is named {twice.Count()} times; a graph takes each file once");
        }

        string name = ModelImport.PackNameOf(request with { Name = NameOf(request, models) });
        string folder = ModelImport.FolderOf(request, name);
        string parts = Path.Combine(folder, Parts);
        bool isNew = !Directory.Exists(folder);
        try
        {
            var stages = new List<GraphStage>();
            for (int i = 0; i < models.Count; i++)
            {
                cancel.ThrowIfCancellationRequested();
                progress($"looking at {models[i]}, {i + 1} of {models.Count}");
                string stage = StageName(models[i], stages);
                var own = request with { Model = models[i], Name = stage, Folder = Path.Combine(parts, stage), Replaces = true };
                stages.Add(Answering(new GraphStage(stage, ModelImport.Make(own, report)), models[i]));
                CheckFit(stages[0], stages[^1]);
            }

            stages.Sort((a, b) => a.Import.Trial!.Ms.CompareTo(b.Import.Trial!.Ms));
            var rules = Write(folder, name, models, stages);
            PackReader.Read(folder);
            return new GraphImportReport(folder, stages, rules, PackTrial.Run(folder, request.Trial, request.Library, report))
            {
                Config = PackGuide.Write(request, folder, PackGuide.Guesses(GuessesOf(stages))),
            };
        }
        finally
        {
            Remove(parts, isNew ? folder : null);
        }
    }

    /// <summary>The pack's name where none is given: those of all files.</summary>
    public static string NameOf(ImportRequest request, IReadOnlyList<string> models) => request.Name
        ?? ModelImport.NameOf(string.Join('-', models.Select(Path.GetFileNameWithoutExtension)) + ".onnx");

    private static GraphStage Answering(GraphStage stage, string model)
    {
        if (stage.Import.Family is null)
        {
            throw new InvalidDataException($"'{model}' is not recognised; 'edgeroute import {model}' alone shows its outputs and the heads "
                + "that come nearest");
        }

        return stage.Import.Trial is { Fault: { } fault }
            ? throw new InvalidDataException($"'{model}' does not answer on {stage.Import.Trial.Seen}: {fault}") : stage;
    }

    /// <summary>One pack answers one task, and numbers its classes once.</summary>
    private static void CheckFit(GraphStage first, GraphStage other)
    {
        var (a, b) = (PackReader.Read(first.Import.Folder), PackReader.Read(other.Import.Folder));
        string files = $"'{first.Import.Model}' and '{other.Import.Model}' do not fit into one pack: ";
        if (a.Task != b.Task)
        {
            throw new InvalidDataException($"{files}the first answers a task of '{WordOf(a)}', the second one of '{WordOf(b)}'; import "
                + "each into a pack of its own");
        }

        if (a.Labels.Count != b.Labels.Count)
        {
            throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture,
                $"{files}the first has {a.Labels.Count} classes, the second {b.Labels.Count}; import each into a pack of its own"));
        }

        int at = Enumerable.Range(0, a.Labels.Count).FirstOrDefault(i => a.Labels[i] != b.Labels[i], -1);
        if (at >= 0)
        {
            throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture,
                $"{files}class {at} is '{a.Labels[at]}' in the first and '{b.Labels[at]}' in the second; if both mean the same classes, ")
                + "name them with --labels FILE");
        }
    }

    private static string WordOf(Pack pack) => ManifestEnums.Of(ManifestEnums.Tasks, pack.Task);

    private static string StageName(string model, List<GraphStage> stages)
    {
        string name = ModelImport.NameOf(model), free = name;
        for (int i = 2; stages.Exists(s => s.Name == free); i++)
        {
            string number = FormattableString.Invariant($"-{i}");
            free = name[..Math.Min(name.Length, ModelImport.NameLengthMost - number.Length)] + number;
        }

        return free;
    }

    /// <summary>Moves the parts to where they stay, and writes the manifest over them.</summary>
    private static List<GraphRule> Write(string folder, string name, IReadOnlyList<string> models, List<GraphStage> stages)
    {
        var blocks = new JsonArray();
        var licences = new List<string>();
        var rules = stages.Zip(stages.Skip(1)).Select(s => RuleAt(s.First, s.Second)).OfType<GraphRule>().ToList();
        string task = (string)ManifestOf(stages[^1])["task"]!;
        for (int i = 0; i < stages.Count; i++)
        {
            var stage = stages[i];
            var manifest = ManifestOf(stage);
            licences.Add((string)manifest["licence"]!["spdx"]!);
            var block = manifest["stages"]![0]!.DeepClone().AsObject();
            block["name"] = stage.Name;
            block["file"] = $"{stage.Name}/{block["file"]}";
            foreach (var weights in block["weights"]?.AsArray() ?? [])
            {
                weights!["file"] = $"{stage.Name}/{weights["file"]}";
            }

            blocks.Add((JsonNode)block);
            stages[i] = Settle(stage, folder, i);
        }

        var written = new JsonObject
        {
            ["manifest"] = 1,
            ["name"] = name,
            ["version"] = "1",
            ["title"] = string.Join(", then ", stages.Select(s => Path.GetFileName(s.Import.Model))),
            ["task"] = task,
            ["licence"] = new JsonObject
            {
                ["spdx"] = licences.Distinct().Count() == 1 ? licences[0] : "NOASSERTION",
                ["origin"] = $"{string.Join(", ", models.Select(Path.GetFileName))}, imported",
            },
            ["labels_file"] = PackWriter.LabelsName,
            ["stages"] = blocks,
            ["edges"] = Edges(stages),
            ["policies"] = Policies(stages[0].Name, stages[^1].Name, rules),
        };
        if (!File.Exists(Path.Combine(folder, PackWriter.LabelsName)))
        {
            written.Remove("labels_file");
        }

        File.WriteAllText(Path.Combine(folder, PackWriter.ManifestName), written.ToJsonString(Format) + "\n");
        return rules;
    }

    internal static IReadOnlyList<ImportGuess> GuessesOf(IReadOnlyList<GraphStage> stages) =>
        [.. stages.SelectMany(s => s.Import.Guesses.Select(g => g with { What = $"{s.Name}: {g.What}" }))];

    /// <summary>Writes other thresholds into a pack that was imported.</summary>
    public static void SetRules(string folder, IReadOnlyList<GraphRule> rules)
    {
        string path = Path.Combine(folder, PackWriter.ManifestName);
        var manifest = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        string first = (string)manifest["stages"]![0]!["name"]!, last = (string)manifest["stages"]!.AsArray()[^1]!["name"]!;
        manifest["policies"] = Policies(first, last, rules);
        File.WriteAllText(path, manifest.ToJsonString(Format) + "\n");
    }

    private static JsonObject ManifestOf(GraphStage stage) =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(stage.Import.Folder, PackWriter.ManifestName)))!.AsObject();

    private static GraphStage Settle(GraphStage stage, string folder, int index)
    {
        string from = stage.Import.Folder, to = Path.Combine(folder, stage.Name);
        if (File.Exists(Path.Combine(from, PackWriter.LabelsName)))
        {
            File.Move(Path.Combine(from, PackWriter.LabelsName), Path.Combine(folder, PackWriter.LabelsName), overwrite: true);
        }

        File.Delete(Path.Combine(from, PackWriter.ManifestName));
        File.Delete(Path.Combine(from, PackTrial.DrawnName));
        if (Directory.Exists(to))
        {
            Directory.Delete(to, recursive: true);
        }

        Directory.Move(from, to);
        var guesses = stage.Import.Guesses.Select(g => g with { Change = g.Change.Replace("stages[0]",
            FormattableString.Invariant($"stages[{index}]"), StringComparison.Ordinal) });
        return stage with { Import = stage.Import with { Folder = to, Guesses = [.. guesses] } };
    }

    private static JsonArray Edges(List<GraphStage> stages)
    {
        static JsonNode Edge(string from, string to) => new JsonObject { ["from"] = from, ["to"] = to };
        return new JsonArray([.. stages.Select(s => Edge("frame", s.Name)),
            .. stages.Zip(stages.Skip(1)).Select(s => Edge(s.First.Name, s.Second.Name)), Edge("frame", "previous")]);
    }

    private static JsonObject Policies(string first, string last, IReadOnlyList<GraphRule> rules)
    {
        var policies = new JsonObject { ["fixed_route"] = last };
        if (rules.Count == 0)
        {
            return policies;
        }

        var exits = new JsonObject();
        foreach (var rule in rules)
        {
            exits[rule.Stage] = new JsonObject
            {
                ["signal"] = rule.Signal,
                [rule.StopsAbove ? "stop_at_least" : "stop_at_most"] = rule.Threshold,
                ["next"] = rule.Next,
            };
        }

        policies["cascade"] = new JsonObject { ["entry"] = first, ["exits"] = exits };
        return policies;
    }

    /// <summary>Null where the head computes no signal that a cascade could go by.</summary>
    private static GraphRule? RuleAt(GraphStage stage, GraphStage next)
    {
        var exit = PackReader.Read(stage.Import.Folder).Stages[0].Exit!;
        if (exit.Gives(ExitSignalKind.LowConfidenceMass))
        {
            return new GraphRule(stage.Name, "low_confidence_mass", UsualDoubt, StopsAbove: false, next.Name);
        }

        return exit.Gives(ExitSignalKind.MaxProbability)
            ? new GraphRule(stage.Name, "max_probability", UsualProbability, StopsAbove: true, next.Name) : null;
    }

    private static void Remove(string parts, string? folder)
    {
        if (Directory.Exists(parts))
        {
            Directory.Delete(parts, recursive: true);
        }

        if (folder is not null && Directory.Exists(folder) && !File.Exists(Path.Combine(folder, PackWriter.ManifestName)))
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}

/// <summary>One model of the graph.</summary>
/// <param name="Import">What came of it alone; its trial's milliseconds are what the stages are ordered by.</param>
public sealed record GraphStage(string Name, ImportReport Import);

/// <summary>When a stage's answer is taken, and what comes otherwise.</summary>
public sealed record GraphRule(string Stage, string Signal, double Threshold, bool StopsAbove, string Next)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Stage} is enough where {Signal} is at {(StopsAbove ? "least" : "most")} {Threshold:0.####}, else {Next}");
}

/// <summary>What came of several.</summary>
/// <param name="Stages">The cheapest first.</param>
/// <param name="Rules">The cascade; empty where the heads compute nothing that one could go by.</param>
/// <param name="Trial">The pack on one picture.</param>
public sealed record GraphImportReport(string Folder, IReadOnlyList<GraphStage> Stages, IReadOnlyList<GraphRule> Rules, ImportTrial Trial)
{
    /// <summary>The device config that runs the pack.</summary>
    public required string Config { get; init; }

    /// <summary>What the cascade came to on footage, where it was chosen on some.</summary>
    public CascadeOutcome? Outcome { get; init; }

    /// <summary>Models that look at the boxes.</summary>
    public IReadOnlyList<ImportReport> Crops { get; init; } = [];

    /// <summary>Of all stages, each with its name.</summary>
    [JsonIgnore]
    public IReadOnlyList<ImportGuess> Guesses => GraphImport.GuessesOf(Stages);

    public string ToJson() => JsonSerializer.Serialize(this, GraphImportJson.Default.GraphImportReport);
}

/// <summary>A cascade beside the heaviest path, on the footage that it was chosen on.</summary>
/// <param name="Quality">Mean agreement with the heaviest path, 0 to 1.</param>
/// <param name="Ms">Mean device time of a frame.</param>
/// <param name="HeaviestMs">The same of the heaviest path alone.</param>
public sealed record CascadeOutcome(string Source, int FrameCount, double Quality, double Ms, double HeaviestMs);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(GraphImportReport))]
internal sealed partial class GraphImportJson : JsonSerializerContext;
