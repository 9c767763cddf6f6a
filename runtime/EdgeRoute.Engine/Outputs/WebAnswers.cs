using System.Buffers;
using System.Net;
using System.Net.WebSockets;
using EdgeRoute.ControlChannel.Journal;
using EdgeRoute.ControlChannel.Transport;
using EdgeRoute.ControlChannel.Watching;
using EdgeRoute.ControlChannel.Web;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Engine.Loop;
using EdgeRoute.Engine.Reports;
using EdgeRoute.Protocol;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.Engine.Outputs;

/// <summary>
/// Answers for whoever opens a WebSocket at <c>/answers</c>. A client is told what its query wants, as long as it reads as fast as that
/// comes; the rest is lost to it alone.
/// </summary>
/// <param name="admission">Who may.</param>
/// <param name="labels">Names of the classes of a stream, or of all with an empty name; null where there is no such stream.</param>
internal sealed class WebAnswers(WebSocketOutputConfig config, WebGate admission, Func<string, IReadOnlyCollection<string>?> labels,
    TimeProvider clock) : AnswerWriter
{
    public const string Path = "/answers";

    /// <summary>At once: a team's dashboards and a few programs.</summary>
    public const int ClientCount = 32;

    private readonly Lock _gate = new();
    private readonly List<WebListener> _listeners = [];
    private readonly ArrayBufferWriter<byte> _buffer = new();
    private readonly AnswerTeller _teller = new(clock);
    private AnswerJson? _json;
    private WebDoor? _door;
    private TurnQueue? _turns;
    private bool _isClosed;
    private long _toldCount, _lostCount, _missedCount, _refusalToldNs = long.MinValue / 2;
    private int _refusalsUntold;

    /// <summary>Told of what is nothing to worry about.</summary>
    public Action<string> Note { get; init; } = _ => { };

    public Action<string> Warn { get; init; } = _ => { };

    public override (long Written, long Lost) Counts =>
        (Interlocked.Read(ref _toldCount), Interlocked.Read(ref _lostCount) + (_turns?.LostCount ?? 0));

    /// <summary>Where it listens; null before it does.</summary>
    public IPEndPoint? LocalEndPoint => _door?.LocalEndPoint;

    /// <summary>Clients that are connected.</summary>
    public int ListenerCount
    {
        get
        {
            lock (_gate)
            {
                return _listeners.Count;
            }
        }
    }

    private string Name => $"outputs.{config.Name}";

    /// <param name="tls">Null for plain HTTP.</param>
    /// <exception cref="ChannelException">The address cannot be listened at.</exception>
    public void Open(WebHosts web, WebTls? tls = null)
    {
        _turns = new TurnQueue(Write, clock);
        string advice = $"Set {Name}.listen to another address or port, or end what has it.";
        _door = web.Open(config.Listen, Path, Answer, ("answers", advice), tls);
        Note($"{Name}: answers at {(tls is null ? "ws" : "wss")}://{_door.LocalEndPoint}{Path}");
    }

    public override void Write(PublishedCopy frame)
    {
        lock (_gate)
        {
            var told = _listeners.Exists(l => l.NeedsMessage) ? _teller.Tell(frame) : null;
            long missedCount = Interlocked.Read(ref _missedCount);
            foreach (var listener in _listeners)
            {
                listener.Miss(missedCount);
                long lostBefore = listener.LostCount;
                Offer(listener, frame, told);
                Say(listener.News(listener.LostCount > lostBefore, clock.NowNs()));
            }
        }
    }

    public override void Tell(in RuleTurn turn) => _turns?.Put(turn);

    public override void Miss() => Interlocked.Increment(ref _missedCount);

    /// <summary>Says goodbye to everybody.</summary>
    public override void Dispose()
    {
        _door?.Dispose();
        _turns?.Dispose();
        WebListener[] left;
        lock (_gate)
        {
            _isClosed = true;
            left = [.. _listeners];
            Say(_refusalsUntold > 0 ? $"refused and not told: {_refusalsUntold}" : null);
            _refusalsUntold = 0;
        }

        Task.WaitAll(left.Select(l => l.Client.Close(WebSocketCloseStatus.EndpointUnavailable, "the run has ended")));
        _json?.Dispose();
    }

    /// <summary>Whoever wants answers of the rule's source is told of its turn, whatever else was filtered.</summary>
    private void Write(ToldTurn turn)
    {
        lock (_gate)
        {
            foreach (var listener in _listeners.Where(l => l.Pick.IsFrom(turn.Turn.Source)))
            {
                _buffer.ResetWrittenCount();
                if (listener.Format == AnswerFormat.MessagePack)
                {
                    FieldWriter.Write(_buffer, turn.Message());
                }
                else
                {
                    _buffer.Write(turn.Json().Span);
                }

                Send(listener);
            }
        }
    }

    private void Offer(WebListener listener, PublishedCopy frame, AnswerMessage? told)
    {
        if (!listener.NeedsMessage)
        {
            Send(listener, frame, null);
        }
        else if (told is not null && listener.Pick.Wants(told, frame.Names.Labels))
        {
            listener.Pick.Offer(told, narrowed => Send(listener, frame, narrowed));
        }
    }

    /// <param name="told">What of the answer is wanted; null for all of it, as JSON.</param>
    private bool Send(WebListener listener, PublishedCopy frame, AnswerMessage? told)
    {
        _buffer.ResetWrittenCount();
        if (told is not null && listener.Format == AnswerFormat.MessagePack)
        {
            (told.Number, told.LostCount) = (listener.NextNumber(), listener.LostCount);
            FieldWriter.Write(_buffer, told);
        }
        else
        {
            _json ??= new AnswerJson(_buffer, clock);
            _json.Write(frame, listener.Pick, listener.LostCount);
        }

        return Send(listener);
    }

    /// <summary>Sends what the buffer holds.</summary>
    private bool Send(WebListener listener)
    {
        long lostBefore = listener.LostCount;
        bool isSent = listener.TrySend(_buffer.WrittenSpan);
        Interlocked.Add(ref _toldCount, isSent ? 1 : 0);
        Interlocked.Add(ref _lostCount, listener.LostCount - lostBefore);
        return isSent;
    }

    private WebReply Answer(HttpHead head, string peer)
    {
        try
        {
            admission.Check(head);
            var query = AnswerQuery.Of(head, labels);
            if (ListenerCount >= ClientCount)
            {
                throw new HttpRefusedException("503 Service Unavailable", $"{ClientCount} clients are connected already");
            }

            return new WebSocketReply(socket => Serve(socket, peer, query));
        }
        catch (HttpRefusedException refused)
        {
            TellRefusal($"{Name} refused {peer}: {EventLog.OneLine(refused.Message, EventLog.TextLength)}");
            throw;
        }
    }

    private async Task Serve(WebSocket socket, string peer, AnswerQuery query)
    {
        var format = query.Format ?? config.Format;
        var type = format == AnswerFormat.Json ? WebSocketMessageType.Text : WebSocketMessageType.Binary;
        var client = new WebSocketClient(socket, peer, type);
        var listener = new WebListener(client, new AnswerPick(query.Request), format, Interlocked.Read(ref _missedCount));
        lock (_gate)
        {
            if (_isClosed || _listeners.Count >= ClientCount)
            {
                _ = client.Close(WebSocketCloseStatus.EndpointUnavailable, "there is no place for another client");
            }
            else
            {
                _listeners.Add(listener);
            }
        }

        await client.Run().ConfigureAwait(false);
        lock (_gate)
        {
            _listeners.Remove(listener);
            Say(listener.LastWords);
        }
    }

    private void Say(string? news)
    {
        if (news is not null)
        {
            Warn($"{Name}: {news}");
        }
    }

    /// <summary>Of many in a row the first, and how many there were: whoever knocks must not push all else out of the log.</summary>
    private void TellRefusal(string text)
    {
        string more;
        lock (_gate)
        {
            long now = clock.NowNs();
            if (now - _refusalToldNs < FoldedReports.QuietNs)
            {
                _refusalsUntold++;
                return;
            }

            more = _refusalsUntold > 0 ? $" (and {_refusalsUntold} others before)" : "";
            (_refusalToldNs, _refusalsUntold) = (now, 0);
        }

        Warn(text + more);
    }
}
