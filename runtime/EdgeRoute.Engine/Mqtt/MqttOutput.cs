using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Engine.Loop;
using EdgeRoute.Engine.Outputs;
using EdgeRoute.Protocol;
using EdgeRoute.Protocol.Recording;

namespace EdgeRoute.Engine.Mqtt;

/// <summary>What waits to be told beside the answers: an event, or a rule's turn that has a topic of its own.</summary>
internal readonly record struct MqttTold(EngineEvent? Event, ToldTurn? Turn);

/// <summary>
/// Answers, events and status to an MQTT broker. Answers go out on the queue's thread, all else on a task of its own; neither ever waits
/// for a broker that is not there.
/// </summary>
internal sealed class MqttOutput : AnswerWriter
{
    /// <summary>Events that wait for a connection; of more, the oldest are lost.</summary>
    private const int EventCount = 256;

    private const long SecondNs = 1_000_000_000;

    /// <summary>Between two looks at what has changed.</summary>
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    private readonly MqttOutputConfig _config;
    private readonly Action<string> _warn;
    private readonly TimeProvider _clock;
    private readonly MqttTopics _topics;
    private readonly MqttLink _link;
    private readonly MqttReport _report;
    private readonly AnswerChoice _choice;
    private readonly ArrayBufferWriter<byte> _bytes = new();
    private readonly AnswerJson _json;
    private readonly Channel<MqttTold> _events;
    private readonly StateFeeds _feeds;
    private readonly Dictionary<string, AnswerTopic> _answerTopics = new(StringComparer.Ordinal);
    private readonly RefusedTopics _refused;
    private MqttTold? _untold;
    private long _toldCount, _lostCount, _lostEventCount, _underwayCount;

    public MqttOutput(MqttOutputConfig config, MqttDevice device, Action<string> note, Action<string> warn)
    {
        (_config, _warn, _clock) = (config, warn, device.Clock);
        _topics = new MqttTopics(config.Topic);
        _choice = new AnswerChoice(config.Filter);
        _json = new AnswerJson(_bytes, device.Clock) { Choice = _choice };
        _report = new MqttReport(config, device, _topics, () => Counts, () => Interlocked.Read(ref _lostEventCount));
        _feeds = new StateFeeds(config.Name, device, warn);
        _refused = new RefusedTopics(config, device.Clock, note, warn);
        _events = Channel.CreateBounded<MqttTold>(new BoundedChannelOptions(EventCount) { FullMode = BoundedChannelFullMode.DropOldest },
            lost => Interlocked.Increment(ref lost.Turn is null ? ref _lostEventCount : ref _lostCount));
        _link = new MqttLink(config, Serve, () => Interlocked.Read(ref _lostCount), note, warn, device.Clock);
    }

    /// <summary>Where a source's answers go, and who is told what became of each.</summary>
    private sealed record AnswerTopic(string Topic, Action<string?> Settled)
    {
        private MqttSession? _last;

        /// <summary>The first of a connection has to be acknowledged, because only then a broker says that it takes none of them.</summary>
        public bool IsFirstOf(MqttSession session)
        {
            bool isFirst = _last != session;
            _last = session;
            return isFirst;
        }
    }

    public override (long Written, long Lost) Counts => (Interlocked.Read(ref _toldCount), Interlocked.Read(ref _lostCount));

    public override string? Fault => _link.Fault ?? _refused.Fault;

    public void Start() => _link.Start();

    /// <inheritdoc/>
    public override void Tell(EngineEvent happened)
    {
        if (happened.Level != Documents.ReportLevel.Detail)
        {
            _events.Writer.TryWrite(new MqttTold(happened, null));
        }
    }

    /// <inheritdoc/>
    public override void Tell(in RuleTurn turn) => _events.Writer.TryWrite(new MqttTold(null, new ToldTurn(turn, _clock.UtcNs())));

    public override void Write(PublishedCopy frame)
    {
        _report.See(frame);
        if (!_choice.IsDue(frame))
        {
            return;
        }

        var to = TopicOf(frame.Names.Source);
        _link.WaitDecided();
        if (_link.Session is not { } session || _refused.LeavesOut(to.Topic))
        {
            Interlocked.Increment(ref _lostCount);
            return;
        }

        _bytes.ResetWrittenCount();
        _json.Write(frame);
        Interlocked.Increment(ref _underwayCount);
        session.Send(to.Topic, _bytes.WrittenSpan, to.IsFirstOf(session) ? Math.Max(1, _config.Qos) : _config.Qos, to.Settled);
        _choice.Note(frame);
    }

    /// <summary>Why nothing goes to a topic now; null where it does.</summary>
    public string? FaultOf(string topic) =>
        _link.Fault ?? (_refused.LeavesOut(topic) ? $"the broker does not take what goes to '{topic}'" : null);

    /// <summary>Where a source's actions go.</summary>
    public string ActionsOf(string source) => _topics.Of(source, "actions");

    /// <summary>Sends a message that would be worth nothing later; any one thread. False: nothing can go just now.</summary>
    /// <inheritdoc cref="MqttSession.TrySend"/>
    public bool TrySend(string topic, ReadOnlySpan<byte> payload, Action<string?> settled) =>
        _link.Session is { } session && !_refused.LeavesOut(topic) && session.TrySend(topic, payload, _config.Qos, settled);

