using System.Net.WebSockets;
using System.Text.Json;
using EdgeRoute.Cli.Connecting;
using EdgeRoute.Interop.Linux;
using EdgeRoute.Protocol.Rpc;

namespace EdgeRoute.Cli.Page;

/// <summary>
/// One Foxglove viewer and its own connection to the device, which is made again whenever it is lost: the viewer is told, keeps its
/// topics, and sees on when the device is back.
/// </summary>
/// <param name="width">Of pictures at most, in pixels.</param>
internal sealed class ViewerConnection(WebSocket socket, Func<CancellationToken, Task<DeviceClient>> dial, int width)
{
    /// <summary>Subscriptions to all topics of sixteen cameras are some kilobytes.</summary>
    private const int MessageBytesMost = 64 << 10;

    /// <summary>A device that has just begun answers before its engine runs.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(0.4);

    private readonly ViewerTopics _topics = new();
    private readonly ViewerOutbox _outbox = new(socket);
    private volatile ViewerFeed? _feed;

    /// <summary>Ends when the viewer goes, or the command does.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        Task[] parts = [WatchAsync(ended.Token), _outbox.RunAsync(ended.Token), ReceiveAllAsync(ended.Token)];
        await Task.WhenAny(parts);
        await ended.CancelAsync();
        await Task.WhenAll(parts).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await SocketText.CloseAsync(socket);
    }

    private async Task WatchAsync(CancellationToken cancel)
    {
        await _outbox.PutAsync(FoxgloveOps.ServerInfo("EdgeRoute"), cancel);
        bool wasLost = false;
        var feeding = Task.CompletedTask;
        var watch = new DeviceWatch(dial)
        {
            OnConnected = async (client, connected) =>
            {
                if (wasLost)
                {
                    _outbox.Note(FoxgloveOps.Status(FoxgloveOps.Notice, "the connection to the device is back", "link"));
                }

                await feeding;
                var feed = new ViewerFeed(client, _topics, _outbox, width);
                await DescribeAsync(feed, connected);
                _feed = feed;
                feeding = feed.RunAsync(connected);
            },
            OnNotification = notification => _feed?.Take(notification),
            OnLost = (reason, wait) =>
            {
                wasLost = true;
                _outbox.Note(FoxgloveOps.Status(FoxgloveOps.Warning, $"{reason}; dialled again in {wait.TotalSeconds:0.#} s", "link"));
                _feed?.End();
            },
        };
        try
        {
            await watch.RunAsync(isPatient: true, cancel);
        }
        catch (Exception refused) when (refused is DeviceRefusedException or TrustException or UnauthorizedAccessException)
        {
            _outbox.Note(FoxgloveOps.Status(FoxgloveOps.Error, refused.Message, "link"));
            await Task.Delay(Timeout.Infinite, cancel);
        }
        finally
        {
            await feeding.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task DescribeAsync(ViewerFeed feed, CancellationToken cancel)
    {
        for (bool isDone = false; !isDone;)
        {
            try
            {
                await feed.DescribeAsync(cancel);
                isDone = true;
            }
            catch (DeviceRefusedException refused) when (refused.Code == RpcErrorCode.Unavailable)
            {
                await Task.Delay(Pause, cancel);
            }
        }
    }

    private async Task ReceiveAllAsync(CancellationToken cancel)
    {
        await foreach (byte[] message in SocketText.ReadAllAsync(socket, MessageBytesMost, cancel))
        {
            string problem;
            try
            {
                problem = _topics.Take(ViewerRequest.Read(message));
            }
            catch (Exception wrong) when (wrong is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
            {
                problem = $"what the viewer sent cannot be read: {wrong.Message}";
            }

            if (problem.Length > 0)
            {
                _outbox.Note(FoxgloveOps.Status(FoxgloveOps.Warning, problem, "request"));
            }

            _feed?.Change();
        }
    }
}
