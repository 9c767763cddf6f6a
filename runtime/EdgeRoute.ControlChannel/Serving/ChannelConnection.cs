using System.Buffers;
using System.Net.Sockets;
using EdgeRoute.ControlChannel.Journal;
using EdgeRoute.ControlChannel.Transport;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Framing;
using EdgeRoute.Protocol.Rpc;

namespace EdgeRoute.ControlChannel.Serving;

/// <summary>
/// One client: reads its requests, begins them in the order they came, and sends what is to be sent to it. The channel sees to its time
/// limits. Only <see cref="Run"/> reads; all else may be called from any thread.
/// </summary>
internal sealed class ChannelConnection
{
    /// <summary>A buffer that has grown to the size of a snapshot is not kept for the answers to come.</summary>
    private const int BufferBytesKept = 256 * 1024;

    private readonly ChannelServer _server;
    private readonly Socket _socket;
    private readonly Lock _writeGate = new();
    private readonly RequestRate _rate = new();
    private readonly CancellationTokenSource _ended = new();
    private MessageAssembler _messages = new(ChannelLimits.StrangerMessages);
    private ArrayBufferWriter<byte> _buffer = new();
    private SendQueue? _queue;
    private Stream? _stream;
    private volatile ControlCaller? _caller;
    private int _pendingCount, _subscriptionNumber, _isClosing;
    private long _closeByNs = long.MaxValue;

    public ChannelConnection(ChannelServer server, Socket socket, string transport, long openedNs)
    {
        _server = server;
        _socket = socket;
        Transport = transport;
        Origin = ChannelPeer.OriginOf(socket.RemoteEndPoint);
        OpenedNs = openedNs;
    }

    public string Transport { get; }

    /// <summary>See <see cref="ChannelPeer.OriginOf"/>.</summary>
    public string Origin { get; }

    public long OpenedNs { get; }

    /// <summary>Known once the transport stands.</summary>
    public ChannelPeer? Peer { get; private set; }

    /// <summary>Null until the hello was answered.</summary>
    public ControlCaller? Caller => _caller;

    /// <summary>The peer has shown that it may be here; until then it takes one of the few places of strangers.</summary>
    public bool IsProven => _caller is { Role: not ControlRole.Stranger };

    /// <summary>A key that the device knows was shown, and a place given to it; hello may be still to come.</summary>
    public bool HasPlace { get; set; }

    /// <summary>The instant at which a connection that is closing is cut off.</summary>
    public long CloseByNs => Volatile.Read(ref _closeByNs);

    /// <summary>The pairing that is under way through this connection; null while none is.</summary>
    public PairingAttempt? Pairing { get; set; }

    public long WaitingBytes => _queue?.WaitingBytes ?? 0;

    public long MostBytes => _queue?.MostBytes ?? 0;

    /// <summary>Serves the client to its end. Never throws.</summary>
    public async Task Run()
    {
        try
        {
            if (await _server.Open(this, _socket, _ended.Token).ConfigureAwait(false) is not { } opened)
            {
                return;
            }

            (_stream, Peer) = opened;
            _queue = new SendQueue(_stream, OnSendEnded);
            await Read(_stream).ConfigureAwait(false);
        }
        catch (Exception gone) when (gone is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The client is gone, or the connection was cut off on purpose and is counted there.
        }
        finally
        {
            Abort();
        }
    }

    /// <summary>Says why, then closes. Nothing that comes afterwards is read.</summary>
    public void Close(string text)
    {
        if (Interlocked.Exchange(ref _isClosing, 1) != 0)
        {
            return;
        }

        Volatile.Write(ref _closeByNs, _server.NowNs + ChannelLimits.FarewellNs);
        if (_queue is not { } queue)
        {
            Abort();
            return;
        }

        Write(buffer => RpcMessage.WriteNotification(buffer, ControlNotification.Closing, new DoneReply { Text = text }), isVital: false);
        queue.Finish();
    }

    /// <summary>Cuts the connection off at once; reading and writing end with a fault.</summary>
    public void Abort()
    {
        Interlocked.Exchange(ref _isClosing, 1);
        _ended.Cancel();
        _stream?.Dispose();
        _socket.Dispose();
    }

    /// <summary>Sends what must arrive.</summary>
    public void Notify(string method, IControlMessage message) => Write(buffer => RpcMessage.WriteNotification(buffer, method, message),
        isVital: true);

