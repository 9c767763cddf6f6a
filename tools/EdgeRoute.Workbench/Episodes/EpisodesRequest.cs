using System.Globalization;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Simulation.Tabletop;

namespace EdgeRoute.Workbench.Episodes;

/// <summary>Which episodes to run, and how.</summary>
/// <param name="Manifest">The policy pack: a manifest or its folder.</param>
/// <param name="Clutter">uniform, auto or a level from 0 to 1.</param>
/// <param name="SidePixels">Side of the camera's picture.</param>
/// <param name="Threads">Of ONNX Runtime.</param>
/// <param name="Library">The ONNX Runtime library or its folder; null for the usual places.</param>
public sealed record EpisodesRequest(string Manifest, long Count, ulong Seed, string Clutter, int SidePixels, int Threads,
    string? Library = null)
{
    /// <summary>What cannot be done, for people; null when all is well.</summary>
    public string? FindProblem()
    {
        if (Count < 1)
        {
            return $"--count {Count}: must be 1 or more episodes";
        }

        return TabletopSettings.Parse(Address, out var problems) is null ? string.Join('\n', problems) : null;
    }

    /// <summary>The device config that runs them with a policy: <c>cascade</c>, <c>value</c> or the name of a path.</summary>
    /// <exception cref="InvalidDataException">The config cannot be read; every problem in the message.</exception>
    public DeviceConfig ConfigFor(string policy)
    {
        string kind = policy is "cascade" or "value" ? $"{{ kind: {policy} }}" : $"{{ kind: fixed, path: \"{policy}\" }}";
        string library = Library is null ? "" : $"\n  library: \"{Path.GetFullPath(Library)}\"";
        string text = string.Create(CultureInfo.InvariantCulture, $$"""
            runtime:{{library}}
              threads: {{Threads}}
              providers: [cpu]
            packs:
              pack:
                manifest: "{{ManifestPath}}"
            sources:
              arm:
                open: "{{Address}}"
                pack: pack
                take: every
                pace: free
                policy: {{kind}}
            """);
        var reading = DeviceConfigReader.ReadText(text, "episodes");
        return reading.Config ?? throw new InvalidDataException(string.Join('\n', reading.Problems));
    }

    private string ManifestPath => Directory.Exists(Manifest) ? Path.GetFullPath(Path.Combine(Manifest, "manifest.json"))
        : Path.GetFullPath(Manifest);

    private string Address => string.Create(
        CultureInfo.InvariantCulture,
        $"{TabletopSettings.Address}?task=pick_place&fps=0&width={SidePixels}&seed={Seed}&clutter={Clutter}&episodes={Count}");
}
