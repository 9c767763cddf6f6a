using System.Buffers;
using System.Net.Sockets;
using System.Net.WebSockets;

namespace EdgeRoute.ControlChannel.Transport;

/// <summary>
/// Messages on their way to one client. Whoever sends copies into a pooled buffer and goes on; one sender at a time writes to the stream.
/// What waits is bounded: telemetry is refused early, everything else late, and what to do then is the caller's business. Any thread.
/// </summary>
/// <param name="ended">Told once: null where all was sent after <see cref="Finish"/>, else why nothing more can be sent.</param>
/// <param name="telemetryBytes">What may wait of that which may be lost.</param>
internal sealed class SendQueue(Stream stream, Action<Exception?> ended, long telemetryBytes = ChannelLimits.TelemetryBytes)
    : IThreadPoolWorkItem
{
    private readonly Lock _gate = new();
    private readonly Queue<Message> _waiting = new();
    private bool _isSending, _isFinishing, _hasEnded;
    private long _waitingBytes, _mostBytes;

    private readonly record struct Message(byte[] Bytes, int Length);

    /// <summary>Bytes taken and not yet written.</summary>
    public long WaitingBytes => Interlocked.Read(ref _waitingBytes);

    /// <summary>The most that ever waited.</summary>
    public long MostBytes => Interlocked.Read(ref _mostBytes);

    /// <summary>For what must arrive. False: too much waits, or the queue has ended.</summary>
    public bool TrySend(ReadOnlySpan<byte> message) => TryAdd(message, ChannelLimits.QueueBytes);

    /// <summary>For what may be lost. False: it is.</summary>
    public bool TrySendTelemetry(ReadOnlySpan<byte> message) => TryAdd(message, telemetryBytes);

    /// <summary>Takes nothing more, and ends when all is sent.</summary>
    public void Finish()
    {
        bool isDone;
        lock (_gate)
        {
            isDone = !_isFinishing && !_isSending;
            _isFinishing = true;
        }

        if (isDone)
        {
            End(null);
        }
    }

    /// <summary>Runs the sender; the thread pool calls it.</summary>
    public void Execute() => _ = SendAll();

    private bool TryAdd(ReadOnlySpan<byte> bytes, long limit)
    {
        lock (_gate)
        {
            if (_isFinishing || _hasEnded || Interlocked.Read(ref _waitingBytes) + bytes.Length > limit)
            {
                return false;
            }

            byte[] copy = ArrayPool<byte>.Shared.Rent(bytes.Length);
            bytes.CopyTo(copy);
            _waiting.Enqueue(new Message(copy, bytes.Length));
            long waiting = Interlocked.Add(ref _waitingBytes, bytes.Length);
            _mostBytes = Math.Max(_mostBytes, waiting);
            if (_isSending)
            {
                return true;
            }

            _isSending = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        return true;
    }

    private async Task SendAll()
    {
        while (TryTake(out var message))
        {
            try
            {
                await stream.WriteAsync(message.Bytes.AsMemory(0, message.Length)).ConfigureAwait(false);
            }
            catch (Exception fault) when (fault is IOException or ObjectDisposedException or SocketException or InvalidOperationException
                or NotSupportedException or OperationCanceledException or WebSocketException)
            {
                End(fault);
                return;
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(message.Bytes);
                Interlocked.Add(ref _waitingBytes, -message.Length);
            }
        }
    }

    private bool TryTake(out Message message)
    {
        bool isDone;
        lock (_gate)
        {
            if (_waiting.TryDequeue(out message))
            {
                return true;
            }

            _isSending = false;
            isDone = _isFinishing;
        }

        if (isDone)
        {
            End(null);
        }

        return false;
    }

    private void End(Exception? fault)
    {
        lock (_gate)
        {
            if (_hasEnded)
            {
                return;
            }

            _hasEnded = true;
            while (_waiting.TryDequeue(out var left))
            {
                Interlocked.Add(ref _waitingBytes, -left.Length);
                ArrayPool<byte>.Shared.Return(left.Bytes);
            }
        }

        ended(fault);
    }
}
