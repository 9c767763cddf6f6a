using System.Globalization;
using System.Numerics;
using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Tracking;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Faults;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Protocol;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Recording;

namespace EdgeRoute.Engine.Loop;

/// <summary>
/// Carries out a policy's plans step by step, at their own rate and on a thread of its own, while the loop computes the next. Never an old
/// action without end: where no new plan comes, the last one is spent or too old and the actuator is told to hold, once it is told and once
/// it is over. The emergency stop is looked at before each step, and wakes the thread.
/// </summary>
/// <param name="streamIndex">0-based index of the stream, for the stamps of holds.</param>
/// <param name="actuator">Owned; disposed of where it can be.</param>
/// <param name="onEvent">Told of what people should know of, on the thread of the steps.</param>
public sealed class PlanExecutor(ActionConfig config, int streamIndex, IActuator actuator, StopSwitch stop, TimeProvider clock,
    Action<EventKind, string> onEvent) : IDisposable
{
    private const string NoPlan = "there is no plan yet", OtherTask = "the task is another and its first plan is still computed",
        Spent = "the plan has no step left and no new one has come", TooOld = "the plan is too old and no new one has come",
        Stopped = "emergency stop", Released = "the emergency stop was released and the next plan is still to come",
        Ended = "the run ends", HoldPath = "hold";

    /// <summary>Steps are short; a thread that does not come back is inside an actuator's library and is left behind.</summary>
    private const int StopWaitMs = 1000;

    /// <summary>Bits of <see cref="_moved"/>.</summary>
    private const int TicksKept = MovementDebt.StepsKept;

    private readonly Lock _gate = new();
    private readonly AutoResetEvent _wake = new(false);
    private readonly long _stepNs = config.StepNs, _maxAgeNs = (long)(config.MaxAgeMs * 1e6), _latencyNs = (long)(config.LatencyMs * 1e6);
    private ChunkStepper _stepper = new() { Blends = config.Blends ?? false };
    private float[] _next = [], _hold = [], _step = [];
    private MovementDebt? _debt;
    private NextPlan _plan;
    private ActionOrigin _origin;
    private Thread? _thread;
    private volatile bool _isEnding, _isDropAsked;

    /// <summary>At which of the latest ticks a step was given out; the lowest bit is the latest tick.</summary>
    private ulong _moved;

    private long _originNs, _lastTick = long.MinValue, _holdSinceNs;
    private string? _holdReason = NoPlan, _toldFault;
    private bool _isHoldTold;
    private readonly ActionStatus _counts = new();

    /// <summary>A plan that the loop has handed over and the thread has not taken up.</summary>
    private record struct NextPlan(bool IsThere, ActionOrigin Origin, int ValueCount, int Dimension, bool IsSetPoint, bool Blends)
    {
        /// <summary>Its steps go on from where the robot is.</summary>
        public bool Moves { get; init; }

        /// <summary>What of a step is no movement; null: the pack does not say, and nothing is made up.</summary>
        public IReadOnlyList<int>? Switches { get; init; }
    }

    /// <summary>How it stands; any thread, and at most a step old.</summary>
    public ActionStatus Status()
    {
        var plan = _origin.PlanFrame;
        return new ActionStatus
        {
            Actuator = ConfigEnums.Of(ConfigEnums.Actuators, config.Actuator),
            Hz = config.Hz,
            Blends = _stepper.Blends,
            GivenCount = _counts.GivenCount,
            HeldCount = _counts.HeldCount,
            PlanCount = _counts.PlanCount,
            BlendedCount = _counts.BlendedCount,
            OutrunCount = _counts.OutrunCount,
            SkippedCount = _counts.SkippedCount,
            MissedCount = _counts.MissedCount,
            LostCount = actuator.LostCount,
            AgeMs = plan.CaptureNs == 0 ? double.NaN : (clock.NowNs() - plan.CaptureNs) / 1e6,
            Hold = _holdReason,
            Fault = _counts.Fault ?? actuator.Fault,
        };
    }

    /// <summary>A frame has ended: a plan made from it is handed over. On the loop's thread, which it never holds up.</summary>
    public void Follow(in FrameStamp frame, AnswerCarrier carrier, PlanRules rules, RouteTree tree)
    {
        HandOver(frame, carrier, rules, tree);
        if (_thread is null)
        {
            Start(rules.DimensionCount);
        }
    }

    internal void HandOver(in FrameStamp frame, AnswerCarrier carrier, PlanRules rules, RouteTree tree)
    {
        _isDropAsked |= carrier.IsOtherTask && (!carrier.HasPrevious || carrier.Answer.Stamp.Sequence == frame.Sequence);
        if (carrier.HasPrevious && carrier.Answer.Stamp.Sequence == frame.Sequence)
        {
            Take(carrier, rules, tree.Nodes[carrier.Answer.NodeIndex].PathName);
        }
    }

    private void Take(AnswerCarrier carrier, PlanRules rules, string path)
    {
        var made = carrier.Answer;
        var origin = new ActionOrigin(made.Stamp, made.Stamp, 0, path, carrier.PlanConfidence, false);
        lock (_gate)
        {
            _next = _next.Length < made.ValueCount ? new float[made.ValueCount] : _next;
            made.Values.CopyTo(_next);
            bool blends = config.Blends ?? rules.Meaning == ActionMeaning.Positions;
            _plan = new NextPlan(true, origin, made.ValueCount, rules.DimensionCount, rules.IsSetPoint, blends)
            {
                Moves = rules.Meaning == ActionMeaning.Movements,
                Switches = rules.Meaning == ActionMeaning.Movements && !blends ? rules.Switches : null,
            };
        }
    }

    /// <summary>Ends the thread, and tells the actuator to hold.</summary>
    public void Dispose()
    {
        if (_isEnding)
        {
            return;
        }

        _isEnding = true;
        stop.Changed -= OnStop;
        _wake.Set();
        if (_thread is { } thread && !thread.Join(StopWaitMs))
        {
            onEvent(EventKind.Note, "the thread of the actions hangs inside its actuator and is left behind");
            return;
        }

        if (_thread is not null)
        {
            PartThread.Try(() => GiveHold(clock.NowNs(), Ended), fault => onEvent(EventKind.Note, PartThread.Words(fault)));
        }

        (actuator as IDisposable)?.Dispose();
        _wake.Dispose();
    }

    /// <summary>The step of an instant, where it is due; nothing where it was given out already.</summary>
    internal void Tick(long nowNs)
    {
        _originNs = _lastTick == long.MinValue ? nowNs : _originNs;
        long tick = (nowNs - _originNs) / _stepNs;
        if (tick <= _lastTick)
        {
            HoldAtOnce(nowNs);
            return;
        }

        long ticks = _lastTick == long.MinValue ? 1 : tick - _lastTick;
        _counts.MissedCount += ticks - 1;
        _moved = ticks < TicksKept ? _moved << (int)ticks : 0;
        _lastTick = tick;
        TakeUp(tick);
        if (WhyHold(tick, nowNs, out var step, out var values) is { } reason)
        {
            TellHold(reason, nowNs);
            GiveHold(nowNs, reason);
            return;
        }

        EndHold(nowNs);
        _moved |= 1;
        TellFault();
        _counts.GivenCount++;
        var plan = _origin.PlanFrame;
        actuator.Act(_origin with
        {
            Frame = plan with { CaptureNs = nowNs, SourceNs = plan.SourceNs + nowNs - plan.CaptureNs },
            StepIndex = step.Index,
            AtNs = nowNs,
            OldWeight = step.OldWeight,
        }, MadeUp(values));
    }

    /// <summary>A step with what the robot was not moved by while its plan was computed.</summary>
    private ReadOnlySpan<float> MadeUp(ReadOnlySpan<float> values)
    {
        if (_debt is not { } debt)
        {
            return values;
        }

        values.CopyTo(_step);
        debt.Give(_step);
        return _step;
    }

    private void Start(int dimension)
    {
        _hold = new float[dimension];
        stop.Changed += OnStop;
        _thread = PartThread.Make($"actions {streamIndex}", Run, fault => Report($"the thread of the actions ended: "
            + $"{PartThread.Words(fault)}"));
        _thread.Start();
    }

    private void OnStop(StopChange change) => _wake.Set();

    private void Run()
    {
        while (!_isEnding)
        {
            PartThread.Try(() => Tick(clock.NowNs()), fault => Report($"the actuator failed: {PartThread.Words(fault)}"));
            long waitNs = _originNs + ((_lastTick + 1) * _stepNs) - clock.NowNs();
            if (waitNs > 0)
            {
                _wake.WaitOne((int)((waitNs + 999_999) / 1_000_000));
            }
        }
    }

    /// <summary>Told once; it stays in the status.</summary>
    private void Report(string words)
    {
        if (_counts.Fault is null)
        {
            _counts.Fault = words;
            onEvent(EventKind.Note, words);
        }
    }

    /// <summary>The emergency stop does not wait for the next step.</summary>
    private void HoldAtOnce(long nowNs)
    {
        if (stop.IsPressed && _holdReason != Stopped)
        {
            TellHold(Stopped, nowNs);
            GiveHold(nowNs, Stopped);
        }
    }

    private void TakeUp(long tick)
    {
        if (_isDropAsked)
        {
            _isDropAsked = false;
            Drop();
            _holdReason = OtherTask;
        }

        lock (_gate)
        {
            if (!_plan.IsThere)
            {
                return;
            }

            var plan = _plan;
            _plan = default;
            _stepper = (plan.IsSetPoint, plan.Blends) == (_stepper.IsSetPoint, _stepper.Blends) ? _stepper
                : new ChunkStepper { Blends = plan.Blends, IsSetPoint = plan.IsSetPoint };
            var start = _stepper.Begin(_next.AsSpan(0, plan.ValueCount), plan.Dimension,
                config.SkipsPassed ? StartTick(plan, tick) : tick, tick);
            _counts.PlanCount += start.IsTaken ? 1 : 0;
            _counts.OutrunCount += start.IsTaken ? 0 : 1;
            _counts.BlendedCount += start.BlendedCount > 0 ? 1 : 0;
            _counts.SkippedCount += start.SkippedCount;
            if (start.IsTaken)
            {
                _origin = plan.Origin;
                TakeDebt(plan, start.SkippedCount);
            }

            _hold = _hold.Length == plan.Dimension ? _hold : new float[plan.Dimension];
        }
    }

    private void TakeDebt(in NextPlan plan, int skipped)
    {
        if (plan.Switches is not { } switches)
        {
            _debt = null;
            return;
        }

        if (_debt?.Fits(plan.Dimension, switches) != true)
        {
            (_debt, _step) = (new MovementDebt(plan.Dimension, switches), new float[plan.Dimension]);
        }

        _debt.Begin(_next.AsSpan(0, plan.ValueCount), skipped);
    }

    /// <summary>
    /// A plan's first step belongs to the first tick at or after the capture of its frame, and earlier by what camera and actuator take.
    /// Movements go on from where the robot is: a tick at which it held has taken none of them away.
    /// </summary>
    private long StartTick(in NextPlan plan, long tick)
    {
        long sinceNs = plan.Origin.PlanFrame.CaptureNs - _latencyNs - _originNs;
        long start = (long)Math.Ceiling(sinceNs / (double)_stepNs);
        if (!plan.Moves || start >= tick)
        {
            return start;
        }

        int passed = (int)Math.Min(tick - start, TicksKept - 1);
        return tick - BitOperations.PopCount((_moved >> 1) & ((1UL << passed) - 1));
    }

    /// <summary>What was planned before is not what the robot is to do now, and what it did by that is no part of what comes.</summary>
    private void Drop()
    {
        _stepper.Drop();
        _debt?.Forget();
        _moved = 0;
    }

    /// <summary>Null where a step is due that may be carried out.</summary>
    private string? WhyHold(long tick, long nowNs, out ChunkStep step, out ReadOnlySpan<float> values)
    {
        step = default;
        values = default;
        if (stop.IsPressed)
        {
            Drop();
            return Stopped;
        }

        if (!_stepper.HasChunk)
        {
            _holdReason = _holdReason == Stopped ? Released : _holdReason;
            return _holdReason is OtherTask or Released ? _holdReason : NoPlan;
        }

        if (nowNs - _origin.PlanFrame.CaptureNs > _maxAgeNs)
        {
            return TooOld;
        }

        return _stepper.TryStep(tick, out step, out values) ? null : Spent;
    }

    private void TellHold(string reason, long nowNs)
    {
        if (reason is Spent or TooOld && !_isHoldTold)
        {
            (_isHoldTold, _holdSinceNs) = (true, nowNs);
            var plan = _origin.PlanFrame;
            onEvent(EventKind.Stale, string.Create(CultureInfo.InvariantCulture, $"actions hold: {reason}; it was made from frame "
                + $"{plan.Sequence}, {(nowNs - plan.CaptureNs) / 1e6:0} ms ago (max_age_ms is {config.MaxAgeMs})"));
        }

        _holdReason = reason;
    }

    private void EndHold(long nowNs)
    {
        if (_isHoldTold)
        {
            onEvent(EventKind.Note,
                string.Create(CultureInfo.InvariantCulture, $"actions go on after {(nowNs - _holdSinceNs) / 1e6:0} ms"));
        }

        (_holdReason, _isHoldTold) = (null, false);
    }

    /// <summary>A plan that nobody carries out is told once, and when somebody does.</summary>
    private void TellFault()
    {
        string? fault = actuator.Fault;
        if (fault != _toldFault)
        {
            _toldFault = fault;
            onEvent(EventKind.Note, fault is null ? "actions are carried out again" : $"actions: {fault}");
        }
    }

    private void GiveHold(long nowNs, string reason)
    {
        _counts.HeldCount++;
        var frame = new FrameStamp(streamIndex, _origin.PlanFrame.Sequence, nowNs, nowNs);
        actuator.Act(new ActionOrigin(frame, frame, 0, HoldPath, float.NaN, true) { AtNs = nowNs, HoldReason = reason }, _hold);

        // A robot that was moved and does not hear that it is to hold must not be silent about it.
        if (_counts.GivenCount > 0)
        {
            TellFault();
        }
    }
}
