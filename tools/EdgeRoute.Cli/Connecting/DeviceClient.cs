using System.Buffers;
using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Threading.Channels;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Framing;
using EdgeRoute.Protocol.Rpc;

namespace EdgeRoute.Cli.Connecting;

/// <summary>
/// One connection to a device: requests with numbers and time limits, answered in any order, and the notifications that come in between.
/// Requests may be made from several threads. Once the connection is lost it stays so; who wants to go on makes a new one
/// (<see cref="DeviceWatch"/> does).
/// </summary>
internal sealed class DeviceClient : IAsyncDisposable
{
    /// <summary>A device answers within milliseconds; a snapshot waits for the next frame of a slow source.</summary>
    public static readonly TimeSpan UsualTimeLimit = TimeSpan.FromSeconds(10);

    /// <summary>For what loads packs, runs checks of the whole device or rebuilds a stream.</summary>
    public static readonly TimeSpan LongTimeLimit = TimeSpan.FromMinutes(2);

    /// <summary>Telemetry at 20 Hz for more than half a minute; who looks that late is told what was lost.</summary>
    private const int NotificationsMost = 1024;

    private readonly MessageStream _stream;
    private readonly ConcurrentDictionary<uint, TaskCompletionSource<byte[]>> _waiting = new();
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly ArrayBufferWriter<byte> _buffer = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly Channel<Notification> _notifications = Channel.CreateBounded<Notification>(NotificationsMost);
    private readonly Task _reading;
    private long _lostCount;
    private uint _lastId;
    private int _isDisposed;
    private DeviceLostException? _lost;

    private DeviceClient(Stream stream, string place)
    {
        (_stream, Place) = (new MessageStream(stream), place);
        _reading = Task.Run(ReadAllAsync);
    }

    /// <summary>Where the device is, for messages.</summary>
    public string Place { get; }

    /// <summary>What the device said of itself.</summary>
    public Welcome Welcome { get; private set; } = new();

    public bool IsOperator => ControlRole.Covers(Welcome.Role, ControlRole.Operator);

    /// <summary>Ends when the connection does; <see cref="LostReason"/> then says why.</summary>
    public ChannelReader<Notification> Notifications => _notifications.Reader;

    /// <summary>Notifications that nobody took in time.</summary>
    public long LostCount => Interlocked.Read(ref _lostCount);

    public string? LostReason => _lost?.Message;

    /// <summary>Greets the device over a stream that is connected, and takes the stream over.</summary>
    /// <exception cref="DeviceRefusedException">It speaks another version, or does not want us.</exception>
    /// <exception cref="DeviceLostException">No answer.</exception>
    public static async Task<DeviceClient> GreetAsync(Stream stream, string place, CancellationToken cancel)
    {
        var client = new DeviceClient(stream, place);
        try
        {
            var hello = new HelloRequest { Client = $"edgeroute {ProgramVersion.Text}", Name = ClientName };
            client.Welcome = await client.RequestAsync<Welcome>(ControlMethod.Hello, hello, null, cancel);
            return client;
        }
        catch
        {
            await client.DisposeAsync();
            throw;
        }
    }

    /// <summary>What a device's owner sees of this laptop where it was not given a name.</summary>
    public static string ClientName => $"{Environment.UserName}@{Environment.MachineName}";

    /// <summary>Asks and reads the answer.</summary>
    /// <param name="limit">Null: <see cref="UsualTimeLimit"/>.</param>
    public async Task<T> RequestAsync<T>(string method, IControlMessage? parameter, TimeSpan? limit,
        CancellationToken cancel) where T : IControlMessage, new()
    {
        byte[] result = await RequestAsync(method, parameter, limit, cancel);
        try
        {
            return result.Length == 0 ? new T() : FieldReader.Read<T>(result);
        }
        catch (MessagePackException wrong)
        {
            throw new DeviceLostException($"the answer of {Place} to '{method}' cannot be read: {wrong.Message}", wrong);
        }
    }

