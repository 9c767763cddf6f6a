using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Prices;
using EdgeRoute.Core.Routing;
using EdgeRoute.Core.Signals;
using EdgeRoute.Core.Tracking;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Faults;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Engine.Stages;
using EdgeRoute.Protocol;
using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.Engine.Loop;

/// <summary>
/// One source on its way through one pack: the steps of the road for the frame at hand, the previous answer, and the count of ends.
/// Used by the loop's thread only; <see cref="Tally"/> and <see cref="Parts"/> may be read by others and are then at most one frame old.
/// </summary>
public sealed class FrameStream : IDisposable
{
    private FrameStreamParts _parts;
    private float[] _variantMs;
    private FrameSlot? _slot;
    private AnswerCarrier _carrier;
    private Answer _best, _scratch, _published;
    private TraceRecord _record;
    private ExitSignals _exit;
    private GuardedStages _stages;
    private StreamActions _actions;
    private uint _failedOptions;
    private bool _isTold;
    private readonly FaultCounts _faults = new();
    /// <summary>Read once a frame, so that its decisions and its energy go by the same figure.</summary>
    private float _watts;

    public FrameStream(int index, FrameStreamParts parts)
    {
        (Index, _parts) = (index, parts);
        _variantMs = new float[parts.Router.Tree.Variants.Count];
        (_best, _scratch) = (MakeAnswer(), MakeAnswer());
        (_carrier, _published) = (MakeCarrier(), _best);
        (_stages, _actions) = (new GuardedStages(parts, _faults), new StreamActions(parts));
        parts.Exchange.UnpackedSize = parts.Pixels.UnpackedSize;
        parts.Pricing?.Resume(null);
    }

    public int Index { get; }

    public string Name => _parts.Name;

    public Router Router => _parts.Router;

    /// <inheritdoc cref="StreamEnds.Tally"/>
    public EndTally Tally => _ends.Tally(_parts.Exchange);

    /// <summary>Stage faults that another option answered for, since start.</summary>
    public long FallbackCount { get; private set; }

    /// <summary>What the last failed stage or frame said; null while none failed.</summary>
    public string? LastFault => _stages.LastFault;

    /// <summary>The step of the road that the frame at hand has come to, for the words of a fault.</summary>
    public string Step { get; set; } = "take";

    /// <summary>Why frames failed and stages were gone around, by kind.</summary>
    public IReadOnlyList<FaultCount> Faults => _faults.All();

    /// <summary>The stages of its pack that ever failed.</summary>
    public IReadOnlyList<StageHealth> StageHealth => _stages.Health;

    /// <summary>What became of its stages on crops.</summary>
    public IReadOnlyList<CropTally> Crops => _stages.Crops.Tallies;

    /// <inheritdoc cref="StreamEnds.Freshness"/>
    public StreamFreshness Freshness => _ends.Freshness;

    /// <summary>What became of the plans of a policy; nothing is counted for other tasks.</summary>
    public PlanTally Plans { get; } = new();

    /// <summary>The source has ended and nothing waits.</summary>
    public bool HasEnded => _parts.Exchange.IsDrained;

    /// <inheritdoc cref="FrameStreamParts.Waiting"/>
    public WaitingFrame Waiting => _parts.Waiting(_meanDeviceMs);

    public StreamPricing? Pricing => _parts.Pricing;

    /// <summary>What the stream is made of now.</summary>
    public FrameStreamParts Parts => _parts;

    /// <summary>A frame waits that will be dropped when a newer one comes.</summary>
    public bool IsPressed => _parts.Exchange.Delivery == DeliveryMode.NewestWins && _parts.Exchange.WaitingSinceNs >= 0;

    /// <summary>Device time of the frame at hand so far, in milliseconds.</summary>
    public double DeviceMs => (_record.PreprocessNs + _record.StagesNs + _record.HeadsNs) / 1e6;

    public PublishedFrame Published => new(Index, _slot!, _published, in _record)
        { Fault = _record.Fault == FrameFault.None ? null : _stages.FaultText, Names = _parts.Names };

    /// <summary>Weight of the newest frame in the mean device time: about the last sixteen count.</summary>
    private const double MeanShare = 1.0 / 16;
    private readonly StreamEnds _ends = new();
    private double _meanDeviceMs;

