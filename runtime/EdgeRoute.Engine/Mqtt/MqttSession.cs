using System.Buffers;
using System.Threading.Channels;
using EdgeRoute.Engine.Faults;
using MQTTnet;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace EdgeRoute.Engine.Mqtt;

/// <summary>One connection to a broker while it lasts. Any thread, but answers come from one.</summary>
internal sealed class MqttSession
{
    /// <summary>Answers on their way at once: what brokers allow by default is 20 that they have not acknowledged yet.</summary>
    private const int Window = 16;

    /// <summary>For what is on its way when the connection is to be closed.</summary>
    private static readonly TimeSpan CloseLimit = TimeSpan.FromSeconds(2);

    private readonly MqttClient _client;
    private readonly CancellationToken _closing;
    private readonly TaskCompletionSource<MqttClientDisconnectedEventArgs?> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Channel<Place> _free = Channel.CreateBounded<Place>(Window);
    private int _window;
    private uint _bytesMost = uint.MaxValue;
    private bool _retains = true;

    /// <param name="client">Not connected yet; stays the caller's.</param>
    /// <param name="closing">Whether it is to close.</param>
    public MqttSession(MqttClient client, CancellationToken closing)
    {
        (_client, _closing) = (client, closing);
        client.DisconnectedAsync += end =>
        {
            _end.TrySetResult(end);
            return Task.CompletedTask;
        };
    }

    /// <summary>A message on its way, and the bytes that it may not let go of before it has arrived.</summary>
    private sealed class Place
    {
        public byte[] Bytes = [];

        public Action<string?> Settled = _ => { };

        public MqttApplicationMessage Message { get; } = new();
    }

    /// <summary>Completes when the connection is there no more.</summary>
    public Task Ended => _end.Task;

    public bool HasEnded => _end.Task.IsCompleted;

    public bool IsClosing => _closing.IsCancellationRequested;

    /// <summary>The broker has let this client in, and said what it takes.</summary>
    public void Begin(MqttClientConnectResult result)
    {
        _bytesMost = result.MaximumPacketSize is > 0 and var bytes ? bytes : uint.MaxValue;
        _retains = result.RetainAvailable;

        // One place is for what is told beside the answers.
        _window = result.ReceiveMaximum is > 0 and <= Window and var most ? Math.Max(1, most - 1) : Window;
        for (int i = 0; i < _window; i++)
        {
            _free.Writer.TryWrite(new Place());
        }
    }

    /// <summary>
    /// Sends an answer, whose bytes are copied. Waits for a place where as many as can be are on their way; where none becomes free the
    /// broker is taken for gone.
    /// </summary>
    /// <param name="settled">Told once, on any thread: null when it has arrived (with QoS 0: left), else why not.</param>
    public void Send(string topic, ReadOnlySpan<byte> payload, int qos, Action<string?> settled)
    {
        if (WhyTooLong(topic, payload) is { } reason)
        {
            settled(reason);
            return;
        }

        if (FreePlace() is not { } place)
        {
            _end.TrySetResult(null);
            settled("");
            return;
        }

        Send(place, topic, payload, qos, settled);
    }

    /// <summary>The same where a place is free at once. False: none is, and nobody is told.</summary>
    /// <inheritdoc cref="Send(string, ReadOnlySpan{byte}, int, Action{string?})"/>
    public bool TrySend(string topic, ReadOnlySpan<byte> payload, int qos, Action<string?> settled)
    {
        if (WhyTooLong(topic, payload) is not null || !_free.Reader.TryRead(out var place))
        {
            return false;
        }

        Send(place, topic, payload, qos, settled);
        return true;
    }

    /// <summary>The topic, its length, an identifier and the header stand before the payload.</summary>
    private string? WhyTooLong(string topic, ReadOnlySpan<byte> payload) => payload.Length + topic.Length + 16L > _bytesMost
        ? $"it has {payload.Length} bytes, and the broker takes messages of {_bytesMost}" : null;

    private void Send(Place place, string topic, ReadOnlySpan<byte> payload, int qos, Action<string?> settled)
    {
        place.Bytes = place.Bytes.Length < payload.Length ? new byte[payload.Length * 2] : place.Bytes;
        payload.CopyTo(place.Bytes);
        place.Settled = settled;
        place.Message.Topic = topic;
        place.Message.Payload = new ReadOnlySequence<byte>(place.Bytes, 0, payload.Length);
        place.Message.QualityOfServiceLevel = (MqttQualityOfServiceLevel)qos;
        Send(place);
    }

    /// <summary>Who gets the messages that come, one at a time on the connection's thread.</summary>
    public void Receive(Action<MqttApplicationMessage> take) => _client.ApplicationMessageReceivedAsync += received =>
    {
        take(received.ApplicationMessage);
        return Task.CompletedTask;
    };

