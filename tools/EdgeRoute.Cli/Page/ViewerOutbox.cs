using System.Globalization;
using System.Net.WebSockets;
using System.Threading.Channels;

namespace EdgeRoute.Cli.Page;

/// <summary>
/// What waits to be sent to one viewer. A slow one skips messages and is told how many; a picture is fetched only once the one before is
/// sent, so that it gets fewer.
/// </summary>
internal sealed class ViewerOutbox(WebSocket socket)
{
    /// <summary>Decisions of sixteen cameras for a few seconds, whichever comes first.</summary>
    private const int WaitingMost = 2048, WaitingBytesMost = 8 << 20;

    private static readonly TimeSpan TellEvery = TimeSpan.FromSeconds(1);

    private readonly Channel<Parcel> _waiting = Channel.CreateBounded<Parcel>(WaitingMost);
    private long _waitingBytes, _skippedCount, _toldCount;
    private long _toldAt;

    public void Skip(long count) => Interlocked.Add(ref _skippedCount, count);

    /// <summary>Sent when its turn comes, or skipped where too much waits.</summary>
    public void Offer(byte[] data)
    {
        long bytes = Interlocked.Add(ref _waitingBytes, data.Length);
        if (bytes > WaitingBytesMost || !_waiting.Writer.TryWrite(new Parcel(new PageMessage(data), null)))
        {
            Interlocked.Add(ref _waitingBytes, -data.Length);
            Skip(1);
        }
    }

    /// <summary>A word beside the messages, which a full outbox has no room for.</summary>
    public void Note(PageMessage message)
    {
        if (_waiting.Writer.TryWrite(new Parcel(message, null)))
        {
            Interlocked.Add(ref _waitingBytes, message.Bytes.Length);
        }
    }

    /// <summary>What must not be skipped.</summary>
    public async Task PutAsync(PageMessage message, CancellationToken cancel)
    {
        Interlocked.Add(ref _waitingBytes, message.Bytes.Length);
        await _waiting.Writer.WriteAsync(new Parcel(message, null), cancel);
    }

    /// <summary>Ends once it is sent.</summary>
    public async Task SendAsync(byte[] data, CancellationToken cancel)
    {
        var sent = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Interlocked.Add(ref _waitingBytes, data.Length);
        await _waiting.Writer.WriteAsync(new Parcel(new PageMessage(data), sent), cancel);
        await sent.Task.WaitAsync(cancel);
    }

    public async Task RunAsync(CancellationToken cancel)
    {
        await foreach (var parcel in _waiting.Reader.ReadAllAsync(cancel))
        {
            await socket.SendAsync(parcel.Message.Bytes, parcel.Message.Type, endOfMessage: true, cancel);
            Interlocked.Add(ref _waitingBytes, -parcel.Message.Bytes.Length);
            parcel.Sent?.TrySetResult();
            await TellSkippedAsync(cancel);
        }
    }

    /// <summary>At once where nothing else waits, else now and then.</summary>
    private async Task TellSkippedAsync(CancellationToken cancel)
    {
        long skipped = Interlocked.Read(ref _skippedCount);
        bool isDue = _waiting.Reader.Count == 0 || Environment.TickCount64 - _toldAt >= TellEvery.TotalMilliseconds;
        if (skipped == _toldCount || !isDue)
        {
            return;
        }

        (_toldCount, _toldAt) = (skipped, Environment.TickCount64);
        string text = string.Create(CultureInfo.InvariantCulture,
            $"{skipped} messages skipped so far: this viewer, or the link to the device, is slower than they come");
        var status = FoxgloveOps.Status(FoxgloveOps.Warning, text, "skipped");
        await socket.SendAsync(status.Bytes, status.Type, endOfMessage: true, cancel);
    }

    /// <param name="Sent">Told when it is; null: nobody waits for it.</param>
    private sealed record Parcel(PageMessage Message, TaskCompletionSource? Sent);
}