    /// <summary>
    /// Between frames: other parts from the next frame on. The source, the tally and, where stages and tracking stay, the previous answer
    /// are kept.
    /// </summary>
    public void Replace(FrameStreamParts parts)
    {
        var earlier = _parts;
        _parts = parts;
        bool isSamePack = ReferenceEquals(parts.Stages, earlier.Stages);
        if (!isSamePack)
        {
            _variantMs = new float[parts.Router.Tree.Variants.Count];
            (_best, _scratch) = (MakeAnswer(), MakeAnswer());
            parts.Exchange.UnpackedSize = parts.Pixels.UnpackedSize;
            earlier.Pixels.Dispose();
        }

        if (!isSamePack || parts.Tracking != earlier.Tracking)
        {
            _carrier = MakeCarrier();
        }

        (_stages, _actions) = (new GuardedStages(parts, _faults, _stages), new StreamActions(parts));
        if (!ReferenceEquals(parts.Rules, earlier.Rules))
        {
            earlier.Rules?.LetGo();
        }

        parts.Pricing?.Resume(earlier.Pricing);
        if (parts.Pricing is null)
        {
            earlier.Pricing?.Leave();
        }
    }

    /// <summary>Step 1. False when nothing waits.</summary>
    public bool TryTake(long nowNs)
    {
        Step = "take";
        if (!_parts.Exchange.TryTake(out _slot))
        {
            return false;
        }

        _parts.TakeLocks();
        _record = default;
        _ends.Begin();
        _record.Stamp = _slot.Stamp;
        _record.EnergyMillijoules = _record.AuditLoss = float.NaN;
        _record.TakenNs = nowNs;
        _record.DeadlineNs = _parts.DeadlineNs == long.MaxValue ? long.MaxValue : _slot.Stamp.CaptureNs + _parts.DeadlineNs;
        _record.Flags = _slot.FollowsRestart ? TraceFlags.SourceRestarted : TraceFlags.None;
        (_exit, _failedOptions) = (default, 0);
        _stages.BeginFrame(_record.DeadlineNs);
        _best.Clear();
        _watts = _parts.Power.Watts;
        _parts.Pricing?.BeforeFrame(nowNs, _watts, _stages.InstructionOf(_slot));
        return true;
    }

    /// <summary>
    /// Step 2. What the task is and where the robot stands, for all stages of this frame. Where something is missing or not understood, the
    /// frame fails: no stage could answer it. A run of the language network is device time of this frame, but of no option: it comes once
    /// per instruction.
    /// </summary>
    public void TellTask()
    {
        Step = "tell";
        long start = _parts.Clock.NowNs();
        _isTold = _stages.TryTell(_slot!, Plans);
        _record.StagesNs += _stages.Set.Wants.Any ? _parts.Clock.NowNs() - start : 0;
    }

    /// <summary>Step 2. Where it fails, the frame takes the fixed route.</summary>
    public void MeasureSignals()
    {
        Step = "signals";
        long start = _parts.Clock.NowNs();
        _stages.Measure(_slot!, _carrier, ref _record);
        _record.SignalsNs = _parts.Clock.NowNs() - start;
    }

    /// <summary>Steps 3 and 6: the rule at the node reached so far.</summary>
    public RouteOption Decide()
    {
        if (!_isTold)
        {
            return FailedOption;
        }

        Step = "decide";
        // A fault repeats the decision at its node; the last record is then overwritten rather than lost beyond the record's room.
        int at = Math.Min(_record.DecisionCount, RouteTree.DepthLimit - 1);
        _record.DecisionCount = at + 1;
        ref var decision = ref _record.Decisions[at];
        long now = _parts.Clock.NowNs();
        long slack = _record.DeadlineNs == long.MaxValue ? long.MaxValue : _record.DeadlineNs - now;
        bool isBlind = (_record.Flags & TraceFlags.SignalsFailed) != 0;
        (Router.SpentMs, _parts.FixedRoute.SpentMs) = ((float)DeviceMs, (float)DeviceMs);
        (Router.WindowCounts, _parts.FixedRoute.WindowCounts) = (_stages.Windows.Counts, _stages.Windows.Counts);
        _stages.Windows.Propose(Router.Tree.Nodes[_record.NodeIndex], _best, _carrier.Answer);
        uint leftOut = _failedOptions | _stages.LeftOut(Router.Tree.Nodes[_record.NodeIndex], now);
        var option = (isBlind ? _parts.FixedRoute : _parts.Router).Decide(_record.NodeIndex, _record.Signals, _exit, slack, leftOut,
            ref decision);
        decision.Reason = isBlind ? DecisionReason.FixedRoute : decision.Reason;
        return _stages.IsDeadEnd(Step, decision.Values[decision.OptionIndex].Denial) ? FailedOption : option;
    }

