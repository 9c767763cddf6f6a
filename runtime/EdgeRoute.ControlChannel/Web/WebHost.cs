using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Authentication;
using EdgeRoute.ControlChannel.Transport;

namespace EdgeRoute.ControlChannel.Web;

/// <summary>
/// The web server at one address: GET of the few paths that were added, one request for each connection, which may become a WebSocket.
/// Beside the framework's own server it lacks all that nobody asks of a device, and several megabytes. Any thread.
/// </summary>
internal sealed class WebHost : IDisposable
{
    /// <summary>
    /// Requests at once: one Prometheus, its second, a person with curl, and pages that open their sockets; anything more is closed at
    /// once. A connection that has become a WebSocket counts with its output.
    /// </summary>
    public const int ConnectionCount = 16;

    /// <summary>For a whole exchange: Prometheus itself gives up after 10 s.</summary>
    private const int PatienceMs = 5_000;

    /// <summary>What the kernel takes for one client before it is too slow: enough for a gigabit link, and no old news.</summary>
    private const int SendBytes = 128 * 1024;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, WebRoute> _routes = new(StringComparer.Ordinal);
    private readonly SocketListener _listener;
    private readonly CancellationTokenSource _ended = new();
    private readonly CancellationToken _hasEnded;
    private readonly TimeSpan _silence;
    private readonly WebTls? _tls;
    private int _connectionCount;
    private long _refusedCount;

    /// <param name="silence">
    /// A WebSocket's client that has said nothing for so long is asked whether it is there, and is gone if it does not answer for as long.
    /// </param>
    /// <param name="tls">Null for plain HTTP.</param>
    /// <exception cref="SocketException">The address cannot be bound.</exception>
    public WebHost(IPEndPoint address, TimeSpan silence, WebTls? tls)
    {
        (_hasEnded, _silence, _tls) = (_ended.Token, silence, tls);
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (address.Address.Equals(IPAddress.IPv6Any))
            {
                socket.DualMode = true;
            }

            socket.Bind(address);
            socket.Listen(ConnectionCount);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        _listener = new SocketListener(socket, OnArrival, _ => Interlocked.Increment(ref _refusedCount));
        _listener.Open();
    }

    public bool IsTls => _tls is not null;

    public IPEndPoint LocalEndPoint => (IPEndPoint)_listener.LocalEndPoint;

    /// <summary>Connections closed because others were being served.</summary>
    public long RefusedCount => Interlocked.Read(ref _refusedCount);

    /// <summary>False: something else stands at the path.</summary>
    public bool TryAdd(string path, WebRoute route)
    {
        lock (_gate)
        {
            return _routes.TryAdd(path, route);
        }
    }

    public void Remove(string path)
    {
        lock (_gate)
        {
            _routes.Remove(path);
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        _ended.Cancel();
        _ended.Dispose();
    }

    private void OnArrival(Socket socket)
    {
        if (Interlocked.Increment(ref _connectionCount) > ConnectionCount)
        {
            Interlocked.Decrement(ref _connectionCount);
            Interlocked.Increment(ref _refusedCount);
            socket.Close(0);
            return;
        }

        _ = Task.Run(() => Serve(socket));
    }

    private async Task Serve(Socket socket)
    {
        try
        {
            using var plain = new NetworkStream(socket, ownsSocket: true);
            var (stream, serve) = await TryExchange(socket, plain).ConfigureAwait(false);
            if (serve is not null)
            {
                await ServeSocket(socket, stream, serve).ConfigureAwait(false);
            }
        }
        catch (Exception gone) when (gone is IOException or SocketException or OperationCanceledException or ObjectDisposedException
            or AuthenticationException)
        {
            // Who asked is gone or too slow, or speaks no TLS where that is wanted.
        }
    }

    /// <summary>Answers the request; what is to be done with the socket where it becomes a WebSocket, else null.</summary>
    private async Task<(Stream Stream, Func<WebSocket, Task>? Serve)> TryExchange(Socket socket, NetworkStream plain)
    {
        try
        {
            using var cancel = CancellationTokenSource.CreateLinkedTokenSource(_hasEnded);
            cancel.CancelAfter(PatienceMs);
            var stream = _tls is null ? plain : await _tls.Secure(plain, cancel.Token).ConfigureAwait(false);
            var (bytes, serve) = await AnswerOf(stream, socket.RemoteEndPoint?.ToString() ?? "", cancel.Token).ConfigureAwait(false);
            await stream.WriteAsync(bytes, cancel.Token).ConfigureAwait(false);
            if (serve is null)
            {
                await ((stream as SslStream)?.ShutdownAsync() ?? Task.CompletedTask).ConfigureAwait(false);
                socket.Shutdown(SocketShutdown.Send);
                await plain.ReadAsync(new byte[1], cancel.Token).ConfigureAwait(false);
                await stream.DisposeAsync().ConfigureAwait(false);
            }

            return (stream, serve);
        }
        finally
        {
            Interlocked.Decrement(ref _connectionCount);
        }
    }

    private async Task<(byte[] Bytes, Func<WebSocket, Task>? Serve)> AnswerOf(Stream stream, string peer, CancellationToken cancel)
    {
        try
        {
            var head = await HttpHead.Read(stream, cancel).ConfigureAwait(false);
            return RouteOf(head)(head, peer) switch
            {
                WebSocketReply socket => (WebSocketHandshake.Answer(head), socket.Serve),
                var page => (((HttpPage)page).ToBytes(), null),
            };
        }
        catch (HttpRefusedException refused)
        {
            return (refused.Page.ToBytes(), null);
        }
    }

    private WebRoute RouteOf(HttpHead head)
    {
        if (head.Method != "GET")
        {
            throw new HttpRefusedException("405 Method Not Allowed", "only GET is answered here", "Allow: GET\r\n");
        }

        lock (_gate)
        {
            return _routes.GetValueOrDefault(head.Path)
                ?? throw new HttpRefusedException("404 Not Found", $"here is {string.Join(" and ", _routes.Keys.Order())}");
        }
    }

    private async Task ServeSocket(Socket socket, Stream stream, Func<WebSocket, Task> serve)
    {
        (socket.NoDelay, socket.SendBufferSize) = (true, SendBytes);
        using var web = WebSocket.CreateFromStream(stream, new WebSocketCreationOptions
        {
            IsServer = true, KeepAliveInterval = _silence, KeepAliveTimeout = _silence,
        });
        await serve(web).ConfigureAwait(false);
    }
}
