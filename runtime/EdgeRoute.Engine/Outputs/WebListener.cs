using EdgeRoute.ControlChannel.Watching;
using EdgeRoute.ControlChannel.Web;
using EdgeRoute.Documents.Configs;

namespace EdgeRoute.Engine.Outputs;

/// <summary>A client of answers over a WebSocket: what it wants, what it was told and what it lost. One thread at a time.</summary>
/// <param name="format">Of its messages.</param>
/// <param name="missedCount">Answers that the device had lost before it came.</param>
internal sealed class WebListener(WebSocketClient client, AnswerPick pick, AnswerFormat format, long missedCount)
{
    /// <summary>A client that has lost nothing for so long keeps up again.</summary>
    private const long CalmNs = 10_000_000_000;

    private long _missedCount = missedCount, _number, _lossNs;
    private bool _isLosing;

    public WebSocketClient Client { get; } = client;

    public AnswerPick Pick { get; } = pick;

    public AnswerFormat Format { get; } = format;

    public long ToldCount { get; private set; }

    public long LostCount { get; private set; }

    /// <summary>What is sent of a frame hangs on more than its JSON.</summary>
    public bool NeedsMessage => Format == AnswerFormat.MessagePack || !Pick.IsAll;

    /// <summary>Of the next message, 1-based; a gap means that messages were lost.</summary>
    public long NextNumber() => ++_number;

    /// <summary>Counts what the device has lost since the last time.</summary>
    public void Miss(long missedCount)
    {
        LostCount += missedCount - _missedCount;
        _missedCount = missedCount;
    }

    /// <summary>What a client that leaves does not get is no loss.</summary>
    public bool TrySend(ReadOnlySpan<byte> message)
    {
        bool isSent = Client.TrySend(message);
        ToldCount += isSent ? 1 : 0;
        LostCount += isSent || !Client.IsOpen ? 0 : 1;
        return isSent;
    }

    /// <summary>What is to be said now of its losses; null for nothing.</summary>
    /// <param name="hasLost">It lost an answer just now.</param>
    public string? News(bool hasLost, long nowNs)
    {
        if (hasLost)
        {
            bool isFirst = !_isLosing;
            (_isLosing, _lossNs) = (true, nowNs);
            return isFirst ? $"{Client.Peer} is too slow for the answers it asked for; those that it loses are counted" : null;
        }

        if (!_isLosing || nowNs - _lossNs < CalmNs)
        {
            return null;
        }

        _isLosing = false;
        return $"{Client.Peer} keeps up again; it has lost {LostCount} of {ToldCount + LostCount} answers";
    }

    /// <summary>The same when it has left.</summary>
    public string? LastWords => LostCount == 0 ? null : $"{Client.Peer} has left; it lost {LostCount} of {ToldCount + LostCount} answers";
}
