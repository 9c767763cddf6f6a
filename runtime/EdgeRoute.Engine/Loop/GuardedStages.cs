using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Routing;
using EdgeRoute.Core.Signals;
using EdgeRoute.Core.Tracking;
using EdgeRoute.Engine.Faults;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Engine.Preprocess;
using EdgeRoute.Engine.Remote;
using EdgeRoute.Engine.Stages;
using EdgeRoute.Engine.Stages.Heads;
using EdgeRoute.Protocol;
using EdgeRoute.Protocol.Recording;
using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.Engine.Loop;

/// <summary>
/// A stream's stages and pixels with every fault turned into "no" and words: the road of a frame goes around faults, it does not throw.
/// </summary>
/// <param name="faults">Counts every fault by its kind.</param>
/// <param name="earlier">Those of the parts before; null at start. Where the stages stay, what is known of them does.</param>
internal sealed class GuardedStages(FrameStreamParts parts, FaultCounts faults, GuardedStages? earlier = null)
{
    private const string DamagedKind = "damaged picture, decoded all the same";

    private const string LetGoKind = "merged boxes let go";

    private readonly Func<string> _letGoWords = static () => "a merged answer had more boxes than the exit's 'detection_limit'; the least "
        + "sure ones were let go";
    private long _letGoCount;

    private readonly Func<string> _damageWords = () => parts.Pixels.DamageText;
    private string? _toldOf, _untold;
    private long _untoldCount;

    public IStageSet Set => parts.Stages;

    /// <summary>What went wrong first on the frame at hand.</summary>
    public FrameFault Fault { get; private set; }

    /// <summary>The same in words; null where nothing did.</summary>
    public string? FaultText { get; private set; }

    /// <summary>What the last fault said; null while there was none.</summary>
    public string? LastFault { get; private set; } = earlier?.LastFault;

    /// <summary>Which stages are left out.</summary>
    public StageBreakers Breakers { get; } = earlier is not null && ReferenceEquals(earlier.Set, parts.Stages) ? earlier.Breakers
        : new StageBreakers(parts.Router.Tree);

    /// <summary>Stages that look at the boxes of answers.</summary>
    public StreamCrops Crops { get; } = new(parts, faults, earlier?.Crops);

    /// <summary>Looks at parts of the frame.</summary>
    public StreamWindows Windows { get; } = new(parts.Router.Tree, parts.Stages, parts.Pixels, earlier?.Windows);

    /// <summary>How the stages fared that ever failed.</summary>
    public IReadOnlyList<StageHealth> Health =>
        [.. Breakers.All().Select(h => h with { FallbackCount = parts.Stages.FallbackCount(h.Stage) }), .. Crops.Health];

    /// <summary>Whether the stage of a variant is left out now.</summary>
    public bool IsLeftOut(int variantIndex) => Breakers.IsOpen(variantIndex, parts.Clock.NowNs());

    /// <summary>The options of a node whose stages are left out now: bit i for option i.</summary>
    public uint LeftOut(RouteNode node, long nowNs)
    {
        uint bits = 0;
        for (int i = 0; i < node.Options.Length; i++)
        {
            bits |= node.Options[i].VariantIndex is >= 0 and var variant && Breakers.IsOpen(variant, nowNs) ? 1u << i : 0;
        }

        return bits;
    }

    /// <summary>A stage has run through and its head, where it has one, could read it.</summary>
    public void Succeed(int variantIndex)
    {
        if (Breakers.Succeed(variantIndex))
        {
            parts.OnEvent?.Invoke(EventKind.Note, $"stage '{Breakers.NameOf(variantIndex)}' works again");
        }
    }

    /// <summary>Another frame is at hand.</summary>
    public void BeginFrame(long deadlineNs)
    {
        parts.Stages.Until(deadlineNs);
        (Fault, FaultText) = (FrameFault.None, null);
        Windows.BeginFrame();
    }

    /// <summary>Counts a fault of a step, and tells it where it is news.</summary>
    public void Note(string step, Exception fault) => Note(fault is FrameUnusableException ? FrameFault.Pixels : FrameFault.Program,
        EventKind.Note, $"{step} ({fault.GetType().Name})", fault.Message);

