namespace EdgeRoute.Protocol.Control;

/// <summary>Names and numbers of the control channel; CHANNEL.md defines them.</summary>
public static class ControlProtocol
{
    /// <summary>Raised when an old client could misunderstand; fields may be added without.</summary>
    public const int Version = 1;

    /// <summary>Of the TCP port where the config names none.</summary>
    public const int UsualPort = 7420;

    /// <summary>TLS application protocol (ALPN): another service on the same port is noticed at once.</summary>
    public const string TlsName = "edgeroute/1";
}

/// <summary>Names of methods, by what they need: nothing, a viewer, an operator, an admin.</summary>
public static class ControlMethod
{
    public const string Hello = "hello", PairBegin = "pair.begin", PairCommit = "pair.commit", PairReveal = "pair.reveal";

    public const string Ping = "ping", Describe = "describe", Status = "status", Curve = "curve", TraceGet = "trace.get",
        Snapshot = "snapshot", Picture = "picture", Events = "events.list",
        Journal = "journal.list", ConfigGet = "config.get", Packs = "packs.list", Doctor = "doctor", Subscribe = "subscribe",
        Unsubscribe = "unsubscribe", Trial = "trial.get",
        Recordings = "record.list";

    public const string Change = "change", TrialKeep = "trial.keep", TrialCancel = "trial.cancel", RecordStart = "record.start",
        RecordStop = "record.stop",
        ConfigPut = "config.put", PackLoad = "packs.load", PackUnload = "packs.unload", SourceRestart = "source.restart",
        SourceAdd = "source.add", SourceSet = "source.set", SourceRemove = "source.remove",
        EpisodeBegin = "episode.begin",
        Clients = "clients.list", ClientRevoke = "clients.revoke",
        ClientRole = "clients.role", PairingOpen = "pairing.open", PairingClose = "pairing.close", PairingStatus = "pairing.status",
        Shutdown = "shutdown", Stop = "stop", Release = "release", StatePut = "state.put", Measure = "measure",
        CostsPut = "costs.put";
}

/// <summary>What a device sends unasked, to subscribers; the last one to everybody.</summary>
public static class ControlNotification
{
    public const string Telemetry = "telemetry", Trace = "trace", Event = "event", Answer = "answer", Action = "action",
        Closing = "closing";
}

/// <summary>What a client may do.</summary>
public static class ControlRole
{
    /// <summary>Sees everything, changes nothing.</summary>
    public const string Viewer = "viewer";

    /// <summary>Sets budgets and policies, and records.</summary>
    public const string Operator = "operator";

    /// <summary>
    /// Decides what runs: config, packs, libraries, clients. With them goes the power to run any code as the device's user.
    /// </summary>
    public const string Admin = "admin";

    /// <summary>Connected and not paired: may pair while the window is open, and nothing else.</summary>
    public const string Stranger = "stranger";

    private static readonly string[] FromLeast = [Stranger, Viewer, Operator, Admin];

    /// <summary>Each role may do what those before it may.</summary>
    public static bool Covers(string role, string needed) => Array.IndexOf(FromLeast, role) is >= 0 and var rank
        && rank >= Array.IndexOf(FromLeast, needed);
}