    /// <summary>Asks and gives the answer's bytes; empty for nil.</summary>
    /// <exception cref="DeviceRefusedException">The device said no.</exception>
    /// <exception cref="DeviceLostException">The connection is gone, or no answer came in time.</exception>
    public async Task<byte[]> RequestAsync(string method, IControlMessage? parameter, TimeSpan? limit, CancellationToken cancel)
    {
        uint id = Interlocked.Increment(ref _lastId);
        var answer = new TaskCompletionSource<byte[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[id] = answer;
        try
        {
            await SendAsync(id, method, parameter, cancel);
            return await answer.Task.WaitAsync(limit ?? UsualTimeLimit, cancel);
        }
        catch (TimeoutException late)
        {
            throw new DeviceLostException($"{Place} did not answer '{method}' within {(limit ?? UsualTimeLimit).TotalSeconds:0.#} s", late);
        }
        catch (RpcAnswer refused)
        {
            throw new DeviceRefusedException(method, refused.Error);
        }
        finally
        {
            _waiting.TryRemove(id, out _);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return;
        }

        await _closing.CancelAsync();
        await _stream.DisposeAsync();
        await _reading;
        _closing.Dispose();
        _writing.Dispose();
    }

    private async Task SendAsync(uint id, string method, IControlMessage? parameter, CancellationToken cancel)
    {
        await _writing.WaitAsync(cancel);
        try
        {
            _buffer.ResetWrittenCount();
            RpcMessage.WriteRequest(_buffer, id, method, parameter);
            // The buffer is shared, so a message is copied out; and written whole, as half a message would end the connection.
            await _stream.WriteAsync(_buffer.WrittenSpan.ToArray(), CancellationToken.None);
        }
        catch (Exception broken) when (broken is IOException or SocketException or ObjectDisposedException)
        {
            throw _lost ?? Lost(broken);
        }
        finally
        {
            _writing.Release();
        }

        if (_lost is { } lost)
        {
            throw lost;
        }
    }

    private async Task ReadAllAsync()
    {
        Exception? reason = null;
        try
        {
            while (await _stream.ReadAsync(_closing.Token) is { } message)
            {
                Take(message);
            }
        }
        catch (Exception broken) when (broken is IOException or SocketException or ObjectDisposedException or OperationCanceledException
            or MessagePackException)
        {
            reason = broken;
        }

        _lost = Lost(reason);
        _notifications.Writer.TryComplete();
        foreach (var waiting in _waiting.Values)
        {
            waiting.TrySetException(_lost);
        }
    }

    private void Take(byte[] bytes)
    {
        var message = RpcMessage.Read(bytes);
        byte[] body = message.BodyStart < 0 ? [] : bytes[message.BodyStart..];
        if (message.Kind == RpcKind.Notification)
        {
            // A full channel must not hold up the answers behind it.
            Interlocked.Add(ref _lostCount, _notifications.Writer.TryWrite(new Notification(message.Method, body)) ? 0 : 1);
            return;
        }

        if (message.Kind == RpcKind.Response && _waiting.TryGetValue(message.Id, out var waiting))
        {
            _ = message.Error is { } error ? waiting.TrySetException(new RpcAnswer(error)) : waiting.TrySetResult(body);
        }
    }

    private DeviceLostException Lost(Exception? reason)
    {
        string why = reason switch
        {
            null => "the device closed it",
            MessagePackException wrong => $"what came was no message ({wrong.Message})",
            _ => reason.Message,
        };
        return new DeviceLostException($"the connection to {Place} is lost: {why}", reason);
    }

    private sealed class RpcAnswer(RpcError error) : Exception
    {
        public RpcError Error { get; } = error;
    }
}

/// <summary>Something the device sent unasked.</summary>
/// <param name="Method">One of <see cref="ControlNotification"/>.</param>
/// <param name="Body">Its parameter as sent.</param>
internal sealed record Notification(string Method, byte[] Body)
{
    public T Read<T>() where T : IControlMessage, new() => Body.Length == 0 ? new T() : FieldReader.Read<T>(Body);
}

/// <summary>The device answered, and the answer is no: what, why, and what to do next.</summary>
internal sealed class DeviceRefusedException(string method, RpcError error) : Exception(Text(error))
{
    public string Method { get; } = method;

    /// <summary>One of <see cref="RpcErrorCode"/>.</summary>
    public string Code { get; } = error.Code;

    public string? Hint { get; } = error.Hint;

    private static string Text(RpcError error) => error.Hint is { Length: > 0 } hint ? $"{error.Message}; {hint}" : error.Message;
}

/// <summary>There is no connection (any more), or no answer in time.</summary>
internal sealed class DeviceLostException(string message, Exception? inner = null) : IOException(message, inner);
