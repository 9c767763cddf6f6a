namespace EdgeRoute.Engine.Board;

/// <summary>
/// Heat, power, load and memory of the machine as last measured. Null where nothing measures it; never changed once published.
/// </summary>
public sealed record BoardReading
{
    public static BoardReading None { get; } = new();

    /// <summary>Smoothed over half a second; of the whole board, or of what <see cref="PowerSource"/> names.</summary>
    public double? Watts { get; init; }

    /// <summary>What the power is of, and what measures it.</summary>
    public string? PowerSource { get; init; }

    /// <summary>Empty, or why there is no power.</summary>
    public string PowerReason { get; init; } = "";

    /// <summary>Mean over the time since start in which power was measured; null before.</summary>
    public double? WattsMean { get; init; }

    /// <summary>Drawn in that time; null before.</summary>
    public double? EnergyJoules { get; init; }

    public double? HottestCelsius { get; init; }

    /// <summary>The kernel's name of the hottest zone.</summary>
    public string? HottestZone { get; init; }

    public double? GpuPercent { get; init; }

    public double? GpuMegahertz { get; init; }

    /// <summary>
    /// The highest clock that the GPU, or the first core where there is no GPU, may have now: power modes and heat lower it. What a
    /// governor does below it follows the load, and says nothing of what a run takes.
    /// </summary>
    public double? ClockCapMegahertz { get; init; }

    /// <summary>All cores; 100 is every one of them busy.</summary>
    public double? CpuPercent { get; init; }

    /// <summary>Of the first core.</summary>
    public double? CpuMegahertz { get; init; }

    /// <summary>This process's part of all cores.</summary>
    public double? ProcessCpuPercent { get; init; }

    public long? MemoryTotalBytes { get; init; }

    /// <summary>What could be allocated now without swapping; shared with the GPU on a Jetson.</summary>
    public long? MemoryAvailableBytes { get; init; }

    /// <summary>This process's pages in memory.</summary>
    public long? ResidentBytes { get; init; }

    /// <summary>
    /// How often the module was throttled since the engine began: under-voltage and over-current, as its monitor counts them.
    /// </summary>
    public long? ThrottleCount { get; init; }

    /// <summary>A Jetson's power mode, by name and id.</summary>
    public string? PowerMode { get; init; }
}

/// <summary>One thing a board can measure: its value, or the reason why there is none. No metric is ever left out in silence.</summary>
/// <param name="Name">Noun first, without its unit: power_vdd_in, temperature_cpu-thermal, gpu_load.</param>
/// <param name="Value">Null where it cannot be read.</param>
/// <param name="Unit">mW, C, percent, MHz, count.</param>
/// <param name="SourcePath">Where it comes from on the device.</param>
/// <param name="Reason">Empty, or why there is no value.</param>
public sealed record SensorReading(string Name, double? Value, string Unit, string SourcePath, string Reason)
{
    public static SensorReading Absent(string name, string unit, string sourcePath, string reason) => new(name, null, unit,
        sourcePath, reason);
}
