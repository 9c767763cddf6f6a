namespace EdgeRoute.Engine.Board;

/// <summary>
/// Power of a PC's processor packages by their energy counters (RAPL): what the processor draws, memory, drives and separate GPUs left out.
/// </summary>
internal sealed class PackagePower : IPowerSource
{
    private const string Folder = "/sys/class/powercap";

    private readonly List<EnergyCounter> _counters;
    private long _lastNs;

    private PackagePower(List<EnergyCounter> counters)
    {
        _counters = counters;
        string names = string.Join(" + ", counters.Select(c => c.Name));
        Name = $"{names} (RAPL: processor only)";
    }

    public string Name { get; }

    /// <summary>Null with the reason where there is no counter, or none that may be read.</summary>
    public static PackagePower? Find(SystemFiles files, out string reason)
    {
        var counters = new List<EnergyCounter>();
        reason = $"there is no energy counter of a processor under {Folder}";
        foreach (string zone in files.List(Folder, "intel-rapl:").Where(IsOuterZone))
        {
            // Another outer zone, psys, counts the packages once more.
            if (files.TryRead($"{zone}/name", out _) is not { } name || !name.StartsWith("package", StringComparison.Ordinal))
            {
                continue;
            }

            if (EnergyCounter.Open(files, name, zone, out reason) is not { } counter)
            {
                return null;
            }

            counters.Add(counter);
        }

        return counters.Count == 0 ? null : new PackagePower(counters);
    }

    /// <summary>The mean since the reading before.</summary>
    public double? ReadWatts(SystemFiles files, long nowNs, out string reason)
    {
        double joules = 0;
        reason = "";
        foreach (var counter in _counters)
        {
            if (counter.ReadJoules(files, out reason) is not { } spent)
            {
                return null;
            }

            joules += spent;
        }

        double seconds = (nowNs - _lastNs) / 1e9;
        bool isFirst = _lastNs == 0;
        _lastNs = nowNs;
        return isFirst || seconds <= 0 ? null : joules / seconds;
    }

    /// <summary>intel-rapl:0 is a package; intel-rapl:0:0 is a part of it.</summary>
    private static bool IsOuterZone(string path) => path.Count(c => c == ':') == 1;
}
