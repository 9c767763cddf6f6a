using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeRoute.Documents.Packs;

namespace EdgeRoute.Workbench.Measuring;

/// <summary>What came of a measurement.</summary>
/// <param name="Pack">Its name.</param>
/// <param name="Device">This machine's name.</param>
/// <param name="Library">Version of ONNX Runtime.</param>
/// <param name="Source">What the frames were of.</param>
/// <param name="HeaviestPath">By which threads are chosen.</param>
/// <param name="Seconds">How long the settings took turns.</param>
/// <param name="OthersPercent">What other processes took of all cores meanwhile; null where the kernel does not tell.</param>
/// <param name="Settings">Those that had a turn.</param>
/// <param name="Openings">By provider: what opening the sessions took, with the setting that was opened first.</param>
/// <param name="Choices">By provider, with and without spinning: the count of threads that the host takes.</param>
/// <param name="Absent">Providers that do not work here, with the reason.</param>
/// <param name="Power">What measures energy, or why it is not measured.</param>
/// <param name="Faults">Stages that failed; then there is nothing to store.</param>
/// <param name="Doubts">Why the figures should not be relied on; empty where they can be.</param>
public sealed record MeasureReport(
    string Pack, string Device, int CoreCount, string Library, string Source, string HeaviestPath, double Seconds, int RoundCount,
    double? OthersPercent, IReadOnlyList<SettingFigures> Settings, IReadOnlyList<OpeningFigures> Openings,
    IReadOnlyList<ChosenThreads> Choices, IReadOnlyList<string> Absent, string Power, IReadOnlyList<string> Faults,
    IReadOnlyList<string> Doubts)
{
    /// <summary>It was not stopped before its time.</summary>
    public bool IsWhole { get; init; } = true;

    /// <summary>Stages on several frames at once; empty where that was not asked for, or no graph takes more than one.</summary>
    public IReadOnlyList<BatchFigures> Batches { get; init; } = [];

    /// <summary>The pack's manifest, beside which profiles are stored.</summary>
    [JsonIgnore]
    public string ManifestPath { get; init; } = "";

    /// <summary>What is stored.</summary>
    internal IReadOnlyList<MachineCosts> Profiles { get; init; } = [];

    /// <summary>Stores the profiles beside the pack's manifest, in the place of those of this machine that were there.</summary>
    /// <returns>The file.</returns>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="InvalidDataException">The file that is there cannot be used.</exception>
    public string Store()
    {
        var costs = MeasuredCosts.ReadBeside(ManifestPath) ?? new MeasuredCosts { Pack = Pack };
        Profiles.Aggregate(costs, (all, one) => all.With(one)).WriteBeside(ManifestPath);
        return MeasuredCosts.PathBeside(ManifestPath);
    }

    public string ToJson() => JsonSerializer.Serialize(this, MeasureJson.Default.MeasureReport);
}

/// <summary>The heaviest path and all variants with one setting.</summary>
/// <param name="BusyCores">Cores that were busy on the mean: more of them for the same time are wasted watts.</param>
/// <param name="Watts">Mean power meanwhile; null where nothing measures it.</param>
public sealed record SettingFigures(
    string Provider, int Threads, bool Spin, int SweepCount, float PathMsP50, float PathMsP95, double BusyCores, double? Watts,
    IReadOnlyList<VariantFigures> Variants)
{
    /// <summary>One run of each stage on crops, on a whole frame: on top of every path, once for each box that is looked at.</summary>
    public IReadOnlyList<VariantFigures> Crops { get; init; } = [];
}

/// <summary>One stage at one keep ratio, scale and region: preprocessing, model and head.</summary>
/// <param name="Name">The option's name; the path's where other variants have the same option.</param>
/// <param name="FirstMs">Its first run after the session was opened; null where that was before.</param>
/// <param name="Millijoules">Of one run, at the mean power; null where nothing measures it.</param>
public sealed record VariantFigures(
    string Name, string Option, string Stage, float MsP50, float MsP95, float? FirstMs, double? Millijoules);

/// <summary>What opening a stage's session took.</summary>
/// <param name="MemoryBytes">Most that the process grew by meanwhile; null where the kernel does not tell.</param>
public sealed record OpeningFigures(string Stage, string Provider, float Ms, long? MemoryBytes);

/// <summary>A stage on several frames at once: the model alone, with the threads that were chosen.</summary>
/// <param name="MsP50">Of the whole batch; 0 where it failed.</param>
/// <param name="Fault">Why the graph does not take so many; null where it does.</param>
public sealed record BatchFigures(string Stage, string Provider, int Threads, int Size, float MsP50, string? Fault);

/// <summary>The count of threads that the host takes for the pack, and the one that is fastest.</summary>
public sealed record ChosenThreads(string Provider, bool Spin, int Threads, float Ms, int FastestThreads, float FastestMs);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(MeasureReport))]
internal sealed partial class MeasureJson : JsonSerializerContext;
