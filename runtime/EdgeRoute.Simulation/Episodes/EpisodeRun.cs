using EdgeRoute.Documents;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Capture;
using EdgeRoute.Engine.Reports;
using EdgeRoute.Engine.Running;
using EdgeRoute.Simulation.PickPlace;
using EdgeRoute.Simulation.Sources;
using EdgeRoute.Simulation.Tabletop;

namespace EdgeRoute.Simulation.Episodes;

/// <summary>
/// Runs a device config whose first source is the simulated arm, through the whole engine, and tells what became of the episodes.
/// </summary>
/// <param name="report">Hears what the engine says.</param>
public sealed class EpisodeRun(DeviceConfig config, EngineReporter report)
{
    /// <summary>Called with the engine and the arm before the first frame; what it returns is disposed after the last.</summary>
    public Func<RunningEngine, PickPlaceSource, IDisposable?>? Watch { get; init; }

    /// <summary>
    /// The same tables once more, as fast as frames are taken: with the pack's fixed route for every plan, or with the config's own policy.
    /// </summary>
    public static DeviceConfig Again(DeviceConfig config, int episodes, bool isFixedRoute)
    {
        var source = config.Sources[0];
        string text = $"{source.Address.Text}&episodes={episodes}";
        var again = source with
        {
            Address = source.Address with { Text = text, IsLive = false }, Policy = isFixedRoute ? new PolicyConfig(PolicyKind.Fixed, null)
                : source.Policy,
            Take = DeliveryMode.EveryFrame, Pace = SourcePace.AsTaken,
        };
        return config with { Sources = [again], Control = null, Trace = null, Record = null };
    }

    /// <summary>The engine's own report, after <see cref="Run"/>.</summary>
    public RunReport? Report { get; private set; }

    /// <summary>Runs until the source ends or the engine is stopped.</summary>
    /// <param name="policy">Name of the policy in the summary.</param>
    /// <exception cref="EngineRefusedException">The config cannot be run, or its first source is no simulated arm.</exception>
    public EpisodeSummary Run(string policy)
    {
        if (TabletopSettings.Parse(config.Sources[0].Address.Text, out _) is not { IsPickPlace: true })
        {
            throw new EngineRefusedException(RefusalCause.Config,
                $"the first source of '{config.FilePath}' is no simulated arm; open sim://tabletop?task=pick_place");
        }

        PickPlaceSource? arm = null;
        var schemes = new Dictionary<string, SourceMaker>(StringComparer.Ordinal)
        {
            [SimulatedSources.Scheme] = (CaptureAddress address, SourceOptions options, ref string problem) =>
            {
                var source = SimulatedSources.Make(address, options, ref problem);
                arm ??= source as PickPlaceSource;
                return source;
            },
        };
        using var engine = new EngineBuilder(config, new EngineOptions(long.MaxValue, null, null, schemes), report).Build();
        var log = new EpisodeLog(arm!);
        engine.Consumers.Add(log);
        using (Watch?.Invoke(engine, arm!))
        {
            engine.Run(long.MaxValue);
        }

        Report = engine.Report();
        return EpisodeSummary.Of(policy, log.Close(), engine.State.Streams[0].Router.Tree, engine.State.PackOf(0).Pack);
    }
}
