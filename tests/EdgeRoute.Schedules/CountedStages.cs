using EdgeRoute.Engine.Preprocess;
using EdgeRoute.Engine.Stages;
using EdgeRoute.Engine.Stages.Heads;

namespace EdgeRoute.Schedules;

/// <summary>Stages that run nothing and remember whether they were told to end.</summary>
internal sealed class CountedStages : IStageSet
{
    private int _terminationCount;
    private volatile bool _isTerminating;

    public int TerminationCount => _terminationCount;

    public bool IsTerminating => _isTerminating;

    public HeadLosses HeadLosses => default;

    public StageWants Wants => default;

    public InstructionCounts Instructions => default;

    public void Terminate()
    {
        Interlocked.Increment(ref _terminationCount);
        _isTerminating = true;
    }

    public void ClearTermination() => _isTerminating = false;

    public void Tell(string? instruction, ReadOnlySpan<float> state)
    {
    }

    public VariantInput? FrameInput(int variantIndex) => null;

    public Span<byte> FrameTensor(int variantIndex) => default;

    public void Run(int variantIndex)
    {
    }

    public string? FallBack(int variantIndex) => null;

    public int FallbackCount(string stageName) => 0;

    public IHead? Head(int variantIndex) => null;

    public IHeadTensors HeadTensors(int variantIndex) => throw new NotSupportedException("these stages have no heads");

    public void Dispose()
    {
    }
}
