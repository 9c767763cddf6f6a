namespace EdgeRoute.Protocol.Control;

/// <summary>
/// Names of a stream's settings, the same in changes, in what they differ by and in the status. What each one means, its unit and its range
/// stand in the table of settings, which device configs, changes and the laptop's commands read.
/// </summary>
public static class SettingKeys
{
    /// <summary>Before the keys of targets, which a device config has in its group <c>budget</c>.</summary>
    public const string BudgetPrefix = "budget.";

    public const string Pack = "pack";
    public const string Policy = "policy";
    public const string Price = "price";
    public const string Floor = "floor";
    public const string Instruction = "instruction";
    public const string Lock = "lock";
    public const string DeadlineMs = "deadline_ms";
    public const string MaxAgeMs = "max_age_ms";
    public const string AuditShare = "audit_share";
    public const string LatencyMs = BudgetPrefix + "latency_ms";
    public const string LatencyMsP99 = BudgetPrefix + "latency_p99_ms";
    public const string DeviceMs = BudgetPrefix + "device_ms";
    public const string FramesPerSecond = BudgetPrefix + "frames_per_second";
    public const string HeavyShare = BudgetPrefix + "heavy_share";
    public const string Watts = BudgetPrefix + "watts";
    public const string EnergyMillijoules = BudgetPrefix + "energy_mj";
    public const string Temperature = BudgetPrefix + "temperature";
    public const string BatteryHours = BudgetPrefix + "battery_hours";
    public const string BatteryWattHours = BudgetPrefix + "battery_wh";
    public const string QualityLoss = BudgetPrefix + "quality_loss";
    public const string EnergyPerMinute = BudgetPrefix + "energy_mj_per_minute";
    public const string HeavyRunsPerMinute = BudgetPrefix + "heavy_runs_per_minute";
    public const string DeviceMsPerEpisode = BudgetPrefix + "device_ms_per_episode";
    public const string EnergyPerEpisode = BudgetPrefix + "energy_mj_per_episode";
    public const string HeavyRunsPerEpisode = BudgetPrefix + "heavy_runs_per_episode";
    public const string EpisodeSeconds = BudgetPrefix + "episode_seconds";
    public const string DeviceMsPerMinute = BudgetPrefix + "device_ms_per_minute";
}
