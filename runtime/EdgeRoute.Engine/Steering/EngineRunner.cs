using EdgeRoute.ControlChannel.Journal;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Reports;
using EdgeRoute.Engine.Running;

namespace EdgeRoute.Engine.Steering;

/// <summary>
/// Runs a device config, and begins anew with the file as it is then when a client asks for that. A config that cannot be started gives way
/// to the one before it: a mistake from afar must not leave a robot without its engine.
/// </summary>
public sealed class EngineRunner(DeviceConfig first, EngineOptions options, EngineReporter report) : IDisposable
{
    private readonly EventLog _events = new();
    private DeviceChannel? _channel;
    private ControlConfig? _channelConfig;

    /// <summary>Runs until the sources end, the frames are spent or somebody stops it.</summary>
    /// <param name="watch">Watches an engine that is about to run; disposed when it has ended.</param>
    /// <exception cref="EngineRefusedException">The first config cannot be started.</exception>
    public RunReport Run(Func<RunningEngine, IDisposable> watch)
    {
        var config = first;
        while (true)
        {
            var (result, isRestart) = RunOnce(config, watch);
            if (!isRestart)
            {
                return result;
            }

            _channel?.CloseAll("the device starts again; connect anew in a moment");
            config = Next(config);
        }
    }

    public void Dispose() => _channel?.Dispose();

    private (RunReport Report, bool IsRestart) RunOnce(DeviceConfig config, Func<RunningEngine, IDisposable> watch)
    {
        using var engine = Build(config);
        using var attachment = Attach(engine);
        using (watch(engine))
        {
            engine.Run(options.FrameLimit);
        }

        // A loop that was given up keeps the library: only a new process can begin anew.
        return (engine.Report(), engine.IsRestartAsked && engine.LostReason is null);
    }

    private RunningEngine Build(DeviceConfig config)
    {
        OpenChannel(config.Control);
        return new EngineBuilder(config, options, Report).Build();
    }

    private IDisposable? Attach(RunningEngine engine) => _channel?.Attach(engine);

    private void OpenChannel(ControlConfig? config)
    {
        if (config == _channelConfig)
        {
            return;
        }

        _channel?.Dispose();
        _channel = null;
        _channelConfig = config;
        _channel = config is null ? null : new DeviceChannel(config, _events, TimeProvider.System);
        if (config is not null)
        {
            Report(ReportLevel.Notice, $"control channel: unix {config.Unix?.Full ?? "none"}, tcp {config.Tcp?.ToString() ?? "none"}");
        }
    }

    /// <summary>The config file as it is now, if it can be started; else the one before it.</summary>
    private DeviceConfig Next(DeviceConfig last)
    {
        var reading = DeviceConfigReader.ReadFile(last.FilePath);
        string? why = reading.Config is { } config ? TryStart(config) : string.Join("; ", reading.Problems);
        if (why is null)
        {
            Report(ReportLevel.Notice, "starting again with the config as it is now");
            return reading.Config!;
        }

        bool isRestored = ConfigControl.TryRestore(last.FilePath);
        string goesOn = isRestored ? "the one before it was put back" : "the last one goes on";
        Report(ReportLevel.Warning, $"the new config cannot be started ({why}); {goesOn}");
        return DeviceConfigReader.ReadFile(last.FilePath).Config ?? last;
    }

    /// <summary>Builds an engine and lets it go: what it refuses, it refuses before the old config is given up.</summary>
    private string? TryStart(DeviceConfig config)
    {
        try
        {
            using var engine = new EngineBuilder(config with { Trace = null, Record = null }, options, (_, _) => { }).Build();
            return null;
        }
        catch (EngineRefusedException refused)
        {
            return refused.Message;
        }
    }

    private void Report(ReportLevel level, string text)
    {
        report(level, text);
        if (level != ReportLevel.Detail)
        {
            _events.Add(level == ReportLevel.Warning ? EventLevel.Warning : EventLevel.Notice, "", text);
        }
    }
}
