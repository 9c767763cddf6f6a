using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeRoute.Core.Costs;
using EdgeRoute.Interop.Linux;

namespace EdgeRoute.Documents.Packs;

/// <summary>
/// What was measured of a pack, by machine: a file beside the manifest. The manifest itself stays as it is, because calibrations and
/// recordings name it by its hash.
/// </summary>
public sealed class MeasuredCosts
{
    /// <summary>Name of the file beside a pack's manifest.</summary>
    public const string UsualName = "costs.json";

    /// <summary>The format that this build reads and writes.</summary>
    public const int Version = 1;

    /// <summary>A profile of a large pack comes to some 100 KiB.</summary>
    private const int LimitBytes = 16 << 20;

    /// <summary>The format's version.</summary>
    public int Costs { get; init; } = Version;

    public string Pack { get; init; } = "";

    public List<MachineCosts> Machines { get; init; } = [];

    public static string PathBeside(string manifestPath) => Path.Combine(Path.GetDirectoryName(Path.GetFullPath(manifestPath))!, UsualName);

    /// <summary>The file beside a manifest; null where there is none.</summary>
    /// <exception cref="InvalidDataException">It cannot be used; the message says what to do.</exception>
    public static MeasuredCosts? ReadBeside(string manifestPath)
    {
        string path = PathBeside(manifestPath);
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            byte[] bytes = DocumentFile.Read(path, LimitBytes);
            var costs = JsonSerializer.Deserialize(bytes, CostsJson.Default.MeasuredCosts) ?? throw new InvalidDataException("it is empty");
            return costs.FindFault() is { } fault ? throw new InvalidDataException(fault) : costs;
        }
        catch (Exception refused) when (refused is JsonException or IOException or InvalidDataException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"the measured costs '{path}' cannot be used: {refused.Message}. Remove the file, and make it "
                + "anew with 'edgeroute measure'", refused);
        }
    }

    /// <summary>A machine's profile of a pack as it is now; null with the reason where there is none.</summary>
    /// <param name="why">Goes on from the pack's name.</param>
    /// <exception cref="InvalidDataException">The file cannot be used.</exception>
    /// <exception cref="IOException">The manifest cannot be read.</exception>
    public static MachineCosts? Find(string manifestPath, string device, string provider, bool spin, out string why)
    {
        string path = PackReader.PathOf(manifestPath);
        var found = ReadBeside(path)?.Machines.Find(m => m.IsOf(device, provider, spin));
        why = $"is not measured on '{device}' with {provider}{(spin ? " and spinning threads" : "")}; 'edgeroute measure' does that";
        if (found is not null && found.ManifestSha256 != PackReader.Sha256Of(DocumentFile.Read(path, PackReader.ManifestLimitBytes)))
        {
            why = $"has changed since it was measured on '{device}'; measure it anew with 'edgeroute measure'";
            return null;
        }

        return found;
    }

    /// <summary>The same with a machine's profile in the place of what it had before for this provider and way of waiting.</summary>
    public MeasuredCosts With(MachineCosts machine) => new()
    {
        Pack = Pack,
        Machines = [.. Machines.Where(m => !m.IsOf(machine.Device, machine.Provider, machine.Spin)), machine],
    };

    /// <summary>Writes the file beside a manifest, whole or not at all, whenever power goes away.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not write it.</exception>
    public void WriteBeside(string manifestPath)
    {
        string path = PathBeside(manifestPath);
        using (var file = File.Create(path + ".part"))
        {
            JsonSerializer.Serialize(file, this, CostsJson.Default.MeasuredCosts);
            file.Flush(flushToDisk: true);
        }

        File.Move(path + ".part", path, overwrite: true);
        PrivateFile.Settle(path);
    }

    private string? FindFault()
    {
        if (Costs != Version)
        {
            return $"it has format version {Costs}; this build reads {Version}";
        }

        if (Machines.Any(m => m is null || m.Runs.Any(r => r is null || r.Options.Contains(null!))))
        {
            return "a list in it has an entry that is null";
        }

        bool areSound = Machines.SelectMany(m => m.Runs).All(r => r.Threads > 0 && r.PathMs > 0
            && r.Options.All(o => o.MsP50 >= 0 && o.MsP95 >= o.MsP50 && float.IsFinite(o.MsP95)));
        return areSound ? null : "a number in it is no time or no count of threads";
    }
}

/// <summary>What a machine needs for a pack.</summary>
public sealed class MachineCosts
{
    /// <summary>Its name in the network.</summary>
    public string Device { get; init; } = "";

    /// <summary>Of the pack that was measured; costs of another say nothing.</summary>
    public string ManifestSha256 { get; init; } = "";

    public DateTimeOffset Measured { get; init; }

    /// <summary>The execution provider, as in a device config.</summary>
    public string Provider { get; init; } = "";

    /// <summary>Idle threads span instead of waiting.</summary>
    public bool Spin { get; init; }

    /// <summary>The count of threads that the pack does best with.</summary>
    public int Threads { get; init; }

    /// <summary>The heaviest path, by which threads are chosen.</summary>
    public string Path { get; init; } = "";

    public List<ThreadCosts> Runs { get; init; } = [];

    [JsonIgnore]
    public IReadOnlyList<ThreadTime> Times => Runs.ConvertAll(r => new ThreadTime(r.Threads, r.PathMs));

    public bool IsOf(string device, string provider, bool spin) =>
        Device == device && string.Equals(Provider, provider, StringComparison.OrdinalIgnoreCase) && Spin == spin;

    /// <summary>One profile for each count of threads, the best one first.</summary>
    internal IEnumerable<CostProfile> Profiles() => Runs.OrderByDescending(r => r.Threads == Threads).Select(r =>
        new CostProfile(Device, r.Options.ToDictionary(o => o.Option, o => new StageCost(o.MsP50, o.MsP95), StringComparer.Ordinal))
        {
            Provider = Provider, ThreadCount = r.Threads,
        });
}

/// <summary>Medians and p95 with so many threads.</summary>
public sealed class ThreadCosts
{
    public int Threads { get; init; }

    /// <summary>Median of the heaviest path.</summary>
    public float PathMs { get; init; }

    public List<OptionCost> Options { get; init; } = [];
}

/// <summary>Preprocessing, stage and head of one option of the pack.</summary>
public sealed record OptionCost(string Option, float MsP50, float MsP95);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(MeasuredCosts))]
internal sealed partial class CostsJson : JsonSerializerContext;
