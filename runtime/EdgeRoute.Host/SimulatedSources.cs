using EdgeRoute.Engine.Capture;
using EdgeRoute.Simulation.Tabletop;

namespace EdgeRoute.Host;

/// <summary>Makes the sources of simulated worlds; the engine itself knows none.</summary>
internal static class SimulatedSources
{
    public static IReadOnlyDictionary<string, SourceMaker> Schemes { get; } = new Dictionary<string, SourceMaker>(StringComparer.Ordinal) { ["sim"] = Make };

    private static TabletopSource? Make(CaptureAddress address, SourceOptions options, ref string problem)
    {
        var settings = TabletopSettings.Parse(address.Text, out var problems);
        problem = string.Join("; ", problems);
        // `pace: free` in the config asks for frames as fast as they are taken, whatever rate the address names.
        return settings is null ? null : new TabletopSource(options.Pace == SourcePace.AsTaken ? settings with { FramesPerSecond = 0 } : settings);
    }
}
