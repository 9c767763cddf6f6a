using EdgeRoute.ControlChannel.Journal;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Reports;
using EdgeRoute.Engine.Running;
using EdgeRoute.Protocol;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Recording;

namespace EdgeRoute.Engine.Steering;

/// <summary>
/// Runs a device config, and begins anew with the file as it is then when a client asks for that. A config that came from afar and cannot
/// be started, crashes or answers no frames gives way to the one before it: a mistake from afar must not leave a robot without its engine.
/// </summary>
public sealed class EngineRunner : IDisposable
{
    private const int ProbationTickMs = 500;

    private readonly string _path;
    private readonly EngineOptions _options;
    private readonly EventLog _events = new();
    private readonly FoldedReports _reports;
    private readonly ConfigProbation _probation;
    private volatile ProbationStatus? _probationStatus;
    private readonly List<JournalEntry> _unwritten = [];
    private DeviceChannel? _channel;
    private ControlConfig? _channelConfig;

    /// <param name="path">The config file.</param>
    public EngineRunner(string path, EngineOptions options, EngineReporter report)
    {
        (_path, _options, _probation) = (path, options, new ConfigProbation(path));
        _reports = new FoldedReports((level, text) => Tell(report, level, text), TimeProvider.System);
    }

    /// <summary>How a config is judged that came from afar.</summary>
    internal ProbationTimes Times { get; init; } = ProbationTimes.Usual;

    /// <summary>The config to begin with: the file's or, where that came from afar and does not serve, the one before it.</summary>
    public DeviceConfigReading Read()
    {
        if (_probation.HasCrashed)
        {
            GiveWay("the last run with it did not end in order");
        }

        var reading = DeviceConfigReader.ReadFile(_path);
        bool gaveWay = reading.Config is null && _probation.IsOn && GiveWay(string.Join("; ", reading.Problems));
        return gaveWay ? DeviceConfigReader.ReadFile(_path) : reading;
    }

    /// <summary>Runs until the sources end, the frames are spent or somebody stops it.</summary>
    /// <param name="watch">Watches an engine that is about to run; disposed when it has ended.</param>
    /// <exception cref="EngineRefusedException">The first config cannot be started, and there is none before it.</exception>
    public RunReport Run(DeviceConfig first, Func<RunningEngine, IDisposable> watch)
    {
        DeviceConfig config = first, proven = first;
        while (true)
        {
            try
            {
                var (result, isRestart) = RunOnce(config, watch);
                if (!isRestart)
                {
                    return result;
                }

                proven = result.Sources.Any(s => s.AnsweredCount > 0) ? config : proven;
            }
            catch (EngineRefusedException refused) when (_probation.IsOn && GiveWay(refused.Message))
            {
                // The one before is in its place and is read below.
            }
            catch (EngineRefusedException refused) when (!ReferenceEquals(config, proven))
            {
                TellStays(refused.Message);
                config = proven;
                continue;
            }

            _channel?.CloseAll("the device starts again; connect anew in a moment");
            config = Next(proven);
        }
    }

    public void Dispose()
    {
        _channel?.Dispose();
        _reports.Dispose();
    }

    private (RunReport Report, bool IsRestart) RunOnce(DeviceConfig config, Func<RunningEngine, IDisposable> watch)
    {
        bool isOnProbation = _probation.IsOn;
        if (isOnProbation)
        {
            _probation.BeginRun();
            _probationStatus = new ProbationStatus { UntilUtcNs = TimeProvider.System.UtcNs() + Times.LimitNs };
        }

        using var engine = Build(config);
        using (Attach(engine))
        using (watch(engine))
        using (isOnProbation ? Probe(engine) : null)
        {
            engine.Run(_options.FrameLimit);
        }

        bool hasGivenWay = _probation.IsOn && EndProbation(engine);

        // A loop that was given up keeps the library: only a new process can begin anew.
        return (engine.Report(), (engine.IsRestartAsked || hasGivenWay) && engine.LostReason is null);
    }

    /// <summary>A run on probation is over: one that somebody stopped is proved by the next, one that hung or gave nothing never.</summary>
    /// <returns>The config has given way.</returns>
    private bool EndProbation(RunningEngine engine)
    {
        if (engine.LostReason is null && engine.IsStopAsked)
        {
            _probation.EndRun();
            return false;
        }

        if (engine.LostReason is null && AnsweredCount(engine) > 0)
        {
            Prove();
            return false;
        }

        return GiveWay(engine.LostReason ?? "its sources ended without an answered frame");
    }