    /// <summary>The frame's signals, and what is carried to it. Where they cannot be had, nothing of it is known.</summary>
    public void Measure(FrameSlot slot, AnswerCarrier carrier, ref TraceRecord record)
    {
        try
        {
            if (slot.FollowsRestart)
            {
                carrier.Reset();
            }

            carrier.Advance(slot.Stamp, slot.State, InstructionOf(slot));
            bool isRead = parts.ReadsSignals();
            record.Flags |= isRead ? TraceFlags.None : TraceFlags.SignalsLeftOut;
            record.Signals = carrier.Describe(slot.Stamp, isRead ? parts.Pixels.Measure(slot, carrier.Answer, carrier)
                : parts.Pixels.LoadOnly(slot, carrier.Answer));
            NoteDamage();
            Windows.See(slot.FollowsRestart);
        }
        catch (Exception fault) when (PartThread.IsPartsOwn(fault))
        {
            record.Signals = FrameSignals.Unknown;
            record.Flags |= TraceFlags.SignalsFailed;
            Note("signals", fault);
        }
    }

    /// <summary>Counts a picture that was decoded although it is damaged. One is told now and then; the others allocate nothing.</summary>
    private void NoteDamage()
    {
        if (parts.Pixels.IsDamaged && faults.Add(DamagedKind, _damageWords) is { } line)
        {
            parts.OnEvent?.Invoke(EventKind.Note, line);
        }
    }

    /// <summary>
    /// What was chosen cannot be done, because nothing can: the frame fails. Counted where no fault on this frame is the cause.
    /// </summary>
    public bool IsDeadEnd(string step, OptionDenial denial)
    {
        bool isDeadEnd = denial is OptionDenial.StageFailed or OptionDenial.NoPrevious or OptionDenial.Allowance
            or OptionDenial.NothingThere;
        if (isDeadEnd && Fault == FrameFault.None)
        {
            string why = denial == OptionDenial.Allowance ? "the allowance cannot pay any stage now" : "every stage is left out";
            string last = LastFault is { } fault && denial != OptionDenial.Allowance ? $"; the last fault was: {fault}" : "";
            (Fault, FaultText) = (FrameFault.NoOption, $"{why}, and there is no answer that is young enough to reuse{last}");
            Tell(EventKind.Note, step, FaultText);
        }

        return isDeadEnd;
    }

    /// <summary>The task in words: the source's own, else the config's; null where neither gives one.</summary>
    public string? InstructionOf(FrameSlot slot) => slot.Instruction ?? parts.Instruction;

    /// <summary>Tells the stages what they want to be told. A reason not to is reported once, as an event.</summary>
    public bool TryTell(FrameSlot slot, PlanTally tally)
    {
        if (!parts.Stages.Wants.Any)
        {
            return true;
        }

        var wants = parts.Stages.Wants;
        if ((wants.StateLength > 0 ? slot.StateFault : null) is { } why)
        {
            tally.AddUntold();
            NoteUntold("robot state", why);
            return false;
        }

        if ((wants.Instruction ? slot.InstructionFault : null) is { } reason)
        {
            tally.AddUntold();
            NoteUntold("instruction", reason);
            return false;
        }

        parts.Heartbeat.Enter(parts.Stages, InstructionFeatures.StageName);
        try
        {
            parts.Stages.Tell(InstructionOf(slot), slot.State);
            _toldOf = null;
            EndUntold();
            return true;
        }
        catch (TaskUntoldException untold)
        {
            tally.AddUntold();
            Report(untold.Message);
            return false;
        }
        catch (Exception fault) when (PartThread.IsPartsOwn(fault))
        {
            Note(FrameFault.Stage, EventKind.StageFailed, $"tell ({fault.GetType().Name})", fault.Message);
            return false;
        }
        finally
        {
            parts.Heartbeat.Leave();
        }
    }

    /// <summary>Frame to tensor. True where the stage takes no frame, too. Pixels that could not be read are no news here.</summary>
    public bool TryFill(int variantIndex)
    {
        if (parts.Stages.FrameInput(variantIndex) is null)
        {
            return true;
        }

        if (!parts.Pixels.AreReadable)
        {
            return false;
        }

        try
        {
            Windows.Aim(variantIndex);
            parts.Pixels.Fill(variantIndex, parts.Stages.FrameTensor(variantIndex));
            return true;
        }
        catch (Exception fault) when (PartThread.IsPartsOwn(fault))
        {
            Note("preprocess", fault);
            return false;
        }
    }

