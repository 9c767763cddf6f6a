using EdgeRoute.Documents.Configs;

namespace EdgeRoute.Engine.Board;

/// <summary>
/// Reads the machine's sensors one after the other into a <see cref="BoardReading"/>. Time is handed in; one thread at a time.
/// </summary>
internal sealed class BoardProbe : IDisposable
{
    /// <summary>Heat and clocks move in seconds, and a thermal zone of a Jetson asks another processor.</summary>
    public const long SlowIntervalNs = 1_000_000_000;

    /// <summary>A power mode is changed by hand.</summary>
    private const long ModeIntervalNs = 10_000_000_000;

    private const string TemperaturePrefix = "temperature_", ThrottlePrefix = "throttle_";

    private readonly SystemFiles _files;
    private readonly PowerMeter _power;
    private readonly CpuShares _cpu;
    private readonly Dictionary<string, double> _throttlesAtStart = new(StringComparer.Ordinal);
    private long? _slowNs, _modeNs;
    private BoardReading _slow = BoardReading.None;

    /// <param name="monitor">What the device config names to measure the power with.</param>
    public BoardProbe(SystemFiles files, Ina219Config? monitor = null) =>
        (_files, _power, _cpu) = (files, new PowerMeter(files, monitor), new CpuShares(files));

    /// <summary>Time constant with which the power shown follows the power.</summary>
    public static double PowerLagMs => PowerMeter.SmoothingMs;

    /// <summary>Reads the power, and the rest where it is due.</summary>
    public BoardReading Read(long nowNs)
    {
        _power.Update(nowNs);
        if (_slowNs is not { } last || nowNs - last >= SlowIntervalNs)
        {
            _slowNs = nowNs;
            _slow = ReadSlow(nowNs);
        }

        bool hasPower = _power.MeasuredSeconds > 0;
        return _slow with
        {
            Watts = _power.Watts,
            PowerSource = _power.SourceName,
            PowerReason = _power.Reason,
            WattsMean = hasPower ? _power.Joules / _power.MeasuredSeconds : null,
            EnergyJoules = hasPower ? _power.Joules : null,
        };
    }

    public void Dispose() => _power.Dispose();

    private BoardReading ReadSlow(long nowNs)
    {
        var sensors = BoardSensors.ReadHeatAndClocks(_files);
        var hottest = sensors.Where(s => s.Value is not null && s.Name.StartsWith(TemperaturePrefix, StringComparison.Ordinal))
            .MaxBy(s => s.Value);
        string memory = _files.TryRead("/proc/meminfo", out _) ?? "", own = _files.TryRead("/proc/self/status", out _) ?? "";
        _cpu.Update();
        return new BoardReading
        {
            HottestCelsius = hottest?.Value,
            HottestZone = hottest?.Name[TemperaturePrefix.Length..],
            GpuPercent = ValueOf(sensors, "gpu_load"),
            GpuMegahertz = ValueOf(sensors, "gpu_clock"),
            CpuMegahertz = ValueOf(sensors, "cpu_clock"),
            ClockCapMegahertz = BoardSensors.ReadClockCap(_files),
            CpuPercent = _cpu.Percent,
            ProcessCpuPercent = _cpu.ProcessPercent,
            MemoryTotalBytes = BoardIdentity.BytesOf(memory, "MemTotal"),
            MemoryAvailableBytes = BoardIdentity.BytesOf(memory, "MemAvailable"),
            ResidentBytes = BoardIdentity.BytesOf(own, "VmRSS"),
            ThrottleCount = ThrottlesOf(sensors),
            PowerMode = ModeAt(nowNs),
        };
    }

    private static double? ValueOf(IReadOnlyList<SensorReading> sensors, string name) => sensors.FirstOrDefault(s => s.Name == name)?.Value;

    /// <summary>The monitor counts from boot. Null where no counter can be read.</summary>
    private long? ThrottlesOf(IReadOnlyList<SensorReading> sensors)
    {
        long? sum = null;
        foreach (var sensor in sensors.Where(s => s.Value is not null && s.Name.StartsWith(ThrottlePrefix, StringComparison.Ordinal)))
        {
            _throttlesAtStart.TryAdd(sensor.Name, sensor.Value!.Value);
            sum = (sum ?? 0) + (long)(sensor.Value.Value - _throttlesAtStart[sensor.Name]);
        }

        return sum;
    }

    private string? ModeAt(long nowNs)
    {
        if (_modeNs is { } last && nowNs - last < ModeIntervalNs)
        {
            return _slow.PowerMode;
        }

        _modeNs = nowNs;
        return BoardIdentity.PowerModeOf(_files);
    }
}
