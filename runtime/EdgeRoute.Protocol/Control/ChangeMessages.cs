namespace EdgeRoute.Protocol.Control;

/// <summary>What is wanted of one stream's settings; what is not given stays. All are applied together, at one frame boundary.</summary>
public sealed class SettingSet : IControlMessage
{
    /// <summary>The dial: gain per millisecond of device time, 0 or more; none takes the dial away.</summary>
    public SettingValue Price;

    /// <summary>Quality that must hold, in (0, 1].</summary>
    public SettingValue Floor;

    /// <summary><c>value</c>, <c>cascade</c>, <c>fixed:PATH</c>, or <c>skipping:PATH/MS</c>, which may end with <c>/DRIFT</c>.</summary>
    public SettingValue Policy;

    /// <summary>Path of the safety lock.</summary>
    public SettingValue Lock;

    public SettingValue DeadlineMs;

    /// <summary>Milliseconds that an answer may be old when it is reused.</summary>
    public SettingValue MaxAgeMs;

    /// <summary>The task in words, for sources that give none themselves.</summary>
    public SettingValue Instruction;

    /// <summary>Share of the frames that is audited, in (0, 1].</summary>
    public SettingValue AuditShare;

    /// <summary>The pack that the stream's frames run through.</summary>
    public SettingValue Pack;

    /// <summary>Targets by the keys of a device config's <c>budget</c> group.</summary>
    public SettingValue LatencyMs, LatencyMsP99, DeviceMs, FramesPerSecond, HeavyShare, Watts, EnergyMillijoules, DeviceMsPerMinute,
        EnergyPerMinute, HeavyRunsPerMinute, DeviceMsPerEpisode, EnergyPerEpisode, HeavyRunsPerEpisode, EpisodeSeconds, Temperature,
        BatteryHours, BatteryWattHours, QualityLoss;

    public void Visit(IFieldVisitor fields)
    {
        fields.Setting(SettingKeys.Price, ref Price);
        fields.Setting(SettingKeys.Floor, ref Floor);
        fields.Setting(SettingKeys.Policy, ref Policy);
        fields.Setting(SettingKeys.Lock, ref Lock);
        fields.Setting(SettingKeys.DeadlineMs, ref DeadlineMs);
        fields.Setting(SettingKeys.MaxAgeMs, ref MaxAgeMs);
        fields.Setting(SettingKeys.Instruction, ref Instruction);
        fields.Setting(SettingKeys.AuditShare, ref AuditShare);
        fields.Setting(SettingKeys.Pack, ref Pack);
        fields.Setting(SettingKeys.LatencyMs, ref LatencyMs);
        fields.Setting(SettingKeys.LatencyMsP99, ref LatencyMsP99);
        fields.Setting(SettingKeys.DeviceMs, ref DeviceMs);
        fields.Setting(SettingKeys.FramesPerSecond, ref FramesPerSecond);
        fields.Setting(SettingKeys.HeavyShare, ref HeavyShare);
        fields.Setting(SettingKeys.Watts, ref Watts);
        fields.Setting(SettingKeys.EnergyMillijoules, ref EnergyMillijoules);
        fields.Setting(SettingKeys.DeviceMsPerMinute, ref DeviceMsPerMinute);
        fields.Setting(SettingKeys.EnergyPerMinute, ref EnergyPerMinute);
        fields.Setting(SettingKeys.HeavyRunsPerMinute, ref HeavyRunsPerMinute);
        fields.Setting(SettingKeys.DeviceMsPerEpisode, ref DeviceMsPerEpisode);
        fields.Setting(SettingKeys.EnergyPerEpisode, ref EnergyPerEpisode);
        fields.Setting(SettingKeys.HeavyRunsPerEpisode, ref HeavyRunsPerEpisode);
        fields.Setting(SettingKeys.EpisodeSeconds, ref EpisodeSeconds);
        fields.Setting(SettingKeys.Temperature, ref Temperature);
        fields.Setting(SettingKeys.BatteryHours, ref BatteryHours);
        fields.Setting(SettingKeys.BatteryWattHours, ref BatteryWattHours);
        fields.Setting(SettingKeys.QualityLoss, ref QualityLoss);
    }
}

