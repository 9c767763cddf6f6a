namespace EdgeRoute.Engine.Board;

/// <summary>
/// The machine's power as a smoothed figure: finds what measures it, reads it, and looks for it again when it is gone. One thread at a time.
/// </summary>
internal sealed class PowerMeter(SystemFiles files)
{
    /// <summary>
    /// Time constant of the smoothing. A momentary reading shows a stage or the pause after it; half a second holds the frames of any rate that budgets are made for.
    /// </summary>
    public const double SmoothingMs = 500;

    /// <summary>Between two searches: a monitor whose driver is loaded late may wait so long, and a search reads some dozens of files.</summary>
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
            (_source, Reason) = (null, reason);
        }

        Watts = SinceReadingMs(nowNs) <= StaleMs ? Watts : null;
    }

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
        _source = RailPower.Find(files, out string noRails);
        string noMeter = "", noPackage = "";
        _source ??= MeterPower.Find(files, out noMeter);
        _source ??= PackagePower.Find(files, out noPackage);
        Reason = _source is null ? $"{noRails}; {noMeter}; {noPackage}" : "";
    }
}
