using EdgeRoute.Documents.Packs;
using EdgeRoute.Interop.OnnxRuntime;

namespace EdgeRoute.Engine.Stages;

/// <summary>
/// What all stages of a pack are told in common: the features of the instruction, and the robot's state. One tensor each, bound to every
/// stage that takes it.
/// </summary>
internal sealed class TaskTensors : IDisposable
{
    private readonly InstructionFeatures? _instruction;
    private readonly OrtTensor? _state;

    /// <exception cref="StageFailedException">The first run of the language network failed.</exception>
    public TaskTensors(Pack pack, OrtSession? language, FirstRuns first)
    {
        Wants = new StageWants(pack.Language is not null, pack.StateLength);
        _instruction = language is null ? null : new InstructionFeatures(pack.Language!, language, first);
        _state = Wants.StateLength == 0 ? null : OrtTensor.Allocate(OrtElementType.Float, [1, Wants.StateLength]);
    }

    public StageWants Wants { get; }

    public InstructionCounts Instructions => _instruction?.Counts ?? default;

    /// <summary>Where the stages find the robot's state.</summary>
    public OrtTensor State => _state!;

    /// <summary>Where the stages find an output of the language network.</summary>
    public OrtTensor Feature(string name) => _instruction!.Output(name);

    /// <inheritdoc cref="IStageSet.Tell"/>
    public void Tell(string? instruction, ReadOnlySpan<float> state)
    {
        Wants.Check(instruction, state);
        if (_state is not null)
        {
            state.CopyTo(_state.Floats);
        }

        _instruction?.Tell(instruction!);
    }

    public void Terminate() => _instruction?.Terminate();

    public void ClearTermination() => _instruction?.ClearTermination();

    public void Dispose()
    {
        _instruction?.Dispose();
        _state?.Dispose();
    }
}
