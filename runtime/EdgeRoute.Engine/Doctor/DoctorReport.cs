using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeRoute.Engine.Board;
using EdgeRoute.Interop.Linux;

namespace EdgeRoute.Engine.Doctor;

/// <summary>A shared library that is there, or the reason why not.</summary>
public sealed record LibraryFinding(string Name, bool IsFound, string UsedFor, string Reason, bool IsNeeded);

/// <summary>A GStreamer element that is there or not.</summary>
/// <param name="Package">Where it comes from.</param>
public sealed record ElementFinding(string Name, bool IsFound, string UsedFor, string Package, bool IsNeeded);

/// <summary>GStreamer as found, or why not.</summary>
public sealed record GstreamerFindings(bool IsFound, string? Version, IReadOnlyList<ElementFinding> Elements, string Reason, bool IsNeeded);

/// <summary>What of the machine works, what does not and why. For people: <see cref="DoctorText"/>.</summary>
/// <param name="Missing">What is needed and does not work, in words; empty means ready. The host exits with 0 when it is empty, else with
/// 1.</param>
public sealed record DoctorReport(
    string EdgerouteVersion, bool IsReady, IReadOnlyList<string> Missing, BoardIdentity Board, OrtFindings OnnxRuntime,
    GstreamerFindings Gstreamer,
    LibraryFinding Jpeg, GpioReport Gpio, I2cReport I2c, IReadOnlyList<SensorReading> Sensors)
{
    public string ToJson() => JsonSerializer.Serialize(this, DoctorJson.Default.DoctorReport);
}

/// <summary>Writes the report without reflection; keys are snake_case and stable.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(DoctorReport))]
internal sealed partial class DoctorJson : JsonSerializerContext;

/// <summary>One GPIO chip, or why its device file could not be asked.</summary>
public sealed record GpioChipReport(string Path, string? Name, string? Label, int? LineCount, string Reason);

/// <summary>The GPIO chips of the machine.</summary>
/// <param name="Reason">Empty, or why there is none.</param>
public sealed record GpioReport(IReadOnlyList<GpioChipReport> Chips, string Reason)
{
    public static GpioReport Read(SystemFiles files)
    {
        var chips = files.List("/dev", "gpiochip").Select(path => ReadChip(files, path)).ToList();
        return new GpioReport(chips, chips.Count > 0 ? ""
            : "there is no /dev/gpiochip*: this machine has no GPIO, or its kernel has no driver for it");
    }

    private static GpioChipReport ReadChip(SystemFiles files, string path)
    {
        var chip = KernelGpioDriver.TryDescribe(files.Place(path), out string reason);
        return new GpioChipReport(path, chip?.Name, chip?.Label, chip?.NumLines, reason);
    }
}
