using System.Text.Json.Nodes;
using EdgeRoute.Core.Agreement;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Protocol.Sweeping;
using EdgeRoute.Workbench.Importing;
using EdgeRoute.Workbench.Playing;
using EdgeRoute.Workbench.Quantizing;

namespace EdgeRoute.Workbench.Splitting;

/// <summary>
/// The model, the footage, and a folder inside that of the new pack for all that is tried. It goes when all is done, so that what is
/// interrupted leaves the new pack's folder as it was.
/// </summary>
internal sealed class SplitScene : IDisposable
{
    public const string WholeName = "whole";

    private const string WorkName = ".split", NameEnding = "-split";

    /// <summary>Detections so far above the threshold are in doubt, as calibrations take it where nothing is said.</summary>
    private const float DoubtBand = 0.1f;

    private readonly string _work;
    private readonly QuantizeScene _footage;

    public SplitScene(SplitRequest request, EngineReporter report, Action<string> progress, CancellationToken cancel)
    {
        Request = request;
        (Report, Progress, Cancel) = (report, progress, cancel);
        var target = Target();
        (Name, Folder) = (target.Name!, ModelImport.FolderOf(target, target.Name!));
        _work = Path.Combine(Folder, WorkName);
        Clear();
        Directory.CreateDirectory(_work);
        try
        {
            TakeIn();
            Base = PackReader.Read(_work);
            Manifest = SiblingManifest.Alone(SiblingManifest.Read(Base.ManifestPath), Base.Stages[0].Name, Base.Labels);
            Labels = request.Labels is { } path ? FrameLabels.Read(path, request.Source) : null;
            _footage = new QuantizeScene(new QuantizeRequest(_work, null, request.Source, [])
            {
                FrameLimit = request.FrameLimit, Every = request.Every, Library = request.Library, ThreadCount = request.ThreadCount,
            }, report, progress, cancel);
            progress("looking for blocks");
            Vit = VitFinder.Find(Base.Stages[0].FilePath, SplitProbe.On(_footage.WorkFolder, request.Library, _footage.Report));
            Arithmetic = new SplitArithmetic(Vit);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public SplitRequest Request { get; }

    public EngineReporter Report { get; }

    public Action<string> Progress { get; }

    public CancellationToken Cancel { get; }

    /// <summary>The new pack's.</summary>
    public string Name { get; }

    public string Folder { get; }

    /// <summary>The model as a pack of one stage.</summary>
    public Pack Base { get; }

    /// <summary>Of <see cref="Base"/>, with its labels in it.</summary>
    public JsonObject Manifest { get; }

    public FrameLabels? Labels { get; }

    public VitModel Vit { get; }

    public SplitArithmetic Arithmetic { get; }

    public string WorkFolder => _footage.WorkFolder;

    /// <summary>Runs the model with further outputs on the frames that are fitted on.</summary>
    public void Tap(string what, ModelTap tap)
    {
        string path = Path.Combine(WorkFolder, "tapped.onnx");
        OnnxModelFile.Write(tap.Model, path);
        var manifest = Manifest.DeepClone().AsObject();
        SiblingManifest.Replace(manifest, Base.Stages[0].Name, _footage.Written(Base.Stages[0].Name, path));
        _footage.Pass(what, manifest, FrameRole.Calibrates, (session, frame) =>
        {
            bool isDone = float.IsFinite(frame.Variants[0].Ms);
            if (isDone)
            {
                tap.Take(name => session.Values(0, name).ToArray());
            }

            return isDone;
        });
        File.Delete(path);
    }

    /// <summary>Runs a plan's stages beside the whole model, frame by frame in turn.</summary>
    public TrialFigures Try(string what, SplitPlan plan, IReadOnlyList<double> ratios, FrameRole role)
    {
        var pack = new SplitPack(this, plan, ratios);
        var manifest = pack.Write(WorkFolder, _footage.FilesFolder, hasWhole: true);
        var figures = new TrialFigures();
        var agreement = Agreement();
        string? fault = null;
        _footage.Pass(what, manifest, role, (session, frame) =>
        {
            var tree = session.Pack.Tree;
            fault = session.LastFault;
            return figures.Add(frame, tree, Quality(frame, tree, agreement), AgreementOf(frame, tree, agreement));
        });
        pack.Stages.ToList().ForEach(s => File.Delete(Path.Combine(WorkFolder, s.File)));
        return figures.Paths.Any(p => p.Value.Ms.TrueForAll(double.IsNaN)) ? throw new InvalidDataException(
            $"the parts do not run as the whole does; what comes behind the blocks may need all tokens. It says: {fault}") : figures;
    }

    /// <summary>Null for a frame without a label.</summary>
    private Func<RouteNode, double>? Quality(SweptFrame frame, RouteTree tree, AnswerAgreement agreement)
    {
        if (Labels is null)
        {
            return AgreementOf(frame, tree, agreement);
        }

        long sequence = frame.Stamp.Sequence;
        return Labels.Has(sequence)
            ? node => frame.Variants[node.VariantIndex].Answer is { } answer ? Labels.QualityOf(sequence, answer, agreement) : 0 : null;
    }

    private static Func<RouteNode, double>? AgreementOf(SweptFrame frame, RouteTree tree, AnswerAgreement agreement)
    {
        var whole = frame.Variants[tree.FindPath(WholeName)!.VariantIndex].Answer;
        return whole is null ? null : node => frame.Variants[node.VariantIndex].Answer is { } answer ? agreement.Of(answer, whole) : 0;
    }

    private AnswerAgreement Agreement()
    {
        var detection = Base.Stages[0].Exit!.Detection;
        float threshold = detection?.Threshold ?? 0;
        return new AnswerAgreement(new AgreementSettings(Math.Max(detection?.Limit ?? 0, 1))
        {
            DoubtBand = DoubtBand, TeacherThreshold = threshold, JudgedThreshold = threshold,
        });
    }

    public void Dispose()
    {
        _footage?.Dispose();
        Clear();
        if (Directory.Exists(Folder) && !Directory.EnumerateFileSystemEntries(Folder).Any())
        {
            Directory.Delete(Folder);
        }
    }

    private bool IsFile => Request.Model.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase);

    private ImportRequest Target()
    {
        string named = IsFile ? Request.Model : Path.GetFileName(Path.GetFullPath(Request.Model).TrimEnd('/')) + ".onnx";
        string usual = ModelImport.NameOf(named);
        usual = usual[..Math.Min(usual.Length, ModelImport.NameLengthMost - NameEnding.Length)] + NameEnding;
        var request = new ImportRequest(Request.Model, Request.Name ?? usual, null, Request.Folder, null, null, Request.Library,
            Request.Replaces) { Source = Request.Source };
        return request with { Name = ModelImport.PackNameOf(request) };
    }

    /// <summary>The model alone, as a pack in the working folder.</summary>
    private void TakeIn()
    {
        if (IsFile)
        {
            var made = ModelImport.Make(Target() with { Folder = _work, Replaces = true, Picture = null, Source = null }, Report);
            if (made.Family is null)
            {
                throw new InvalidDataException($"'{Request.Model}' is not recognised; 'edgeroute import {Request.Model}' shows its outputs "
                    + "and the heads that come nearest");
            }

            return;
        }

        var pack = PackReader.Read(Request.Model, Request.Files);
        var stage = Chosen(pack);
        if (stage.Input is null || stage.Exit is null || stage.Instruction.Count > 0 || stage.State is not null)
        {
            throw new InvalidDataException($"stage '{stage.Name}' cannot be split: it must go from the frame to an answer, and take "
                + "nothing else");
        }

        var manifest = SiblingManifest.Alone(SiblingManifest.Read(pack.ManifestPath), stage.Name, pack.Labels);
        var block = SiblingManifest.StageOf(manifest, stage.Name);
        string from = Path.GetDirectoryName(stage.FilePath)!, file = Path.GetFileName(stage.FilePath);
        File.Copy(stage.FilePath, Path.Combine(_work, file));
        (block["file"], block["weights"]) = (file, Weights(stage, from));
        if (block["weights"] is null)
        {
            block.Remove("weights");
        }

        File.WriteAllText(Path.Combine(_work, PackWriter.ManifestName), SiblingManifest.TextOf(manifest));
    }

    private JsonArray? Weights(PackStage stage, string from)
    {
        var listed = new JsonArray();
        foreach (string path in stage.WeightPaths)
        {
            string file = Path.GetRelativePath(from, path), to = Path.Combine(_work, file);
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(path, to);
            listed.Add((JsonNode)new JsonObject { ["file"] = file, ["sha256"] = SiblingFile.Of("", _work, to).Sha256 });
        }

        return listed.Count == 0 ? null : listed;
    }

    private PackStage Chosen(Pack pack)
    {
        if (Request.Stage is not { } name)
        {
            return pack.Stages.Count == 1 ? pack.Stages[0] : throw new InvalidDataException($"the pack has {pack.Stages.Count} stages; "
                + $"name one with --stage: {string.Join(", ", pack.Stages.Select(s => s.Name))}");
        }

        return pack.Stages.FirstOrDefault(s => s.Name == name) ?? throw new InvalidDataException($"the pack has no stage '{name}'; "
            + NearestName.Suggest(name, [.. pack.Stages.Select(s => s.Name)]));
    }

    private void Clear()
    {
        if (Directory.Exists(_work))
        {
            Directory.Delete(_work, recursive: true);
        }
    }
}

/// <summary>A model with further outputs.</summary>
/// <param name="Take">Given a function from an output's name to its values, after each frame.</param>
internal sealed record ModelTap(Onnx.ModelProto Model, Action<Func<string, float[]>> Take);
