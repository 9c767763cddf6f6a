namespace EdgeRoute.Protocol.Control;

/// <summary>How the device stands now: the answer to <c>status</c>, and what telemetry carries.</summary>
public sealed class DeviceStatus : IControlMessage
{
    public long NowUtcNs;

    public double UptimeS;

    /// <summary>Of the trial that runs; null while none does.</summary>
    public TrialStatus? Trial;

    /// <summary>Of a config that came from afar; null where there is nothing to tell.</summary>
    public ProbationStatus? Probation;

    /// <summary>Null while the emergency stop is released.</summary>
    public StopStatus? Stop;

    public List<StreamStatus> Streams = [];

    public BoardStatus Board = new();

    public ChannelStatus Channel = new();

    public List<RecordingStatus> Recordings = [];

    /// <summary>Who gets answers, and what was lost on the way.</summary>
    public List<OutputStatus> Outputs = [];

    /// <summary>The GPIO lines of the config.</summary>
    public List<GpioLineStatus> Gpio = [];

    /// <summary>The servers that run stages too.</summary>
    public List<EngineStatus> Engines = [];

    public void Visit(IFieldVisitor fields)
    {
        fields.Long("now_utc_ns", ref NowUtcNs);
        fields.Number("uptime_s", ref UptimeS);
        fields.OptionalMessage("trial", ref Trial);
        fields.OptionalMessage("probation", ref Probation);
        fields.OptionalMessage("stop", ref Stop);
        fields.List("streams", ref Streams);
        fields.Message("board", ref Board);
        fields.Message("channel", ref Channel);
        fields.List("recordings", ref Recordings);
        fields.List("outputs", ref Outputs);
        fields.List("gpio", ref Gpio);
        fields.List("engines", ref Engines);
    }
}

/// <summary>
/// A config that came from afar is on probation, or has given way to the one before it since the program started.
/// </summary>
public sealed class ProbationStatus : IControlMessage
{
    /// <summary>Unless frames have flowed by then, the config before comes back; 0: none is on probation.</summary>
    public long UntilUtcNs;

    /// <summary>Why the last one gave way; null where none did.</summary>
    public string? WentBackBecause;

    public long WentBackUtcNs;

    public void Visit(IFieldVisitor fields)
    {
        fields.Long("until_utc_ns", ref UntilUtcNs);
        fields.OptionalText("went_back_because", ref WentBackBecause);
        fields.Long("went_back_utc_ns", ref WentBackUtcNs);
    }
}

/// <summary>
/// How one stream stands. Counts are since start, and keep the law: captured is the sum of the ends and of what is in flight.
/// </summary>
public sealed class StreamStatus : IControlMessage
{
    public string Name = "";

    public string Pack = "";

    public string Policy = "";

    public long Captured, Completed, Exited, Escalated, Skipped, Dropped, Failed, Late, Fallbacks, SourceFaults, SourceRestarts;

    /// <summary>The source has ended and nothing waits.</summary>
    public bool HasEnded;

    public double? DeadlineMs;

    /// <summary>Path that a safety lock forces; null without one.</summary>
    public string? Lock;

    /// <summary>What the last failed stage or frame said.</summary>
    public string? LastFault;

    public WindowStatus Window = new();

    /// <summary>For how long nothing was looked at; null from a device that does not tell.</summary>
    public FreshnessStatus? Freshness;

    /// <summary>Null where the policy knows no prices.</summary>
    public PriceStatus? Price;

    public AuditStatus? Audit;

    /// <summary>The task in words that the config gives; null for none.</summary>
    public string? Instruction;

    /// <summary>Null for tasks other than a policy.</summary>
    public PlanStatus? Plans;

    /// <summary>Null where the robot's state does not come over the channel.</summary>
    public StateStatus? State;

    /// <summary>Null where plans are not carried out at a rate of their own.</summary>
    public ActionStatus? Actions;

    /// <summary>What went wrong on frames, by kind: faults, and pictures that were decoded although they are damaged.</summary>
    public List<FaultStatus> Faults = [];

    /// <summary>Of the source's rules, in the order of the config.</summary>
    public List<RuleStatus> Rules = [];

    /// <summary>Of the pack's stages on crops, in the order of the manifest.</summary>
    public List<CropStatus> Crops = [];

    /// <summary>
    /// In telemetry: frames since the last one, by route tree node, in the order of <see cref="StreamDescription.Nodes"/>. Empty in
    /// <c>status</c>.
    /// </summary>
    public List<long> RecentNodes = [];

    /// <summary>In telemetry: frames dropped, failed and late since the last one.</summary>
    public long RecentDropped, RecentFailed, RecentLate;