    /// <summary>Sends what may be lost. False: it is.</summary>
    public bool TrySendTelemetry(ReadOnlySpan<byte> message) => _queue?.TrySendTelemetry(message) ?? false;

    public int NextSubscription() => Interlocked.Increment(ref _subscriptionNumber);

    /// <summary>Another name or role from now on.</summary>
    public void Become(string name, string role)
    {
        _caller = new ControlCaller(name, role, Transport) { Connection = this };
        _messages.Limits = role == ControlRole.Stranger ? ChannelLimits.StrangerMessages : MessagePackLimits.Requests;
    }

    public string Name => _caller?.ToString() ?? $"a peer at {Peer?.Address ?? "an unknown address"} ({Transport})";

    private async Task Read(Stream stream)
    {
        try
        {
            if (!await ReadAll(stream).ConfigureAwait(false))
            {
                return;
            }
        }
        catch (MessagePackException wrong)
        {
            _server.Refusals.Add(ConnectionRefusal.Malformed, $"{Name}: {wrong.Message}; the connection is closed", _server.NowNs);
            Close($"the stream cannot be followed: {wrong.Message}");
        }

        // After the last words, what the client still sends is thrown away: a socket that is closed with bytes unread takes back what it
        // has sent.
        var thrownAway = new byte[ChannelLimits.ReceiveBytes];
        int count;
        do
        {
            count = await stream.ReadAsync(thrownAway).ConfigureAwait(false);
        }
        while (count > 0);
    }

    /// <summary>True: the connection is being closed by this side. False: the client has closed it.</summary>
    private async Task<bool> ReadAll(Stream stream)
    {
        var received = new byte[ChannelLimits.ReceiveBytes];
        while (Volatile.Read(ref _isClosing) == 0)
        {
            int count = await stream.ReadAsync(received).ConfigureAwait(false);
            if (count == 0)
            {
                return false;
            }

            Take(received.AsSpan(0, count));
        }

        return true;
    }

