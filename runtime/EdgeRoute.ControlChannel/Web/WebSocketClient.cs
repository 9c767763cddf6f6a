using System.Net.WebSockets;
using EdgeRoute.ControlChannel.Transport;

namespace EdgeRoute.ControlChannel.Web;

/// <summary>
/// A client of a WebSocket that is told things and says nothing itself. What waits for it is bounded, and nobody waits for it. All but
/// <see cref="Run"/> from any thread.
/// </summary>
public sealed class WebSocketClient
{
    /// <summary>A thousand answers of a few boxes: what is older than they are is no news.</summary>
    private const long WaitingBytesMost = 1 << 20;

    /// <summary>Clients say nothing but that they leave.</summary>
    private const int ReceiveBytes = 256;

    /// <summary>For the last words to a client; the run must end within five seconds.</summary>
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(2);

    private readonly WebSocket _socket;
    private readonly SendQueue _queue;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private WebSocketCloseStatus _status = WebSocketCloseStatus.NormalClosure;
    private string _words = "";
    private int _isClosing;

    /// <param name="peer">Address and port.</param>
    /// <param name="type">Of its messages.</param>
    public WebSocketClient(WebSocket socket, string peer, WebSocketMessageType type)
    {
        (_socket, Peer) = (socket, peer);
        _queue = new SendQueue(WebSocketStream.Create(socket, type), OnSendEnded, WaitingBytesMost);
    }

    public string Peer { get; }

    /// <summary>Neither side has begun to leave.</summary>
    public bool IsOpen => _socket.State == WebSocketState.Open && Volatile.Read(ref _isClosing) == 0;

    /// <summary>False: too much waits already, or it leaves.</summary>
    public bool TrySend(ReadOnlySpan<byte> message) => _queue.TrySendTelemetry(message);

    /// <summary>Until it has left, fell silent or broke the rules. Never throws.</summary>
    public async Task Run()
    {
        try
        {
            await Receive().ConfigureAwait(false);
        }
        catch (Exception gone) when (gone is WebSocketException or IOException or ObjectDisposedException or OperationCanceledException)
        {
            // It is gone, or what it sent was no WebSocket: the framework has said so to it.
        }
        finally
        {
            _ended.TrySetResult();
            _socket.Dispose();
        }
    }

    /// <summary>Sends what waits, says why and closes; a client that does not hear it out is cut off. Never throws.</summary>
    /// <param name="words">At most 123 bytes.</param>
    public async Task Close(WebSocketCloseStatus status, string words)
    {
        if (Interlocked.Exchange(ref _isClosing, 1) == 0)
        {
            (_status, _words) = (status, words);
            _queue.Finish();
        }

        await _ended.Task.WaitAsync(Farewell).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _socket.Abort();
    }

    private async Task Receive()
    {
        var thrownAway = new byte[ReceiveBytes];
        while (true)
        {
            var received = await _socket.ReceiveAsync(thrownAway.AsMemory(), CancellationToken.None).ConfigureAwait(false);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                // It is told what it said itself, as is the custom.
                bool saidWhy = _socket.CloseStatus is not (null or WebSocketCloseStatus.Empty);
                (_status, _words) = saidWhy ? (_socket.CloseStatus!.Value, _socket.CloseStatusDescription ?? "") : (_status, _words);
                await SayGoodbye().ConfigureAwait(false);
                return;
            }

            _ = Close(WebSocketCloseStatus.InvalidMessageType, "nothing is taken here; what is wanted stands in the address");
        }
    }

    private void OnSendEnded(Exception? fault)
    {
        if (fault is null)
        {
            _ = SayGoodbye();
        }
        else
        {
            _socket.Abort();
        }
    }

    private async Task SayGoodbye()
    {
        using var limit = new CancellationTokenSource(Farewell);
        try
        {
            await _socket.CloseOutputAsync(_status, _words, limit.Token).ConfigureAwait(false);
        }
        catch (Exception gone) when (gone is WebSocketException or IOException or ObjectDisposedException or OperationCanceledException
            or InvalidOperationException)
        {
            _socket.Abort();
        }
    }
}
