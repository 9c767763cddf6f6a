using EdgeRoute.ControlChannel.Journal;
using EdgeRoute.ControlChannel.Trust;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Rpc;

namespace EdgeRoute.ControlChannel.Serving;

/// <summary>Methods that need no engine: they are answered between two runs as well.</summary>
/// <param name="trust">Null: no TCP, so there are no clients to pair.</param>
public sealed class ChannelMethods(ChannelServer server, JournalFile journal, ChannelTrust? trust)
{
    public void AddTo(MethodTable table)
    {
        table.Add<NoParameters>(ControlMethod.Ping, ControlRole.Viewer, (_, _, _) => Now(new DoneReply { Text = "pong" }));
        table.Add<EventListRequest>(ControlMethod.Events, ControlRole.Viewer,
            (r, _, _) => Now(new EventList { Events = server.Events.After(r.After) }));
        table.Add<NoParameters>(ControlMethod.Journal, ControlRole.Viewer,
            (_, _, _) => Now(new JournalList { Entries = journal.Recent() }));
        table.Add<SubscribeRequest>(ControlMethod.Subscribe, ControlRole.Viewer, (r, caller, _) => Now(Subscribe(r, caller)));
        table.Add<Subscription>(ControlMethod.Unsubscribe, ControlRole.Viewer, (r, caller, _) => Now(Unsubscribe(r, caller)));
        table.Add<NoParameters>(ControlMethod.Clients, ControlRole.Operator, (_, _, _) => Now(ListClients()));
        table.Add<NamedRequest>(ControlMethod.ClientRevoke, ControlRole.Admin, (r, caller, _) => Now(Revoke(r, caller)));
        table.Add<ClientRoleRequest>(ControlMethod.ClientRole, ControlRole.Admin, (r, caller, _) => Now(SetRole(r, caller)));
        new PairingMethods(server, journal, trust).AddTo(table);
    }

    internal static ValueTask<IControlMessage?> Now(IControlMessage? answer) => ValueTask.FromResult(answer);

    internal static RpcRefusedException WithoutTcp() =>
        new(RpcErrorCode.Unavailable, "this device knows no clients: its config has no control.tcp",
            "add 'tcp' and 'state' to the group 'control' of its config");

    private Subscription Subscribe(SubscribeRequest request, ControlCaller caller)
    {
        var connection = ConnectionOf(caller);
        if (server.Hub.CountOf(connection) >= ChannelLimits.SubscriptionCount)
        {
            throw new RpcRefusedException(RpcErrorCode.Limit,
                $"this connection has {ChannelLimits.SubscriptionCount} subscriptions; no more are allowed", "unsubscribe one first");
        }

        int number = connection.NextSubscription();
        server.Hub.Subscribe(connection, number, request);
        return new Subscription { Number = number };
    }

    private Subscription Unsubscribe(Subscription request, ControlCaller caller) =>
        server.Hub.Unsubscribe(ConnectionOf(caller), request.Number) ? request
        : throw new RpcRefusedException(RpcErrorCode.NotFound, $"this connection has no subscription {request.Number}");

    private ClientList ListClients()
    {
        var connected = server.Connections().Select(c => c.Peer?.Fingerprint).ToHashSet();
        return new ClientList
        {
            Clients = [.. (trust ?? throw WithoutTcp()).Clients.List().Select(c => new ClientEntry
            {
                Name = c.Name, Fingerprint = c.Fingerprint, Role = c.Role, PairedUtcNs = (c.PairedUtc - DateTime.UnixEpoch).Ticks * 100,
                IsConnected = connected.Contains(c.Fingerprint),
            })],
        };
    }

    private DoneReply Revoke(NamedRequest request, ControlCaller caller)
    {
        var gone = (trust ?? throw WithoutTcp()).Clients.Revoke(request.Name);
        server.TendPort();
        ChannelServer.Note(journal, caller.ToString(), ControlMethod.ClientRevoke, gone.Name, gone.Role, "none");
        return new DoneReply { Text = $"'{gone.Name}' ({gone.Role}) is revoked; its connections are closed" };
    }

    private DoneReply SetRole(ClientRoleRequest request, ControlCaller caller)
    {
        var clients = (trust ?? throw WithoutTcp()).Clients;
        var before = clients.List();
        var after = clients.SetRole(request.Name, request.Role);
        ChannelServer.Note(journal, caller.ToString(), ControlMethod.ClientRole, after.Name,
            before.First(c => c.Fingerprint == after.Fingerprint).Role, after.Role);
        return new DoneReply { Text = $"'{after.Name}' is {after.Role} now" };
    }

    private static ChannelConnection ConnectionOf(ControlCaller caller) =>
        caller.Connection ?? throw new RpcRefusedException(RpcErrorCode.Unavailable, "there is no connection to send notifications to");
}
