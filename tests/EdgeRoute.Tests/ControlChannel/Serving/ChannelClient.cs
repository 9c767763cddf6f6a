using System.Buffers;
using System.Net.Sockets;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Framing;
using EdgeRoute.Protocol.Rpc;

namespace EdgeRoute.Tests.ControlChannel.Serving;

/// <summary>A small client of the control channel, over a real connection.</summary>
internal sealed class ChannelClient(Stream stream, IDisposable socket) : IDisposable
{
    /// <summary>Only a test that fails waits as long.</summary>
    private const int PatienceMs = 30_000;

    private readonly MessageScanner _scanner = new(MessagePackLimits.Replies);
    private readonly Queue<byte[]> _notifications = new();
    private byte[] _received = [];
    private uint _id;

    public static ChannelClient Unix(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { ReceiveTimeout = PatienceMs,
            SendTimeout = PatienceMs };
        socket.Connect(new UnixDomainSocketEndPoint(path));
        return new ChannelClient(new NetworkStream(socket), socket);
    }

    public Stream Stream => stream;

    public Welcome Hello(int protocol = ControlProtocol.Version) => Ask<Welcome>(ControlMethod.Hello,
        new HelloRequest { Protocol = protocol, Client = "test 1", Name = "tester" });

    public uint Send(string method, IControlMessage? parameter = null)
    {
        var buffer = new ArrayBufferWriter<byte>();
        RpcMessage.WriteRequest(buffer, ++_id, method, parameter);
        SendBytes(buffer.WrittenSpan);
        return _id;
    }

    public void SendBytes(ReadOnlySpan<byte> bytes)
    {
        stream.Write(bytes);
        stream.Flush();
    }

    /// <exception cref="RpcRefusedException">What the device refused with.</exception>
    public T Ask<T>(string method, IControlMessage? parameter = null) where T : IControlMessage, new()
    {
        uint id = Send(method, parameter);
        var (answer, bytes) = Response();
        Assert.Equal(id, answer.Id);
        return answer.Error is { } error ? throw new RpcRefusedException(error.Code, error.Message, error.Hint)
            : FieldReader.Read<T>(bytes.AsMemory(answer.BodyStart));
    }

    public RpcError AskRefused(string method, IControlMessage? parameter = null)
    {
        uint id = Send(method, parameter);
        var (answer, _) = Response();
        Assert.Equal(id, answer.Id);
        return answer.Error ?? throw new InvalidOperationException($"'{method}' was granted");
    }

    /// <summary>The next response; notifications before it are kept.</summary>
    public (RpcMessage Answer, byte[] Bytes) Response()
    {
        while (Next() is { } bytes)
        {
            var message = RpcMessage.Read(bytes);
            if (message.Kind == RpcKind.Response)
            {
                return (message, bytes);
            }

            _notifications.Enqueue(bytes);
        }

        throw new EndOfStreamException("the device closed the connection");
    }

    public T Notification<T>(string method) where T : IControlMessage, new()
    {
        byte[] bytes = _notifications.TryDequeue(out var kept) ? kept
            : Next() ?? throw new EndOfStreamException("the device closed the connection");
        var message = RpcMessage.Read(bytes);
        Assert.Equal((RpcKind.Notification, method), (message.Kind, message.Method));
        return FieldReader.Read<T>(bytes.AsMemory(message.BodyStart));
    }

    /// <summary>Reads to the end; the words of the device's farewell, or null where it said none.</summary>
    public string? Farewell()
    {
        string? text = null;
        while (Next() is { } bytes)
        {
            var message = RpcMessage.Read(bytes);
            text = message.Method != ControlNotification.Closing ? text
                : FieldReader.Read<DoneReply>(bytes.AsMemory(message.BodyStart)).Text;
        }

        return text;
    }

    public void Dispose()
    {
        stream.Dispose();
        socket.Dispose();
    }

    /// <summary>The next message; null at the end of the stream.</summary>
    public byte[]? Next()
    {
        var message = new List<byte>();
        while (true)
        {
            bool isWhole = _scanner.TryFinish(_received, out int count);
            message.AddRange(_received[..count]);
            _received = _received[count..];
            if (isWhole)
            {
                return [.. message];
            }

            var bytes = new byte[64 * 1024];
            int read = ReadOrEnd(bytes);
            if (read == 0)
            {
                Assert.Empty(message);
                return null;
            }

            _received = bytes[..read];
        }
    }

    private int ReadOrEnd(byte[] bytes)
    {
        try
        {
            return stream.Read(bytes);
        }
        catch (IOException cut) when (cut.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionReset
            or SocketError.Shutdown })
        {
            return 0;
        }
    }
}
