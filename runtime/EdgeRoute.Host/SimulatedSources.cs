using EdgeRoute.Engine.Capture;
using EdgeRoute.Simulation.Tabletop;

namespace EdgeRoute.Host;

/// <summary>Makes the sources of simulated worlds; the engine itself knows none.</summary>
internal static class SimulatedSources
{
    public static IReadOnlyDictionary<string, SourceMaker> Schemes { get; } =
        new Dictionary<string, SourceMaker>(StringComparer.Ordinal) { [TabletopSource.Scheme] = TabletopSource.Make };
}