/// <summary>A change of one stream.</summary>
public sealed class ChangeRequest : IControlMessage
{
    /// <summary>Empty where the device has only one.</summary>
    public string Stream = "";

    public SettingSet Set = new();

    /// <summary>Say what would change, and change nothing.</summary>
    public bool IsDryRun;

    /// <summary>Keep the change only if it proves itself; null to keep it at once.</summary>
    public TrialRequest? Trial;

    /// <summary>Why, for the journal.</summary>
    public string Reason = "";

    public void Visit(IFieldVisitor fields)
    {
        fields.Text("stream", ref Stream);
        fields.Message("set", ref Set);
        fields.Boolean("dry_run", ref IsDryRun);
        fields.OptionalMessage("trial", ref Trial);
        fields.Text("reason", ref Reason);
    }
}

/// <summary>
/// How a change must prove itself; it is rolled back as soon as a condition breaks, or at the end without a confirmation that was asked
/// for.
/// </summary>
public sealed class TrialRequest : IControlMessage
{
    public double Seconds;

    /// <summary>Conditions on the stream since the change; null: not a condition.</summary>
    public double? LatencyMsP99, DeviceMsMean, Watts, AgreementLeast, FramesPerSecondLeast;

    public long? FailedMost, LateMost;

    /// <summary>Roll back at the end unless <c>trial.keep</c> came: a change that cuts the own connection then undoes itself.</summary>
    public bool NeedsConfirmation;

    public void Visit(IFieldVisitor fields)
    {
        fields.Number("seconds", ref Seconds);
        fields.OptionalNumber("latency_ms_p99", ref LatencyMsP99);
        fields.OptionalNumber("device_ms_mean", ref DeviceMsMean);
        fields.OptionalNumber("watts", ref Watts);
        fields.OptionalNumber("agreement_least", ref AgreementLeast);
        fields.OptionalNumber("frames_per_second_least", ref FramesPerSecondLeast);
        fields.OptionalInteger("failed_most", ref FailedMost);
        fields.OptionalInteger("late_most", ref LateMost);
        fields.Boolean("needs_confirmation", ref NeedsConfirmation);
    }
}

/// <summary>What a change does, or would do.</summary>
public sealed class ChangeReply : IControlMessage
{
    public bool IsApplied;

    /// <summary>Each setting that differs.</summary>
    public List<SettingDifference> Differences = [];

    /// <summary>
    /// What to expect, in words: predicted cost and quality from the calibration, conflicts, recordings that go on in a new file.
    /// </summary>
    public List<string> Effects = [];

    /// <summary>Number in the journal; 0 for a dry run.</summary>
    public long JournalNumber;

    public TrialStatus? Trial;

    public void Visit(IFieldVisitor fields)
    {
        fields.Boolean("is_applied", ref IsApplied);
        fields.List("differences", ref Differences);
        fields.Texts("effects", ref Effects);
        fields.Long("journal", ref JournalNumber);
        fields.OptionalMessage("trial", ref Trial);
    }
}

public sealed class SettingDifference : IControlMessage
{
    public string Name = "";

    /// <summary>"none" where there was none.</summary>
    public string Before = "";

    public string After = "";

    public void Visit(IFieldVisitor fields)
    {
        fields.Text("name", ref Name);
        fields.Text("before", ref Before);
        fields.Text("after", ref After);
    }
}

/// <summary>A change on trial.</summary>
public sealed class TrialStatus : IControlMessage
{
    public string Stream = "";

    /// <summary><c>running</c>, <c>kept</c> or <c>rolled_back</c>.</summary>
    public string State = "";

    public double SecondsLeft;

    public bool NeedsConfirmation;

    /// <summary>Each condition with what was measured, in words; after the end, why.</summary>
    public List<string> Conditions = [];

