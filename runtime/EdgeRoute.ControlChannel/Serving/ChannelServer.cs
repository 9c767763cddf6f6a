using System.Net;
using System.Net.Sockets;
using EdgeRoute.ControlChannel.Journal;
using EdgeRoute.ControlChannel.Transport;
using EdgeRoute.ControlChannel.Trust;
using EdgeRoute.ControlChannel.Watching;
using EdgeRoute.Protocol;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.ControlChannel.Serving;

/// <summary>
/// The control channel of a device: its listeners, its connections and what they are told. It outlives runs of the engine:
/// <see cref="Bind"/> says what it speaks for now. Time passes for it by <see cref="Tick"/>, which <see cref="ChannelPump"/> calls. It
/// never touches a frame's thread.
/// </summary>
public sealed class ChannelServer : IDisposable
{
    private readonly ChannelSettings _settings;
    private readonly ChannelTrust? _trust;
    private readonly TimeProvider _clock;
    private readonly Lock _gate = new(), _tickGate = new();
    private readonly List<ChannelConnection> _connections = [];
    private readonly TcpPort? _port;
    private SocketListener? _unixListener;
    private volatile ChannelBinding _binding;
    private volatile bool _isDisposed;
    private long _acceptedCount, _requestCount;

    /// <param name="binding">What it speaks for at first; its methods may be added until <see cref="Start"/>.</param>
    /// <param name="trust">Keys, paired clients and pairing; null: no TCP.</param>
    public ChannelServer(ChannelSettings settings, ChannelBinding binding, EventLog events, TimeProvider clock, ChannelTrust? trust = null)
    {
        _settings = settings;
        _binding = binding;
        Events = events;
        _clock = clock;
        _trust = trust;
        (Refusals, Hub) = (new RefusalLog(events), new SubscriptionHub(events));
        Hub.Follow(binding.Watch);
        Hub.Answers.Follow(binding.Answers);
        Hub.Actions.Follow(binding.Actions);
        Admission = new ClientAdmission(this, settings, trust);
        if (trust is not null)
        {
            _port = settings.Tcp is { } address ? new TcpPort(address, OnTcpArrival, OnAcceptFailed, events) : null;
        }
    }

    public EventLog Events { get; }

    public RefusalLog Refusals { get; }

    /// <summary>Where TCP listens now; null while the port is closed.</summary>
    public IPEndPoint? TcpEndPoint => _port?.LocalEndPoint;

    internal SubscriptionHub Hub { get; }

    /// <summary>Who is let in, as what.</summary>
    internal ClientAdmission Admission { get; }

    internal ChannelBinding Binding => _binding;

    internal long NowNs => _clock.NowNs();

    internal DateTime UtcNow => _clock.GetUtcNow().UtcDateTime;

    /// <exception cref="ChannelException">The Unix socket cannot be opened. A TCP port that cannot is an event, and tried
    /// again.</exception>
    public void Start()
    {
        if (_settings.UnixPath is { } path)
        {
            _unixListener = new SocketListener(UnixSocketFile.Listen(path), s => OnArrival(s, ChannelPeer.Unix), OnAcceptFailed);
            _unixListener.Open();
        }

        TendPort();
    }

    /// <summary>
    /// Speaks for another run of the engine, or for none. When it returns, the last one's watch and status are not used any more.
    /// </summary>
    public void Bind(ChannelBinding binding)
    {
        ChannelBinding last;
        lock (_tickGate)
        {
            (last, _binding) = (_binding, binding);
            Hub.Follow(binding.Watch);
            Hub.Answers.Follow(binding.Answers);
            Hub.Actions.Follow(binding.Actions);
        }

        if (last != binding)
        {
            last.End();
        }
    }

    /// <summary>
    /// Moves time on: takes frames, sends what is due, closes what has waited too long, opens and closes the port. Every 20 to 50 ms, one
    /// call at a time.
    /// </summary>
    public void Tick(long nowNs)
    {
        lock (_tickGate)
        {
            var binding = _binding;
            binding.Watch?.Pump(nowNs);
            Hub.Tick(nowNs, binding.Status);
        }

        Refusals.Tick(nowNs);
        foreach (var connection in Connections())
        {
            Tend(connection, nowNs);
        }

        TendPort();
    }

    /// <summary>Says goodbye to every client and closes its connection; new ones may come.</summary>
    public void CloseAll(string text)
    {
        foreach (var connection in Connections())
        {
            connection.Close(text);
        }
    }

