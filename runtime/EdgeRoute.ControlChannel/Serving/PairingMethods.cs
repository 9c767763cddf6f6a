using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using EdgeRoute.ControlChannel.Journal;
using EdgeRoute.ControlChannel.Trust;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Pairing;
using EdgeRoute.Protocol.Rpc;

namespace EdgeRoute.ControlChannel.Serving;

/// <summary>The pairing window, for who sits at the device, and the steps of pairing, for who wants to be let in.</summary>
internal sealed class PairingMethods(ChannelServer server, JournalFile journal, ChannelTrust? trust)
{
    private ChannelTrust Trust => trust ?? throw ChannelMethods.WithoutTcp();

    public void AddTo(MethodTable table)
    {
        table.Add<PairingOpenRequest>(ControlMethod.PairingOpen, ControlRole.Admin,
            (r, caller, _) => ChannelMethods.Now(Open(r, caller)));
        table.Add<NoParameters>(ControlMethod.PairingClose, ControlRole.Admin, (_, caller, _) => ChannelMethods.Now(Close(caller)));
        table.Add<NoParameters>(ControlMethod.PairingStatus, ControlRole.Admin, (_, caller, _) => ChannelMethods.Now(Look(caller)));
        table.Add<NamedRequest>(ControlMethod.PairBegin, ControlRole.Stranger, (r, caller, _) => ChannelMethods.Now(Begin(r, caller)));
        table.Add<PairingStepMessage>(ControlMethod.PairCommit, ControlRole.Stranger,
            (r, caller, _) => ChannelMethods.Now(Commit(r, caller)));
        table.Add<PairingStepMessage>(ControlMethod.PairReveal, ControlRole.Stranger,
            (r, caller, _) => ChannelMethods.Now(Reveal(r, caller)));
    }

    private PairingWindow Open(PairingOpenRequest request, ControlCaller caller)
    {
        CheckPlace(caller);
        Trust.Pairing.Open(request.Role, server.NowNs);
        server.TendPort();
        server.Events.Add(EventLevel.Notice, "", $"{caller} opened the pairing window for a client with the role {request.Role}");
        return Look(caller);
    }

    private PairingWindow Close(ControlCaller caller)
    {
        CheckPlace(caller);
        Trust.Pairing.Close();
        server.TendPort();
        return Look(caller);
    }

    private PairingWindow Look(ControlCaller caller)
    {
        CheckPlace(caller);
        var view = Trust.Pairing.Look(server.NowNs);
        return new PairingWindow
        {
            IsOpen = view.IsOpen || view.IsBusy,
            Code = view.Code,
            Role = view.Role,
            SecondsLeft = SecondsLeftOf(view),
            AttemptsLeft = view.AttemptsLeft,
            PairedName = view.PairedName,
            Addresses = AddressesOf(server.TcpEndPoint),
        };
    }

    /// <summary>Not a number where the window stays open until it is closed.</summary>
    private double SecondsLeftOf(PairingView view)
    {
        if (!view.IsOpen)
        {
            return 0;
        }

        return view.EndNs == long.MaxValue ? double.NaN : (view.EndNs - server.NowNs) / 1e9;
    }

    private PairingOfferMessage Begin(NamedRequest request, ControlCaller caller)
    {
        var connection = ConnectionOf(caller);
        string name = EventLog.OneLine(request.Name, ChannelLimits.NameLength);
        connection.Pairing?.Abandon(server.NowNs);
        connection.Pairing = null;
        var (digitCount, role) = Trust.Pairing.Begin(connection.Peer!.Fingerprint, server.NowNs);
        connection.Pairing = new PairingAttempt(Trust.Pairing, name.Length > 0 ? name : caller.Name);
        return new PairingOfferMessage { DigitCount = digitCount, Role = role };
    }

    private PairingStepMessage Commit(PairingStepMessage step, ControlCaller caller)
    {
        var attempt = AttemptOf(caller);
        var verifier = attempt.Verifier ?? Claim(step, attempt, caller);
        return verifier.Commit(step.Round, step.Value) is { } own ? new PairingStepMessage { Round = step.Round, Value = own }
            : throw Refused(caller, attempt);
    }

    /// <summary>Only a proper first commitment claims the code.</summary>
    private PairingVerifier Claim(PairingStepMessage step, PairingAttempt attempt, ControlCaller caller) =>
        step.Round == 0 && step.Value.Length == PairingTerms.CommitmentBytes ? attempt.Claim(ConnectionOf(caller), server.NowNs)
        : throw new RpcRefusedException(RpcErrorCode.BadRequest,
            $"round {step.Round} with {step.Value.Length} bytes is no first commitment",
            $"begin with round 0 and {PairingTerms.CommitmentBytes} bytes");

