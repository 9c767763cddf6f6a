using System.Security.Cryptography;
using System.Text;

namespace EdgeRoute.ControlChannel.Web;

/// <summary>The opening handshake of a WebSocket, RFC 6455 section 4.2; what follows it is the framework's.</summary>
internal static class WebSocketHandshake
{
    public const string Protocol = "websocket";

    private const string Version = "13";

    /// <summary>What the RFC has both sides append to the client's key.</summary>
    private const string KeyEnding = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    private const int KeyBytes = 16;

    /// <summary>The head that the client waits for.</summary>
    /// <exception cref="HttpRefusedException">The request does not ask for a WebSocket of this version.</exception>
    public static byte[] Answer(HttpHead head)
    {
        bool isUpgrade = head.HasWord("Upgrade", Protocol) && head.HasWord("Connection", "Upgrade");
        if (!isUpgrade || head.Header("Sec-WebSocket-Version") != Version)
        {
            throw new HttpRefusedException("426 Upgrade Required",
                $"here is a WebSocket, version {Version}",
                $"Upgrade: {Protocol}\r\nSec-WebSocket-Version: {Version}\r\n");
        }

        string key = head.Header("Sec-WebSocket-Key") ?? "";
        Span<byte> random = stackalloc byte[KeyBytes];
        if (!Convert.TryFromBase64String(key, random, out int count) || count != KeyBytes)
        {
            throw new HttpRefusedException("400 Bad Request", $"Sec-WebSocket-Key is not {KeyBytes} bytes in base64");
        }

        // No secret hangs on the digest: it shows that the answer is one to this handshake.
        string accepted = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + KeyEnding)));
        return Encoding.ASCII.GetBytes($"HTTP/1.1 101 Switching Protocols\r\nUpgrade: {Protocol}\r\nConnection: Upgrade\r\n"
            + $"Sec-WebSocket-Accept: {accepted}\r\n\r\n");
    }
}
