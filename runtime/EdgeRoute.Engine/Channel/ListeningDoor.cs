using System.Net;
using System.Net.Sockets;

namespace EdgeRoute.Engine.Channel;

/// <summary>A socket that listens, until it is disposed.</summary>
/// <param name="arrived">Takes each connection, and returns at once.</param>
/// <param name="failed">Told where the system gave no connection; it is tried again after a pause.</param>
internal sealed class ListeningDoor(Socket listener, Action<Socket> arrived, Action<SocketException> failed) : IDisposable
{
    /// <summary>Where all file descriptors are used up, trying at once would keep a core busy and free none.</summary>
    private const int PauseMs = 100;

    private readonly CancellationTokenSource _closed = new();

    public EndPoint LocalEndPoint { get; } = listener.LocalEndPoint!;

    public void Open() => _ = Task.Run(AcceptAll);

    public void Dispose()
    {
        _closed.Cancel();
        listener.Dispose();
    }

    private async Task AcceptAll()
    {
        while (!_closed.IsCancellationRequested)
        {
            try
            {
                arrived(await listener.AcceptAsync(_closed.Token).ConfigureAwait(false));
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
        if (!_closed.IsCancellationRequested)
        {
            failed(fault);
            await Task.Delay(PauseMs, _closed.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
