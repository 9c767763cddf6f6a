using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeRoute.ControlChannel;
using EdgeRoute.ControlChannel.Journal;
using EdgeRoute.ControlChannel.Trust;
using EdgeRoute.Protocol;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Pairing;
using EdgeRoute.Protocol.Rpc;
using EdgeRoute.Protocol.Trust;

namespace EdgeRoute.Tests.ControlChannel.Serving;

/// <summary>Strangers, pairing and paired clients, over real TLS on loopback.</summary>
public sealed class TcpChannelTests : IDisposable
{
    private readonly ChannelRig _rig = new(withTcp: true);
    private readonly X509Certificate2 _laptop = NewCertificate();

    [Fact]
    public void The_port_is_open_while_somebody_may_come()
    {
        Assert.Null(_rig.Server.TcpEndPoint);
        using var owner = _rig.Connect();
        var window = owner.Ask<PairingWindow>(ControlMethod.PairingOpen, new PairingOpenRequest());
        Assert.True(window.IsOpen);
        Assert.Equal((8, 300.0, PairingAuthority.AttemptCount), (window.Code.Length, window.SecondsLeft, window.AttemptsLeft));
        Assert.Equal([_rig.Server.TcpEndPoint!.ToString()], window.Addresses);
        _rig.Tick(299_000);
        Assert.NotNull(_rig.Server.TcpEndPoint);
        _rig.Tick(1_000);
        Assert.Null(_rig.Server.TcpEndPoint);
        Assert.Throws<SocketException>(() => Connect(_laptop, window.Addresses[0]));
    }

    [Fact]
    public void A_paired_laptop_is_known_again()
    {
        using (var client = Paired("anna's laptop", ControlRole.Viewer))
        {
            Assert.Equal("pong", client.Ask<DoneReply>(ControlMethod.Ping).Text);
            Assert.Equal(RpcErrorCode.Denied, client.AskRefused(ControlMethod.Clients).Code);
        }

        using var again = Connect(_laptop);
        var welcome = again.Hello();
        Assert.Equal((ControlRole.Viewer, _rig.Trust.Identity.Fingerprint), (welcome.Role, welcome.Fingerprint));
        Assert.Contains(_rig.Journal.Recent(), e => e.Differences[0].Name == "client anna's laptop"
            && e.Differences[0].After == ControlRole.Viewer);
    }

    [Fact]
    public void A_wrong_code_is_refused_in_clear_words_and_burnt()
    {
        string code = OpenWindow();
        using var client = Connect(_laptop);
        client.Hello();
        var error = PairWith(client, code[..7] + (char)('0' + ((code[7] - '0' + 1) % 10)))!;
        Assert.Equal(RpcErrorCode.Denied, error.Code);
        Assert.Contains("codes differ", error.Message, StringComparison.Ordinal);
        Assert.Equal(RpcErrorCode.Conflict, client.AskRefused(ControlMethod.PairCommit, new PairingStepMessage()).Code);
        Assert.Equal(0, _rig.Trust.Clients.Count);
        Assert.Equal(1, _rig.Server.Refusals.CountOf(ConnectionRefusal.Pairing));
        Assert.NotEqual(code, _rig.Trust.Pairing.Look(_rig.Clock.NowNs()).Code);
    }

    [Fact]
    public void Strangers_that_only_begin_burn_no_code_and_go_soon()
    {
        string code = OpenWindow();
        var strangers = Enumerable.Range(0, ChannelLimits.StrangersOfAddress - 1).Select(_ => NewCertificate()).ToList();
        var clients = strangers.ConvertAll(s => Connect(s));
        foreach (var stranger in clients)
        {
            stranger.Hello();
            Assert.Equal(8, stranger.Ask<PairingOfferMessage>(ControlMethod.PairBegin, new NamedRequest { Name = "x" }).DigitCount);
            Assert.Equal(RpcErrorCode.BadRequest, stranger.AskRefused(ControlMethod.PairCommit,
                new PairingStepMessage { Round = 0, Value = [1] }).Code);
            Assert.Equal(RpcErrorCode.Conflict, stranger.AskRefused(ControlMethod.PairReveal, new PairingStepMessage()).Code);
        }

        clients[0].Dispose();
        Assert.Equal((code, PairingAuthority.AttemptCount), (_rig.Trust.Pairing.Look(_rig.Clock.NowNs()).Code,
            _rig.Trust.Pairing.Look(_rig.Clock.NowNs()).AttemptsLeft));
        _rig.Tick((int)(ChannelLimits.StrangerNs / 1_000_000));
        ChannelRig.WaitUntil(() => HasTickedTo(0), "their places are free");
        using var client = Connect(_laptop);
        client.Hello();
        Assert.Null(PairWith(client, code));
        clients.ForEach(c => c.Dispose());
        strangers.ForEach(s => s.Dispose());
    }

