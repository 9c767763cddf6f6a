namespace EdgeRoute.Engine.Board;

/// <summary>Power of a Jetson module: its input rail where one is watched, else the sum of the rails that are.</summary>
internal sealed class RailPower : IPowerSource
{
    /// <summary>Rails that all others hang on: of Orin and Xavier modules, and of the first Nano.</summary>
    private static readonly string[] TotalNames = ["VDD_IN", "POM_5V_IN"];

    private readonly IReadOnlyList<PowerRail> _rails;

    private RailPower(IReadOnlyList<PowerRail> rails)
    {
        _rails = rails;
        string names = string.Join(" + ", rails.Select(r => r.Name));
        Name = $"{names} (ina3221)";
    }

    public string Name { get; }

    /// <summary>Null with the reason where no monitor is found.</summary>
    public static RailPower? Find(SystemFiles files, out string reason)
    {
        var rails = BoardSensors.FindRails(files).ToList();
        var total = rails.Find(r => TotalNames.Contains(r.Name));
        reason = rails.Count > 0 ? "" : BoardSensors.NoMonitor;
        return rails.Count == 0 ? null : new RailPower(total is null ? rails : [total]);
    }

    /// <summary>Only where every rail can be read: a part of the sum would pass for the whole.</summary>
    public double? ReadWatts(SystemFiles files, long nowNs, out string reason)
    {
        double sum = 0;
        reason = "";
        foreach (var rail in _rails)
        {
            if (rail.ReadMilliwatts(files, out reason) is not { } milliwatts)
            {
                return null;
            }

            sum += milliwatts / 1000;
        }

        return sum;
    }
}

/// <summary>One wire that a power monitor watches.</summary>
/// <param name="Name">The label of the board's device tree: VDD_IN.</param>
internal sealed record PowerRail(string Name, string VoltagePath, string CurrentPath)
{
    /// <summary>The monitor gives millivolts and milliamperes, never watts.</summary>
    public double? ReadMilliwatts(SystemFiles files, out string reason)
    {
        long? millivolts = files.TryReadNumber(VoltagePath, out reason);
        long? milliamperes = files.TryReadNumber(CurrentPath, out string currentReason);
        reason = reason.Length > 0 ? reason : currentReason;
        return millivolts * milliamperes / 1000.0;
    }
}
