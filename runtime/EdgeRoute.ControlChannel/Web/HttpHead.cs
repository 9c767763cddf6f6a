using System.Text;

namespace EdgeRoute.ControlChannel.Web;

/// <summary>The head of a request: what is asked for, and its headers. A body is not read; nothing here takes one.</summary>
public sealed class HttpHead
{
    /// <summary>Of a request: Prometheus sends about 300 bytes, a browser about 1000 and its cookies of this host.</summary>
    public const int BytesMost = 8 * 1024;

    private readonly Dictionary<string, string> _headers = new(StringComparer.OrdinalIgnoreCase);

    private HttpHead(string method, string target)
    {
        int query = target.IndexOf('?', StringComparison.Ordinal);
        Method = method;
        Path = query < 0 ? target : target[..query];
        Query = query < 0 ? [] : [.. target[(query + 1)..].Split('&', StringSplitOptions.RemoveEmptyEntries).Select(Pair)];
    }

    public string Method { get; }

    /// <summary>As it was sent, without what follows a question mark.</summary>
    public string Path { get; }

    /// <summary>Keys and values behind the question mark, decoded.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Query { get; }

    /// <summary>A header that came more than once is one list, as RFC 9110 has it; null where it is absent.</summary>
    public string? Header(string name) => _headers.GetValueOrDefault(name);

    /// <summary>Whether a header that is a list holds a word, in whatever case.</summary>
    public bool HasWord(string name, string word) => Header(name)?.Split(',', StringSplitOptions.TrimEntries)
        .Contains(word, StringComparer.OrdinalIgnoreCase) ?? false;

    /// <exception cref="HttpRefusedException">Too long, or no head of HTTP/1.</exception>
    internal static async Task<HttpHead> Read(Stream stream, CancellationToken cancel)
    {
        var bytes = new byte[BytesMost];
        for (int length = 0; length < bytes.Length;)
        {
            int count = await stream.ReadAsync(bytes.AsMemory(length), cancel).ConfigureAwait(false);
            length += count;
            int end = bytes.AsSpan(0, length).IndexOf("\r\n\r\n"u8);
            if (end >= 0)
            {
                return Parse(Encoding.Latin1.GetString(bytes, 0, end), hasMore: length > end + 4);
            }

            if (count == 0)
            {
                throw Bad("the request ends within its head");
            }
        }

        throw new HttpRefusedException("431 Request Header Fields Too Large", $"a request has {BytesMost} bytes of head at most");
    }

    /// <param name="hasMore">Something came behind the head, before it was answered.</param>
    private static HttpHead Parse(string text, bool hasMore)
    {
        string[] lines = text.Split("\r\n");
        string[] parts = lines[0].Split(' ');
        if (parts.Length != 3 || !parts[2].StartsWith("HTTP/1.", StringComparison.Ordinal))
        {
            throw Bad("the first line is no request of HTTP/1");
        }

        var head = new HttpHead(parts[0], parts[1]);
        foreach (string line in lines.Skip(1))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0 || line.AsSpan(0, colon).ContainsAny(" \t\r\n\0") || line.AsSpan(colon).ContainsAny("\r\n\0"))
            {
                throw Bad("a line of the head is no header");
            }

            string name = line[..colon], value = line[(colon + 1)..].Trim(' ', '\t');
            head._headers[name] = head._headers.TryGetValue(name, out string? before) ? $"{before}, {value}" : value;
        }

        return hasMore && head.HasWord("Upgrade", WebSocketHandshake.Protocol) ? throw Bad("bytes came before the handshake was answered")
            : head;
    }

    private static KeyValuePair<string, string> Pair(string text)
    {
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        string Decoded(string part) => Uri.UnescapeDataString(part.Replace('+', ' '));
        return equals < 0 ? new(Decoded(text), "") : new(Decoded(text[..equals]), Decoded(text[(equals + 1)..]));
    }

    private static HttpRefusedException Bad(string words) => new("400 Bad Request", words);
}
