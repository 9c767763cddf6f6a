using System.Net;
using EdgeRoute.ControlChannel.Journal;
using EdgeRoute.ControlChannel.Metrics;
using EdgeRoute.ControlChannel.Serving;
using EdgeRoute.ControlChannel.Transport;
using EdgeRoute.ControlChannel.Trust;
using EdgeRoute.ControlChannel.Web;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Running;
using EdgeRoute.Interop.Linux;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.Engine.Steering;

/// <summary>
/// The control channel of a device as its config asks for it: trust, journal, events, listeners and the thread they live on. It outlives
/// runs of the engine; each run is attached to it.
/// </summary>
internal sealed class DeviceChannel : IDisposable
{
    private readonly ControlConfig _config;
    private readonly ChannelTrust? _trust;
    private readonly JournalFile _journal;
    private readonly ChannelServer _server;
    private readonly ChannelPump _pump;
    private readonly WebDoor? _metrics;
    private readonly ChannelAnnouncement? _announcement;

    /// <summary>Opens the listeners. What is asked before an engine is attached is answered as far as it needs none.</summary>
    /// <param name="events">Everything the engine has to say, for subscribers.</param>
    /// <param name="web">Where metrics are served.</param>
    /// <exception cref="EngineRefusedException">A file of the state folder, or the Unix socket, cannot be used.</exception>
    public DeviceChannel(ControlConfig config, EventLog events, TimeProvider clock, WebHosts web)
    {
        _config = config;
        try
        {
            if (config.State is { } folder)
            {
                PrivateFile.MakeOwnFolder(folder.Full, IsStateFile, text => events.Add(EventLevel.Warning, "", text));
            }

            _trust = config is { Tcp: not null, State: { } state } ? new ChannelTrust(state.Full, config.DeviceName) : null;
            _journal = new JournalFile(config.State?.Full);
            _journal.Troubled += text => events.Add(EventLevel.Warning, "", text);
            string version = typeof(DeviceChannel).Assembly.GetName().Version?.ToString(3) ?? "";
            var table = WithoutEngine();
            var settings = new ChannelSettings(config.DeviceName, version, config.Unix?.Full, config.Tcp);
            _server = new ChannelServer(settings, new ChannelBinding(table, null, null), events, clock, _trust);
            AddOwnMethods(table);
            _metrics = config.Metrics is { } address ? MetricsPage.Open(web, address, MetricsNow) : null;
            _server.Start();
        }
        catch (Exception refused) when (refused is TrustException or ChannelException or IOException or UnauthorizedAccessException)
        {
            _metrics?.Dispose();
            _server?.Dispose();
            _journal?.Dispose();
            _trust?.Dispose();
            throw new EngineRefusedException(RefusalCause.Machine,
                $"the control channel cannot be opened: {refused.Message}", refused);
        }

        if (_journal.Complaint is { } complaint)
        {
            events.Add(EventLevel.Warning, "", complaint);
        }

        _pump = new ChannelPump(_server, clock);
        if (config is { IsAnnounced: true, Tcp: { } door } && _trust is not null)
        {
            _announcement = new ChannelAnnouncement(config.DeviceName, door.Port, _trust.Identity.Fingerprint,
                text => events.Add(EventLevel.Warning, "", text));
        }
    }

    /// <summary>How the config stands that came from afar; null where there is nothing to tell.</summary>
    public Func<ProbationStatus?> Probation { get; init; } = () => null;

    /// <summary>Where metrics are served; null where they are not.</summary>
    public IPEndPoint? MetricsEndPoint => _metrics?.LocalEndPoint;

    /// <summary>Makes the channel speak for an engine that has not begun to run, until the result is disposed.</summary>
    public IDisposable Attach(RunningEngine engine)
    {
        var table = new MethodTable();
        var steering = new EngineSteering(engine, _journal, _config.DeviceName, _config.State?.Full);
        AddOwnMethods(table);
        steering.Attach(table);
        table.Add<NoParameters>(ControlMethod.Status, ControlRole.Viewer,
            (_, _, _) => ValueTask.FromResult<IControlMessage?>(StatusOf(steering)));
        _server.Bind(new ChannelBinding(table, steering.Watch, () => StatusOf(steering)) 
        {
            Answers = steering.Answers.Watch, Actions = engine.Actions,
        });
        return new Attachment(this, steering);
    }

    /// <summary>What would be refused of the state folder; nothing in it is made or mended.</summary>
    /// <param name="isAtWork">Its journal is in use.</param>
    /// <exception cref="TrustException">The folder or a file in it cannot be used.</exception>
    /// <exception cref="IOException">The journal cannot be written.</exception>
    public static void CheckState(ControlConfig config, bool isAtWork)
    {
        if (config.State is not { } state)
        {
            return;
        }

        PrivateFile.CheckOwnFolder(state.Full, IsStateFile);
        ConfigTrial.TryWrite(state.Full);
        if (config.Tcp is not null)
        {
            ChannelTrust.Check(state.Full);
        }

        string journal = Path.Combine(state.Full, JournalFile.FileName);
        if (!isAtWork && Path.Exists(journal))
        {
            new FileStream(journal, FileMode.Open, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0).Dispose();
        }
    }

    /// <summary>Writes down what the device did by itself while no engine ran.</summary>
    public void Note(JournalEntry entry) => _journal.Note(entry);

    /// <summary>Says goodbye to everybody.</summary>
    public void CloseAll(string text) => _server.CloseAll(text);

    public void Dispose()
    {
        _announcement?.Dispose();
        _pump.Dispose();
        _metrics?.Dispose();
        _server.Dispose();
        _journal.Dispose();
        _trust?.Dispose();
    }

    private DeviceStatus StatusOf(EngineSteering steering)
    {
        var status = steering.Status();
        status.Channel = _server.Status(_journal.LastNumber);
        status.Probation = Probation();
        status.Outputs.AddRange(_server.AnswerStatuses());
        return status;
    }

    private static bool IsStateFile(string name) => name.StartsWith("journal", StringComparison.Ordinal)
        || name is ClientStore.FileName or DeviceIdentity.FileName or ProvisionedCode.FileName;

    private static MethodTable WithoutEngine() => new() { Absence = "no engine runs yet; it is starting, or was asked to start again" };

    private string MetricsNow()
    {
        var (status, paths, times) = _server.Look();
        return MetricsText.Of(status ?? new DeviceStatus { Channel = _server.Status(_journal.LastNumber) }, paths, times);
    }

    private void AddOwnMethods(MethodTable table) => new ChannelMethods(_server, _journal, _trust).AddTo(table);

    private void Detach(EngineSteering steering)
    {
        // Subscribers get the answers that are still on their way, while the channel speaks for this run.
        steering.Answers.Dispose();
        var table = WithoutEngine();
        AddOwnMethods(table);
        _server.Bind(new ChannelBinding(table, null, null));
        steering.Dispose();
    }

    private sealed class Attachment(DeviceChannel channel, EngineSteering steering) : IDisposable
    {
        public void Dispose() => channel.Detach(steering);
    }
}
