using EdgeRoute.ControlChannel.Journal;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Reports;
using EdgeRoute.Engine.Running;
using EdgeRoute.Protocol;

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
    private DeviceChannel? _channel;
    private ControlConfig? _channelConfig;

    /// <param name="path">The config file.</param>
    public EngineRunner(string path, EngineOptions options, EngineReporter report)
    {
        (_path, _options, _probation) = (path, options, new ConfigProbation(path));
        _reports = new FoldedReports((level, text) => Tell(report, level, text), TimeProvider.System);
    }

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
        var config = first;
        while (true)
        {
            try
            {
                var (result, isRestart) = RunOnce(config, watch);
                if (!isRestart)
                {
                    return result;
                }
            }
            catch (EngineRefusedException refused) when (_probation.IsOn && GiveWay(refused.Message))
            {
                // The one before is in its place and is read below.
            }

            _channel?.CloseAll("the device starts again; connect anew in a moment");
            config = Next(config);
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
        }

        using var engine = Build(config);
        using (Attach(engine))
        using (watch(engine))
        using (isOnProbation ? Probe(engine) : null)
        {
            engine.Run(_options.FrameLimit);
        }

        if (_probation.IsOn)
        {
            _probation.EndRun();
        }

        // A loop that was given up keeps the library: only a new process can begin anew.
        return (engine.Report(), engine.IsRestartAsked && engine.LostReason is null);
    }

    /// <summary>Watches a config on probation until it has proved itself or has given way.</summary>
    private Timer Probe(RunningEngine engine)
    {
        var judge = new ProbationJudge(engine.Clock.NowNs());
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

                var ends = engine.Statuses().Select(s => s.Ends).ToList();
                verdict = judge.Judge(ends.Sum(e => e.Completed + e.Exited + e.Escalated + e.Skipped), engine.Clock.NowNs());
                if (verdict == ProbationVerdict.Proven)
                {
                    _probation.End();
                    _reports.Report(ReportLevel.Notice, "the new config has proved itself: frames flow");
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
        _channel = config is null ? null : new DeviceChannel(config, _events, TimeProvider.System);
        _channelConfig = config;
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
        string? why = reading.Config is { } config ? ConfigTrial.FindProblem(config, _channelConfig, c => EngineBuilder.Try(c, _options))
            : string.Join("; ", reading.Problems);
        if (why is null)
        {
            _reports.Report(ReportLevel.Notice, "starting again with the config as it is now");
            return reading.Config!;
        }

        if (!GiveWay(why))
        {
            _reports.Report(ReportLevel.Warning, $"the new config cannot be started ({why}); the last one goes on");
        }

        return DeviceConfigReader.ReadFile(last.FilePath).Config ?? last;
    }

    /// <summary>Puts the config before back, and says why; false where there is none.</summary>
    private bool GiveWay(string why)
    {
        bool isRestored = ConfigControl.TryRestore(_path);
        if (isRestored)
        {
            _probation.End();
            _reports.Report(ReportLevel.Warning, $"the new config cannot be started ({why}); the one before it was put back");
        }

        return isRestored;
    }

    private void Tell(EngineReporter report, ReportLevel level, string text)
    {
        report(level, text);
        if (level != ReportLevel.Detail)
        {
            _events.Add(level == ReportLevel.Warning ? EventLevel.Warning : EventLevel.Notice, "", text);
        }
    }
}
