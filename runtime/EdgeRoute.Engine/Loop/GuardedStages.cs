using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Signals;
using EdgeRoute.Core.Tracking;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Engine.Preprocess;
using EdgeRoute.Engine.Stages;
using EdgeRoute.Engine.Stages.Heads;

namespace EdgeRoute.Engine.Loop;

/// <summary>
/// A stream's stages and pixels with every fault turned into "no" and words: the road of a frame goes around faults, it does not throw.
/// </summary>
/// <param name="earlierFault">What the last fault of the parts before said.</param>
internal sealed class GuardedStages(FrameStreamParts parts, string? earlierFault = null)
{
    private string? _toldOf;

    public IStageSet Set => parts.Stages;

    /// <summary>What the last fault said; null while there was none.</summary>
    public string? LastFault { get; private set; } = earlierFault;

    public void Note(FrameUnusableException fault) => LastFault = fault.Message;

    /// <summary>The task in words: the source's own, else the config's; null where neither gives one.</summary>
    public string? InstructionOf(FrameSlot slot) => slot.Instruction ?? parts.Instruction;

    /// <summary>Tells the stages what they want to be told. A reason not to is reported once, as an event.</summary>
    public bool TryTell(FrameSlot slot, PlanTally tally)
    {
        if (!parts.Stages.Wants.Any)
        {
            return true;
        }

        try
        {
            parts.Stages.Tell(InstructionOf(slot), slot.State);
            _toldOf = null;
            return true;
        }
        catch (TaskUntoldException untold)
        {
            tally.AddUntold();
            Report(untold.Message);
            return false;
        }
        catch (StageFailedException fault)
        {
            LastFault = fault.Message;
            return false;
        }
    }

    /// <summary>Frame to tensor. True where the stage takes no frame, too.</summary>
    public bool TryFill(int variantIndex)
    {
        if (parts.Stages.FrameInput(variantIndex) is null)
        {
            return true;
        }

        try
        {
            parts.Pixels.Fill(variantIndex, parts.Stages.FrameTensor(variantIndex));
            return true;
        }
        catch (FrameUnusableException fault)
        {
            LastFault = fault.Message;
            return false;
        }
    }

    public bool TryRun(int variantIndex)
    {
        try
        {
            parts.Stages.Run(variantIndex);
            return true;
        }
        catch (StageFailedException fault)
        {
            LastFault = fault.Message;
            return false;
        }
    }

    /// <summary>Reads what a stage left for its head into an answer of the node that was reached.</summary>
    public bool TryDecode(IHead head, int variantIndex, int nodeIndex, in FrameStamp stamp, Answer into, out ExitSignals exit)
    {
        try
        {
            into.Clear();
            exit = head.Decode(parts.Stages.HeadTensors(variantIndex), parts.Pixels.Mapping(variantIndex), into);
            (into.Stamp, into.NodeIndex) = (stamp, nodeIndex);
            return true;
        }
        catch (InvalidDataException fault)
        {
            LastFault = fault.Message;
            exit = default;
            return false;
        }
    }

    private void Report(string reason)
    {
        LastFault = reason;
        if (_toldOf != reason)
        {
            parts.OnEvent?.Invoke("frames fail: " + reason);
            _toldOf = reason;
        }
    }
}