    public long JournalNumber;

    public void Visit(IFieldVisitor fields)
    {
        fields.Text("stream", ref Stream);
        fields.Text("state", ref State);
        fields.Number("seconds_left", ref SecondsLeft);
        fields.Boolean("needs_confirmation", ref NeedsConfirmation);
        fields.Texts("conditions", ref Conditions);
        fields.Long("journal", ref JournalNumber);
    }
}

/// <summary>The calibration's prediction over prices, for previews.</summary>
public sealed class CalibrationCurve : IControlMessage
{
    public string Stream = "";

    /// <summary>"labels", or the path that taught.</summary>
    public string Teacher = "";

    /// <summary>Machine that the costs were measured on.</summary>
    public string Device = "";

    /// <summary>Price rising.</summary>
    public List<CurvePoint> Points = [];

    public List<CertifiedFloor> Floors = [];

    /// <summary>The prediction at a price, between the two points around it; null without points.</summary>
    public CurvePoint? At(double price)
    {
        int above = Points.FindIndex(p => p.Price >= price);
        if (Points.Count == 0 || above <= 0)
        {
            if (Points.Count == 0)
            {
                return null;
            }

            if (above == 0)
            {
                return Points[0];
            }

            return Points[^1];
        }

        var (low, high) = (Points[above - 1], Points[above]);
        double share = high.Price > low.Price ? (price - low.Price) / (high.Price - low.Price) : 1;
        return new CurvePoint { Price = price, DeviceMs = low.DeviceMs + (share * (high.DeviceMs - low.DeviceMs)),
            Quality = low.Quality + (share * (high.Quality - low.Quality)) };
    }

    /// <summary>
    /// The lowest price whose predicted device time is at most so many milliseconds a frame; the last point where none is; null without
    /// points.
    /// </summary>
    public CurvePoint? For(double deviceMs) => Points.Find(p => p.DeviceMs <= deviceMs) ?? (Points.Count == 0 ? null : Points[^1]);

    /// <summary>
    /// The two points around a price, or at it and before it, where what a frame takes falls between them by more than a quarter of what
    /// the whole curve spans: no fixed price holds anything in between. Null where the curve is smooth there.
    /// </summary>
    public (CurvePoint Before, CurvePoint After)? StepAt(double price)
    {
        int above = Points.FindIndex(p => p.Price >= price);
        if (above <= 0)
        {
            return null;
        }

        double fall = Points[above - 1].DeviceMs - Points[above].DeviceMs;
        double span = Points.Max(p => p.DeviceMs) - Points.Min(p => p.DeviceMs);
        return fall > span * StepShare ? (Points[above - 1], Points[above]) : null;
    }

    private const double StepShare = 0.25;

    public void Visit(IFieldVisitor fields)
    {
        fields.Text("stream", ref Stream);
        fields.Text("teacher", ref Teacher);
        fields.Text("device", ref Device);
        fields.List("points", ref Points);
        fields.List("floors", ref Floors);
    }
}

public sealed class CurvePoint : IControlMessage
{
    /// <summary>Gain per millisecond.</summary>
    public double Price;

    /// <summary>Predicted mean device time of a frame, milliseconds.</summary>
    public double DeviceMs;

    /// <summary>Predicted quality in [0, 1].</summary>
    public double Quality;

    public void Visit(IFieldVisitor fields)
    {
        fields.Number("price", ref Price);
        fields.Number("device_ms", ref DeviceMs);
        fields.Number("quality", ref Quality);
    }
}

public sealed class CertifiedFloor : IControlMessage
{
    public double Floor;

    /// <summary>Highest price that keeps it; null where it is not certified, and <see cref="Reason"/> says why.</summary>
    public double? Price;

    public string Reason = "";

    public void Visit(IFieldVisitor fields)
    {
        fields.Number("floor", ref Floor);
        fields.OptionalNumber("price", ref Price);
        fields.Text("reason", ref Reason);
    }
}
