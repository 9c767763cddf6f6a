using System.Globalization;
using System.Net.WebSockets;
using System.Text;

namespace EdgeRoute.ControlChannel.Web;

/// <summary>What stands at a path, asked for each request on any thread; returns at once.</summary>
/// <param name="peer">Who asks: address and port.</param>
public delegate WebReply WebRoute(HttpHead head, string peer);

/// <summary>What a request is answered with.</summary>
public abstract record WebReply;

/// <summary>A WebSocket, where the client's handshake is one.</summary>
/// <param name="Serve">Has the socket until its task ends; then the connection is closed.</param>
public sealed record WebSocketReply(Func<WebSocket, Task> Serve) : WebReply;

/// <summary>A page of text.</summary>
/// <param name="Status">Number and words.</param>
/// <param name="Headers">More lines, each with its end.</param>
public sealed record HttpPage(string Status, string Text, string Headers = "") : WebReply
{
    internal byte[] ToBytes()
    {
        byte[] body = Encoding.UTF8.GetBytes(Text);

        // The version is that of the Prometheus format; to all else it is text.
        string head = string.Create(CultureInfo.InvariantCulture,
            $"HTTP/1.1 {Status}\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\n"
                + $"Content-Length: {body.Length}\r\n{Headers}Connection: close\r\n\r\n");
        return [.. Encoding.ASCII.GetBytes(head), .. body];
    }
}

/// <summary>Ends the handling of a request with a page that says why.</summary>
/// <param name="words">For people; one line.</param>
public sealed class HttpRefusedException(string status, string words, string headers = "") : Exception(words)
{
    public HttpPage Page { get; } = new(status, words + "\n", headers);
}
