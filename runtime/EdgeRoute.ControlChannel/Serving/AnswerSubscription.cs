using System.Buffers;
using EdgeRoute.ControlChannel.Watching;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Rpc;

namespace EdgeRoute.ControlChannel.Serving;

/// <summary>Answers to one subscriber. One thread at a time.</summary>
/// <param name="ringLost">Answers that the device had lost before this subscription.</param>
internal sealed class AnswerSubscription(ChannelConnection connection, int number, SubscribeRequest request, long ringLost)
{
    private readonly AnswerPick _pick = new(request);
    private long _ringLost = ringLost, _number;

    public ChannelConnection Connection { get; } = connection;

    public int Number { get; } = number;

    /// <summary>Who it is, unlike all others since the channel began.</summary>
    public required string Name { get; init; }

    public long ToldCount { get; private set; }

    public long LostCount { get; private set; }

    public OutputStatus Status() => new()
    {
        Name = Name, Kind = OutputStatus.Subscriber, ToldCount = ToldCount, LostCount = LostCount,
    };

    /// <summary>Another run of the engine counts anew.</summary>
    public void Follow(long ringLost)
    {
        _ringLost = ringLost;
        _pick.Forget();
    }

    /// <summary>Counts what the device has lost since the last time.</summary>
    public void Miss(long ringLost)
    {
        LostCount += ringLost - _ringLost;
        _ringLost = ringLost;
    }

    /// <inheritdoc cref="AnswerPick.Wants"/>
    public bool Wants(AnswerMessage answer, IReadOnlyList<string> labels) => _pick.Wants(answer, labels);

    /// <inheritdoc cref="AnswerPick.Offer"/>
    public void Offer(ArrayBufferWriter<byte> buffer, AnswerMessage answer) => _pick.Offer(answer, narrowed => TrySend(buffer, narrowed));

    private bool TrySend(ArrayBufferWriter<byte> buffer, AnswerMessage answer)
    {
        (answer.Subscription, answer.Number, answer.LostCount) = (Number, ++_number, LostCount);
        buffer.ResetWrittenCount();
        RpcMessage.WriteNotification(buffer, ControlNotification.Answer, answer);
        bool isSent = Connection.TrySendTelemetry(buffer.WrittenSpan);
        ToldCount += isSent ? 1 : 0;
        LostCount += isSent ? 0 : 1;
        return isSent;
    }
}
