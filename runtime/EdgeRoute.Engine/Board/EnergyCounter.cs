namespace EdgeRoute.Engine.Board;

/// <summary>A counter of microjoules that begins at 0 again beyond its range: within a minute on a processor at full load.</summary>
internal sealed class EnergyCounter
{
    private const double MicrojoulesPerJoule = 1e6;

    private readonly string _path;
    private readonly long _rangeMicrojoules;
    private long _last;

    private EnergyCounter(string name, string path, long rangeMicrojoules, long start)
    {
        Name = name;
        _path = path;
        _rangeMicrojoules = rangeMicrojoules;
        _last = start;
    }

    public string Name { get; }

    /// <summary>Null with the reason: newer kernels let only root read it.</summary>
    public static EnergyCounter? Open(SystemFiles files, string name, string zone, out string reason)
    {
        string path = $"{zone}/energy_uj";
        return files.TryReadNumber(path, out reason) is { } start
            && files.TryReadNumber($"{zone}/max_energy_range_uj", out reason) is { } range
            ? new EnergyCounter(name, path, range, start) : null;
    }

    /// <summary>Joules since the reading before.</summary>
    public double? ReadJoules(SystemFiles files, out string reason)
    {
        if (files.TryReadNumber(_path, out reason) is not { } now)
        {
            return null;
        }

        long spent = now - _last;
        _last = now;
        return (spent >= 0 ? spent : spent + _rangeMicrojoules) / MicrojoulesPerJoule;
    }
}
