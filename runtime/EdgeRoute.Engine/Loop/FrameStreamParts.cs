using EdgeRoute.Core.Prices;
using EdgeRoute.Core.Routing;
using EdgeRoute.Core.Tracking;
using EdgeRoute.Documents.Calibrations;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Board;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Engine.Gpio;
using EdgeRoute.Engine.Stages;
using EdgeRoute.Protocol.Recording;

namespace EdgeRoute.Engine.Loop;

/// <summary>What a stream is made of.</summary>
/// <param name="Name">The source's name in the configuration.</param>
/// <param name="DeadlineNs">Allowance from capture to publish in nanoseconds; <see cref="long.MaxValue"/> for none.</param>
/// <param name="FixedRoute">Decides when signals cannot be computed.</param>
public sealed record FrameStreamParts(
    string Name, SlotExchange Exchange, Router Router, Router FixedRoute, IStageSet Stages, FramePixels Pixels, long DeadlineNs,
    TimeProvider Clock)
{
    /// <summary>What the numbers of its answers mean, for consumers.</summary>
    public AnswerNames Names { get; init; } = AnswerNames.None;

    /// <summary>Stages that look at crops of the frame.</summary>
    public IReadOnlyList<LoadedCrop> Crops { get; init; } = [];

    /// <summary>How detections are carried over; its limit is that of the answers.</summary>
    public TrackerSettings Tracking { get; init; } = new(1, 0, 0);

    /// <summary>The calibration that the policy decides by; null without one.</summary>
    public LoadedCalibration? Calibration { get; init; }

    /// <summary>Someone writes down what frames looked like: a recording, from which other policies may be asked later.</summary>
    public Func<bool> IsRecorded { get; init; } = static () => true;

    /// <summary>Streams without a deadline yield to those with one, yet are served before a second has passed.</summary>
    private const long NoDeadlineNs = 1_000_000_000;

    /// <summary>The frame that waits for the lane; without a deadline it is due a long while after its capture.</summary>
    /// <param name="deviceMs">What a frame took lately, on average.</param>
    internal WaitingFrame Waiting(double deviceMs)
    {
        long allowance = Math.Min(DeadlineNs, NoDeadlineNs);
        return Exchange.WaitingSinceNs is >= 0 and var since ? new(since + allowance, allowance, deviceMs, Weight)
            : new(long.MaxValue, allowance, 0, Weight);
    }

    /// <summary>Whether signals are worth their time on a frame.</summary>
    internal bool ReadsSignals() => Router.Policy.ReadsSignals || Router.Tree.SeesChange
        || Auditor is not null || Rules is { ReadsSignals: true } || IsRecorded();

    /// <summary>What the source is watched for; null for nothing.</summary>
    public StreamRules? Rules { get; init; }

    /// <summary>What <see cref="Rules"/> are made of.</summary>
    public WatchConfig Watch { get; init; } = WatchConfig.None;

    /// <summary>The node that somebody locked frames to; -1 for none.</summary>
    public int LockNodeIndex { get; init; } = -1;

    /// <summary>Locks that GPIO lines put on its frames, those of stops first.</summary>
    public IReadOnlyList<LineLock> Locks { get; init; } = [];

    /// <summary>
    /// Before a frame: what it is locked to. A stop goes before a lock that somebody set, that before the lock of a line, and that before
    /// those of rules.
    /// </summary>
    internal void TakeLocks()
    {
        if (Rules is null && Locks.Count == 0)
        {
            return;
        }

        int node = LockNodeIndex >= 0 ? LockNodeIndex : Rules?.LockNodeIndex ?? -1;
        for (int i = 0; i < Locks.Count; i++)
        {
            if (Locks[i].Switch.IsOn && (Locks[i].IsStop || LockNodeIndex < 0))
            {
                node = Locks[i].NodeIndex;
                break;
            }
        }

        (Router.LockNodeIndex, FixedRoute.LockNodeIndex) = (node, node);
    }

    /// <summary>Moves prices between frames; null where the policy knows none.</summary>
    public StreamPricing? Pricing { get; init; }

    /// <summary>The stream's part of its lane, relative to the others'.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>What the board draws now.</summary>
    public PowerGauge Power { get; init; } = new();

    /// <summary>Takes the heaviest path on sampled frames; null for no audits.</summary>
    public StreamAuditor? Auditor { get; init; }

    /// <summary>Where the loop shows that it runs a stage.</summary>
    public LoopHeartbeat Heartbeat { get; init; } = new();

    /// <summary>For policies: how far a plan is followed; null for other tasks, and where answers are to stay as they are.</summary>
    public PlanRules? Plan { get; init; }

    /// <summary>The task in words where the source gives none; null for none.</summary>
    public string? Instruction { get; init; }

    /// <summary>Carries out the actions of a policy; null where nothing does.</summary>
    public IActuator? Actuator { get; init; }

    /// <summary>Carries a policy's plans out at a rate of their own; null where each frame gives out one step.</summary>
    public PlanExecutor? Executor { get; init; }

    /// <summary>While it is pressed every action is a hold; null where there is none.</summary>
    public StopSwitch? Stop { get; init; }

    /// <summary>What the source tells with its frames.</summary>
    public SourceTells Tells { get; init; }

    /// <summary>Where the robot's state is put from outside; null where it is not.</summary>
    public TaskMailbox? Mailbox { get; init; }

    /// <summary>Told of what people should know of, once; on the loop's thread.</summary>
    public Action<EventKind, string>? OnEvent { get; init; }
}