    /// <summary>After a fault: the same node again without the option that failed.</summary>
    public RouteOption DecideAround(RouteOption failed)
    {
        var options = Router.Tree.Nodes[_record.NodeIndex].Options;
        for (int i = 0; i < options.Length; i++)
        {
            _failedOptions |= options[i].NodeIndex == failed.NodeIndex && options[i].Kind == failed.Kind ? 1u << i : 0;
        }

        // Where the pixels could not be used, no stage has run, and none has failed.
        bool hasRun = Step != "preprocess";
        _record.Flags |= hasRun ? TraceFlags.Fallback : TraceFlags.None;
        FallbackCount += hasRun ? 1 : 0;
        return Decide();
    }

    /// <summary>The option at hand looks at another window of the frame.</summary>
    public bool HasWindowLeft => _stages.Windows.HasLeft;

    /// <summary>Step 4. True where the stage takes no frame, too. False: the pixels could not be used.</summary>
    public bool Preprocess(RouteOption option)
    {
        Step = "preprocess";
        long start = _parts.Clock.NowNs();
        if (!HasWindowLeft)
        {
            _stages.Windows.Begin(Router.Tree.Nodes[_record.NodeIndex], option.VariantIndex);
            _variantMs[option.VariantIndex] = 0;
        }

        _stages.Windows.Note(ref _record);
        bool isFilled = _stages.TryFill(option.VariantIndex);
        Spend(option, start, ref _record.PreprocessNs);
        return isFilled;
    }

    /// <summary>Step 5. False: the stage failed; <see cref="LastFault"/> has its words.</summary>
    public bool RunStage(RouteOption option)
    {
        Step = "stage";
        long start = _parts.Clock.NowNs();
        bool hasRun = _stages.TryRun(option.VariantIndex);
        _record.Flags |= hasRun ? _stages.Place : TraceFlags.None;
        Spend(option, start, ref _record.StagesNs);
        return hasRun;
    }

    private void Spend(RouteOption option, long startNs, ref long total)
    {
        long took = _parts.Clock.NowNs() - startNs;
        total += took;
        _variantMs[option.VariantIndex] += took / 1e6f;
    }

    /// <summary>
    /// The end of a stage: its head, where it has one, makes the answer at hand; the cost is learnt. False: the head cannot read what the
    /// stage yielded.
    /// </summary>
    public bool Arrive(RouteOption option)
    {
        Step = "exit";
        long start = _parts.Clock.NowNs();
        if (_parts.Stages.Head(option.VariantIndex) is { } head)
        {
            if (!_stages.TryDecode(head, option.VariantIndex, option.NodeIndex, _record.Stamp, _best, _scratch, out var exit))
            {
                return false;
            }

            if (HasWindowLeft)
            {
                Spend(option, start, ref _record.HeadsNs);
                return true;
            }

            _exit = _carrier.Compare(exit, _scratch, _best);
            _parts.Pricing?.Looks?.See(option, _scratch, _best, _carrier);
            (_best, _scratch) = (_scratch, _best);
        }

        Spend(option, start, ref _record.HeadsNs);
        Router.Costs.Observe(option.VariantIndex, _variantMs[option.VariantIndex] / _stages.Windows.LookCount);
        (_record.NodeIndex, _failedOptions) = (option.NodeIndex, 0);
        _stages.Succeed(option.VariantIndex);
        return true;
    }

    /// <summary>Whether what a step threw is the end of the frame at hand, and of no more.</summary>
    public bool MayFail(Exception fault) => _slot is not null && PartThread.IsPartsOwn(fault);

