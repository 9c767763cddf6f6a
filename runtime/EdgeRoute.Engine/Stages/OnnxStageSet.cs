using EdgeRoute.Core.Graphs;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Preprocess;
using EdgeRoute.Engine.Stages.Heads;
using EdgeRoute.Interop.OnnxRuntime;

namespace EdgeRoute.Engine.Stages;

/// <summary>A pack's stages as ONNX Runtime sessions, one per stage, all on the environment's threads and arena.</summary>
public sealed class OnnxStageSet : IStageSet
{
    /// <summary>Runs of every variant before the first frame: lazy kernels, caches and clocks settle within the first few.</summary>
    private const int WarmUpRuns = 3;

    private readonly List<OrtSession> _sessions = [];
    private readonly List<OnnxVariant> _variants = [];
    private readonly IHead?[] _heads;
    private readonly OrtSession? _languageSession;
    private readonly TaskTensors _task;

    /// <exception cref="PackRefusedException">A session's tensors are not what the manifest says; all differences at once.</exception>
    /// <exception cref="OrtException">A model file cannot be opened.</exception>
    /// <exception cref="OrtProviderRequiredException">A required provider is not used.</exception>
    /// <exception cref="StageFailedException">A warm-up run failed.</exception>
    public OnnxStageSet(Pack pack, RouteTree tree, OrtEnvironment environment, OrtSessionRequest request)
    {
        try
        {
            _sessions.AddRange(pack.Stages.Select(s => OrtSession.Open(environment, s.FilePath, request)));
            _languageSession = pack.Language is { } language ? OrtSession.Open(environment, language.FilePath, request) : null;
            CheckTensors(pack);
            _task = new TaskTensors(pack, _languageSession);
            _variants.AddRange(MakeVariants(pack, tree));
        }
        catch
        {
            Dispose();
            throw;
        }

        var heads = pack.Stages.Select(s => s.Exit is { } exit ? HeadFactory.Create(exit) : null).ToArray();
        _heads = [.. tree.Variants.Select(v => heads[v.StageIndex])];
        ProviderReports = [.. pack.Stages.Select((s, i) => new StageProviders(s.Name, _sessions[i].ProviderReports))];
        ProviderReports = _languageSession is null ? ProviderReports
            : [.. ProviderReports, new StageProviders(InstructionFeatures.StageName, _languageSession.ProviderReports)];
    }

    /// <summary>What became of each execution provider asked for, by stage.</summary>
    public IReadOnlyList<StageProviders> ProviderReports { get; }

    /// <summary>What the heads of all stages let go so far.</summary>
    public HeadLosses HeadLosses => HeadLosses.Of(_heads);

    public StageWants Wants => _task.Wants;

    public InstructionCounts Instructions => _task.Instructions;

    public void Tell(string? instruction, ReadOnlySpan<float> state) => _task.Tell(instruction, state);

    public VariantInput? FrameInput(int variantIndex) => _variants[variantIndex].Input;

    public Span<byte> FrameTensor(int variantIndex) => _variants[variantIndex].FrameTensor!.Bytes;

    public void Run(int variantIndex) => _variants[variantIndex].Run();

    public void Terminate()
    {
        _variants.ForEach(v => v.Terminate());
        _task.Terminate();
    }

    public void ClearTermination()
    {
        _variants.ForEach(v => v.ClearTermination());
        _task.ClearTermination();
    }

    public IHead? Head(int variantIndex) => _heads[variantIndex];

    public IHeadTensors HeadTensors(int variantIndex) => _variants[variantIndex].HeadTensors!;

    /// <summary>Runs every variant a few times before the first frame.</summary>
    public void WarmUp()
    {
        foreach (var variant in _variants)
        {
            for (int i = 0; i < WarmUpRuns; i++)
            {
                variant.Run();
            }
        }
    }

    public void Dispose()
    {
        _variants.ForEach(v => v.Dispose());
        _task?.Dispose();
        _languageSession?.Dispose();
        _sessions.ForEach(s => s.Dispose());
    }

    private void CheckTensors(Pack pack)
    {
        var tensors = _sessions.Select(TensorsOf).ToList();
        if (PackSessionCheck.FindProblems(pack, tensors,
            _languageSession is null ? null : TensorsOf(_languageSession)) is { Count: > 0 } problems)
        {
            throw new PackRefusedException(pack.ManifestPath, problems);
        }
    }

    private static StageTensors TensorsOf(OrtSession session) => new(session.Inputs.Select(Declare).ToList(),
        session.Outputs.Select(Declare).ToList());

    private static ModelTensor Declare(OrtTensorSpec spec) => new(spec.Name, ElementName(spec.ElementType), [.. spec.Shape]);

    /// <summary>The library's enumeration calls fp32 "float"; manifests and ONNX papers give the width.</summary>
    private static string ElementName(OrtElementType type) => type == OrtElementType.Float ? "float32" : type.ToString().ToLowerInvariant();

    private IEnumerable<OnnxVariant> MakeVariants(Pack pack, RouteTree tree)
    {
        var made = new List<OnnxVariant>();
        foreach (var variant in tree.Variants)
        {
            var producers = variant.FeatureVariantIndices.ToDictionary(v => tree.Variants[v].StageIndex, v => made[v]);
            made.Add(new OnnxVariant(_sessions[variant.StageIndex], pack.Stages[variant.StageIndex], variant, producers, _task));
            yield return made[^1];
        }
    }
}

/// <summary>The provider reports of one stage's session.</summary>
public sealed record StageProviders(string StageName, IReadOnlyList<OrtProviderReport> Reports);
