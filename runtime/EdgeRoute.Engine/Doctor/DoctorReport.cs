using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeRoute.Engine.Board;

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
    /// <summary>Chips and channels that actions go to.</summary>
    public IReadOnlyList<DriveFinding> Drives { get; init; } = [];

    /// <summary>Whether frames come before whatever else runs, as <c>runtime.nice</c> asks.</summary>
    public bool MayRaiseFrames { get; init; }

    /// <summary>Servers that run stages too.</summary>
    public IReadOnlyList<EngineFinding> Engines { get; init; } = [];

    public string ToJson() => JsonSerializer.Serialize(this, DoctorJson.Default.DoctorReport);
}

/// <summary>Writes the report without reflection; keys are snake_case and stable.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(DoctorReport))]
internal sealed partial class DoctorJson : JsonSerializerContext;
