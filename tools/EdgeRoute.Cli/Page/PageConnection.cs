using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using EdgeRoute.Cli.Connecting;
using EdgeRoute.Cli.Output;
using EdgeRoute.Interop.Linux;
using EdgeRoute.Protocol.Rpc;

namespace EdgeRoute.Cli.Page;

/// <summary>
/// One open page and its own connection to the device, which is made again whenever it is lost; the page is told each time, and
/// subscribes anew. Requests and answers are JSON, pictures bytes.
/// </summary>
/// <param name="packs">Manifests or their folders, for what-ifs.</param>
internal sealed class PageConnection(WebSocket socket, Func<CancellationToken, Task<DeviceClient>> dial, IReadOnlyList<string> packs)
{
    /// <summary>A config of 256 KiB in JSON's escapes, and room to spare.</summary>
    private const int MessageBytesMost = 1 << 20;

    /// <summary>Answered at once: a page of sixteen cameras asks for as many pictures, and for little else.</summary>
    private const int RequestsMost = 64;

    /// <summary>What waits for a slow page: telemetry twice and traces some ten times a second, for a quarter of a minute.</summary>
    private const int WaitingMost = 256;

    private readonly Channel<PageMessage> _outgoing = Channel.CreateBounded<PageMessage>(WaitingMost);
    private readonly PageFrames _frames = new(packs);
    private readonly SemaphoreSlim _requests = new(RequestsMost);
    private volatile DeviceClient? _client;
    private long _lostCount;

    /// <summary>Ends when the page goes, or the command does.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        Task[] parts = [WatchAsync(ended.Token), SendAllAsync(ended.Token), ReceiveAllAsync(ended.Token)];
        // Whichever ends first: the page has gone, or was told all there is to tell.
        await Task.WhenAny(parts[1], parts[2]);
        await ended.CancelAsync();
        await Task.WhenAll(parts).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await SocketText.CloseAsync(socket);
    }

    private async Task WatchAsync(CancellationToken cancel)
    {
        var watch = new DeviceWatch(dial)
        {
            OnConnected = (client, _) =>
            {
                _client = client;
                return TellAsync("link", PageJson.LinkUp(client.Welcome, client.Place), cancel);
            },
            OnNotification = notification => Tell(notification.Method, MessageJson.Of(notification.Body, isOneLine: true)),
            OnLost = (reason, wait) =>
            {
                _client = null;
                Tell("link", PageJson.LinkDown(reason, wait.TotalSeconds));
            },
        };
        try
        {
            await watch.RunAsync(isPatient: true, cancel);
        }
        catch (Exception refused) when (refused is DeviceRefusedException or TrustException or UnauthorizedAccessException)
        {
            _client = null;
            await TellAsync("link", PageJson.LinkDown(refused.Message, null), cancel);
        }
    }

    private void Tell(string name, string body)
    {
        if (!_outgoing.Writer.TryWrite(PageMessage.Of(PageJson.Event(name, body, Interlocked.Read(ref _lostCount)))))
        {
            Interlocked.Increment(ref _lostCount);
        }
    }

    private async Task TellAsync(string name, string body, CancellationToken cancel) =>
        await _outgoing.Writer.WriteAsync(PageMessage.Of(PageJson.Event(name, body, Interlocked.Read(ref _lostCount))), cancel);

    private async Task SendAllAsync(CancellationToken cancel)
    {
        await foreach (var message in _outgoing.Reader.ReadAllAsync(cancel))
        {
            await socket.SendAsync(message.Bytes, message.Type, endOfMessage: true, cancel);
        }
    }

    private async Task ReceiveAllAsync(CancellationToken cancel)
    {
        await foreach (byte[] message in SocketText.ReadAllAsync(socket, MessageBytesMost, cancel))
        {
            await _requests.WaitAsync(cancel);
            _ = AnswerAsync(message, cancel);
        }
    }

    private async Task AnswerAsync(byte[] bytes, CancellationToken cancel)
    {
        try
        {
            await _outgoing.Writer.WriteAsync(await ReplyAsync(bytes, cancel), cancel);
        }
        catch (OperationCanceledException)
        {
            // The page has gone; nobody reads the answer.
        }
        finally
        {
            _requests.Release();
        }
    }

    private async Task<PageMessage> ReplyAsync(byte[] bytes, CancellationToken cancel)
    {
        long id = 0;
        try
        {
            using var request = JsonDocument.Parse(bytes);
            id = request.RootElement.GetProperty("id").GetInt64();
            string method = request.RootElement.GetProperty("method").GetString() ?? "";
            byte[] parameter = request.RootElement.TryGetProperty("parameter", out var given) ? PageJson.ToMessagePack(given) : [];
            return _client is { } client ? await PageMethods.AnswerAsync(client, _frames, id, method, parameter, cancel)
                : Refusal(id, RpcErrorCode.Unavailable, "there is no connection to the device", "it is being made again");
        }
        catch (DeviceRefusedException refused)
        {
            return Refusal(id, refused.Code, refused.Message, null);
        }
        catch (Exception wrong) when (wrong is JsonException or KeyNotFoundException or InvalidOperationException or FormatException
            or ArgumentException or UnauthorizedAccessException)
        {
            return Refusal(id, RpcErrorCode.BadRequest, wrong.Message, null);
        }
        catch (Exception failed) when (failed is IOException or InvalidDataException)
        {
            return Refusal(id, RpcErrorCode.Failed, failed.Message, null);
        }
    }

    private static PageMessage Refusal(long id, string code, string message, string? hint) =>
        PageMessage.Of(PageJson.Error(id, code, message, hint));
}

/// <summary>One message to the page.</summary>
internal sealed record PageMessage(ReadOnlyMemory<byte> Bytes, WebSocketMessageType Type = WebSocketMessageType.Binary)
{
    public static PageMessage Of(string json) => new(Encoding.UTF8.GetBytes(json), WebSocketMessageType.Text);
}
