using EdgeRoute.Protocol.Control;

namespace EdgeRoute.TestBench.Messages;

/// <summary>A method with what it takes and what it gives, as CHANNEL.md section 5 has it.</summary>
internal sealed record ControlCall(string Method, ControlType Parameter, ControlType Result);

/// <summary>Every method of the channel.</summary>
internal static class ControlCalls
{
    public static IReadOnlyList<ControlCall> All { get; } =
    [
        .. Of<HelloRequest, Welcome>(ControlMethod.Hello),
        .. Of<NamedRequest, PairingOfferMessage>(ControlMethod.PairBegin),
        .. Of<PairingStepMessage, PairingStepMessage>(ControlMethod.PairCommit, ControlMethod.PairReveal),
        .. Of<NoParameters, DoneReply>(ControlMethod.Ping),
        .. Of<NoParameters, DeviceDescription>(ControlMethod.Describe),
        .. Of<NoParameters, DeviceStatus>(ControlMethod.Status),
        .. Of<StreamRequest, CalibrationCurve>(ControlMethod.Curve),
        .. Of<TraceRequest, TraceReply>(ControlMethod.TraceGet),
        .. Of<SnapshotRequest, SnapshotReply>(ControlMethod.Snapshot),
        .. Of<PictureRequest, PictureReply>(ControlMethod.Picture),
        .. Of<EventListRequest, EventList>(ControlMethod.Events),
        .. Of<NoParameters, JournalList>(ControlMethod.Journal),
        .. Of<ConfigRequest, ConfigReply>(ControlMethod.ConfigGet),
        .. Of<NoParameters, PackList>(ControlMethod.Packs),
        .. Of<NoParameters, JsonReply>(ControlMethod.Doctor),
        .. Of<NoParameters, RecordingList>(ControlMethod.Recordings),
        .. Of<SubscribeRequest, Subscription>(ControlMethod.Subscribe),
        .. Of<Subscription, DoneReply>(ControlMethod.Unsubscribe),
        .. Of<NoParameters, TrialStatus>(ControlMethod.Trial, ControlMethod.TrialKeep, ControlMethod.TrialCancel),
        .. Of<ChangeRequest, ChangeReply>(ControlMethod.Change),
        .. Of<RecordStartRequest, RecordingStatus>(ControlMethod.RecordStart),
        .. Of<NamedRequest, RecordingStatus>(ControlMethod.RecordStop),
        .. Of<ConfigPutRequest, ConfigPutReply>(ControlMethod.ConfigPut),
        .. Of<PackLoadRequest, PackDescription>(ControlMethod.PackLoad),
        .. Of<NamedRequest, DoneReply>(ControlMethod.PackUnload, ControlMethod.ClientRevoke),
        .. Of<StreamRequest, DoneReply>(ControlMethod.SourceRestart, ControlMethod.EpisodeBegin),
        .. Of<SourceRequest, ChangeReply>(ControlMethod.SourceAdd, ControlMethod.SourceSet, ControlMethod.SourceRemove),
        .. Of<NoParameters, ClientList>(ControlMethod.Clients),
        .. Of<ClientRoleRequest, ClientEntry>(ControlMethod.ClientRole),
        .. Of<PairingOpenRequest, PairingWindow>(ControlMethod.PairingOpen),
        .. Of<NoParameters, PairingWindow>(ControlMethod.PairingClose, ControlMethod.PairingStatus),
        .. Of<ShutdownRequest, DoneReply>(ControlMethod.Shutdown),
        .. Of<StatePutRequest, StatePutReply>(ControlMethod.StatePut),
        .. Of<StopRequest, DoneReply>(ControlMethod.Stop),
        .. Of<NoParameters, DoneReply>(ControlMethod.Release),
        .. Of<MeasureTurnsRequest, MeasureTurnsReply>(ControlMethod.Measure),
        .. Of<CostsPutRequest, DoneReply>(ControlMethod.CostsPut),
    ];

    public static IReadOnlyList<(string Method, ControlType Type)> Notifications { get; } =
    [
        (ControlNotification.Telemetry, ControlType.Named(nameof(TelemetryMessage))),
        (ControlNotification.Trace, ControlType.Named(nameof(TraceMessage))),
        (ControlNotification.Answer, ControlType.Named(nameof(AnswerMessage))),
        (ControlNotification.Action, ControlType.Named(nameof(ActionMessage))),
        (ControlNotification.Event, ControlType.Named(nameof(EventEntry))),
        (ControlNotification.Closing, ControlType.Named(nameof(DoneReply))),
    ];

    private static readonly Dictionary<string, ControlType> Parameters = All.ToDictionary(c => c.Method, c => c.Parameter);

    private static IEnumerable<ControlCall> Of<TParameter, TResult>(params string[] methods) =>
        methods.Select(m => new ControlCall(m, ControlType.Named(typeof(TParameter).Name), ControlType.Named(typeof(TResult).Name)));

    public static ControlType? ParameterOf(string method) => Parameters.GetValueOrDefault(method);
}