    /// <summary>The frame at hand fails, with its reason, whatever its end was to be.</summary>
    public void Fail(Exception fault, long nowNs)
    {
        _stages.Note(Step, fault);
        _best.Clear();
        _published = _parts.Plan is not null && _carrier.HasPrevious ? _carrier.Answer : _best;
        Close(FrameEnd.Failed, -1, nowNs);
    }

    /// <summary>Before steps 7 and 8: the frame ends in exactly one way.</summary>
    public void End(RouteOption option, long nowNs)
    {
        Step = "end";
        var end = Router.Tree.EndOf(option);
        // A plan goes on over a frame that failed: what is published is what the robot does.
        bool isCarried = end == FrameEnd.Skipped || (end == FrameEnd.Failed && _parts.Plan is not null && _carrier.HasPrevious);
        _published = isCarried ? _carrier.Answer : _best;
        Close(end, end == FrameEnd.Failed ? -1 : option.NodeIndex, nowNs);
        if (_record.End is FrameEnd.Completed or FrameEnd.Exited or FrameEnd.Escalated)
        {
            _carrier.Observe(_best, _exit, Router.Costs.TierOf(_best.NodeIndex));
            _parts.Pixels.MarkAnswered(_best);
        }
    }

    /// <inheritdoc cref="StreamCrops.Look"/>
    public void LookCloser()
    {
        Step = "crops";
        _stages.Crops.Look(_published, _ends, ref _record);
    }

    private void Close(FrameEnd end, int nodeIndex, long nowNs)
    {
        _record.Fault = _stages.Fault;
        _ends.Close(ref _record, end, nodeIndex, nowNs, Router.MaxAgeMs);
        _record.AnswerCount = _published.CountOrClass;
        _record.AnswerConfidence = _exit.MaxProbability;
    }

    /// <summary>
    /// After publishing: what the frame cost moves the prices. Its energy is the board's power when it began times its device time: the
    /// idle draw of that time is counted, the time between frames and audits are not. No sensor is quick enough to tell one frame from the
    /// next, so paths differ in it by their time alone.
    /// </summary>
    /// <param name="backlogMs">Predicted device time of the frames that wait in the lane.</param>
    public void Settle(double backlogMs)
    {
        Step = "settle";
        _ends.TellStale(_record, Router.MaxAgeMs, _parts.OnEvent);
        _parts.Rules?.Observe(_record, _published, _parts.OnEvent);
        _meanDeviceMs += MeanShare * (DeviceMs - _meanDeviceMs);
        _record.EnergyMillijoules = (float)(DeviceMs * _watts);
        Router.Costs.EndFrame(_record.PublishedNs, _parts.Power.ClockMegahertz);
        _parts.Pricing?.AfterFrame(_record, backlogMs, _watts, _parts.Power.Celsius);
    }

    /// <summary>
    /// After publishing: the action of this frame goes to the robot, one for each frame that ended; nothing for other tasks.
    /// </summary>
    public void Act()
    {
        Step = "act";
        _actions.Act(_record.Stamp, _carrier);
    }

    /// <inheritdoc cref="FrameAudit.RunIfDrawn"/>
    public void AuditIfDrawn(bool hasTime)
    {
        Step = "audit";
        FrameAudit.RunIfDrawn(_parts, _stages, _published, _scratch, hasTime, ref _record);
    }

    private Answer MakeAnswer() => StageAnswers.Make(_parts.Stages, Router.Tree, _parts.Crops);

    private AnswerCarrier MakeCarrier() =>
        new(_best.Task, _parts.Tracking with { DetectionLimit = Math.Max(1, _best.DetectionSlots.Length), Details = _best.Details.Room,
            Crops = _best.Crops.Room }, _best.ValueSlots.Length, _parts.Plan, Plans, _carrier?.LastTrackId ?? 0);

    /// <summary>Gives the slot back to the source.</summary>
    public void Release()
    {
        _parts.Exchange.Release(_slot!);
        _slot = null;
    }

    public void Dispose()
    {
        _parts.Rules?.LetGo();
        _parts.Pixels.Dispose();
        _parts.Exchange.Dispose();
    }

    /// <summary>Stands for "nothing left to do without an answer"; no tree has it.</summary>
    private static readonly RouteOption FailedOption = new(OptionKind.Stop, -1, -1, "failed");
}
