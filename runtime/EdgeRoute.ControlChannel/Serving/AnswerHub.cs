using System.Buffers;
using EdgeRoute.ControlChannel.Watching;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Rpc;

namespace EdgeRoute.ControlChannel.Serving;

/// <summary>
/// Who wants answers. They are sent as they come, on the thread that hands them on, which waits for no client: what a client's queue does
/// not take is lost to that client alone.
/// </summary>
internal sealed class AnswerHub
{
    private readonly Lock _gate = new();
    private readonly List<AnswerSubscription> _members = [];
    private readonly ArrayBufferWriter<byte> _buffer = new();
    private AnswerWatch? _watch;
    private long _toldBefore, _lostBefore, _count;

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

    /// <exception cref="RpcRefusedException">Unknown stream or class, or a figure out of range.</exception>
    public void Subscribe(ChannelConnection connection, int number, SubscribeRequest request)
    {
        lock (_gate)
        {
            AnswerPick.Check("'subscribe'", request, _watch is { } watch ? watch.LabelsOf : null);
            _members.Add(new AnswerSubscription(connection, number, request, _watch?.LostCount ?? 0) { Name = $"{connection.Name} "
                + $"#{++_count}" });
            _watch?.Want(true);
        }
    }

    /// <summary>How many of a connection's subscriptions there were; a number of null means all of them.</summary>
    public int Remove(ChannelConnection connection, int? number = null)
    {
        lock (_gate)
        {
            var gone = _members.FindAll(m => m.Connection == connection && (number is null || m.Number == number));
            _toldBefore += gone.Sum(m => m.ToldCount);
            _lostBefore += gone.Sum(m => m.LostCount);
            _members.RemoveAll(gone.Contains);
            _watch?.Want(_members.Count > 0);
            return gone.Count;
        }
    }

    public int CountOf(ChannelConnection connection)
    {
        lock (_gate)
        {
            return _members.Count(m => m.Connection == connection);
        }
    }

    /// <summary>Another run of the engine: its answers are told from now on.</summary>
    public void Follow(AnswerWatch? watch)
    {
        lock (_gate)
        {
            if (_watch is { } old)
            {
                old.Seen -= OnAnswer;
                old.Want(false);
            }

            _watch = watch;
            if (watch is not null)
            {
                _members.ForEach(m => m.Follow(watch.LostCount));
                watch.Seen += OnAnswer;
                watch.Want(_members.Count > 0);
            }
        }
    }

    /// <summary>The channel as a whole since it began, then each subscriber.</summary>
    public List<OutputStatus> Statuses()
    {
        lock (_gate)
        {
            var members = _members.ConvertAll(m => m.Status());
            return [new OutputStatus
            {
                Name = OutputStatus.Channel,
                Kind = OutputStatus.Channel,
                ToldCount = _toldBefore + members.Sum(m => m.ToldCount),
                LostCount = _lostBefore + members.Sum(m => m.LostCount),
                Fault = _watch?.Fault(),
            }, .. members];
        }
    }

    private void OnAnswer(AnswerMessage answer, IReadOnlyList<string> labels)
    {
        lock (_gate)
        {
            long lost = _watch?.LostCount ?? 0;
            foreach (var member in _members)
            {
                member.Miss(lost);
                if (member.Wants(answer, labels))
                {
                    member.Offer(_buffer, answer);
                }
            }
        }
    }
}
