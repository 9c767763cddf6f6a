using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Capture;
using EdgeRoute.Simulation.PickPlace;
using EdgeRoute.Simulation.Tabletop;

namespace EdgeRoute.Simulation.Sources;

/// <summary>Makes the sources of simulated worlds; the engine itself knows none.</summary>
public static class SimulatedSources
{
    /// <summary>Of the addresses: <c>sim://</c>.</summary>
    public const string Scheme = "sim";

    /// <summary>For an engine's options.</summary>
    public static IReadOnlyDictionary<string, SourceMaker> Schemes { get; } =
        new Dictionary<string, SourceMaker>(StringComparer.Ordinal) { [Scheme] = Make };

    /// <summary>
    /// A source from its address, or what is wrong with it. <see cref="SourcePace.AsTaken"/> asks for frames as fast as they are taken,
    /// whatever rate the address names.
    /// </summary>
    public static IFrameSource? Make(CaptureAddress address, SourceOptions options, ref string problem)
    {
        var settings = TabletopSettings.Parse(address.Text, out var problems);
        if (settings is null)
        {
            problem = string.Join("; ", problems);
            return null;
        }

        settings = options.Pace == SourcePace.AsTaken ? settings with { FramesPerSecond = 0 } : settings;
        return settings.IsPickPlace ? new PickPlaceSource(settings) : new TabletopSource(settings);
    }
}