    public void Visit(IFieldVisitor fields)
    {
        fields.Text("name", ref Name);
        fields.Text("pack", ref Pack);
        fields.Text("policy", ref Policy);
        fields.Long("captured", ref Captured);
        fields.Long("completed", ref Completed);
        fields.Long("exited", ref Exited);
        fields.Long("escalated", ref Escalated);
        fields.Long("skipped", ref Skipped);
        fields.Long("dropped", ref Dropped);
        fields.Long("failed", ref Failed);
        fields.Long("late", ref Late);
        fields.Long("fallbacks", ref Fallbacks);
        fields.Long("source_faults", ref SourceFaults);
        fields.Long("source_restarts", ref SourceRestarts);
        fields.Boolean("has_ended", ref HasEnded);
        fields.OptionalNumber(SettingKeys.DeadlineMs, ref DeadlineMs);
        fields.OptionalText("lock", ref Lock);
        fields.OptionalText("last_fault", ref LastFault);
        fields.Message("window", ref Window);
        fields.OptionalMessage("freshness", ref Freshness);
        fields.OptionalMessage("price", ref Price);
        fields.OptionalMessage("audit", ref Audit);
        fields.OptionalText("instruction", ref Instruction);
        fields.OptionalMessage("plans", ref Plans);
        fields.OptionalMessage("state", ref State);
        fields.OptionalMessage("actions", ref Actions);
        fields.List("faults", ref Faults);
        fields.List("rules", ref Rules);
        fields.List("crops", ref Crops);
        fields.Integers("recent_nodes", ref RecentNodes);
        fields.Long("recent_dropped", ref RecentDropped);
        fields.Long("recent_failed", ref RecentFailed);
        fields.Long("recent_late", ref RecentLate);
    }
}

/// <summary>For how long no stage has answered a frame of a stream, in the source's time.</summary>
public sealed class FreshnessStatus : IControlMessage
{
    /// <summary>From the last frame that was looked at to the latest one, in milliseconds.</summary>
    public double AgeMs;

    /// <summary>How old an answer may be, in milliseconds.</summary>
    public double MaxAgeMs;

    public bool IsStale;

    /// <summary>Frames that ended while it was so, since start.</summary>
    public long StaleCount;

    public void Visit(IFieldVisitor fields)
    {
        fields.Number("age_ms", ref AgeMs);
        fields.Number("max_age_ms", ref MaxAgeMs);
        fields.Boolean("is_stale", ref IsStale);
        fields.Long("stale", ref StaleCount);
    }
}

/// <summary>How often one kind of fault came on the frames of a stream.</summary>
public sealed class FaultStatus : IControlMessage
{
    /// <summary>The step of the road, and the stage or the type of the fault.</summary>
    public string Kind = "";

    public long Count;

    /// <summary>What one of the latest said.</summary>
    public string Reason = "";

    public void Visit(IFieldVisitor fields)
    {
        fields.Text("kind", ref Kind);
        fields.Long("count", ref Count);
        fields.Text("reason", ref Reason);
    }
}

/// <summary>The last seconds of one stream. Times in milliseconds; not a number where no frame was answered.</summary>
public sealed class WindowStatus : IControlMessage
{
    public double Seconds;

    public long FrameCount;

    public double FramesPerSecond;

    public double LatencyMsP50 = double.NaN, LatencyMsP95 = double.NaN, LatencyMsP99 = double.NaN, LatencyMsMax = double.NaN;

    /// <summary>Preprocessing, stages and heads, mean of a frame.</summary>
    public double DeviceMsMean = double.NaN;

    /// <summary>Mean of a frame; not a number without a power sensor.</summary>
    public double EnergyMillijoulesMean = double.NaN;

    public long LateCount;

    /// <summary>Paths that answered frames, the most frequent first.</summary>
    public List<PathShare> Paths = [];

    public void Visit(IFieldVisitor fields)
    {
        fields.Number("seconds", ref Seconds);
        fields.Long("frames", ref FrameCount);
        fields.Number("frames_per_second", ref FramesPerSecond);
        fields.Number("latency_ms_p50", ref LatencyMsP50);
        fields.Number("latency_ms_p95", ref LatencyMsP95);
        fields.Number("latency_ms_p99", ref LatencyMsP99);
        fields.Number("latency_ms_max", ref LatencyMsMax);
        fields.Number("device_ms_mean", ref DeviceMsMean);
        fields.Number("energy_millijoules_mean", ref EnergyMillijoulesMean);
        fields.Long("late", ref LateCount);
        fields.List("paths", ref Paths);
    }
}

public sealed class PathShare : IControlMessage
{
    public string Path = "";
    public long FrameCount;
    /// <summary>Of the window's frames, in [0, 1].</summary>
    public double Share;

