using System.Text;
using System.Threading.Channels;
using EdgeRoute.Cli.Connecting;
using EdgeRoute.Cli.Output;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Recording;
using EdgeRoute.Workbench.Exporting;

namespace EdgeRoute.Cli.Page;

/// <summary>
/// What one viewer gets over one connection to the device: the device is asked for what the viewer has subscribed to, and for its status,
/// which tells of sources that come and go.
/// </summary>
/// <param name="width">Of pictures at most, in pixels.</param>
internal sealed class ViewerFeed(DeviceClient client, ViewerTopics topics, ViewerOutbox outbox, int width)
{
    private const double TelemetryHz = 1, ClockHz = 1;

    private const long ClockUnknown = long.MinValue;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(0.5);

    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Dictionary<ViewerWish, int> _held = [];
    private readonly Dictionary<string, Showing> _shown = [];
    private readonly Dictionary<int, long> _lost = [];
    private volatile DeviceDescription _device = new();
    private volatile string _asked = "";
    private long _utcOffsetNs = ClockUnknown;
    private int _isDescriptionOld;

    /// <summary>The viewer has subscribed to something, or no longer has.</summary>
    public void Change() => _changes.Writer.TryWrite(true);

    /// <summary>The connection is lost.</summary>
    public void End() => _changes.Writer.TryComplete();

    /// <summary>Until the connection is lost.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        try
        {
            Change();
            await foreach (bool _ in _changes.Reader.ReadAllAsync(ended.Token))
            {
                await AdjustAsync(ended.Token);
            }
        }
        catch (DeviceLostException)
        {
            // Who watches the connection says so.
        }
        finally
        {
            await ended.CancelAsync();
            await Task.WhenAll(_shown.Values.Select(s => s.Work)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _shown.Values.ToList().ForEach(s => s.Cancel.Dispose());
        }
    }

    /// <summary>Tells the viewer which topics there are.</summary>
    public async Task DescribeAsync(CancellationToken cancel)
    {
        _device = await client.RequestAsync<DeviceDescription>(ControlMethod.Describe, null, null, cancel);
        var (come, gone) = topics.Take([.. _device.Streams.Select(s => s.Name)]);
        if (gone.Count > 0)
        {
            await outbox.PutAsync(FoxgloveOps.Unadvertise(gone), cancel);
        }

        if (come.Count > 0)
        {
            await outbox.PutAsync(FoxgloveOps.Advertise(come), cancel);
        }
    }

    public void Take(Notification notification)
    {
        switch (notification.Method)
        {
            case ControlNotification.Telemetry:
                Take(notification.Read<TelemetryMessage>());
                break;
            case ControlNotification.Trace:
                Take(notification.Read<TraceMessage>());
                break;
            case ControlNotification.Answer:
                var answer = notification.Read<AnswerMessage>();
                CountLost(answer.Subscription, answer.LostCount);
                LearnClock(answer);
                Tell(TopicKind.Answer, answer.Source, answer.CaptureUtcNs, () => LineOf(answer));
                break;
            case ControlNotification.Event:
                var entry = notification.Read<EventEntry>();
                Tell(TopicKind.Log, "", entry.UtcNs, () => TopicMessages.Log(entry));
                Tell(TopicKind.Event, entry.Stream, entry.UtcNs, () => TopicMessages.Event(entry));
                break;
        }
    }

    private void Take(TelemetryMessage message)
    {
        Tell(TopicKind.Device, "", message.Status.NowUtcNs, () => TopicMessages.Device(message.Status));
        string shape = ShapeOf(message.Status.Streams.Select(s => (s.Name, s.Pack, s.Policy)));
        // Asked once for each picture of the sources that the description does not fit.
        if (shape != _asked && shape != ShapeOf(_device.Streams.Select(s => (s.Name, s.Pack, s.Policy))))
        {
            _asked = shape;
            Interlocked.Exchange(ref _isDescriptionOld, 1);
            Change();
        }
    }

    private void Take(TraceMessage message)
    {
        CountLost(message.Subscription, message.LostCount);
        long utcOffsetNs = Interlocked.Read(ref _utcOffsetNs);
        if (message.RecordBytes < RecordingFormat.TraceBytesLeast || utcOffsetNs == ClockUnknown)
        {
            return;
        }

        for (int at = 0; at + message.RecordBytes <= message.Records.Length; at += message.RecordBytes)
        {
            TraceRecordCodec.Decode(message.Records.AsSpan(at, message.RecordBytes), out var trace);
            int index = trace.Stamp.SourceIndex;
            if (_device.Streams.Find(s => s.Index == index) is { } stream)
            {
                long utcNs = trace.Stamp.CaptureNs + utcOffsetNs;
                Tell(TopicKind.Decision, stream.Name, utcNs,
                    () => TopicMessages.Decision(trace, SourceOf(stream), TopicMessages.TimeOf(utcNs)));
            }
        }
    }