    private void Prove()
    {
        _probation.End();
        _probationStatus = null;
        _reports.Report(ReportLevel.Notice, "the new config has proved itself: frames flow");
        Journal("kept: frames flow with the new config");
    }

    /// <summary>What became of a config that came from afar. Before a channel is open it waits for one.</summary>
    private void Journal(string outcome)
    {
        lock (_unwritten)
        {
            _unwritten.Add(new JournalEntry { Who = ChangeControl.Device, Method = ControlMethod.ConfigPut, Outcome = outcome });
        }

        WriteJournal();
    }

    private void WriteJournal()
    {
        lock (_unwritten)
        {
            if (_channel is { } channel)
            {
                _unwritten.ForEach(channel.Note);
                _unwritten.Clear();
            }
        }
    }

    private static long AnsweredCount(RunningEngine engine) => engine.State.AnsweredCount;

    /// <summary>Watches a config on probation until it has proved itself or has given way.</summary>
    private Timer Probe(RunningEngine engine)
    {
        var judge = new ProbationJudge(engine.Clock.NowNs(), Times);
        var verdict = ProbationVerdict.Open;
        var gate = new Lock();
        return new Timer(_ =>
        {
            lock (gate)
            {
                if (verdict != ProbationVerdict.Open)
                {
                    return;
                }

                verdict = judge.Judge(AnsweredCount(engine), engine.Clock.NowNs());
                if (verdict == ProbationVerdict.Proven)
                {
                    Prove();
                }
                else if (verdict == ProbationVerdict.Failed && GiveWay("no frames flow with it"))
                {
                    engine.AskRestart();
                }
            }
        }, null, 0, ProbationTickMs);
    }

    private RunningEngine Build(DeviceConfig config)
    {
        OpenChannel(config.Control);
        return new EngineBuilder(config, _options, _reports.Report).Build();
    }

    private IDisposable? Attach(RunningEngine engine) => _channel?.Attach(engine);

    private void OpenChannel(ControlConfig? config)
    {
        if (config == _channelConfig)
        {
            return;
        }

        _channel?.Dispose();
        (_channel, _channelConfig) = (null, null);
        _channel = config is null ? null : new DeviceChannel(config, _events, TimeProvider.System, _options.Web)
        {
            Probation = () => _probationStatus,
        };
        _channelConfig = config;
        WriteJournal();
        if (config is not null)
        {
            _reports.Report(ReportLevel.Notice,
                $"control channel: unix {config.Unix?.Full ?? "none"}, tcp {config.Tcp?.ToString() ?? "none"}");
        }
    }

    /// <summary>The config file as it is now, if it can be started; else the one before it.</summary>
    private DeviceConfig Next(DeviceConfig last)
    {
        var reading = DeviceConfigReader.ReadFile(last.FilePath);
        string? why = reading.Config is { } config
            ? ConfigTrial.FindProblem(config, _channelConfig, [], c => EngineBuilder.Try(c, _options))
            : string.Join("; ", reading.Problems);
        if (why is null)
        {
            _reports.Report(ReportLevel.Notice, "starting again with the config as it is now");
            return reading.Config!;
        }

        if (_probation.IsOn && GiveWay(why))
        {
            return DeviceConfigReader.ReadFile(last.FilePath).Config ?? last;
        }

        TellStays(why);
        return last;
    }

    private void TellStays(string why)
    {
        _reports.Report(ReportLevel.Warning, $"the new config cannot be started ({why}); the last one goes on");
        Journal($"not started, the last one goes on: {why}");
    }

    /// <summary>Puts the config before back, and says why; false where there is none.</summary>
    private bool GiveWay(string why)
    {
        bool isRestored = ConfigControl.TryRestore(_path);
        if (isRestored)
        {
            _probation.End();
            _probationStatus = new ProbationStatus { WentBackBecause = why, WentBackUtcNs = TimeProvider.System.UtcNs() };
            _reports.Report(ReportLevel.Warning, $"the new config cannot be started ({why}); the one before it was put back");
            Journal($"rolled back to the config before: {why}");
        }

        return isRestored;
    }

    private void Tell(EngineReporter report, ReportLevel level, string words)
    {
        string text = KnownSecrets.Hide(words);
        report(level, text);
        if (level != ReportLevel.Detail)
        {
            _events.Add(level == ReportLevel.Warning ? EventLevel.Warning : EventLevel.Notice, "", text);
        }
    }
}
