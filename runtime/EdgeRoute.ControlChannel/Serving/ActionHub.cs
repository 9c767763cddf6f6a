using System.Buffers;
using EdgeRoute.ControlChannel.Watching;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Rpc;

namespace EdgeRoute.ControlChannel.Serving;

/// <summary>
/// Who carries out actions. They are sent as they come, on the thread of their steps, which waits for no client: what a client's queue does
/// not take is lost to that client alone.
/// </summary>
internal sealed class ActionHub
{
    private readonly Lock _gate = new();
    private readonly List<Member> _members = [];
    private readonly ArrayBufferWriter<byte> _buffer = new();
    private ActionWatch? _watch;

    private sealed class Member(ChannelConnection connection, int number, string stream)
    {
        public ChannelConnection Connection { get; } = connection;

        public int Number { get; } = number;

        public long MessageNumber, LostCount;

        public bool Wants(string source) => stream.Length == 0 || stream == source;
    }

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _members.Count;
            }
        }
    }

    /// <param name="knows">Whether there is a stream of that name; null between runs.</param>
    /// <exception cref="RpcRefusedException">Unknown stream, or something that only other kinds take.</exception>
    public void Subscribe(ChannelConnection connection, int number, SubscribeRequest request, Func<string, bool>? knows)
    {
        if (request.RateHz != 0 || request.Filter is not null)
        {
            throw new RpcRefusedException(RpcErrorCode.BadRequest,
                "'subscribe': actions come at the rate of their stream, and all of them; leave 'rate_hz' and 'filter' out");
        }

        if (request.Stream.Length > 0 && knows?.Invoke(request.Stream) == false)
        {
            throw new RpcRefusedException(RpcErrorCode.NotFound, $"there is no stream '{request.Stream}'",
                "'describe' lists the streams of this device");
        }

        lock (_gate)
        {
            _members.Add(new Member(connection, number, request.Stream));
        }
    }

    /// <summary>How many of a connection's subscriptions there were; a number of null means all of them.</summary>
    public int Remove(ChannelConnection connection, int? number = null)
    {
        lock (_gate)
        {
            return _members.RemoveAll(m => m.Connection == connection && (number is null || m.Number == number));
        }
    }

    public int CountOf(ChannelConnection connection)
    {
        lock (_gate)
        {
            return _members.Count(m => m.Connection == connection);
        }
    }

    /// <summary>Another run of the engine: its actions are sent from now on.</summary>
    public void Follow(ActionWatch? watch)
    {
        lock (_gate)
        {
            if (_watch is { } old)
            {
                old.Seen -= OnAction;
                old.Follow(static _ => 0);
            }

            _watch = watch;
            if (watch is not null)
            {
                watch.Seen += OnAction;
                watch.Follow(TakersOf);
            }
        }
    }

    private int TakersOf(string stream)
    {
        lock (_gate)
        {
            return _members.Count(m => m.Wants(stream));
        }
    }

    private void OnAction(ActionMessage action)
    {
        lock (_gate)
        {
            foreach (var member in _members)
            {
                if (member.Wants(action.Source))
                {
                    Send(member, action);
                }
            }
        }
    }

    private void Send(Member member, ActionMessage action)
    {
        (action.Subscription, action.Number, action.LostCount) = (member.Number, ++member.MessageNumber, member.LostCount);
        _buffer.ResetWrittenCount();
        RpcMessage.WriteNotification(_buffer, ControlNotification.Action, action);
        if (!member.Connection.TrySendTelemetry(_buffer.WrittenSpan))
        {
            member.LostCount++;
            _watch?.CountLost();
        }
    }
}