    /// <summary>Farewells have a time of their own, which passes by ticks.</summary>
    private bool HasTickedTo(int connectionCount)
    {
        _rig.Tick(50);
        return _rig.Server.Connections().Count == connectionCount;
    }

    [Fact]
    public void A_stranger_may_pair_and_nothing_else()
    {
        OpenWindow();
        using var client = Connect(_laptop);
        Assert.Equal(ControlRole.Stranger, client.Hello().Role);
        foreach (string method in new[] { ControlMethod.Ping, ControlMethod.Clients, ControlMethod.PairingStatus, ControlMethod.Subscribe })
        {
            Assert.Equal(RpcErrorCode.Denied, client.AskRefused(method).Code);
        }

        _rig.Tick(21_000);
        Assert.Equal(RpcErrorCode.Denied, client.AskRefused(ControlMethod.Ping).Code);
        using var owner = _rig.Connect();
        owner.Ask<PairingWindow>(ControlMethod.PairingClose);
        _rig.Tick();
        Assert.Contains("pair", client.Farewell(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_revoked_client_is_put_out_at_once()
    {
        using var client = Paired("anna", ControlRole.Operator);
        client.Ask<Subscription>(ControlMethod.Subscribe, new SubscribeRequest { Kind = "telemetry" });
        using var owner = _rig.Connect();
        Assert.True(owner.Ask<ClientList>(ControlMethod.Clients).Clients[0].IsConnected);
        owner.Ask<DoneReply>(ControlMethod.ClientRevoke, new NamedRequest { Name = "anna" });
        Assert.Contains("revoked", client.Farewell(), StringComparison.Ordinal);
        Assert.Equal(1, _rig.Server.Refusals.CountOf(ConnectionRefusal.Revoked));
        Assert.Null(_rig.Server.TcpEndPoint);
        OpenWindow();
        using var again = Connect(_laptop);
        Assert.Equal(ControlRole.Stranger, again.Hello().Role);
    }

    [Fact]
    public void A_role_changes_while_connected()
    {
        using var client = Paired("anna", ControlRole.Operator);
        Assert.Single(client.Ask<ClientList>(ControlMethod.Clients).Clients);
        using var owner = _rig.Connect();
        owner.Ask<DoneReply>(ControlMethod.ClientRole, new ClientRoleRequest { Name = "anna", Role = ControlRole.Viewer });
        Assert.Equal(RpcErrorCode.Denied, client.AskRefused(ControlMethod.Clients).Code);
        Assert.Equal("pong", client.Ask<DoneReply>(ControlMethod.Ping).Text);
    }

    [Fact]
    public void The_pairing_window_is_the_owners_alone()
    {
        using var client = Paired("anna", ControlRole.Admin);
        Assert.Contains("at the device", client.AskRefused(ControlMethod.PairingOpen, new PairingOpenRequest()).Message,
            StringComparison.Ordinal);
        Assert.Equal(RpcErrorCode.Denied, client.AskRefused(ControlMethod.PairingStatus).Code);
    }

    [Fact]
    public void Half_open_connections_do_not_keep_a_paired_client_from_its_work()
    {
        using var client = Paired("anna", ControlRole.Operator);
        var port = _rig.Server.TcpEndPoint!;
        var half = new List<Socket>();
        for (int i = 0; i < 200; i++)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            half.Add(socket);
            try
            {
                socket.Connect(port);
            }
            catch (SocketException)
            {
                // It was refused so soon that connecting has seen it.
            }
        }

        ChannelRig.WaitUntil(() => _rig.Server.Refusals.CountOf(ConnectionRefusal.UnprovenFull) == 200 - ChannelLimits.StrangersOfAddress,
            "the others gave way");
        Assert.Equal("pong", client.Ask<DoneReply>(ControlMethod.Ping).Text);
        using var owner = _rig.Connect();
        _rig.Tick(ChannelLimits.HandshakeNs / 1_000_000);
        ChannelRig.WaitUntil(() => _rig.Server.Connections().Count == 2, "their time was over");
        using var second = Connect(_laptop);
        Assert.Equal(ControlRole.Operator, second.Hello().Role);
        half.ForEach(s => s.Dispose());
    }

    [Fact]
    public void A_paired_laptop_gets_in_fifteen_times_of_fifteen_while_others_hold_connections_half_open()
    {
        Paired("anna", ControlRole.Operator).Dispose();
        var half = new List<Socket>();
        for (int time = 0; time < 15; time++)
        {
            half.AddRange(Enumerable.Range(0, 20).Select(_ => HalfOpen()));
            using var client = Connect(_laptop);
            Assert.Equal(ControlRole.Operator, client.Hello().Role);
            half.AddRange(Enumerable.Range(0, 20).Select(_ => HalfOpen()));
            Assert.Equal("pong", client.Ask<DoneReply>(ControlMethod.Ping).Text);
        }

        using var owner = _rig.Connect();
        Assert.Equal("pong", owner.Ask<DoneReply>(ControlMethod.Ping).Text);
        half.ForEach(s => s.Dispose());
    }

    [Fact]
    public void Places_are_for_known_keys_and_as_many_as_there_are()
    {
        Paired("anna", ControlRole.Operator).Dispose();
        ChannelRig.WaitUntil(() => _rig.Server.Connections().Count == 0, "the first connection is gone");
        var clients = Enumerable.Range(0, ChannelLimits.ConnectionCount).Select(_ => Connect(_laptop)).ToList();
        clients.ForEach(c => Assert.Equal(ControlRole.Operator, c.Hello().Role));
        Assert.ThrowsAny<IOException>(() => Connect(_laptop).Hello());
        Assert.Equal(1, _rig.Server.Refusals.CountOf(ConnectionRefusal.Full));
        using var owner = _rig.Connect();
        Assert.Equal("pong", owner.Ask<DoneReply>(ControlMethod.Ping).Text);
        clients.ForEach(c => c.Dispose());
    }

    private Socket HalfOpen()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(_rig.Server.TcpEndPoint!);
        return socket;
    }

    [Fact]
    public void Who_speaks_no_TLS_is_refused_and_counted()
    {
        OpenWindow();
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(_rig.Server.TcpEndPoint!);
        socket.Send("GET / HTTP/1.1\r\n\r\n"u8);
        ChannelRig.WaitUntil(() => _rig.Server.Refusals.CountOf(ConnectionRefusal.Tls) == 1, "it was refused");
        ChannelRig.WaitUntil(() => _rig.Server.Connections().Count == 0, "its place is free");
    }

    public void Dispose()
    {
        _rig.Dispose();
        _laptop.Dispose();
    }

    private static X509Certificate2 NewCertificate()
    {
        var (key, certificate) = SelfSigned.Create("laptop");
        return SelfSigned.Read(key, certificate);
    }

    private string OpenWindow(string role = ControlRole.Operator)
    {
        using var owner = _rig.Connect();
        return owner.Ask<PairingWindow>(ControlMethod.PairingOpen, new PairingOpenRequest { Role = role }).Code;
    }

    private ChannelClient Paired(string name, string role)
    {
        string code = OpenWindow(role);
        var client = Connect(_laptop);
        client.Hello();
        Assert.Null(PairWith(client, code, name));
        return client;
    }

    private ChannelClient Connect(X509Certificate2 own, string? address = null)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 30_000, SendTimeout = 30_000 };
        socket.Connect(address is null ? _rig.Server.TcpEndPoint! : System.Net.IPEndPoint.Parse(address));
        var stream = new SslStream(new NetworkStream(socket));
        stream.AuthenticateAsClient(TlsTerms.Client(TlsTerms.Shown(own), fingerprint => fingerprint == _rig.Trust.Identity.Fingerprint));
        return new ChannelClient(stream, socket);
    }

    /// <summary>What the device refused with; null where it did not.</summary>
    private RpcError? PairWith(ChannelClient client, string code, string name = "laptop")
    {
        try
        {
            var offer = client.Ask<PairingOfferMessage>(ControlMethod.PairBegin, new NamedRequest { Name = name });
            byte[] own = Convert.FromHexString(SelfSigned.FingerprintOf(_laptop)),
                device = Convert.FromHexString(_rig.Trust.Identity.Fingerprint);
            var request = new PairingProver(code, own, device, RandomNumberGenerator.Fill);
            for (int round = 0; round < offer.DigitCount; round++)
            {
                var theirs = client.Ask<PairingStepMessage>(ControlMethod.PairCommit,
                    new PairingStepMessage { Round = round, Value = request.Commit(round)! });
                byte[] nonce = request.TakeCommitment(theirs.Value)!;
                Assert.True(request.TakeNonce(client.Ask<PairingStepMessage>(ControlMethod.PairReveal,
                    new PairingStepMessage { Round = round, Value = nonce }).Value));
            }

            return null;
        }
        catch (RpcRefusedException refused)
        {
            return refused.Error;
        }
    }
}