    /// <summary>
    /// How the device stands, how often each path was taken and how long frames took; null and none between two runs of the engine.
    /// </summary>
    public (DeviceStatus? Status, IReadOnlyList<PathTotal> Paths, IReadOnlyList<TimeTotal> Times) Look()
    {
        // Not while the binding changes: a run that has ended is not asked any more.
        lock (_tickGate)
        {
            return (_binding.Status?.Invoke(), _binding.Watch?.PathTotals() ?? [], _binding.Watch?.TimeTotals() ?? []);
        }
    }

    /// <summary>For <c>status</c>: what subscribers were told of answers.</summary>
    public List<OutputStatus> AnswerStatuses() => Hub.Answers.Statuses();

    /// <summary>For <c>status</c>.</summary>
    /// <param name="journalCount">Changes since the journal began.</param>
    public ChannelStatus Status(long journalCount) => new()
    {
        ConnectionCount = Connections().Count(c => c.Caller is not null),
        SubscriberCount = Hub.Count,
        AcceptedCount = Interlocked.Read(ref _acceptedCount),
        RefusedCount = Refusals.Total,
        TelemetryLostCount = Hub.LostCount,
        RequestCount = Interlocked.Read(ref _requestCount),
        JournalCount = journalCount,
    };

    /// <summary>Says goodbye, waits a moment for it to be read, and removes the socket file.</summary>
    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        _unixListener?.Dispose();
        _port?.Dispose();
        CloseAll("the device's control channel ends");
        SpinWait.SpinUntil(() => Connections().Count == 0, (int)(ChannelLimits.FarewellNs / 1_000_000));
        Connections().ForEach(c => c.Abort());
        _binding.End();
        Admission.Dispose();
        if (_settings.UnixPath is { } path && _unixListener is not null)
        {
            UnixSocketFile.Remove(path);
        }
    }

    internal List<ChannelConnection> Connections()
    {
        lock (_gate)
        {
            return [.. _connections];
        }
    }

    /// <summary>
    /// Notes a change that concerns clients, not streams, in the journal; where the disk refuses, the change stands and is written later.
    /// </summary>
    internal static void Note(JournalFile journal, string who, string method, string client, string before, string after)
    {
        var difference = new SettingDifference { Name = $"client {client}", Before = before, After = after };
        journal.Note(new JournalEntry { Who = who, Method = method, Differences = [difference], Outcome = "applied" });
    }

    internal void CountRequest() => Interlocked.Increment(ref _requestCount);

    /// <summary>Opens or closes the port as the paired clients and the pairing window want it.</summary>
    internal void TendPort()
    {
        if (_trust is { } trust && !_isDisposed)
        {
            _port?.Tend(trust.Clients.Count > 0 || trust.Pairing.Look(NowNs).IsOpen, NowNs);
        }
    }

    /// <summary>Makes the stream that messages travel on, and finds out who is there; null where that came to nothing.</summary>
    internal async Task<(Stream Stream, ChannelPeer Peer)?> Open(ChannelConnection connection, Socket socket, CancellationToken cancel)
    {
        var plain = new NetworkStream(socket, ownsSocket: false);
        if (connection.Transport == ChannelPeer.Unix)
        {
            return (plain, UnixPeer.Of(socket));
        }

        string address = socket.RemoteEndPoint?.ToString() ?? "an unknown address";
        try
        {
            var guest = await _trust!.Acceptor.Receive(plain, cancel).ConfigureAwait(false);
            if (_trust.Clients.Find(guest.Fingerprint) is null || TryPlace(connection))
            {
                return (guest.Stream, new ChannelPeer(ChannelPeer.Tls, address, "", guest.Fingerprint));
            }

            await guest.Stream.DisposeAsync().ConfigureAwait(false);
            Refusals.Add(ConnectionRefusal.Full, $"a connection from {address} was refused: all {ChannelLimits.ConnectionCount} places are "
                + "taken", NowNs);
            return null;
        }
        catch (TlsRefusedException refused)
        {
            Refusals.Add(ConnectionRefusal.Tls, $"a connection from {address} was refused: {refused.Message}", NowNs);
            return null;
        }
    }

    private void OnTcpArrival(Socket socket)
    {
        try
        {
            socket.NoDelay = true;
            TcpPort.KeepAlive(socket);
        }
        catch (SocketException)
        {
            // The peer is gone already; serving it finds that out.
        }

        OnArrival(socket, ChannelPeer.Tls);
    }

    private void OnArrival(Socket socket, string transport)
    {
        var connection = new ChannelConnection(this, socket, transport, NowNs);
        if (TryAdd(connection) is { } cause)
        {
            string limit = cause == ConnectionRefusal.Full ? $"all {ChannelLimits.ConnectionCount} places are taken"
                : $"{ChannelLimits.UnprovenCount} others have not proved who they are yet";
            Refusals.Add(cause, $"a connection from {(transport == ChannelPeer.Unix ? "this machine" : socket.RemoteEndPoint)} was "
                + $"refused: {limit}", NowNs);
            socket.Close(0);
            return;
        }

        Interlocked.Increment(ref _acceptedCount);
        _ = Task.Run(() => Serve(connection));
    }

    /// <summary>
    /// Each listener has places of its own: those who knock at the port cannot lock out who sits at the device. At the port nobody has a
    /// place before its key is known, so a newcomer is always heard.
    /// </summary>
    private ConnectionRefusal? TryAdd(ChannelConnection connection)
    {
        ChannelConnection? surplus = null;
        lock (_gate)
        {
            var others = _connections.Where(c => c.Transport == connection.Transport).ToList();
            bool isLocal = connection.Transport == ChannelPeer.Unix;
            if ((isLocal && others.Count >= ChannelLimits.ConnectionCount) || _isDisposed)
            {
                return ConnectionRefusal.Full;
            }

            if (isLocal && others.Count(c => !c.IsProven) >= ChannelLimits.UnprovenCount)
            {
                return ConnectionRefusal.UnprovenFull;
            }

            surplus = isLocal ? null : SurplusOf(others.Where(c => !c.HasPlace && !c.IsProven).ToList(), connection.Origin);
            _connections.Add(connection);
            _ = surplus is not null && _connections.Remove(surplus);
        }

        if (surplus is not null)
        {
            Refusals.Add(ConnectionRefusal.UnprovenFull, $"{surplus.Name} had not proved who it is and gave way to a newer connection",
                NowNs);
            surplus.Abort();
        }

        return null;
    }

    /// <summary>
    /// Who gives way to a newcomer: the oldest of its own address, or of the address that has most; null where there is room.
    /// </summary>
    private static ChannelConnection? SurplusOf(List<ChannelConnection> strangers, string origin)
    {
        var same = strangers.FindAll(c => c.Origin == origin);
        if (same.Count < ChannelLimits.StrangersOfAddress && strangers.Count < ChannelLimits.StrangerCount)
        {
            return null;
        }

        var crowd = same.Count >= ChannelLimits.StrangersOfAddress ? same
            : strangers.GroupBy(c => c.Origin).MaxBy(g => g.Count())!.ToList();

        // The list is in the order of arrival. Who has come as far as a TLS connection may be typing a code.
        return crowd.Find(c => c.Peer is null) ?? crowd[0];
    }

    /// <summary>Gives a place to a connection whose key is known; false where all are taken.</summary>
    private bool TryPlace(ChannelConnection connection)
    {
        lock (_gate)
        {
            int count = _connections.Count(c => c.Transport == ChannelPeer.Tls && (c.HasPlace || c.IsProven));
            connection.HasPlace = count < ChannelLimits.ConnectionCount;
            return connection.HasPlace;
        }
    }

    private async Task Serve(ChannelConnection connection)
    {
        await connection.Run().ConfigureAwait(false);
        lock (_gate)
        {
            _connections.Remove(connection);
        }

        Hub.Remove(connection);
        connection.Pairing?.Abandon(NowNs);
    }

    private void OnAcceptFailed(SocketException fault) => Refusals.Add(ConnectionRefusal.System,
        $"the system gave no connection: {fault.Message}; tried again", NowNs);

    private void Tend(ChannelConnection connection, long nowNs)
    {
        if (nowNs >= connection.CloseByNs)
        {
            connection.Abort();
        }
        else if (!connection.IsProven && nowNs - connection.OpenedNs >= ChannelLimits.HandshakeNs && !MayStay(connection, nowNs))
        {
            string late = $"{connection.Name} has not proved who it is within {(nowNs - connection.OpenedNs) / 1_000_000_000} s; its "
                + "connection is closed";
            Refusals.Add(ConnectionRefusal.Handshake, late, nowNs);
            connection.Close("time is over: say hello at once, and pair while the device shows a code");
        }
    }

    /// <summary>While a code is shown, a stranger may be proving that it knows it.</summary>
    private bool MayStay(ChannelConnection connection, long nowNs) => connection.CloseByNs != long.MaxValue
        || (connection.Caller is not null && nowNs - connection.OpenedNs < ChannelLimits.StrangerNs && _trust is { } trust
            && trust.Pairing.Look(nowNs).IsOpen);
}
