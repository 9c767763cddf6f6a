using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Signals;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Preprocess;
using EdgeRoute.Engine.Stages;
using EdgeRoute.Engine.Stages.Heads;

namespace EdgeRoute.Simulation.Scripted;

/// <summary>
/// The twin of a pack's sessions: answers, costs and faults by script, without a model file. For policies, faults and budgets that must be
/// met at will.
/// </summary>
internal sealed class ScriptedStageSet : IStageSet
{
    private const int SidePixels = 8;

    private static readonly FrameInputSpec Spec = new(
        SidePixels, SidePixels, 1, ChannelOrder.Gray, TensorLayout.Nchw, TensorElement.Float32, FitKind.Stretch, PadPlacement.TopLeft,
        SidePixels, 0, [0], [1]);

    private readonly RouteTree _tree;
    private readonly IReadOnlyDictionary<string, ScriptedStage> _script;
    private readonly ScriptedClock? _clock;
    private readonly ScriptedHead _head = new(null);
    private readonly byte[] _tensor = new byte[SidePixels * SidePixels * sizeof(float)];
    private readonly long[] _runCounts;
    private readonly VariantInput?[] _inputs;
    private int _fallbackCount;

    /// <param name="tree">The paths to play.</param>
    /// <param name="script">One entry for each stage, by name.</param>
    /// <param name="clock">Advances by each run's cost; null where time does not matter.</param>
    public ScriptedStageSet(RouteTree tree, IReadOnlyDictionary<string, ScriptedStage> script, ScriptedClock? clock = null)
    {
        _tree = tree;
        _script = script;
        _clock = clock;
        _runCounts = new long[tree.Graph.Stages.Count];
        _inputs = [.. tree.Variants.Select(v => StageOf(v.Index).TakesFrame ? new VariantInput(Spec, 1, v.Region) { Windows = v.Windows }
            : null)];
    }

    /// <summary>Plays a policy: answers are chunks of this many steps of as many values; null for two-class answers.</summary>
    public (int StepCount, int DimensionCount)? Chunk { init => _head = new ScriptedHead(value); }

    public HeadLosses HeadLosses => default;

    public StageWants Wants { get; init; }

    public InstructionCounts Instructions { get; private set; }

    /// <summary>The instruction told last.</summary>
    public string? Instruction { get; private set; }

    /// <summary>The state told last.</summary>
    public float[] State { get; private set; } = [];

    public void Tell(string? instruction, ReadOnlySpan<float> state)
    {
        Wants.Check(instruction, state);
        bool isNew = !string.Equals(instruction, Instruction, StringComparison.Ordinal);
        Instructions = Wants.Instruction ? Instructions with { HitCount = Instructions.HitCount + (isNew ? 0 : 1),
            RunCount = Instructions.RunCount + (isNew ? 1 : 0) } : default;
        Instruction = instruction;
        State = State.Length == state.Length ? State : new float[state.Length];
        state.CopyTo(State);
    }

    /// <summary>Runs of a stage so far, failed ones included.</summary>
    public long RunCountOf(string stageName) => _runCounts[IndexOf(stageName)];

    public VariantInput? FrameInput(int variantIndex) => _inputs[variantIndex];

    public Span<byte> FrameTensor(int variantIndex) => _tensor;

    public void Run(int variantIndex)
    {
        var stage = StageOf(variantIndex);
        var script = _script[stage.Name];
        long run = _runCounts[_tree.Variants[variantIndex].StageIndex]++;
        _clock?.AdvanceMs(script.CostMs(run));
        if (_fallbackCount == 0 && script.Fails(run))
        {
            throw new StageFailedException(stage.Name, $"scripted fault in run {run}");
        }

        _head.Take(script.Confidence(run), run);
    }

    /// <summary>Times that a run was to be ended from outside; a script does what it does all the same.</summary>
    public int TerminationCount { get; private set; }

    public void Terminate() => TerminationCount++;

    public void ClearTermination()
    {
    }

    /// <summary>Has a second provider, on which no run fails.</summary>
    public bool HasOtherProvider { get; set; }

    public string? FallBack(int variantIndex)
    {
        bool isTaken = HasOtherProvider && _fallbackCount == 0;
        _fallbackCount += isTaken ? 1 : 0;
        return isTaken ? $"stage '{StageOf(variantIndex).Name}' goes on by its other script" : null;
    }

    public int FallbackCount(string stageName) => _fallbackCount;

    public IHead? Head(int variantIndex) => StageOf(variantIndex).HasExit ? _head : null;

    public IHeadTensors HeadTensors(int variantIndex) => _head;

    public void Dispose()
    {
    }

    private RouteStage StageOf(int variantIndex) => _tree.Graph.Stages[_tree.Variants[variantIndex].StageIndex];

    private int IndexOf(string stageName) => _tree.Graph.Stages.Select((s, i) => (s, i)).First(x => x.s.Name == stageName).i;

    /// <summary>A two-class answer of the scripted confidence, or a chunk whose values tell run and step: run + step / 100.</summary>
    private sealed class ScriptedHead((int StepCount, int DimensionCount)? chunk) : IHead, IHeadTensors
    {
        private static readonly long[] ScalarShape = [1];

        private readonly float[] _values = new float[1];
        private long _run;

        public TaskKind Task => chunk is null ? TaskKind.Classification : TaskKind.Policy;

        public int DetectionLimit => 0;

        public int ValueLimit => chunk is { } c ? c.StepCount * c.DimensionCount : 2;

        public int Count => 1;

        public void Take(float confidence, long run) => (_values[0], _run) = (confidence, run);

        public ReadOnlySpan<float> Values(int index) => _values;

        public ReadOnlySpan<long> Shape(int index) => ScalarShape;

        public ExitSignals Decode(IHeadTensors tensors, in FrameMapping mapping, Answer answer)
        {
            float p = tensors.Values(0)[0];
            (answer.ValueSlots[0], answer.ValueSlots[1], answer.ValueCount) = (p, 1 - p, ValueLimit);
            for (int i = 0; chunk is { } c && i < ValueLimit; i++)
            {
                answer.ValueSlots[i] = _run + (i / c.DimensionCount / 100f);
            }

            return new ExitSignals(p, (2 * p) - 1, 0, 0, 0);
        }
    }
}

/// <summary>What a scripted stage does on its n-th run.</summary>
/// <param name="Confidence">Largest class probability it answers with, in [0.5, 1], by run number from 0.</param>
/// <param name="CostMs">Milliseconds it takes, by run number; the clock handed to the stage set advances by it.</param>
/// <param name="Fails">Whether the run fails, as a device fault would.</param>
internal sealed record ScriptedStage(Func<long, float> Confidence, Func<long, float> CostMs, Func<long, bool> Fails)
{
    public static ScriptedStage Steady(float confidence, float costMs) => new(_ => confidence, _ => costMs, _ => false);
}