    /// <summary>Asks for messages, or for no more. Null: the broker does so; empty: the connection has ended; else why not.</summary>
    public async Task<string?> Ask(IReadOnlyList<MqttTopicFilter> wanted, IReadOnlyList<string> unwanted)
    {
        using var limit = new CancellationTokenSource(MqttLink.AnswerLimit);
        try
        {
            if (unwanted.Count > 0)
            {
                await _client.UnsubscribeAsync(new MqttClientUnsubscribeOptions { TopicFilters = [.. unwanted] }, limit.Token)
                    .ConfigureAwait(false);
            }

            if (wanted.Count == 0)
            {
                return null;
            }

            var result = await _client.SubscribeAsync(new MqttClientSubscribeOptions { TopicFilters = [.. wanted] }, limit.Token)
                .ConfigureAwait(false);
            return result.Items.FirstOrDefault(i => i.ResultCode > MqttClientSubscribeResultCode.GrantedQoS2) is { } refused
                ? $"{refused.TopicFilter.Topic}: {refused.ResultCode}" : null;
        }
        catch (Exception failed) when (PartThread.IsPartsOwn(failed))
        {
            await Task.WhenAny(_end.Task, Task.Delay(limit.IsCancellationRequested ? TimeSpan.Zero : CloseLimit)).ConfigureAwait(false);
            _end.TrySetResult(null);
            return "";
        }
    }

    /// <summary>Sends what is told beside the answers, at least once. False: it did not arrive, or the broker takes none of it.</summary>
    public async Task<bool> Tell(string topic, ReadOnlyMemory<byte> payload, bool retain, RefusedTopics refused)
    {
        if (HasEnded || refused.LeavesOut(topic))
        {
            return false;
        }

        using var limit = new CancellationTokenSource(MqttLink.AnswerLimit);
        try
        {
            var result = await _client.PublishAsync(new MqttApplicationMessage
            {
                Topic = topic, Payload = new ReadOnlySequence<byte>(payload), Retain = retain && _retains,
                QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
            }, limit.Token).ConfigureAwait(false);
            if (result.IsSuccess)
            {
                refused.Accept(topic);
            }
            else
            {
                refused.Refuse(topic, ReasonOf(result));
            }

            return result.IsSuccess;
        }
        catch (Exception failed) when (PartThread.IsPartsOwn(failed))
        {
            // Half a message may be on its way, after which nothing else would be understood. Where the broker has ended it, it says why.
            await Task.WhenAny(_end.Task, Task.Delay(limit.IsCancellationRequested ? TimeSpan.Zero : CloseLimit)).ConfigureAwait(false);
            _end.TrySetResult(null);
            return false;
        }
    }

    /// <summary>Waits for the answers that are on their way, for a time. None may be sent any more.</summary>
    public async Task Drain()
    {
        using var limit = new CancellationTokenSource(CloseLimit);
        for (int i = 0; i < _window && !limit.IsCancellationRequested; i++)
        {
            Task next = _free.Reader.ReadAsync(limit.Token).AsTask();
            await next.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Ends the connection in order, where it has not ended.</summary>
    /// <returns>What the broker or the network did; null where neither did anything.</returns>
    public async Task<MqttClientDisconnectedEventArgs?> Close()
    {
        bool hasEnded = HasEnded;
        using var limit = new CancellationTokenSource(CloseLimit);
        try
        {
            await _client.DisconnectAsync(new MqttClientDisconnectOptions(), limit.Token).ConfigureAwait(false);
        }
        catch (Exception failed) when (PartThread.IsPartsOwn(failed))
        {
            // It is gone already, or takes nothing: either way it is closed.
        }

        return hasEnded ? await _end.Task.ConfigureAwait(false) : null;
    }

    /// <summary>Null where none has become free in time.</summary>
    private Place? FreePlace()
    {
        if (_free.Reader.TryRead(out var place))
        {
            return place;
        }

        var next = _free.Reader.ReadAsync().AsTask();
        return next.Wait(MqttLink.AnswerLimit) ? next.Result : null;
    }

    private void Send(Place place)
    {
        Task<MqttClientPublishResult> sending;
        try
        {
            sending = _client.PublishAsync(place.Message, CancellationToken.None);
        }
        catch (Exception failed) when (PartThread.IsPartsOwn(failed))
        {
            Settle(place, "");
            return;
        }

        if (sending.IsCompleted)
        {
            Settle(place, ResultOf(sending));
            return;
        }

        sending.ContinueWith((sent, of) => Settle((Place)of!, ResultOf(sent)), place, CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private void Settle(Place place, string? problem)
    {
        place.Settled(problem);
        _free.Writer.TryWrite(place);
    }

    /// <summary>Empty where the connection has ended, which is told elsewhere.</summary>
    private static string? ResultOf(Task<MqttClientPublishResult> sent)
    {
        if (!sent.IsCompletedSuccessfully)
        {
            _ = sent.Exception;
            return "";
        }

        return sent.Result.IsSuccess ? null : ReasonOf(sent.Result);
    }

    private static string ReasonOf(MqttClientPublishResult result) =>
        string.IsNullOrEmpty(result.ReasonString) ? $"{result.ReasonCode}" : $"{result.ReasonCode}: {result.ReasonString}";
}
