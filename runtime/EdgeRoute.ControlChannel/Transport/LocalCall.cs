using System.Buffers;
using System.Net.Sockets;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Framing;
using EdgeRoute.Protocol.Rpc;

namespace EdgeRoute.ControlChannel.Transport;

/// <summary>A client on the device itself, for the device's own commands: one request at a time over the Unix socket, waited for.</summary>
public sealed class LocalCall : IDisposable
{
    private const int ChunkBytes = 4096;

    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly MessageScanner _scanner = new(MessagePackLimits.Replies);
    private readonly ArrayBufferWriter<byte> _buffer = new();
    private uint _id;

    /// <exception cref="IOException">Nobody listens there.</exception>
    public LocalCall(string unixPath)
    {
        try
        {
            _socket.Connect(new UnixDomainSocketEndPoint(unixPath));
        }
        catch (SocketException refused)
        {
            throw new IOException($"no engine answers at {unixPath} ({refused.Message}); start it first: edgerouted run", refused);
        }

        Call<Welcome>(ControlMethod.Hello, new HelloRequest { Client = "edgerouted" });
    }

    /// <exception cref="RpcRefusedException">The engine refused, in its words.</exception>
    /// <exception cref="IOException">The connection ended.</exception>
    public T Call<T>(string method, IControlMessage parameter) where T : IControlMessage, new()
    {
        _buffer.ResetWrittenCount();
        RpcMessage.WriteRequest(_buffer, ++_id, method, parameter);
        try
        {
            _socket.Send(_buffer.WrittenSpan);
            byte[] answer = ReadMessage();
            while (RpcMessage.Read(answer).Kind != RpcKind.Response)
            {
                answer = ReadMessage();
            }

            var message = RpcMessage.Read(answer);
            if (message.Error is { } error)
            {
                throw new RpcRefusedException(error.Code, error.Message, error.Hint);
            }

            if (message.BodyStart < 0)
            {
                return new T();
            }

            return FieldReader.Read<T>(answer.AsMemory(message.BodyStart));
        }
        catch (Exception broken) when (broken is SocketException or MessagePackException)
        {
            throw new IOException($"the engine's answer to '{method}' could not be read: {broken.Message}", broken);
        }
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>
    /// Nothing is asked before the last answer is here, so no bytes of a next message can follow it but notifications, which this client
    /// never subscribes to.
    /// </summary>
    private byte[] ReadMessage()
    {
        using var message = new MemoryStream();
        byte[] chunk = new byte[ChunkBytes];
        while (true)
        {
            int count = _socket.Receive(chunk);
            if (count == 0)
            {
                throw new IOException("the engine has ended");
            }

            bool isWhole = _scanner.TryFinish(chunk.AsSpan(0, count), out int taken);
            message.Write(chunk, 0, taken);
            if (isWhole)
            {
                return message.ToArray();
            }
        }
    }
}
