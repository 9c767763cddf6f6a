using System.Buffers;
using EdgeRoute.ControlChannel.Journal;
using EdgeRoute.ControlChannel.Watching;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Rpc;
using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.ControlChannel.Serving;

/// <summary>Who wants to be told what. Requests come from any thread; the feeding is done by the channel's.</summary>
internal sealed class SubscriptionHub(EventLog events)
{
    /// <summary>Telemetry messages per second.</summary>
    public const double RateHzLeast = 0.1, RateHzMost = 20;

    private readonly Lock _gate = new();
    private readonly List<TelemetryGroup> _groups = [];
    private readonly List<EventSubscription> _eventSubscriptions = [];
    private readonly ArrayBufferWriter<byte> _buffer = new();
    private List<TraceSubscription> _traces = [];
    private FrameWatch? _watch;
    private long _lostCount;

    public AnswerHub Answers { get; } = new();

    public ActionHub Actions { get; } = new();

    /// <summary>Telemetry messages and trace records that clients were too slow for; answers are counted by themselves.</summary>
    public long LostCount => Volatile.Read(ref _lostCount);

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _groups.Sum(g => g.Members.Count) + _eventSubscriptions.Count + _traces.Count + Answers.Count + Actions.Count;
            }
        }
    }

    /// <exception cref="RpcRefusedException">Unknown kind, rate out of range, unknown stream.</exception>
    public void Subscribe(ChannelConnection connection, int number, SubscribeRequest request)
    {
        if (request.Kind == ControlNotification.Answer)
        {
            Answers.Subscribe(connection, number, request);
            return;
        }

        if (request.Kind == ControlNotification.Action)
        {
            Actions.Subscribe(connection, number, request, _watch is { } run ? stream => run.IndexOf(stream) >= 0 : null);
            return;
        }

        lock (_gate)
        {
            switch (request.Kind)
            {
                case ControlNotification.Telemetry:
                    GroupOf(RateOf(request)).Members.Add(new TelemetrySubscription(connection, number));
                    break;
                case ControlNotification.Trace:
                    _traces.Add(TraceOf(connection, number, request));
                    break;
                case ControlNotification.Event:
                    _eventSubscriptions.Add(new EventSubscription(connection, number, events.LastNumber));
                    break;
                default:
                    throw new RpcRefusedException(RpcErrorCode.BadRequest, $"'subscribe': the kind is '{request.Kind}'",
                        "kinds are telemetry, trace, answer, action and event");
            }
        }
    }

    /// <summary>True where there was one of that number.</summary>
    public bool Unsubscribe(ChannelConnection connection, int number)
    {
        lock (_gate)
        {
            int count = _groups.Sum(g => g.Members.RemoveAll(m => m.Connection == connection && m.Number == number))
                + _traces.RemoveAll(t => t.Connection == connection && t.Number == number)
                + _eventSubscriptions.RemoveAll(e => e.Connection == connection && e.Number == number);
            _groups.RemoveAll(g => g.Members.Count == 0);
            return count + Answers.Remove(connection, number) + Actions.Remove(connection, number) > 0;
        }
    }

    public int CountOf(ChannelConnection connection)
    {
        lock (_gate)
        {
            return _groups.Sum(g => g.Members.Count(m => m.Connection == connection)) + _traces.Count(t => t.Connection == connection)
                + _eventSubscriptions.Count(e => e.Connection == connection) + Answers.CountOf(connection)
                + Actions.CountOf(connection);
        }
    }

    public void Remove(ChannelConnection connection)
    {
        Answers.Remove(connection);
        Actions.Remove(connection);
        lock (_gate)
        {
            _groups.ForEach(g => g.Members.RemoveAll(m => m.Connection == connection));
            _groups.RemoveAll(g => g.Members.Count == 0);
            _traces.RemoveAll(t => t.Connection == connection);
            _eventSubscriptions.RemoveAll(e => e.Connection == connection);
        }
    }

    /// <summary>Another run of the engine: its frames are fed from now on.</summary>
    public void Follow(FrameWatch? watch)
    {
        lock (_gate)
        {
            if (_watch is { } old)
            {
                old.Seen -= OnFrame;
            }

            _watch = watch;
            _traces.ForEach(t => t.Follow(watch));
            if (watch is not null)
            {
                watch.Seen += OnFrame;
            }
        }
    }

    /// <summary>Sends traces gathered, telemetry that is due, and new events.</summary>
    public void Tick(long nowNs, Func<DeviceStatus>? status)
    {
        lock (_gate)
        {
            foreach (var trace in _traces)
            {
                _lostCount += trace.Flush(_buffer);
            }

            SendEvents();
            if (status is null || !_groups.Exists(g => g.IsDue(nowNs)))
            {
                return;
            }
        }

        // The status asks the engine, the watch and the channel: none of them is waited for while the hub is locked.
        SendTelemetry(nowNs, status());
    }

    private void SendTelemetry(long nowNs, DeviceStatus status)
    {
        lock (_gate)
        {
            foreach (var group in _groups.Where(g => g.IsDue(nowNs)))
            {
                _lostCount += group.Send(status, _watch, _buffer, nowNs);
            }
        }
    }

    /// <summary>The pump holds the watch's lock meanwhile; nothing in here calls the watch.</summary>
    private void OnFrame(in TraceRecord record)
    {
        lock (_gate)
        {
            foreach (var trace in _traces)
            {
                _lostCount += trace.Add(_buffer, record);
            }
        }
    }

    private void SendEvents()
    {
        foreach (var subscription in _eventSubscriptions.Where(s => s.LastNumber < events.LastNumber))
        {
            foreach (var entry in events.After(subscription.LastNumber))
            {
                subscription.Connection.Notify(ControlNotification.Event, entry);
                subscription.LastNumber = entry.Number;
            }
        }
    }

    private static double RateOf(SubscribeRequest request) => request.RateHz switch
    {
        0 => 1,
        >= RateHzLeast and <= RateHzMost => request.RateHz,
        _ => throw new RpcRefusedException(RpcErrorCode.BadRequest, $"'subscribe': the rate is {request.RateHz} Hz; telemetry comes at "
            + $"{RateHzLeast} to {RateHzMost} Hz"),
    };

    private TelemetryGroup GroupOf(double rateHz)
    {
        var group = _groups.Find(g => g.RateHz == rateHz);
        if (group is null)
        {
            _groups.Add(group = new TelemetryGroup(rateHz));
        }

        return group;
    }

    private TraceSubscription TraceOf(ChannelConnection connection, int number, SubscribeRequest request)
    {
        if (request.Detail is not ("brief" or "full"))
        {
            throw new RpcRefusedException(RpcErrorCode.BadRequest, $"'subscribe': the detail is '{request.Detail}'",
                "details are brief and full");
        }

        if (request.RateHz is not (>= 0 and <= 1e6))
        {
            throw new RpcRefusedException(RpcErrorCode.BadRequest,
                $"'subscribe': the rate is {request.RateHz} Hz; traces come at 0 (every frame) to 1000000 a second");
        }

        if (request.Stream.Length > 0 && _watch is { } watch && watch.IndexOf(request.Stream) < 0)
        {
            throw new RpcRefusedException(RpcErrorCode.NotFound, $"there is no stream '{request.Stream}'",
                "'describe' lists the streams of this device");
        }

        long periodNs = request.RateHz > 0 ? (long)(1e9 / request.RateHz) : 0;
        var made = new TraceSubscription(connection, number, request.Stream, request.Detail == "full", periodNs, request.OnlyNotable);
        made.Follow(_watch);
        return made;
    }
}