    public override void Dispose()
    {
        _link.Dispose();
        _json.Dispose();
        Interlocked.Add(ref _lostCount, Interlocked.Exchange(ref _underwayCount, 0));
        long lost = Interlocked.Read(ref _lostCount);
        long events = Interlocked.Read(ref _lostEventCount) + _events.Reader.Count + (_untold is null ? 0 : 1);
        if (lost + events > 0)
        {
            _warn($"output {_config.Name}: {lost} answers and {events} events did not reach the broker");
        }
    }

    private AnswerTopic TopicOf(string source)
    {
        if (!_answerTopics.TryGetValue(source, out var known))
        {
            string topic = _topics.Of(source, "answers");
            _answerTopics[source] = known = new AnswerTopic(topic, problem => Settle(topic, problem));
        }

        return known;
    }

    private void Settle(string topic, string? problem)
    {
        Interlocked.Increment(ref problem is null ? ref _toldCount : ref _lostCount);
        Interlocked.Decrement(ref _underwayCount);
        Note(topic, problem);
    }

    /// <summary>What became of a message.</summary>
    /// <param name="problem">Null where the broker has it, empty where the connection has ended, else why it has not.</param>
    public void Note(string topic, string? problem)
    {
        if (problem is null)
        {
            _refused.Accept(topic);
        }
        else if (problem.Length > 0)
        {
            _refused.Refuse(topic, problem);
        }
    }

    /// <summary>While there is a connection: what is told beside the answers.</summary>
    private async Task Serve(MqttSession session)
    {
        _report.Begin();
        _feeds.Begin(session);
        await Say(session, MqttTopics.Online).ConfigureAwait(false);
        long statusNs = _clock.NowNs(), dueNs = statusNs;
        Task happens = Task.CompletedTask;
        while (!session.HasEnded && !session.IsClosing)
        {
            bool isStatusDue = _clock.NowNs() >= statusNs;
            statusNs = isStatusDue ? _clock.NowNs() + (_config.StatusSeconds * SecondNs) : statusNs;
            if (_refused.IsAnyDue(ref dueNs))
            {
                _report.Begin();
            }

            await TellEvents(session).ConfigureAwait(false);
            await _feeds.Follow(session).ConfigureAwait(false);
            await _report.Tell(session, isStatusDue, _refused).ConfigureAwait(false);
            await TellEvents(session).ConfigureAwait(false);
            happens = happens.IsCompleted ? _events.Reader.WaitToReadAsync(_link.Closing).AsTask() : happens;
            await Task.WhenAny(session.Ended, happens, Task.Delay(Tick, _clock, _link.Closing)).ConfigureAwait(false);
        }

        if (!session.HasEnded)
        {
            await session.Drain().ConfigureAwait(false);
            await _report.Tell(session, isStatusDue: true, _refused).ConfigureAwait(false);
            await TellEvents(session).ConfigureAwait(false);
            await Say(session, MqttTopics.Offline).ConfigureAwait(false);
        }
    }

    private Task<bool> Say(MqttSession session, string availability) =>
        session.Tell(_topics.Availability, Encoding.ASCII.GetBytes(availability), retain: true, _refused);

    private async Task TellEvents(MqttSession session)
    {
        while (!session.HasEnded && (_untold is not null || _events.Reader.TryRead(out var next) && (_untold = next) is not null))
        {
            await Say(session, _untold.Value).ConfigureAwait(false);

            // One that did not get there before the connection ended is told by the next.
            _untold = session.HasEnded ? _untold : null;
        }
    }

    private async Task Say(MqttSession session, MqttTold told)
    {
        if (told.Event is { } happened)
        {
            bool isTold = await session.Tell(_topics.EventsOf(happened.Source), JsonOf(happened), retain: false, _refused)
                .ConfigureAwait(false);
            Interlocked.Add(ref _lostEventCount, isTold || session.HasEnded ? 0 : 1);
        }
        else if (told.Turn is { } turn)
        {
            var action = turn.Turn.Action;
            string? text = turn.Turn.IsOn ? action.OnText : action.OffText;
            bool isTold = await session.Tell(action.Topic!, text is null ? turn.Json() : Encoding.UTF8.GetBytes(text), action.IsRetained,
                _refused).ConfigureAwait(false);

            // One that the connection's end cut off is told by the next.
            Interlocked.Add(ref isTold ? ref _toldCount : ref _lostCount, isTold || !session.HasEnded ? 1 : 0);
        }
    }

    private static ReadOnlyMemory<byte> JsonOf(EngineEvent happened) => MqttJson.Write(json =>
    {
        json.WriteNumber("time_utc_ns", happened.UtcNs);
        json.WriteString("level", JsonNamingPolicy.SnakeCaseLower.ConvertName(happened.Level.ToString()));
        json.WriteString("kind", JsonNamingPolicy.SnakeCaseLower.ConvertName(happened.Kind.ToString()));
        if (happened.Source.Length > 0)
        {
            json.WriteString("source", happened.Source);
        }

        json.WriteString("text", KnownSecrets.Hide(happened.Text));
    });
}