    /// <summary>Added to what is drawn idle, and half the interval that holds it 19 times in 20; null where not known.</summary>
    public double? EnergyMillijoules, EnergyMargin;

    public void Visit(IFieldVisitor fields)
    {
        fields.Text("path", ref Path);
        fields.Long("frames", ref FrameCount);
        fields.Number("share", ref Share);
        fields.OptionalNumber("energy_mj", ref EnergyMillijoules);
        fields.OptionalNumber("energy_margin_mj", ref EnergyMargin);
    }
}

/// <summary>Prices, floor and budgets of one stream. Prices are gain per millisecond of device time.</summary>
public sealed class PriceStatus : IControlMessage
{
    public double InForce, Asked;

    /// <summary>What the floor allows; null without one.</summary>
    public double? Ceiling;

    /// <summary>The controller that asks for the most; null where none asks.</summary>
    public string? AskedBy;

    /// <summary>The dial: the price set by hand; null without one.</summary>
    public double? Dial;

    /// <summary>Quality that must hold, in (0, 1]; null without one.</summary>
    public double? Floor;

    /// <summary>What the device takes now as a multiple of what the calibration measured; prices are in the calibration's
    /// milliseconds.</summary>
    public double? Pace;

    public List<BudgetStatus> Budgets = [];

    /// <summary>What cannot hold at once, in words.</summary>
    public List<string> Conflicts = [];

    public void Visit(IFieldVisitor fields)
    {
        fields.Number("in_force", ref InForce);
        fields.Number("asked", ref Asked);
        fields.OptionalNumber("ceiling", ref Ceiling);
        fields.OptionalText("asked_by", ref AskedBy);
        fields.OptionalNumber("dial", ref Dial);
        fields.OptionalNumber("floor", ref Floor);
        fields.OptionalNumber("pace", ref Pace);
        fields.List("budgets", ref Budgets);
        fields.Texts("conflicts", ref Conflicts);
    }
}

public sealed class BudgetStatus : IControlMessage
{
    /// <summary>
    /// The key in a device config's <c>budget</c> group, such as <c>device_ms</c>; <c>lane</c> for the share of the accelerator.
    /// </summary>
    public string Name = "";

    public double Measured = double.NaN;

    public double Target;

    /// <summary>Words that follow a figure: "ms a frame".</summary>
    public string Unit = "";

    public bool IsMissed;

    public void Visit(IFieldVisitor fields)
    {
        fields.Text("name", ref Name);
        fields.Number("measured", ref Measured);
        fields.Number("target", ref Target);
        fields.Text("unit", ref Unit);
        fields.Boolean("is_missed", ref IsMissed);
    }
}

public sealed class AuditStatus : IControlMessage
{
    /// <summary>Of the frames that take the heaviest path as well, in [0, 1].</summary>
    public double Share;

    public long AuditedCount, LetGoCount, BreachCount;

    /// <summary>1 - the mean loss of audited frames; not a number without audits.</summary>
    public double AgreementMean = double.NaN;

    public void Visit(IFieldVisitor fields)
    {
        fields.Number("share", ref Share);
        fields.Long("audited", ref AuditedCount);
        fields.Long("let_go", ref LetGoCount);
        fields.Long("breaches", ref BreachCount);
        fields.Number("agreement_mean", ref AgreementMean);
    }
}

/// <summary>Heat, power and load of the machine. Null where nothing measures it.</summary>
public sealed class BoardStatus : IControlMessage
{
    public double? Watts, IdleWatts, HottestCelsius, GpuPercent, CpuPercent, CpuMegahertz;

    public string? HottestZone, PowerMode;

    public long? MemoryAvailableBytes, MemoryTotalBytes, ResidentBytes, ThrottleCount;

    public void Visit(IFieldVisitor fields)
    {
        fields.OptionalNumber("watts", ref Watts);
        fields.OptionalNumber("idle_watts", ref IdleWatts);
        fields.OptionalNumber("hottest_celsius", ref HottestCelsius);
        fields.OptionalText("hottest_zone", ref HottestZone);
        fields.OptionalNumber("gpu_percent", ref GpuPercent);
        fields.OptionalNumber("cpu_percent", ref CpuPercent);
        fields.OptionalNumber("cpu_megahertz", ref CpuMegahertz);
        fields.OptionalText("power_mode", ref PowerMode);
        fields.OptionalInteger("memory_available_bytes", ref MemoryAvailableBytes);
        fields.OptionalInteger("memory_total_bytes", ref MemoryTotalBytes);
        fields.OptionalInteger("resident_bytes", ref ResidentBytes);
        fields.OptionalInteger("throttles", ref ThrottleCount);
    }
}
