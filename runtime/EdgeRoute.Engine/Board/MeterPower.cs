namespace EdgeRoute.Engine.Board;

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

    public double? ReadWatts(SystemFiles files, long nowNs, out string reason) => files.TryReadNumber(_path, out reason) / MicrowattsPerWatt;
}