    private void Take(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0 && Volatile.Read(ref _isClosing) == 0)
        {
            if (_messages.TryTake(ref bytes, out var message))
            {
                Begin(message);
            }
        }
    }

    private void Begin(ReadOnlyMemory<byte> bytes)
    {
        var message = RpcMessage.Read(bytes);
        if (message.Kind != RpcKind.Request)
        {
            throw new MessagePackException($"a {message.Kind.ToString().ToLowerInvariant()} came from a client; a client sends requests");
        }

        if (!_rate.TryTake(_server.NowNs))
        {
            RefuseRate(message.Id);
            return;
        }

        byte[] parameter = message.BodyStart < 0 ? [] : bytes[message.BodyStart..].ToArray();
        _server.CountRequest();
        if (message.Method == ControlMethod.Hello || _caller is null)
        {
            Greet(message, parameter);
        }
        else
        {
            _ = Answer(message.Id, message.Method, parameter, _caller);
        }
    }

    private void RefuseRate(uint id)
    {
        _server.Refusals.Count(ConnectionRefusal.Rate);
        string limits = $"at most {ChannelLimits.RequestsPerSecond} requests a second are taken, {ChannelLimits.RequestBurst} at once";
        SendError(id, new RpcError { Code = RpcErrorCode.Limit, Message = limits, Hint = "wait a second, or subscribe instead of asking" });
        if (_rate.RefusedCount >= ChannelLimits.FloodCount)
        {
            string flood = $"{Name} went on asking after {_rate.RefusedCount} requests were refused for their rate; the "
                + "connection is closed";
            _server.Refusals.Add(ConnectionRefusal.Flood, flood, _server.NowNs);
            Close(limits);
        }
    }

    private void Greet(in RpcMessage message, byte[] parameter)
    {
        try
        {
            SendResult(message.Id, _server.Admission.Welcome(this, message.Method, parameter));
        }
        catch (RpcRefusedException refused)
        {
            SendError(message.Id, refused.Error);
            if (refused.Error.Code == RpcErrorCode.Version)
            {
                Close(refused.Message);
            }
        }
    }

    private async Task Answer(uint id, string method, byte[] parameter, ControlCaller caller)
    {
        var binding = _server.Binding;
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(binding.Ended, _ended.Token);
        try
        {
            if (Interlocked.Increment(ref _pendingCount) > ChannelLimits.PendingCount)
            {
                throw new RpcRefusedException(RpcErrorCode.Limit,
                    $"{ChannelLimits.PendingCount} requests of this connection wait for their answers already");
            }

            SendResult(id, await binding.Methods.Answer(method, parameter, caller, cancel.Token).ConfigureAwait(false));
        }
        catch (RpcRefusedException refused)
        {
            CountDenied(refused.Error, method);
            SendError(id, refused.Error);
        }
        catch (OperationCanceledException)
        {
            SendError(id, new RpcError { Code = RpcErrorCode.Unavailable,
                Message = $"'{method}' was given up: the engine has ended or starts again", Hint = "ask again" });
        }
        catch (Exception fault)
        {
            // Whatever a method missed must not take the device down: the client and the log are told, and the frames go on.
            _server.Events.Add(EventLevel.Warning, "", $"'{method}' of {Name} failed: {fault.GetType().Name}: {fault.Message}");
            SendError(id, new RpcError { Code = RpcErrorCode.Failed, Message = $"'{method}' failed: {fault.Message}" });
        }
        finally
        {
            Interlocked.Decrement(ref _pendingCount);
        }
    }

    private void CountDenied(RpcError error, string method)
    {
        if (error.Code == RpcErrorCode.Denied)
        {
            _server.Refusals.Add(ConnectionRefusal.Denied, $"'{method}' was denied to {Name}", _server.NowNs);
        }
    }

    private void SendResult(uint id, IControlMessage? result) => Write(buffer =>
    {
        RpcMessage.WriteResult(buffer, id, result);
        if (buffer.WrittenCount > MessagePackLimits.Replies.SizeBytes)
        {
            int length = buffer.WrittenCount;
            buffer.ResetWrittenCount();
            RpcMessage.WriteError(buffer, id, new RpcError { Code = RpcErrorCode.Limit,
                Message = $"the answer has {length} bytes; at most {MessagePackLimits.Replies.SizeBytes} are sent" });
        }
    }, isVital: true);

    private void SendError(uint id, RpcError error) => Write(buffer => RpcMessage.WriteError(buffer, id, error), isVital: true);

    /// <param name="isVital">Where it cannot be queued, the connection ends.</param>
    private void Write(Action<ArrayBufferWriter<byte>> write, bool isVital)
    {
        if (_queue is not { } queue)
        {
            return;
        }

        bool isTaken;
        lock (_writeGate)
        {
            _buffer.ResetWrittenCount();
            write(_buffer);
            isTaken = queue.TrySend(_buffer.WrittenSpan);
            _buffer = _buffer.Capacity > BufferBytesKept ? new ArrayBufferWriter<byte>() : _buffer;
        }

        if (!isTaken && isVital && Interlocked.Exchange(ref _isClosing, 1) == 0)
        {
            _server.Refusals.Add(ConnectionRefusal.Stalled, $"{Name} does not read what it asked for: {queue.WaitingBytes} bytes wait; the "
                + "connection is closed", _server.NowNs);
            Abort();
        }
    }

    private void OnSendEnded(Exception? fault)
    {
        if (fault is not null)
        {
            Abort();
            return;
        }

        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            Abort();
        }
    }
}

/// <summary>A bucket of requests: full at first, a request takes one, time brings them back. One thread.</summary>
internal sealed class RequestRate
{
    private double _left = ChannelLimits.RequestBurst;
    private long _lastNs = long.MinValue;

    /// <summary>Requests refused since the last one that was taken after a pause.</summary>
    public int RefusedCount { get; private set; }

    public bool TryTake(long nowNs)
    {
        double refill = _lastNs == long.MinValue ? 0 : Math.Max(0, nowNs - _lastNs) / 1e9 * ChannelLimits.RequestsPerSecond;
        (_left, _lastNs) = (Math.Min(ChannelLimits.RequestBurst, _left + refill), nowNs);
        // Only a client that has paused for a while is believed to have understood; one that keeps hammering gets its hundred a second and
        // is still counted.
        RefusedCount = _left >= ChannelLimits.RequestBurst / 2 ? 0 : RefusedCount;
        if (_left < 1)
        {
            RefusedCount++;
            return false;
        }

        _left--;
        return true;
    }
}
