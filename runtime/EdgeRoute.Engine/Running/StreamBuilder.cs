using EdgeRoute.Core.Costs;
using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Gains;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Routing;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Calibrations;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Board;
using EdgeRoute.Engine.Capture;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Engine.Loop;
using EdgeRoute.Engine.Preprocess;
using EdgeRoute.Engine.Stages;
using EdgeRoute.Protocol.Recording;

namespace EdgeRoute.Engine.Running;

/// <summary>
/// From a source's config and its pack to the parts of its stream: at start, and anew for every change while it runs. What was learnt
/// (costs, contexts, audits) goes over where pack and calibration stay.
/// </summary>
/// <param name="sharesLane">Other sources want the accelerator too.</param>
/// <param name="power">What the board draws.</param>
/// <param name="onEvent">Told of breaches and recoveries, with the stream's index.</param>
internal sealed class StreamBuilder(EngineReporter report, TimeProvider clock, IPreprocessKernel kernel, bool sharesLane, PowerGauge power,
    Action<int, EventKind, string> onEvent)
{
    /// <summary>Signs of life of the loop that the streams run on.</summary>
    public required LoopHeartbeat Heartbeat { get; init; }

    /// <summary>Whether a recording is open.</summary>
    public required Func<bool> IsRecorded { get; init; }

    private readonly PricingBuilder _pricing = new(report);

    public IPreprocessKernel Kernel => kernel;

    /// <param name="index">0-based index of the stream.</param>
    /// <param name="current">What the stream has now; null at start. It is read, never changed.</param>
    /// <param name="frames">The source itself, at start; null later.</param>
    /// <exception cref="EngineRefusedException">Policy, calibration, budgets, paths, instruction or source do not fit the pack.</exception>
    public FrameStreamParts Build(
        int index, SourceConfig source, LoadedPack pack, SlotExchange exchange, FrameStreamParts? current = null,
        IFrameSource? frames = null)
    {
        bool tellsState = frames?.TellsState ?? current?.TellsState ?? false;
        CheckTask(source, pack, tellsState);
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
        var pixels = here?.Pixels ?? new FramePixels(pack.Stages, pack.Tree.Variants, kernel, pack.Crops);
        var parts = new FrameStreamParts(source.Name, exchange, router, fixedRoute, pack.Stages, pixels, deadlineNs, clock)
        {
            Calibration = calibration,
            Crops = pack.Crops,
            Power = power,
            IsRecorded = IsRecorded,
            Weight = source.Spending.Weight,
            Heartbeat = Heartbeat,
            Plan = pack.Pack.Plan,
            Instruction = source.Instruction,
            Actuator = frames as IActuator ?? current?.Actuator,
            TellsState = tellsState,
            OnEvent = (kind, text) => onEvent(index, kind, text),
            Names = here?.Names ?? NamesOf(source.Name, pack),
            LockNodeIndex = router.LockNodeIndex,
            Rules = here?.Rules is { } rules && ReferenceEquals(here.Watch, source.Watch) ? rules : RulesOf(source, pack),
            Watch = source.Watch,
        };
        return calibration is null ? parts : Priced(index, source, parts, pack, keepsCosts ? here : null, current?.Pricing);
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
    private static double UsualMaxAgeMs(SourceConfig source) =>
        Math.Max(Router.UsualMaxAgeMs, 3000 / (source.FramesPerSecond ?? double.PositiveInfinity));

    private FrameStreamParts Priced(int index, SourceConfig source, FrameStreamParts parts, LoadedPack pack, FrameStreamParts? here,
        StreamPricing? earlier)
    {
        var (router, calibration) = (parts.Router, parts.Calibration!);
        router.Contexts = here?.Router.Contexts ?? new ContextLosses(calibration.Calibration.ContextCount);
        var pricing = Refused(source, () => _pricing.Build(source, calibration, router, router.Costs, sharesLane,
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
    /// <exception cref="EngineRefusedException">Policy, calibration, paths, instruction or source do not fit the pack.</exception>
    public static void Check(SourceConfig source, Pack pack, RouteTree tree, bool tellsState)
    {
        // Nothing is run here, so there are no stages.
        var unopened = new LoadedPack(pack, tree, null!);
        CheckTask(source, unopened, tellsState);
        var calibration = CalibrationOf(source, unopened, null);
        _ = MakePolicy(source, unopened, calibration);
        _ = LockOf(source, unopened);
        _ = RulesOf(source, unopened);
        if (calibration is not null)
        {
            _ = Refused(source, () => PricingBuilder.TrackingOf(calibration, pack, tree));
        }
    }

    /// <summary>What a pack's stages must be told has to come from somewhere, and what the config says has to be understood.</summary>
    private static void CheckTask(SourceConfig source, LoadedPack pack, bool tellsState)
    {
        if (pack.Pack.StateLength > 0 && !tellsState)
        {
            throw new EngineRefusedException(RefusalCause.Config,
                $"source '{source.Name}': the pack '{pack.Pack.Name}' wants the robot's state "
                + $"({pack.Pack.StateLength} values a frame), which '{AddressText.OfSource(source.Address.Text)}' never tells; "
                + "use a source that does, such as sim://tabletop?task=pick_place, or another pack");
        }

        if (source.Instruction is { } instruction && InstructionProblem(pack.Pack, instruction) is { } problem)
        {
            throw new EngineRefusedException(RefusalCause.Config,
                $"source '{source.Name}': 'instruction' is '{instruction}', but {problem}");
        }
    }

    private static string? InstructionProblem(Pack pack, string instruction) => pack.Language is { } language
        ? language.Tokenize(instruction, new long[language.Length])
        : $"the pack '{pack.Name}' takes no instruction; leave it out";

    /// <summary>The calibration in use stays in use, whatever became of its file, until the policy names another.</summary>
    private static LoadedCalibration? CalibrationOf(SourceConfig source, LoadedPack pack, FrameStreamParts? here) =>
        source.Policy.Kind != PolicyKind.Value ? null : here?.Calibration ?? Refused(source, () => PricingBuilder.Read(source, pack));

    private static CostTable CostsOf(LoadedPack pack, LoadedCalibration? calibration)
    {
        var costs = new CostTable(pack.Tree);
        pack.Pack.FillCosts(pack.Tree, costs, Environment.MachineName, pack.Provider, pack.ThreadCount);
        calibration?.FillCosts(pack.Tree, costs);
        return costs;
    }

    private static StreamRules? RulesOf(SourceConfig source, LoadedPack pack) =>
        Refused(source, () => RuleBuilder.Build(source.Watch, pack.Pack, pack.Tree));

    private static int LockOf(SourceConfig source, LoadedPack pack) => source.LockPath is not { } path ? -1
        : pack.Tree.FindPath(path)?.Index ?? throw new EngineRefusedException(RefusalCause.Config,
            $"source '{source.Name}': the lock '{path}' is not a path of the pack '{pack.Pack.Name}'; it has "
                + $"{string.Join(", ", pack.Tree.PathNames)}");

    private static IRoutePolicy MakePolicy(SourceConfig source, LoadedPack pack,
        LoadedCalibration? calibration) => Refused<IRoutePolicy>(source, () => source.Policy.Kind switch
    {
        PolicyKind.Value => new ValuePolicy(calibration!.Calibration),
        PolicyKind.Fixed => FixedOn(source.Policy.PathName ?? pack.Pack.FixedRoute, pack),
        _ when pack.Pack.Cascade is { } cascade => new CascadePolicy(pack.Tree, cascade),
        // Of one stage there is nothing to choose, so that its pack needs no rules and its source no policy.
        _ when pack.Pack.Stages.Count == 1 => FixedOn(pack.Pack.FixedRoute, pack),
        _ => throw new ArgumentException($"the pack '{pack.Pack.Name}' has no cascade; write policy: {{ kind: fixed, path: "
            + $"'{pack.Pack.FixedRoute}' }}, or another of its paths"),
    });

    private static FixedPolicy FixedOn(string path, LoadedPack pack) =>
        new(pack.Tree, path) { FollowsPlans = pack.Pack.Task == TaskKind.Policy };

    private static T Refused<T>(SourceConfig source, Func<T> make)
    {
        try
        {
            return make();
        }
        catch (ArgumentException refused)
        {
            throw new EngineRefusedException(RefusalCause.Config, $"source '{source.Name}': {refused.Message}");
        }
    }
}

/// <summary>What one stream is, or is to become: its settings, its pack, and the parts made of both.</summary>
public sealed record StreamSetup(SourceConfig Source, LoadedPack Pack, FrameStreamParts Parts);
