using System.Net;
using System.Net.Sockets;

namespace EdgeRoute.ControlChannel.Transport;

/// <summary>A socket that listens, until it is disposed.</summary>
internal sealed class SocketListener : IDisposable
{
    /// <summary>Where all file descriptors are used up, trying at once would keep a core busy and free none.</summary>
    private const int PauseMs = 100;

    private readonly Socket _listener;
    private readonly Action<Socket> _arrived;
    private readonly Action<SocketException> _failed;
    private readonly CancellationTokenSource _closed = new();
    private readonly CancellationToken _isClosed;

    /// <param name="arrived">Takes each connection, and returns at once.</param>
    /// <param name="failed">Told where the system gave no connection; it is tried again after a pause.</param>
    public SocketListener(Socket listener, Action<Socket> arrived, Action<SocketException> failed)
    {
        _listener = listener;
        _arrived = arrived;
        _failed = failed;
        _isClosed = _closed.Token;
        LocalEndPoint = listener.LocalEndPoint!;
    }

    public EndPoint LocalEndPoint { get; }

    public void Open() => _ = Task.Run(AcceptAll);

    public void Dispose()
    {
        _closed.Cancel();
        _closed.Dispose();
        _listener.Dispose();
    }

    private async Task AcceptAll()
    {
        while (!_isClosed.IsCancellationRequested)
        {
            try
            {
                _arrived(await _listener.AcceptAsync(_isClosed).ConfigureAwait(false));
            }
            catch (Exception closed) when (closed is ObjectDisposedException or OperationCanceledException)
            {
                return;
            }
            catch (SocketException fault)
            {
                await Rest(fault).ConfigureAwait(false);
            }
        }
    }

    private async Task Rest(SocketException fault)
    {
        if (!_isClosed.IsCancellationRequested)
        {
            _failed(fault);
            await Task.Delay(PauseMs, _isClosed).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}

/// <summary>The channel cannot listen as configured. Consequence: the device is not started; the message says what to do.</summary>
public sealed class ChannelException(string message, Exception? inner = null) : Exception(message, inner);
