using System.Net;
using System.Net.Sockets;
using System.Text;

namespace EdgeRoute.Tests.ControlChannel.Web;

/// <summary>Bytes to a web server, and what comes back.</summary>
internal sealed class RawClient : IDisposable
{
    public const string Handshake = "GET /answers HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 60_000 };

    public RawClient(IPEndPoint address) => _socket.Connect(address);

    /// <summary>A request, and all that is answered until the other side closes.</summary>
    public static string Exchange(IPEndPoint address, string request)
    {
        using var client = new RawClient(address);
        client.Send(Encoding.Latin1.GetBytes(request));
        return Encoding.UTF8.GetString(client.ReadToEnd());
    }

    /// <summary>A WebSocket by hand; the answer of the handshake has been read.</summary>
    public static RawClient Open(IPEndPoint address, string handshake = Handshake)
    {
        var client = new RawClient(address);
        client.Send(Encoding.ASCII.GetBytes(handshake));
        var head = new StringBuilder();
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            head.Append((char)client.Read(1)[0]);
        }

        Assert.StartsWith("HTTP/1.1 101 ", head.ToString(), StringComparison.Ordinal);
        return client;
    }

    public void Send(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            bytes = bytes[_socket.Send(bytes)..];
        }
    }

    public byte[] Read(int count)
    {
        var bytes = new byte[count];
        for (int length = 0; length < count;)
        {
            int more = _socket.Receive(bytes.AsSpan(length));
            Assert.True(more > 0, "the other side has closed");
            length += more;
        }

        return bytes;
    }

    /// <summary>What comes until the other side closes or cuts off.</summary>
    public byte[] ReadToEnd()
    {
        using var all = new MemoryStream();
        var bytes = new byte[64 * 1024];
        try
        {
            for (int count = _socket.Receive(bytes); count > 0; count = _socket.Receive(bytes))
            {
                all.Write(bytes, 0, count);
            }
        }
        catch (SocketException cut) when (cut.SocketErrorCode == SocketError.ConnectionReset)
        {
            // As good as closed.
        }

        return all.ToArray();
    }

    public void Dispose() => _socket.Dispose();
}
