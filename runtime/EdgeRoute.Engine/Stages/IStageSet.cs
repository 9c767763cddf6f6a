using System.Globalization;
using EdgeRoute.Engine.Preprocess;
using EdgeRoute.Engine.Remote;
using EdgeRoute.Engine.Stages.Heads;

namespace EdgeRoute.Engine.Stages;

/// <summary>
/// The loaded stages of one pack: every variant of the route tree with its tensors allocated and bound. Used by one lane's thread only.
/// </summary>
public interface IStageSet : IDisposable
{
    /// <summary>What the heads had to leave out so far.</summary>
    HeadLosses HeadLosses { get; }

    /// <summary>What the stages must be told with each frame.</summary>
    StageWants Wants { get; }

    /// <summary>What became of the instructions told so far.</summary>
    InstructionCounts Instructions { get; }

    /// <summary>
    /// Tells the stages what the task is and where the robot stands, for all runs until the next call. Once for each frame, before its
    /// stages; nothing where nothing is wanted. An instruction told lately costs a copy, or nothing where it is the one told last.
    /// </summary>
    /// <param name="instruction">The task in words; null where none is given.</param>
    /// <param name="state">What the robot knows of itself; empty where nothing is told.</param>
    /// <exception cref="TaskUntoldException">Something that is wanted is missing or cannot be understood: no stage may run on this
    /// frame.</exception>
    /// <exception cref="StageFailedException">The language network failed.</exception>
    void Tell(string? instruction, ReadOnlySpan<float> state);

    /// <summary>Where the last <see cref="Run"/> was.</summary>
    RunPlace LastPlace => RunPlace.Here;

    /// <summary>A frame is at hand that is to be answered by then; the largest value for whenever. For stages that can be had in more than
    /// one place.</summary>
    void Until(long deadlineNs)
    {
    }

    /// <summary>What a variant's stage wants of the frame, at the variant's size and region; null when it takes features only.</summary>
    VariantInput? FrameInput(int variantIndex);

    /// <summary>The input tensor's memory, to be filled before <see cref="Run"/>.</summary>
    Span<byte> FrameTensor(int variantIndex);

    /// <summary>Runs the stage. Features it consumes are where the producing stage left them.</summary>
    /// <exception cref="StageFailedException">The library or the device refused; the frame goes on without this stage.</exception>
    void Run(int variantIndex);

    /// <summary>Ends the run in progress, and those that follow, with a fault; any thread.</summary>
    void Terminate();

    /// <summary>Runs that follow are runs again.</summary>
    void ClearTermination();

    /// <summary>
    /// A variant's stage failed again and again: from a run soon on it goes without the provider that it is on. Returns what is to be told;
    /// null where none is left but the CPU.
    /// </summary>
    string? FallBack(int variantIndex);

    /// <summary>How often a stage left a provider.</summary>
    int FallbackCount(string stageName);

    /// <summary>The head of a variant's stage; null where it has no exit.</summary>
    IHead? Head(int variantIndex);

    /// <summary>What the last <see cref="Run"/> of this variant left for its head.</summary>
    IHeadTensors HeadTensors(int variantIndex);
}

/// <summary>A stage did not answer on this frame. Consequence: this frame takes another option, or fails; the loop goes on.</summary>
public sealed class StageFailedException(string stage, string detail, Exception? inner = null)
    : Exception($"stage '{stage}' failed: {detail}", inner)
{
    public string Stage { get; } = stage;

    public string Detail { get; } = detail;
}

/// <summary>
/// The instruction or the robot's state is missing or cannot be understood. Consequence: this frame fails, no stage runs on it; the loop
/// goes on.
/// </summary>
internal sealed class TaskUntoldException(string message) : Exception(message);

/// <summary>What a pack's stages must be told with each frame, beside its pixels.</summary>
/// <param name="Instruction">The task in words.</param>
/// <param name="StateLength">Values of the robot's state; 0 where none is wanted.</param>
public readonly record struct StageWants(bool Instruction, int StateLength)
{
    public bool Any => Instruction || StateLength > 0;

    /// <exception cref="TaskUntoldException">Something that is wanted is missing, or the state has another number of values. Zeros would be
    /// a lie about the robot.</exception>
    public void Check(string? instruction, ReadOnlySpan<float> state)
    {
        if (Instruction && instruction is null)
        {
            throw new TaskUntoldException("the pack's stages want an instruction, but the source gives none and the config has none; "
                + "write 'instruction' under the source");
        }

        if (StateLength > 0 && state.Length != StateLength)
        {
            throw new TaskUntoldException(string.Create(CultureInfo.InvariantCulture,
                $"the pack's stages want a state of {StateLength} values, but the source tells {state.Length} with this frame"));
        }
    }
}