    /// <summary>Nothing is made where nobody wants it.</summary>
    private void Tell(TopicKind kind, string source, long utcNs, Func<byte[]?> make)
    {
        if (topics.SubscriptionsTo(kind, source) is { Length: > 0 } subscriptions && make() is { } message)
        {
            foreach (uint subscription in subscriptions)
            {
                outbox.Offer(FoxgloveOps.Data(subscription, TopicMessages.TimeOf(utcNs), message));
            }
        }
    }

    /// <summary>Traces know the device's monotonic clock alone.</summary>
    private void LearnClock(AnswerMessage answer) => Interlocked.Exchange(ref _utcOffsetNs, answer.CaptureUtcNs - answer.CaptureNs);

    private void CountLost(int subscription, long count)
    {
        outbox.Skip(Math.Max(0, count - _lost.GetValueOrDefault(subscription)));
        _lost[subscription] = count;
    }

    private async Task AdjustAsync(CancellationToken cancel)
    {
        try
        {
            if (Interlocked.Exchange(ref _isDescriptionOld, 0) != 0)
            {
                await DescribeAsync(cancel);
            }

            await SubscribeAsync(cancel);
        }
        catch (DeviceRefusedException refused)
        {
            outbox.Note(FoxgloveOps.Status(FoxgloveOps.Warning, $"the device says no: {refused.Message}", "device"));
        }

        ShowWanted(cancel);
    }

    private async Task SubscribeAsync(CancellationToken cancel)
    {
        var wanted = ViewerWish.Of(topics, TelemetryHz, ClockHz);
        foreach (var (wish, number) in _held.Where(h => !wanted.Contains(h.Key)).ToList())
        {
            _held.Remove(wish);
            await client.RequestAsync(ControlMethod.Unsubscribe, new Subscription { Number = number }, null, cancel);
        }

        foreach (var wish in wanted.Where(w => !_held.ContainsKey(w)))
        {
            _held[wish] = (await client.RequestAsync<Subscription>(ControlMethod.Subscribe, wish.Request, null, cancel)).Number;
        }
    }

    private void ShowWanted(CancellationToken cancel)
    {
        var wanted = topics.Pictured();
        foreach (var (source, showing) in _shown.Where(s => !wanted.Contains(s.Key)).ToList())
        {
            _shown.Remove(source);
            showing.Cancel.Cancel();
        }

        foreach (string source in wanted.Where(s => !_shown.ContainsKey(s)))
        {
            var own = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            _shown[source] = new Showing(ShowAsync(source, own.Token), own);
        }
    }

    /// <summary>One picture after the other: the next is asked for when the viewer has the last one.</summary>
    private async Task ShowAsync(string source, CancellationToken cancel)
    {
        var request = new PictureRequest { Stream = source, Width = width };
        while (client.LostReason is null)
        {
            try
            {
                // The device itself says after ten seconds that no frame comes.
                var limit = DeviceClient.UsualTimeLimit * 2;
                await SendAsync(source, await client.RequestAsync<PictureReply>(ControlMethod.Picture, request, limit, cancel), cancel);
            }
            catch (DeviceRefusedException refused)
            {
                outbox.Note(FoxgloveOps.Status(FoxgloveOps.Warning, $"no picture of {source}: {refused.Message}", $"picture {source}"));
                await Task.Delay(Pause, cancel);
            }
            catch (DeviceLostException)
            {
                await Task.Delay(Pause, cancel);
            }
        }
    }

    private async Task SendAsync(string source, PictureReply picture, CancellationToken cancel)
    {
        LearnClock(picture.Answer);
        ulong timeNs = TopicMessages.TimeOf(picture.Answer.CaptureUtcNs);
        foreach (var (kind, make) in (IEnumerable<(TopicKind, Func<byte[]?>)>)
            [
                (TopicKind.Boxes, () => TopicMessages.Boxes(LineOf(picture.Answer), picture.Jpeg, timeNs)),
                (TopicKind.Path, () => TopicMessages.Path(picture.Answer, picture.Jpeg, timeNs)),
                (TopicKind.Image, () => TopicMessages.Image(source, picture.Jpeg, timeNs)),
            ])
        {
            if (topics.SubscriptionsTo(kind, source) is { Length: > 0 } subscriptions && make() is { } message)
            {
                foreach (uint subscription in subscriptions)
                {
                    await outbox.SendAsync(FoxgloveOps.Data(subscription, timeNs, message), cancel);
                }
            }
        }
    }

    private static byte[] LineOf(AnswerMessage answer) => Encoding.UTF8.GetBytes(AnswerJson.Of(answer));

    private static string ShapeOf(IEnumerable<(string Name, string Pack, string Policy)> streams) => string.Join('\n', streams);

    private static SessionSource SourceOf(StreamDescription stream) => new(stream.Name, stream.Address, stream.Pack,
        new byte[RecordingFormat.HashBytes], stream.Policy, [.. stream.Nodes.Select(n => new SessionNode(n.Path,
            [.. n.Options.Select(o => new SessionOption((OptionKind)o.Kind, o.NodeIndex, o.Name))]))]);

    private sealed record Showing(Task Work, CancellationTokenSource Cancel);
}
