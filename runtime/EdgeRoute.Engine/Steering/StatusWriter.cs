using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Prices;
using EdgeRoute.Documents.Calibrations;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Board;
using EdgeRoute.Engine.Faults;
using EdgeRoute.Engine.Loop;
using EdgeRoute.Engine.Reports;
using EdgeRoute.Engine.Running;
using EdgeRoute.Engine.Tracing;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Recording;

namespace EdgeRoute.Engine.Steering;

/// <summary>
/// How the engine stands, in the control channel's words. Reads figures that the loop writes; they are at most a frame old.
/// </summary>
internal static class StatusWriter
{
    /// <summary>Of the words of a fault: telemetry goes out many times a second.</summary>
    private const int ReasonChars = 300;

    public static StreamStatus StreamOf(LiveStream live, SourceStatus source, long nowNs)
    {
        var (stream, config) = (live.Stream, live.Setup.Source);
        return new StreamStatus
        {
            Name = stream.Name,
            Pack = config.PackName,
            Policy = config.Policy.Name,
            Captured = source.Ends.Captured,
            Completed = source.Ends.Completed,
            Exited = source.Ends.Exited,
            Escalated = source.Ends.Escalated,
            Skipped = source.Ends.Skipped,
            Dropped = source.Ends.Dropped,
            Failed = source.Ends.Failed,
            Late = source.Tally.LateCount,
            Fallbacks = source.Tally.FallbackCount,
            SourceFaults = source.FaultCount,
            SourceRestarts = source.RestartCount,
            HasEnded = stream.HasEnded,
            DeadlineMs = config.DeadlineMs,
            Lock = config.LockPath,
            LastFault = stream.LastFault,
            Freshness = FreshnessOf(stream),
            Faults = [.. stream.Faults.Select(FaultOf)],
            Rules = [.. (stream.Parts.Rules?.Rules ?? []).Select(r => new RuleStatus
            {
                Name = r.Rule.Name, IsOn = r.Rule.IsOn, OnCount = r.Rule.OnCount,
            })],
            Crops = [.. stream.Crops.Select(CropOf)],
            Price = stream.Pricing is { } pricing ? PriceOf(pricing, config) : null,
            Audit = stream.Parts.Auditor is { } auditor ? AuditOf(auditor, stream.Pricing) : null,
            Instruction = config.Instruction,
            Plans = source.Policy is { } plans ? PlansOf(plans, stream.Parts.Stages.Instructions) : null,
            State = StateMethods.StatusOf(stream.Parts.Mailbox, config.State?.MaxAgeMs ?? 0, nowNs),
            Actions = stream.Parts.Executor?.Status(),
        };
    }

    private static CropStatus CropOf(CropTally crop) => new()
    {
        Stage = crop.Stage,
        RunCount = crop.RunCount,
        KnownCount = crop.KnownCount,
        FailedCount = crop.FailedCount,
        ShortCount = crop.ShortCount,
        SmallCount = crop.SmallCount,
        MeanMs = crop.RunCount > 0 ? crop.MeanMs : double.NaN,
    };

    private static FreshnessStatus FreshnessOf(FrameStream stream) => new()
    {
        AgeMs = stream.Freshness.AgeMs,
        MaxAgeMs = stream.Router.MaxAgeMs,
        IsStale = stream.Freshness.IsStale,
        StaleCount = stream.Freshness.StaleCount,
    };

    public static RecordingStatus RecordingOf(Recording recording, long nowNs)
    {
        var totals = recording.Totals;
        return new RecordingStatus
        {
            Name = recording.Name,
            Path = recording.Path,
            Frames = recording.Frames.ToString().ToLowerInvariant(),
            IsOpen = true,
            FileBytes = totals.FileBytes,
            TraceCount = totals.TraceWrittenCount,
            FrameCount = totals.FrameWrittenCount,
            TraceLostCount = totals.TraceLostCount,
            FrameLostCount = totals.FrameLostCount,
            SecondsLeft = recording.UntilNs is { } until ? Math.Max(0, (until - nowNs) / 1e9) : null,
        };
    }

    /// <summary>What each path of a window takes of the board's energy, where it is known.</summary>
    public static void AddEnergy(WindowStatus window, LiveStream live, RouteMeter meter)
    {
        foreach (var path in window.Paths)
        {
            int node = live.Stream.Router.Tree.FindPath(path.Path)?.Index ?? -1;
            if (meter.MillijoulesOf(live.Stream.Index, node) is { IsKnown: true } energy)
            {
                (path.EnergyMillijoules, path.EnergyMargin) = (energy.Value, energy.Margin);
            }
        }
    }

    public static BoardStatus BoardOf(BoardReading board, RouteMeter meter) => new()
    {
        IdleWatts = meter.IdleWatts is { IsKnown: true } idle ? idle.Value : null,
        Watts = board.Watts,
        HottestCelsius = board.HottestCelsius,
        HottestZone = board.HottestZone,
        GpuPercent = board.GpuPercent,
        CpuPercent = board.CpuPercent,
        CpuMegahertz = board.CpuMegahertz,
        PowerMode = board.PowerMode,
        MemoryAvailableBytes = board.MemoryAvailableBytes,
        MemoryTotalBytes = board.MemoryTotalBytes,
        ResidentBytes = board.ResidentBytes,
        ThrottleCount = board.ThrottleCount,
    };

