using EdgeRoute.Core.Costs;
using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Gains;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Prices;
using EdgeRoute.Core.Routing;
using EdgeRoute.Core.Tracking;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Calibrations;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Board;
using EdgeRoute.Engine.Capture;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Engine.Gpio;
using EdgeRoute.Engine.Loop;
using EdgeRoute.Engine.Preprocess;
using EdgeRoute.Engine.Stages;
using EdgeRoute.Protocol.Recording;

namespace EdgeRoute.Engine.Running;

/// <summary>
/// From a source's config and its pack to the parts of its stream: at start, and anew for every change while it runs. What was learnt
/// (costs, contexts, audits) goes over where pack and calibration stay.
/// </summary>
/// <param name="power">What the board draws.</param>
/// <param name="onEvent">Told of breaches and recoveries, with the stream's index.</param>
internal sealed class StreamBuilder(EngineReporter report, TimeProvider clock, IPreprocessKernel kernel, PowerGauge power,
    Action<int, EventKind, string> onEvent)
{
    /// <summary>Signs of life of the loop that the streams run on.</summary>
    public required LoopHeartbeat Heartbeat { get; init; }

    /// <summary>Other sources want the accelerator too.</summary>
    public bool SharesLane { get; set; }

    /// <summary>Whether a recording is open.</summary>
    public required Func<bool> IsRecorded { get; init; }

    /// <summary>GPIO lines that rules drive and that lock frames.</summary>
    public required DeviceLines Lines { get; init; }

    /// <summary>Tells the output that a rule's turn names; does not wait.</summary>
    public required Action<RuleTurn> TellOutput { get; init; }

    /// <summary>Whether clients can tell it something while it runs.</summary>
    public required bool HasChannel { get; init; }

    /// <summary>The emergency stop; asked when an action is due.</summary>
    public required Func<StopSwitch> Stop { get; init; }

    private readonly PricingBuilder _pricing = new(report);

    public IPreprocessKernel Kernel => kernel;

    /// <param name="index">0-based index of the stream.</param>
    /// <param name="current">What the stream has now; null at start. It is read, never changed.</param>
    /// <param name="opened">The source itself, at start; null later.</param>
    /// <exception cref="EngineRefusedException">Policy, calibration, budgets, paths, instruction or source do not fit the pack.</exception>
    public FrameStreamParts Build(
        int index, SourceConfig source, LoadedPack pack, SlotExchange exchange, FrameStreamParts? current = null,
        OpenedSource? opened = null)
    {
        var frames = opened?.Frames;
        var tells = frames is null ? current?.Tells ?? default : new SourceTells(frames.TellsState,
            frames.TellsInstruction, frames is IActuator or ToldSource { Acts: true });
        CheckTask(source, pack, tells, HasChannel);
        var here = ReferenceEquals(current?.Stages, pack.Stages) ? current : null;
        var calibration = CalibrationOf(source, pack, here);
        bool keepsCosts = here is not null && here.Calibration?.Sha256 == calibration?.Sha256;
        var costs = keepsCosts ? here!.Router.Costs : CostsOf(pack, calibration);
        var router = new Router(pack.Tree, costs, MakePolicy(source, pack, calibration))
        {
            LockNodeIndex = LockOf(source, pack),
            MaxAgeMs = (float)(source.MaxAgeMs ?? pack.Pack.MaxAgeMs ?? UsualMaxAgeMs(source)),
        };
        var fixedRoute = new Router(pack.Tree, costs,
            new FixedPolicy(pack.Tree, pack.Pack.FixedRoute)) { LockNodeIndex = router.LockNodeIndex, MaxAgeMs = router.MaxAgeMs };
        long deadlineNs = source.DeadlineMs is { } ms ? (long)(ms * 1e6) : long.MaxValue;
        var pixels = here?.Pixels ?? new FramePixels(pack.Stages, pack.Tree.Variants, kernel, pack.Crops, pack.FollowsBoxes);
        var parts = new FrameStreamParts(source.Name, exchange, router, fixedRoute, pack.Stages, pixels, deadlineNs, clock)
        {
            Calibration = calibration,
            Crops = pack.Crops,
            Power = power,
            IsRecorded = IsRecorded,
            Weight = source.Spending.Weight,
            Heartbeat = Heartbeat,
            Plan = source.Actions is { } actions ? TimedPlan(pack.Pack.Plan!, actions) : pack.Pack.Plan,
            Stop = Stop(),
            Executor = opened is null ? current?.Executor : opened.Executor,
            Instruction = source.Instruction,
            Actuator = frames as IActuator ?? current?.Actuator,
            Tells = tells,
            Mailbox = opened is null ? current?.Mailbox : opened.Mailbox,
            OnEvent = (kind, text) => onEvent(index, kind, text),
            Names = here?.Names ?? NamesOf(source.Name, pack),
            LockNodeIndex = router.LockNodeIndex,
            Rules = here?.Rules is { } rules && ReferenceEquals(here.Watch, source.Watch) ? rules
                : RulesOf(source, pack, Lines, TellOutput),
            Locks = Lines.LocksOf(source.Name, line => LockOf(source, pack, line)),
            Watch = source.Watch,
        };
        return calibration is null ? parts : Priced(index, source, parts, pack, keepsCosts ? here : null, current?.Pricing);
    }

    /// <summary>
    /// A plan whose first steps have passed when it is taken up is replaced so much earlier, so that none of its steps lies further ahead
    /// than the pack has them carried out.
    /// </summary>
    private static PlanRules TimedPlan(PlanRules rules, ActionConfig actions)
    {
        int latencySteps = (int)Math.Round(actions.LatencyMs * 1e6 / actions.StepNs);
        return rules with { StepNs = actions.StepNs, ExecuteStepCount = Math.Max(1, rules.ExecuteStepCount - latencySteps) };
    }

    private static AnswerNames NamesOf(string source, LoadedPack pack) =>
        new(source, [.. pack.Tree.Nodes.Select(n => n.PathName)], pack.Pack.Labels)
        {
            Task = pack.Pack.Task,
            ActionDimensionCount = pack.Pack.Plan?.DimensionCount ?? 0,
            TopCount = pack.Pack.Stages.Max(s => s.Exit?.TopCount ?? 1),
            Crops = [.. pack.Pack.Crops.Select(c => new CropNames(c.Stage.Name, c.Pack.Task, c.Pack.Labels))],
        };

    /// <summary>Of a slow source three frames: an answer that no frame could reuse would be no use.</summary>
    internal static double UsualMaxAgeMs(SourceConfig source) =>
        Math.Max(Math.Max(Router.UsualMaxAgeMs, source.Policy.Carry?.AgeMsAtMost ?? 0),
            3000 / (source.FramesPerSecond ?? double.PositiveInfinity));

    private FrameStreamParts Priced(int index, SourceConfig source, FrameStreamParts parts, LoadedPack pack, FrameStreamParts? here,
        StreamPricing? earlier)
    {
        var (router, calibration) = (parts.Router, parts.Calibration!);
        router.Contexts = here?.Router.Contexts ?? new ContextLosses(calibration.Calibration.ContextCount);
        var pricing = Refused(source, () => _pricing.Build(source, calibration, router, pack, SharesLane,
            text => onEvent(index, EventKind.Note, text), earlier));
        var auditor = PricingBuilder.AuditorOf(source, calibration, pack);
        return parts with
        {
            Pricing = pricing,
            Auditor = here?.Auditor is { } running && running.Share == auditor?.Share ? running : auditor,
            Tracking = PricingBuilder.TrackingOf(calibration, pack.Pack, pack.Tree),
        };
    }

    /// <summary>What <see cref="Build"/> would refuse, without the pack's sessions.</summary>
    /// <param name="config">Whose control channel tells, and whose GPIO lines lock frames to paths.</param>
    /// <exception cref="EngineRefusedException">Policy, calibration, paths, instruction or source do not fit the pack.</exception>
    public static void Check(SourceConfig source, Pack pack, RouteTree tree, SourceTells tells, DeviceConfig config)
    {
        // Nothing is run here, so there are no stages.
        var unopened = new LoadedPack(pack, tree, null!);
        CheckTask(source, unopened, tells, config.Control is not null);
        var calibration = CalibrationOf(source, unopened, null);
        _ = MakePolicy(source, unopened, calibration);
        _ = LockOf(source, unopened);
        _ = RulesOf(source, unopened, null, null);
        DeviceLines.PathsOf(config.Gpio, source.Name).ToList().ForEach(line => LockOf(source, unopened, line));
        if (calibration is not null)
        {
            source.Spending.Budgets.Where(b => b.Kind == BudgetKind.BatteryHours).ToList().ForEach(b =>
                _ = Refused(source, () => source.Spending.WattHoursOf(b)));
            _ = Refused(source, () => PricingBuilder.TrackingOf(calibration, pack, tree));
            _ = Refused(source, () => PricingBuilder.Checked(source, calibration));
        }
    }

    /// <summary>What a pack's stages must be told has to come from somewhere, and what the config says has to be understood.</summary>
    private static void CheckTask(SourceConfig source, LoadedPack pack, SourceTells tells, bool hasChannel)
    {
        string address = AddressText.OfSource(source.Address.Text);
        if (pack.Pack.StateLength > 0 && !tells.State)
        {
            throw Refused(source, $"the pack '{pack.Pack.Name}' wants the robot's state ({pack.Pack.StateLength} values a frame), which "
                + $"'{address}' never tells; write state: {{ from: channel }} and put it over the control channel, or from: mqtt for a "
                + "topic at a broker, or use a source that tells it, such as sim://tabletop?task=pick_place");
        }

        if (pack.Pack.StateLength == 0 && source.State is not null)
        {
            throw Refused(source, $"'state' is given, but the pack '{pack.Pack.Name}' takes none; leave it out");
        }

        if (pack.Pack.Language is not null && source.Instruction is null && !tells.Instruction && !hasChannel)
        {
            throw Refused(source, $"the pack '{pack.Pack.Name}' wants an instruction, which '{address}' never gives, and nobody else can: "
                + "write 'instruction' under the source, name a state.instruction_topic, or add the group 'control', so that 'edgeroute "
                + "instruct' can give one");
        }

        if (pack.Pack.Plan is null && source.Actions is not null)
        {
            throw Refused(source, $"'actions' is given, but the pack '{pack.Pack.Name}' makes no plans; leave it out");
        }

        if (source.Actions?.Drive?.Axes.FirstOrDefault(a => a.Action >= pack.Pack.Plan!.DimensionCount) is { } axis)
        {
            throw Refused(source, $"actions.axes.{axis.Name}.action is {axis.Action}, but a step of the pack '{pack.Pack.Name}' has "
                + $"{pack.Pack.Plan!.DimensionCount} values, 0 to {pack.Pack.Plan.DimensionCount - 1}");
        }

        if (tells.Acts && (source.Actions is not null || source.State is not null))
        {
            string key = source.Actions is null ? "state" : "actions";
            throw Refused(source, $"'{key}' is given, but '{address}' is its own robot: it tells its state and carries out its actions "
                + "itself, one with each frame; leave it out");
        }

        if (source.Instruction is { } instruction && InstructionProblem(pack.Pack, instruction) is { } problem)
        {
            throw Refused(source, $"'instruction' is '{instruction}', but {problem}");
        }
    }

    private static string? InstructionProblem(Pack pack, string instruction) => pack.Language is { } language
        ? language.Tokenize(instruction, new long[language.Length])
        : $"the pack '{pack.Name}' takes no instruction; leave it out";

    /// <summary>The calibration in use stays in use, whatever became of its file, until the policy names another.</summary>
    internal static LoadedCalibration? CalibrationOf(SourceConfig source, LoadedPack pack, FrameStreamParts? here) =>
        source.Policy.Kind != PolicyKind.Value ? null : here?.Calibration ?? Refused(source, () => PricingBuilder.Read(source, pack));

    private static CostTable CostsOf(LoadedPack pack, LoadedCalibration? calibration)
    {
        var costs = new CostTable(pack.Tree);
        pack.Pack.FillCosts(pack.Tree, costs, Environment.MachineName, pack.Provider, pack.ThreadCount);
        calibration?.FillCosts(pack.Tree, costs);
        return costs;
    }

    private static StreamRules? RulesOf(SourceConfig source, LoadedPack pack, DeviceLines? lines, Action<RuleTurn>? tell) =>
        Refused(source, () => RuleBuilder.Build(source, pack.Pack, pack.Tree, lines, tell));

    private static int LockOf(SourceConfig source, LoadedPack pack, GpioLineConfig line) => pack.Tree.FindPath(line.Path!)?.Index
        ?? throw new EngineRefusedException(RefusalCause.Config,
            $"gpio.lines.{line.Name}.path '{line.Path}' is not a path of the pack '{pack.Pack.Name}', which source '{source.Name}' has; "
                + $"its paths are {string.Join(", ", pack.Tree.PathNames)}");

    internal static int LockOf(SourceConfig source, LoadedPack pack) => source.LockPath is not { } path ? -1
        : pack.Tree.FindPath(path)?.Index ?? throw new EngineRefusedException(RefusalCause.Config,
            $"source '{source.Name}': the lock '{path}' is not a path of the pack '{pack.Pack.Name}'; it has "
                + $"{string.Join(", ", pack.Tree.PathNames)}");

    internal static IRoutePolicy MakePolicy(SourceConfig source, LoadedPack pack,
        LoadedCalibration? calibration) => Refused<IRoutePolicy>(source, () => source.Policy.Kind switch
    {
        PolicyKind.Value => new ValuePolicy(calibration!.Calibration),
        PolicyKind.Fixed => FixedOn(source.Policy.PathName ?? pack.Pack.FixedRoute, pack),
        PolicyKind.Skipping when pack.Pack.Task == TaskKind.Policy => throw new ArgumentException(
            "the policy 'skipping' carries answers, and this pack makes plans, which are followed anyway; write fixed"),
        PolicyKind.Skipping => new SkippingPolicy(pack.Tree, source.Policy.PathName!, source.Policy.Carry!),
        _ when pack.Pack.Cascade is { } cascade => new CascadePolicy(pack.Tree, cascade),
        // Of one stage there is nothing to choose, so that its pack needs no rules and its source no policy.
        _ when pack.Pack.Stages.Count == 1 => FixedOn(pack.Pack.FixedRoute, pack),
        _ => throw new ArgumentException($"the pack '{pack.Pack.Name}' has no cascade; write policy: {{ kind: fixed, path: "
            + $"'{pack.Pack.FixedRoute}' }}, or another of its paths"),
    });

    private static FixedPolicy FixedOn(string path, LoadedPack pack) =>
        new(pack.Tree, path) { FollowsPlans = pack.Pack.Task == TaskKind.Policy };

    private static EngineRefusedException Refused(SourceConfig source, string words) =>
        new(RefusalCause.Config, $"source '{source.Name}': {words}");

    private static T Refused<T>(SourceConfig source, Func<T> make)
    {
        try
        {
            return make();
        }
        catch (ArgumentException refused)
        {
            throw Refused(source, refused.Message);
        }
    }
}

/// <summary>What one stream is, or is to become: its settings, its pack, and the parts made of both.</summary>
public sealed record StreamSetup(SourceConfig Source, LoadedPack Pack, FrameStreamParts Parts)
{
    /// <summary>The stream's number, which no other of the run has.</summary>
    public required int Index { get; init; }
}