    /// <summary>Where the last run was, as a trace says it.</summary>
    public TraceFlags Place => parts.Stages.LastPlace switch
    {
        RunPlace.Server => TraceFlags.AtServer,
        RunPlace.HereInstead => TraceFlags.HereInstead,
        _ => TraceFlags.None,
    };

    public bool TryRun(int variantIndex)
    {
        parts.Heartbeat.Enter(parts.Stages, Breakers.NameOf(variantIndex));
        try
        {
            parts.Stages.Run(variantIndex);
            return true;
        }
        catch (Exception fault) when (PartThread.IsPartsOwn(fault))
        {
            FailStage(variantIndex, FrameFault.Stage, "stage", fault);
            return false;
        }
        finally
        {
            parts.Heartbeat.Leave();
        }
    }

    /// <summary>Reads what a stage left for its head into an answer of the node that was reached.</summary>
    /// <param name="earlier">The answer before it on this frame.</param>
    public bool TryDecode(IHead head, int variantIndex, int nodeIndex, in FrameStamp stamp, Answer earlier, Answer into,
        out ExitSignals exit)
    {
        try
        {
            into.Clear();
            exit = head.Decode(parts.Stages.HeadTensors(variantIndex), parts.Pixels.Mapping(variantIndex), into);
            Windows.Collect(variantIndex, head, earlier, into, ref exit);
            NoteLetGo();
            (into.Stamp, into.NodeIndex) = (stamp, nodeIndex);
            return true;
        }
        catch (Exception fault) when (PartThread.IsPartsOwn(fault))
        {
            FailStage(variantIndex, FrameFault.Output, "output of stage", fault);
            exit = default;
            return false;
        }
    }

    private void NoteLetGo()
    {
        long count = Windows.LetGoCount;
        if (count > _letGoCount && faults.Add(LetGoKind, _letGoWords) is { } line)
        {
            parts.OnEvent?.Invoke(EventKind.Note, line);
        }

        _letGoCount = count;
    }

    private void FailStage(int variantIndex, FrameFault kind, string what, Exception fault)
    {
        string stage = Breakers.NameOf(variantIndex);
        Note(kind, EventKind.StageFailed, $"{what} '{stage}' ({fault.GetType().Name})", fault.Message);
        if (Breakers.Fail(variantIndex, parts.Clock.NowNs()) is { } opened)
        {
            Tell(EventKind.StageFailed, $"stage '{stage}' left out", opened);
            if (parts.Stages.FallBack(variantIndex) is { } fallback)
            {
                parts.OnEvent?.Invoke(EventKind.ProviderFallback, fallback);
            }
        }
    }

    private void Note(FrameFault fault, EventKind happened, string kind, string reason)
    {
        Blame(fault, reason);
        Tell(happened, kind, reason);
    }

    /// <summary>What came first is the cause of what follows.</summary>
    private void Blame(FrameFault fault, string reason)
    {
        LastFault = reason;
        if (Fault == FrameFault.None)
        {
            (Fault, FaultText) = (fault, reason);
        }
    }

    private void Tell(EventKind happened, string kind, string reason)
    {
        if (faults.Add(kind, reason) is { } line)
        {
            parts.OnEvent?.Invoke(happened, line);
        }
    }

    /// <summary>Told when it begins, and when it is over: the age in its words is another with each frame.</summary>
    private void NoteUntold(string what, string reason)
    {
        Blame(FrameFault.Task, reason);
        _ = faults.Add(what, reason);
        _untoldCount++;
        if (_untold != what)
        {
            _untold = what;
            parts.OnEvent?.Invoke(EventKind.Note, "frames fail: " + reason);
        }
    }

    private void EndUntold()
    {
        if (_untold is { } what)
        {
            parts.OnEvent?.Invoke(EventKind.Note, $"the {what} is told again; {_untoldCount} frames failed without it");
            (_untold, _untoldCount) = (null, 0);
        }
    }

    private void Report(string reason)
    {
        Blame(FrameFault.Task, reason);
        _ = faults.Add("tell", reason);
        if (_toldOf != reason)
        {
            parts.OnEvent?.Invoke(EventKind.Note, "frames fail: " + reason);
            _toldOf = reason;
        }
    }
}
