using EdgeRoute.ControlChannel.Journal;
using EdgeRoute.ControlChannel.Trust;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Framing;
using EdgeRoute.Protocol.Rpc;

namespace EdgeRoute.ControlChannel.Serving;

/// <summary>
/// Lets clients in: answers a connection's first request, and changes its role when its client is paired anew or revoked.
/// </summary>
internal sealed class ClientAdmission : IDisposable
{
    private readonly ChannelServer _server;
    private readonly ChannelSettings _settings;
    private readonly ChannelTrust? _trust;
    private readonly Lock _roleGate = new();

    public ClientAdmission(ChannelServer server, ChannelSettings settings, ChannelTrust? trust)
    {
        (_server, _settings, _trust) = (server, settings, trust);
        if (trust is not null)
        {
            trust.Clients.Changed += OnClientChanged;
        }
    }

    public void Dispose()
    {
        if (_trust is not null)
        {
            _trust.Clients.Changed -= OnClientChanged;
        }
    }

    /// <summary>Answers the first request.</summary>
    /// <exception cref="RpcRefusedException">It is no hello, a second one, or of another version.</exception>
    public Welcome Welcome(ChannelConnection connection, string method, byte[] parameter)
    {
        if (method != ControlMethod.Hello || connection.Caller is not null)
        {
            throw connection.Caller is null ? new RpcRefusedException(RpcErrorCode.Denied,
                $"'{method}' came before '{ControlMethod.Hello}'", "say hello first")
                : new RpcRefusedException(RpcErrorCode.Conflict, "this connection has said hello already");
        }

        var hello = ReadHello(connection, parameter);
        bool isTls = connection.Peer!.Transport == ChannelPeer.Tls;
        var welcome = new Welcome { Device = _settings.DeviceName, Version = _settings.Version,
            Fingerprint = isTls ? _trust!.Identity.Fingerprint : "" };
        lock (_roleGate)
        {
            // A client that is revoked just now is either not found here, or is found among the connections there.
            var (name, role) = IdentityOf(connection.Peer, hello.Name);
            connection.Become(name, role);
            welcome.Role = role;
        }

        return welcome;
    }

    private HelloRequest ReadHello(ChannelConnection connection, byte[] parameter)
    {
        try
        {
            // A newer client may say more than this device knows; that it speaks another version is then the better answer.
            var hello = parameter.Length == 0 ? new HelloRequest() : FieldReader.Read<HelloRequest>(parameter);
            if (hello.Protocol != ControlProtocol.Version)
            {
                throw RefuseVersion(connection, hello.Protocol);
            }

            return parameter.Length == 0 ? hello : FieldReader.ReadStrict<HelloRequest>(parameter);
        }
        catch (MessagePackException wrong)
        {
            throw new RpcRefusedException(RpcErrorCode.BadRequest, $"'{ControlMethod.Hello}': {wrong.Message}");
        }
    }

    private RpcRefusedException RefuseVersion(ChannelConnection connection, int protocol)
    {
        string text = $"the device speaks version {ControlProtocol.Version} of the protocol (engine {_settings.Version}), the client "
            + $"version {protocol}";
        _server.Refusals.Add(ConnectionRefusal.Version, $"{connection.Name}: {text}", _server.NowNs);
        return new RpcRefusedException(RpcErrorCode.Version, text,
            protocol < ControlProtocol.Version ? "update the client" : "update the device, or use an older client");
    }

    private (string Name, string Role) IdentityOf(ChannelPeer peer, string ownName)
    {
        if (peer.Transport == ChannelPeer.Unix)
        {
            return (peer.UserName, ControlRole.Admin);
        }

        string stranger = EventLog.OneLine(ownName, ChannelLimits.NameLength);
        return _trust!.Clients.Find(peer.Fingerprint) is { } known ? (known.Name, known.Role)
            : (stranger.Length > 0 ? stranger : "unnamed", ControlRole.Stranger);
    }

    private void OnClientChanged(ClientChange change)
    {
        string? fingerprint = (change.After ?? change.Before)?.Fingerprint;
        lock (_roleGate)
        {
            foreach (var connection in _server.Connections().Where(c => c.Caller is not null && c.Peer!.Fingerprint == fingerprint
                && fingerprint is not null))
            {
                Reconsider(connection, _trust!.Clients.Find(fingerprint));
            }
        }
    }

    private void Reconsider(ChannelConnection connection, PairedClient? client)
    {
        if (client is not null)
        {
            connection.Become(client.Name, client.Role);
        }
        else if (connection.IsProven)
        {
            _server.Refusals.Add(ConnectionRefusal.Revoked, $"{connection.Name} was revoked; its connection is closed", _server.NowNs);
            connection.Close("this client was revoked; pair again to be let in");
        }
    }
}
