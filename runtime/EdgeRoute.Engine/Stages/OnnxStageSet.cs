using EdgeRoute.Core.Graphs;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Preprocess;
using EdgeRoute.Engine.Remote;
using EdgeRoute.Engine.Stages.Heads;
using EdgeRoute.Interop.OnnxRuntime;

namespace EdgeRoute.Engine.Stages;

/// <summary>A pack's stages as ONNX Runtime sessions, one per stage, all on the environment's threads and arena.</summary>
public sealed class OnnxStageSet : IStageSet
{
    private readonly Pack _pack;
    private readonly RouteTree _tree;
    private readonly FirstRuns _first;
    private readonly List<StageProvision> _stages = [];
    private readonly List<OnnxVariant> _variants = [];
    private readonly IHead?[] _heads;
    private readonly OrtSession? _languageSession;
    private readonly TaskTensors _task;
    private readonly Func<string, RemoteStage?> _remotes;
    private long _deadlineNs = long.MaxValue;

    /// <param name="firstRunLimitMs">How long one run may take before the first frame.</param>
    /// <exception cref="PackRefusedException">A session's tensors are not what the manifest says; all differences at once.</exception>
    /// <exception cref="OrtException">A model file cannot be opened.</exception>
    /// <exception cref="OrtProviderRequiredException">A required provider is not used.</exception>
    /// <exception cref="StageFailedException">A warm-up run failed.</exception>
    public OnnxStageSet(Pack pack, RouteTree tree, OrtEnvironment environment, OrtSessionRequest request,
        int firstRunLimitMs = FirstRuns.UsualLimitMs)
        : this(pack, tree, environment, request, firstRunLimitMs, null)
    {
    }

    /// <param name="costs">Measures what opening takes; null where nobody asks.</param>
    /// <param name="remotes">By its name, the engine that has a stage too; null where none has any.</param>
    internal OnnxStageSet(Pack pack, RouteTree tree, OrtEnvironment environment, OrtSessionRequest request, int firstRunLimitMs,
        OpeningCosts? costs, Func<string, RemoteStage?>? remotes = null)
    {
        _remotes = remotes ?? (static _ => null);
        OrtSession Open(PackStage stage, OrtSessionRequest wanted) => OrtSession.Open(environment, stage.FilePath, wanted);

        (_pack, _tree, _first) = (pack, tree, new FirstRuns(firstRunLimitMs));
        try
        {
            _stages.AddRange(StageProvision.OpenAll(pack.Stages, request, costs is null ? Open : (s, r) => costs.Open(s.Name,
                () => Open(s, r))));
            _languageSession = pack.Language is { } language ? OrtSession.Open(environment, language.FilePath, request) : null;
            CheckTensors(pack);
            _task = new TaskTensors(pack, _languageSession, _first);
            _variants.AddRange(MakeVariants(pack, tree, costs));
        }
        catch
        {
            Dispose();
            throw;
        }

        var heads = pack.Stages.Select(s => s.Exit is { } exit ? HeadFactory.Create(exit) : null).ToArray();
        _heads = [.. tree.Variants.Select(v => heads[v.StageIndex])];
    }

    /// <summary>What became of each execution provider asked for, by stage.</summary>
    public IReadOnlyList<StageProviders> ProviderReports =>
    [
        .. _stages.Select((s, i) => new StageProviders(_pack.Stages[i].Name, s.Session.ProviderReports)),
        .. _languageSession is null ? [] : new[] { new StageProviders(InstructionFeatures.StageName, _languageSession.ProviderReports) },
    ];

    /// <summary>By stage: its session, and the way to the next.</summary>
    internal IReadOnlyList<StageProvision> Provisions => _stages;

    /// <summary>By name, whoever reads it.</summary>
    internal OrtTensor Output(int variantIndex, string name) => _variants[variantIndex].Output(name);

    /// <summary>What the heads of all stages let go so far.</summary>
    public HeadLosses HeadLosses => HeadLosses.Of(_heads);

    public StageWants Wants => _task.Wants;

    public InstructionCounts Instructions => _task.Instructions;