    public static StreamDescription DescriptionOf(StreamSetup plan) => new()
    {
        Index = plan.Index,
        Name = plan.Source.Name,
        Address = AddressText.OfSource(plan.Source.Address.Text),
        Pack = plan.Source.PackName,
        Policy = plan.Source.Policy.Name,
        Task = plan.Pack.Pack.Stages.Select(s => s.Exit?.Task).FirstOrDefault(t => t is not null)?.ToString().ToLowerInvariant() ?? "",
        IsCalibrated = plan.Parts.Calibration is not null,
        DeadlineMs = plan.Source.DeadlineMs,
        Labels = [.. plan.Pack.Pack.Labels],
        Nodes = [.. plan.Parts.Router.Tree.Nodes.Select(NodeOf)],
    };

    public static PackDescription PackOf(string name, StreamSetup[] plans, EdgeRoute.Engine.Stages.LoadedPack pack,
        string manifestPath) => new()
    {
        Name = name,
        Title = pack.Pack.Title,
        Version = pack.Pack.Version,
        ManifestPath = manifestPath,
        ManifestSha256 = pack.Pack.ManifestSha256,
        Paths = [.. pack.Tree.PathNames],
        Streams = [.. plans.Where(p => ReferenceEquals(p.Pack, pack)).Select(p => p.Source.Name)],
    };

    private static RouteNodeDescription NodeOf(RouteNode node) => new()
    {
        Path = node.PathName,
        Options = [.. node.Options.Select(o => new RouteOptionDescription { Name = o.Name, Kind = (int)o.Kind, NodeIndex = o.NodeIndex })],
    };

    private static FaultStatus FaultOf(FaultCount fault) => new()
    {
        Kind = fault.Kind,
        Count = fault.Count,
        Reason = fault.Reason.Length > ReasonChars ? fault.Reason[..ReasonChars] + "..." : fault.Reason,
    };

    private static PriceStatus PriceOf(StreamPricing pricing, SourceConfig config)
    {
        var streamPrice = pricing.Prices;
        return new PriceStatus
        {
            InForce = streamPrice.Price,
            Asked = streamPrice.AskedPrice,
            Ceiling = double.IsFinite(streamPrice.PriceCeiling) ? streamPrice.PriceCeiling : null,
            AskedBy = streamPrice.AskerIndex < 0 ? null : NameOf(streamPrice.Controllers[streamPrice.AskerIndex]),
            Dial = config.Policy.PricePerMs,
            Floor = config.Policy.Floor,
            Pace = pricing.Pace,
            Budgets = [.. streamPrice.Controllers.Where(c => double.IsFinite(c.Reading.Target)).Select(BudgetOf)],
            Conflicts = streamPrice.HasConflict ? [.. streamPrice.FindConflicts().Select(c => c.Words)] : [],
        };
    }

    private static BudgetStatus BudgetOf(IPriceController controller)
    {
        var reading = controller.Reading;
        return new BudgetStatus { Name = NameOf(controller), Measured = reading.Measured, Target = reading.Target, Unit = reading.Unit,
            IsMissed = controller.IsMissed };
    }

    private static string NameOf(IPriceController controller) => controller switch
    {
        DualPrice dual => StreamSettings.Of(dual.Budget.Kind).ShortKey,
        HeatPrice => StreamSettings.Of(BudgetKind.Temperature).ShortKey,
        BatteryPrice => StreamSettings.Of(BudgetKind.BatteryHours).ShortKey,
        LossPrice => StreamSettings.Of(BudgetKind.QualityLoss).ShortKey,
        EpisodePrice episode => StreamSettings.Of(episode.Plan.Kind, episode.Plan.Period).ShortKey,
        CongestionPrice => "lane",
        _ => "dial",
    };

    private static PlanStatus PlansOf(PolicyReport plans, EdgeRoute.Engine.Stages.InstructionCounts told) => new()
    {
        ActionCount = plans.ActionCount,
        PlanCount = plans.PlanCount,
        HoldCount = plans.HoldCount,
        UntoldCount = plans.UntoldCount,
        SpentCount = plans.SpentCount,
        UnsureCount = plans.UnsureCount,
        StateChangedCount = plans.StateChangedCount,
        InstructionChangedCount = plans.InstructionChangedCount,
        ChosenCount = plans.ChosenCount,
        InstructionHitCount = told.HitCount,
        InstructionRunCount = told.RunCount,
    };

    private static AuditStatus AuditOf(StreamAuditor auditor, StreamPricing? pricing) => new()
    {
        Share = auditor.Share,
        AuditedCount = auditor.Count,
        LetGoCount = auditor.LetGoCount,
        BreachCount = pricing?.Audit?.BreachCount ?? 0,
        AgreementMean = auditor.Count > 0 ? 1 - (auditor.LossSum / auditor.Count) : double.NaN,
    };
}

/// <summary>A calibration's predictions as the control channel tells them.</summary>
internal static class CurveWriter
{
    /// <param name="pace">What the device takes now, as a multiple of what the calibration measured.</param>
    public static CalibrationCurve Of(string stream, LoadedCalibration calibration, double pace)
    {
        var document = calibration.Document;
        return new CalibrationCurve
        {
            Stream = stream,
            Teacher = document.Teacher,
            Device = document.Device,
            Points = [.. document.Curve.Select(c => new CurvePoint { Price = c.PricePerMs, DeviceMs = c.Ms * pace, Quality = c.Quality })
                .OrderBy(p => p.Price)],
            Floors = [.. document.Floors.Select(f => new CertifiedFloor
            {
                Floor = f.Floor,
                Price = f.PriceIndex >= 0 ? document.Curve[f.PriceIndex].PricePerMs : null,
                Reason = f.Reason,
            })],
        };
    }
}
