using System.Device.I2c;
using EdgeRoute.Documents.Configs;

namespace EdgeRoute.Engine.Board;

/// <summary>
/// The machine's power as a smoothed figure: finds what measures it, reads it, and looks for it again when it is gone. One thread at a
/// time.
/// </summary>
/// <param name="monitor">What the device config names to measure it with; nothing else is looked for then.</param>
/// <param name="openMonitor">Opens it; null: on a bus of this machine.</param>
internal sealed class PowerMeter(SystemFiles files, Ina219Config? monitor = null, Func<Ina219Config, I2cDevice>? openMonitor = null)
    : IDisposable
{
    /// <summary>
    /// Time constant of the smoothing. A momentary reading shows a stage or the pause after it; half a second holds the frames of any rate
    /// that budgets are made for.
    /// </summary>
    public const double SmoothingMs = 500;

    /// <summary>
    /// Between two searches: a monitor whose driver is loaded late may wait so long, and a search reads some dozens of files.
    /// </summary>
    public const long SearchIntervalNs = 5_000_000_000;

    /// <summary>After so long without a reading the smoothed figure is of the past and begins anew.</summary>
    private const double StaleMs = 3 * SmoothingMs;

    private IPowerSource? _source;
    private long? _searchedNs;
    private long _readNs;

    /// <summary>What measures; null where nothing does.</summary>
    public string? SourceName => _source?.Name;

    /// <summary>Smoothed; null while nothing measures it.</summary>
    public double? Watts { get; private set; }

    /// <summary>Since the first reading, over the time that was measured.</summary>
    public double Joules { get; private set; }

    /// <summary>That time.</summary>
    public double MeasuredSeconds { get; private set; }

    /// <summary>Empty, or why there is no figure.</summary>
    public string Reason { get; private set; } = "";

    public void Update(long nowNs)
    {
        if (_source is null && (_searchedNs is not { } searched || nowNs - searched >= SearchIntervalNs))
        {
            Search(nowNs);
        }

        string reason = Reason;
        if (_source?.ReadWatts(files, nowNs, out reason) is { } watts)
        {
            Add(Math.Max(watts, 0), nowNs);
        }
        else if (reason.Length > 0)
        {
            // One failed reading keeps the figure, because a bus can be busy; the search finds a device that has got another number.
            Dispose();
            (_source, Reason) = (null, reason);
        }

        Watts = SinceReadingMs(nowNs) <= StaleMs ? Watts : null;
    }

    public void Dispose() => (_source as IDisposable)?.Dispose();

    private void Add(double watts, long nowNs)
    {
        double ms = Watts is null ? 0 : SinceReadingMs(nowNs);
        double before = Watts ?? watts;
        Watts = watts + ((before - watts) * Math.Exp(-ms / SmoothingMs));
        Joules += watts * ms / 1000;
        MeasuredSeconds += ms / 1000;
        (_readNs, Reason) = (nowNs, "");
    }

    private double SinceReadingMs(long nowNs) => (nowNs - _readNs) / 1e6;

    private void Search(long nowNs)
    {
        _searchedNs = nowNs;
        if (monitor is not null)
        {
            _source = Ina219Power.Open(files, monitor, openMonitor ?? Ina219Power.OpenDevice, out string reason);
            Reason = reason;
            return;
        }

        _source = RailPower.Find(files, out string noRails);
        string noMeter = "", noPackage = "";
        _source ??= MeterPower.Find(files, out noMeter);
        _source ??= PackagePower.Find(files, out noPackage);
        Reason = _source is null ? $"{noRails}; {noMeter}; {noPackage}" : "";
    }
}

/// <summary>Something on the machine that tells what it draws.</summary>
internal interface IPowerSource
{
    /// <summary>What is measured, and by what: "VDD_IN (ina3221)".</summary>
    string Name { get; }

    /// <summary>
    /// Watts, momentary or since the reading before; null with the reason where it cannot be read, and without one where a second reading
    /// is needed first.
    /// </summary>
    double? ReadWatts(SystemFiles files, long nowNs, out string reason);
}

/// <summary>Power of a machine whose firmware has a meter at its supply (ACPI 6.5, section 10.4); mostly servers.</summary>
internal sealed class MeterPower : IPowerSource
{
    private const string DeviceName = "power_meter";
    private const double MicrowattsPerWatt = 1e6;

    private readonly string _path;

    private MeterPower(string path) => _path = path;

    public string Name => "whole machine (ACPI power meter)";

    /// <summary>Null with the reason where there is none.</summary>
    public static MeterPower? Find(SystemFiles files, out string reason)
    {
        string? device = BoardSensors.DevicesNamed(files, DeviceName).FirstOrDefault();
        reason = device is null ? $"no hwmon device is named {DeviceName}" : "";
        return device is null ? null : new MeterPower($"{device}/power1_average");
    }

    public double? ReadWatts(SystemFiles files, long nowNs, out string reason) =>
        files.TryReadNumber(_path, out reason) / MicrowattsPerWatt;
}

/// <summary>The latest figures, from the thread that measures to those that only want to know: reading one costs a load.</summary>
public sealed class PowerGauge
{
    private volatile float _watts = float.NaN, _celsius = float.NaN, _clock = float.NaN;

    /// <summary>The highest clock that what runs the stages may have now; not a number where nothing tells.</summary>
    public float ClockMegahertz
    {
        get => _clock;
        set => _clock = value;
    }

    /// <summary>Of the board's hottest zone; not a number while nothing measures it.</summary>
    public float Celsius
    {
        get => _celsius;
        set => _celsius = value;
    }

    /// <summary>Smoothed power of the board; not a number while nothing measures it.</summary>
    public float Watts
    {
        get => _watts;
        set => _watts = value;
    }
}
