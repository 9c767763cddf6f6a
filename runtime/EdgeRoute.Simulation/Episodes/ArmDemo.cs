using System.Globalization;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Running;
using EdgeRoute.Simulation.PickPlace;

namespace EdgeRoute.Simulation.Episodes;

/// <summary>The simulated arm at work, then the same tables with the heaviest path for every plan, then a picture of it.</summary>
/// <param name="config">Its first source must be the simulated arm.</param>
/// <param name="report">Takes what the engine has to say.</param>
public sealed class ArmDemo(DeviceConfig config, EngineReporter report)
{
    private EpisodeFilm? _film;
    private ContactSheet? _sheet;

    /// <summary>What is going on, for whoever watches.</summary>
    public required Action<string> Say { get; init; }

    /// <summary>What came of it.</summary>
    public required Action<string> Print { get; init; }

    /// <summary>Told of each engine before it runs; what it gives is disposed after the run.</summary>
    public required Func<RunningEngine, IReadOnlyList<IDisposable>> Watch { get; init; }

    /// <summary>Somebody wants it to end.</summary>
    public required Func<bool> IsStopAsked { get; init; }

    /// <summary>False: no episode has ended in that time.</summary>
    /// <param name="seconds">How long the arm works at the camera's pace.</param>
    /// <param name="sheet">The file for the picture (PNG); null for none.</param>
    /// <exception cref="EngineRefusedException">The config cannot be run.</exception>
    /// <exception cref="IOException">The picture cannot be written.</exception>
    public bool Run(double seconds, string? sheet)
    {
        if (sheet is not null)
        {
            // A folder that cannot be made is told before the work, not after.
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(sheet))!);
        }

        Say(string.Create(CultureInfo.InvariantCulture, $"the arm works for {seconds:0} seconds; Ctrl-C ends it earlier"));
        string policy = config.Sources[0].Policy.Kind.ToString().ToLowerInvariant();
        var live = Play(config, policy, report, (engine, arm) => Film(engine, arm, seconds));
        if (live.All.EpisodeCount == 0)
        {
            Say("no episode has ended; let it work longer (--seconds)");
            return false;
        }

        Compare(policy, live);
        if (sheet is not null)
        {
            File.WriteAllBytes(sheet, _sheet!.DrawPng(_film!.Close(), $"EdgeRoute: {live.All}, policy {live.Policy}"));
            Print($"contact sheet: {sheet}");
        }

        return true;
    }

    private Timer Film(RunningEngine engine, PickPlaceSource arm, double seconds)
    {
        _film = new EpisodeFilm(arm);
        engine.Consumers.Add(_film);
        _sheet = new ContactSheet(engine.State.Streams[0].Router.Tree);
        return new Timer(_ => engine.Stop(), null, TimeSpan.FromSeconds(seconds), Timeout.InfiniteTimeSpan);
    }

    /// <summary>
    /// The same tables, as fast as they go, by the policy and by the heaviest path: a core that waits for a camera is slower per plan than
    /// one that never rests.
    /// </summary>
    private void Compare(string policy, EpisodeSummary live)
    {
        Print(string.Create(CultureInfo.InvariantCulture,
            $"at the camera's pace: {live.All}, {live.DeviceMs:0.00} ms of device time an episode"));
        if (IsStopAsked())
        {
            return;
        }

        int episodes = live.All.EpisodeCount;
        Say($"the same {episodes} tables again without waiting for the camera, by the policy, then with the heaviest path for every plan");
        var routed = Play(EpisodeRun.Again(config, episodes, isFixedRoute: false), policy, ReportAgain);
        var heavy = Play(EpisodeRun.Again(config, episodes, isFixedRoute: true), "always heavy", ReportAgain);
        Print(EpisodeText.Compare(routed, heavy));
    }

    /// <summary>What the engine found on this machine was said the first time.</summary>
    private void ReportAgain(ReportLevel level, string text) => report(level == ReportLevel.Warning ? level : ReportLevel.Detail, text);

    private EpisodeSummary Play(
        DeviceConfig played, string name, EngineReporter told, Func<RunningEngine, PickPlaceSource, IDisposable>? film = null)
    {
        var run = new EpisodeRun(played, told)
        {
            Watch = (engine, arm) => new Together([.. Watch(engine), .. film is null ? (IDisposable[])[] : [film(engine, arm)]]),
        };
        return run.Run(name);
    }

    private sealed record Together(IReadOnlyList<IDisposable> Parts) : IDisposable
    {
        public void Dispose()
        {
            foreach (var part in Parts)
            {
                part.Dispose();
            }
        }
    }
}