    private PairingStepMessage Reveal(PairingStepMessage step, ControlCaller caller)
    {
        var attempt = AttemptOf(caller);
        var verifier = attempt.Verifier ?? throw new RpcRefusedException(RpcErrorCode.Conflict, "nothing was committed to yet",
            $"'{ControlMethod.PairCommit}' comes first");
        Trust.Pairing.Spend(verifier);
        byte[] own = verifier.Reveal(step.Round, step.Value) ?? throw Refused(caller, attempt);
        if (verifier.IsPaired)
        {
            var client = Trust.Pairing.Admit(verifier, attempt.Name, server.NowNs, server.UtcNow);
            ConnectionOf(caller).Pairing = null;
            server.Events.Add(EventLevel.Notice, "", $"'{client.Name}' was paired as {client.Role}");
            ChannelServer.Note(journal, "device", ControlMethod.PairReveal, client.Name, "none", client.Role);
        }

        return new PairingStepMessage { Round = step.Round, Value = own };
    }

    private RpcRefusedException Refused(ControlCaller caller, PairingAttempt attempt)
    {
        attempt.Abandon(server.NowNs);
        ConnectionOf(caller).Pairing = null;
        server.Refusals.Add(ConnectionRefusal.Pairing, $"the pairing of '{attempt.Name}' failed: another code than the device shows, or "
            + "somebody in between", server.NowNs);
        return new RpcRefusedException(RpcErrorCode.Denied,
            "pairing failed: the codes differ, or somebody stands between this client and the device",
            "never type that code again: a new one is shown on the device, while attempts are left; pair with that one");
    }

    private static PairingAttempt AttemptOf(ControlCaller caller) =>
        ConnectionOf(caller).Pairing ?? throw new RpcRefusedException(RpcErrorCode.Conflict, "no pairing is under way on this connection",
            $"begin with '{ControlMethod.PairBegin}'");

    private static ChannelConnection ConnectionOf(ControlCaller caller) =>
        caller.Connection ?? throw new RpcRefusedException(RpcErrorCode.Unavailable, "pairing needs a connection");

    /// <summary>The code is shown to who sits at the device, never sent over the network.</summary>
    private static void CheckPlace(ControlCaller caller)
    {
        if (caller.Transport != ChannelPeer.Unix)
        {
            throw new RpcRefusedException(RpcErrorCode.Denied, "the pairing window is opened at the device itself",
                "run 'edgerouted pair' on the device");
        }
    }

    /// <summary>Where a laptop reaches the port: for a port on all addresses, those of the interfaces that are up.</summary>
    private static List<string> AddressesOf(IPEndPoint? port)
    {
        if (port is null)
        {
            return [];
        }

        bool isAny = port.Address.Equals(IPAddress.Any) || port.Address.Equals(IPAddress.IPv6Any);
        return isAny ? [.. Reachable(withVersion6: port.AddressFamily == AddressFamily.InterNetworkV6)
            .Select(a => new IPEndPoint(a, port.Port).ToString())] : [port.ToString()];
    }

    private static IEnumerable<IPAddress> Reachable(bool withVersion6)
    {
        try
        {
            return [.. NetworkInterface.GetAllNetworkInterfaces()
                .Where(i => i.OperationalStatus == OperationalStatus.Up && i.NetworkInterfaceType != NetworkInterfaceType.Loopback)
                .SelectMany(i => i.GetIPProperties().UnicastAddresses.Select(u => u.Address))
                .Where(a => a.AddressFamily == AddressFamily.InterNetwork || (withVersion6 && !a.IsIPv6LinkLocal))];
        }
        catch (NetworkInformationException)
        {
            return [];
        }
    }
}

/// <summary>A pairing under way through one connection.</summary>
/// <param name="name">What the client calls itself.</param>
internal sealed class PairingAttempt(PairingAuthority authority, string name)
{
    public string Name => name;

    /// <summary>Null until the client has committed to its first digit: who only begins holds nothing.</summary>
    public PairingVerifier? Verifier { get; private set; }

    /// <summary>The steps with the code of this moment.</summary>
    public PairingVerifier Claim(ChannelConnection connection, long nowNs) =>
        Verifier ??= authority.Claim(connection.Peer!.Fingerprint, connection.Origin, nowNs);

    public void Abandon(long nowNs)
    {
        if (Verifier is { } verifier)
        {
            authority.Abandon(verifier, nowNs);
        }
    }
}