    public void Tell(string? instruction, ReadOnlySpan<float> state) => _task.Tell(instruction, state);

    public RunPlace LastPlace { get; private set; }

    public void Until(long deadlineNs) => _deadlineNs = deadlineNs;

    public VariantInput? FrameInput(int variantIndex) => _variants[variantIndex].Input;

    public Span<byte> FrameTensor(int variantIndex) => _variants[variantIndex].FrameTensor!.Bytes;

    public void Run(int variantIndex)
    {
        if (_stages[_tree.Variants[variantIndex].StageIndex].IsReady)
        {
            TakeNextSession(_tree.Variants[variantIndex].StageIndex);
        }

        LastPlace = _variants[variantIndex].Run(_deadlineNs);
    }

    public string? FallBack(int variantIndex)
    {
        var stage = _stages[_tree.Variants[variantIndex].StageIndex];
        return stage.FallBack(stage.Session.ProviderReports);
    }

    public int FallbackCount(string stageName) => _stages[_pack.Stages.ToList().FindIndex(s => s.Name == stageName)].FallbackCount;

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

    /// <summary>
    /// Runs every variant before the first frame as frames will. Its tensors were found by a run too, so kernels and caches are there.
    /// </summary>
    public void WarmUp() => _variants.ForEach(v => v.WarmUp(_first));

    public void Dispose()
    {
        _variants.ForEach(v => v.Dispose());
        _task?.Dispose();
        _languageSession?.Dispose();
        _stages.ForEach(s => s.Dispose());
    }

    private void TakeNextSession(int stageIndex)
    {
        using var before = _stages[stageIndex].Take();
        foreach (var variant in _tree.Variants.Where(v => v.StageIndex == stageIndex))
        {
            _variants[variant.Index].GoOnWith(_stages[stageIndex].Session);
        }
    }

    private void CheckTensors(Pack pack)
    {
        var tensors = _stages.Select(s => TensorsOf(s.Session)).ToList();
        if (PackSessionCheck.FindProblems(pack, tensors,
            _languageSession is null ? null : TensorsOf(_languageSession)) is { Count: > 0 } problems)
        {
            throw new PackRefusedException(pack.ManifestPath, problems);
        }
    }

    private static StageTensors TensorsOf(OrtSession session) => new(session.Inputs.Select(Declare).ToList(),
        session.Outputs.Select(Declare).ToList());

    /// <summary>
    /// A session shows a tensor of one value and one whose shape is not told alike; the file, which is asked first, does not.
    /// </summary>
    private static ModelTensor Declare(OrtTensorSpec spec) =>
        new(spec.Name, ElementName(spec.ElementType), [.. spec.Shape]) { IsRankOpen = spec.Shape.Length == 0 };

    /// <summary>The library's enumeration calls fp32 "float"; manifests and ONNX papers give the width.</summary>
    internal static string ElementName(OrtElementType type) =>
        type == OrtElementType.Float ? "float32" : type.ToString().ToLowerInvariant();

    private IEnumerable<OnnxVariant> MakeVariants(Pack pack, RouteTree tree, OpeningCosts? costs)
    {
        var made = new List<OnnxVariant>();
        foreach (var variant in tree.Variants)
        {
            var producers = variant.FeatureVariantIndices.ToDictionary(v => tree.Variants[v].StageIndex, v => made[v]);
            string[] handedOn = [.. pack.Stages.SelectMany(s => s.Features).Where(f => f.FromStageIndex == variant.StageIndex)
                .Select(f => f.FromTensorName).Distinct()];
            OnnxVariant Make() => new(_stages[variant.StageIndex].Session, pack.Stages[variant.StageIndex], variant, producers, handedOn,
                _task, _first, _remotes(pack.Stages[variant.StageIndex].Name));
            made.Add(costs is null ? Make() : costs.FirstRun(Make));
            yield return made[^1];
        }
    }
}

/// <summary>The provider reports of one stage's session.</summary>
public sealed record StageProviders(string StageName, IReadOnlyList<OrtProviderReport> Reports);
