using System.Net.WebSockets;
using System.Runtime.CompilerServices;

namespace EdgeRoute.Cli.Page;

/// <summary>What comes over a WebSocket as whole messages, and its end in good order.</summary>
internal static class SocketText
{
    /// <summary>Each message until the other side closes, or sends one that is longer.</summary>
    /// <param name="most">Bytes of a message.</param>
    public static async IAsyncEnumerable<byte[]> ReadAllAsync(WebSocket socket, int most, [EnumeratorCancellation] CancellationToken cancel)
    {
        var buffer = new byte[most];
        int count = 0;
        while (count < buffer.Length)
        {
            var received = await socket.ReceiveAsync(buffer.AsMemory(count), cancel);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                yield break;
            }

            count += received.Count;
            if (received.EndOfMessage)
            {
                yield return buffer[..count];
                count = 0;
            }
        }
    }

    public static async Task CloseAsync(WebSocket socket)
    {
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1));
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, limit.Token);
        }
        catch (Exception gone) when (gone is WebSocketException or OperationCanceledException or ObjectDisposedException or IOException)
        {
            // The other side went without a word.
        }
    }
}
