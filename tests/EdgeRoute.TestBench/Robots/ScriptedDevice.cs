using System.Buffers;
using System.Collections.Concurrent;
using System.Net.Sockets;
using EdgeRoute.Cli.Connecting;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Rpc;

namespace EdgeRoute.TestBench.Robots;

/// <summary>A device that answers over a Unix socket, with the real codec, what it was told to. Methods without an answer are refused as
/// unknown; silent ones are never answered.</summary>
internal sealed class ScriptedDevice : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly ConcurrentDictionary<string, Func<byte[], IControlMessage?>> _answers = new();
    private readonly ConcurrentDictionary<MessageStream, SemaphoreSlim> _connections = new();
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _accepting;

    public ScriptedDevice(string path)
    {
        Path = path;
        File.Delete(path);
        _listener.Bind(new UnixDomainSocketEndPoint(path));
        _listener.Listen();
        Answer(ControlMethod.Hello, _ => new Welcome { Device = "scripted", Version = "0.1.0", Role = Role });
        _accepting = AcceptAsync();
    }

    public string Path { get; }

    public string Role { get; set; } = ControlRole.Operator;

    /// <summary>Methods and parameters in the order in which they came.</summary>
    public ConcurrentQueue<(string Method, byte[] Parameter)> Requests { get; } = new();

    public int ConnectionCount { get; private set; }

    public void Answer(string method, Func<byte[], IControlMessage?> answer) => _answers[method] = answer;

    public void Answer<T>(string method, Func<T, IControlMessage?> answer) where T : IControlMessage, new() =>
        Answer(method, bytes => answer(bytes.Length == 0 ? new T() : FieldReader.ReadStrict<T>(bytes)));

    /// <summary>Takes the request and says nothing.</summary>
    public void BeSilent(string method) => Answer(method, _ => throw new OperationCanceledException());

    public T Last<T>(string method) where T : IControlMessage,
        new() => FieldReader.ReadStrict<T>(Requests.Last(r => r.Method == method).Parameter);

    public async Task NotifyAsync(string method, IControlMessage message)
    {
        var buffer = new ArrayBufferWriter<byte>();
        RpcMessage.WriteNotification(buffer, method, message);
        foreach (var (connection, gate) in _connections)
        {
            await SendAsync(connection, gate, buffer.WrittenSpan.ToArray());
        }
    }

    /// <summary>Bytes that are no message.</summary>
    public async Task SendRawAsync(byte[] bytes)
    {
        foreach (var (connection, gate) in _connections)
        {
            await SendAsync(connection, gate, bytes);
        }
    }

    public async Task HangUpAsync()
    {
        foreach (var connection in _connections.Keys)
        {
            await connection.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        _listener.Dispose();
        await HangUpAsync();
        await _accepting;
        _ending.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptAsync(_ending.Token);
                ConnectionCount++;
                _ = ServeAsync(new MessageStream(new NetworkStream(socket, ownsSocket: true)));
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The device is switched off.
        }
    }

    private async Task ServeAsync(MessageStream connection)
    {
        var gate = _connections.GetOrAdd(connection, _ => new SemaphoreSlim(1, 1));
        try
        {
            while (await connection.ReadAsync(_ending.Token) is { } bytes)
            {
                var request = RpcMessage.Read(bytes);
                byte[] parameter = request.BodyStart < 0 ? [] : bytes[request.BodyStart..];
                Requests.Enqueue((request.Method, parameter));
                if (Reply(request, parameter) is { } reply)
                {
                    await SendAsync(connection, gate, reply);
                }
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // One side hung up.
        }
        finally
        {
            _connections.TryRemove(connection, out _);
        }
    }

    /// <summary>Null: silence.</summary>
    private byte[]? Reply(RpcMessage request, byte[] parameter)
    {
        var buffer = new ArrayBufferWriter<byte>();
        try
        {
            var answer = _answers.TryGetValue(request.Method, out var known) ? known
                : throw new RpcRefusedException(RpcErrorCode.UnknownMethod, $"there is no method '{request.Method}'", "a hint");
            RpcMessage.WriteResult(buffer, request.Id, answer(parameter));
        }
        catch (RpcRefusedException refused)
        {
            buffer.ResetWrittenCount();
            RpcMessage.WriteError(buffer, request.Id, refused.Error);
        }
        catch (OperationCanceledException)
        {
            return null;
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static async Task SendAsync(MessageStream connection, SemaphoreSlim gate, byte[] bytes)
    {
        await gate.WaitAsync();
        try
        {
            await connection.WriteAsync(bytes, CancellationToken.None);
        }
        catch (Exception gone) when (gone is IOException or ObjectDisposedException)
        {
            // The reader left.
        }
        finally
        {
            gate.Release();
        }
    }
}
