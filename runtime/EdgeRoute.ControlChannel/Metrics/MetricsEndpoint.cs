using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using EdgeRoute.ControlChannel.Journal;
using EdgeRoute.ControlChannel.Transport;

namespace EdgeRoute.ControlChannel.Metrics;

/// <summary>
/// Serves metrics to Prometheus: one page, <c>GET /metrics</c>, one request for each connection. A web server would be a hundred times this
/// for nothing more.
/// </summary>
public sealed class MetricsEndpoint : IDisposable
{
    /// <summary>Scrapers at once: one Prometheus, its second, and a person with curl; anything more is closed at once.</summary>
    public const int ConnectionCount = 8;

    /// <summary>Of a request: Prometheus sends about 300 bytes.</summary>
    public const int HeaderBytes = 8 * 1024;

    /// <summary>For a whole exchange: Prometheus itself gives up after 10 s.</summary>
    private const int PatienceMs = 5_000;

    private readonly SocketListener _listener;
    private readonly Func<string> _text;
    private readonly CancellationTokenSource _ended = new();
    private readonly CancellationToken _hasEnded;
    private int _connectionCount;
    private long _refusedCount;

    /// <param name="text">The metrics, now; any thread.</param>
    /// <exception cref="ChannelException">The address cannot be bound.</exception>
    public MetricsEndpoint(IPEndPoint address, Func<string> text)
    {
        (_text, _hasEnded) = (text, _ended.Token);
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(address);
            socket.Listen(ConnectionCount);
        }
        catch (SocketException refused)
        {
            socket.Dispose();
            throw new ChannelException($"metrics cannot be served at {address}: {refused.Message}. Set control.metrics to another address "
                + "or 'none'.", refused);
        }

        _listener = new SocketListener(socket, OnArrival, _ => Interlocked.Increment(ref _refusedCount));
        _listener.Open();
    }

    public IPEndPoint LocalEndPoint => (IPEndPoint)_listener.LocalEndPoint;

    /// <summary>Connections closed because others were being served.</summary>
    public long RefusedCount => Interlocked.Read(ref _refusedCount);

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
            using var stream = new NetworkStream(socket, ownsSocket: true);
            using var cancel = CancellationTokenSource.CreateLinkedTokenSource(_hasEnded);
            cancel.CancelAfter(PatienceMs);
            byte[] answer = Answer(await ReadHead(stream, cancel.Token).ConfigureAwait(false));
            await stream.WriteAsync(answer, cancel.Token).ConfigureAwait(false);
            socket.Shutdown(SocketShutdown.Send);
            await stream.ReadAsync(new byte[1], cancel.Token).ConfigureAwait(false);
        }
        catch (Exception gone) when (gone is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Who scrapes is gone or too slow, and comes again.
        }
        finally
        {
            Interlocked.Decrement(ref _connectionCount);
        }
    }

    /// <summary>The request line; null where the head is longer than allowed or never ends.</summary>
    private static async Task<string?> ReadHead(NetworkStream stream, CancellationToken cancel)
    {
        var head = new byte[HeaderBytes];
        for (int length = 0; length < head.Length;)
        {
            int count = await stream.ReadAsync(head.AsMemory(length), cancel).ConfigureAwait(false);
            length += count;
            if (head.AsSpan(0, length).IndexOf("\r\n\r\n"u8) >= 0)
            {
                return Encoding.Latin1.GetString(head, 0, head.AsSpan().IndexOf("\r\n"u8));
            }

            if (count == 0)
            {
                return "";
            }
        }

        return null;
    }

    private byte[] Answer(string? requestLine)
    {
        string[] parts = requestLine?.Split(' ') ?? [];
        if (requestLine is null)
        {
            return Page("431 Request Header Fields Too Large", "");
        }

        if (parts.Length != 3 || !parts[2].StartsWith("HTTP/1.", StringComparison.Ordinal))
        {
            return Page("400 Bad Request", "");
        }

        if (parts[0] != "GET")
        {
            return Page("405 Method Not Allowed", "", "Allow: GET\r\n");
        }

        if (parts[1].Split('?')[0] != "/metrics")
        {
            return Page("404 Not Found", "metrics are at /metrics\n");
        }

        return Metrics();
    }

    private byte[] Metrics()
    {
        try
        {
            return Page("200 OK", _text());
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            // Whatever the status missed: the scraper is told, the device goes on.
            return Page("500 Internal Server Error", EventLog.OneLine(fault.Message, EventLog.TextLength) + "\n");
        }
    }

    private static byte[] Page(string status, string text, string headers = "")
    {
        byte[] body = Encoding.UTF8.GetBytes(text);
        string head = string.Create(CultureInfo.InvariantCulture,
            $"HTTP/1.1 {status}\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\nContent-Length: "
                + $"{body.Length}\r\n{headers}Connection: close\r\n\r\n");
        return [.. Encoding.ASCII.GetBytes(head), .. body];
    }
}
