using System.Globalization;

namespace EdgeRoute.Documents.Configs;

/// <summary>
/// What is wrong with an address that can be seen from its text. Whoever reads such an address later says "error 400", if anything. No
/// part of an address is repeated here: it may be a password.
/// </summary>
internal static class AddressCheck
{
    /// <summary>Not as one address: its user would be hidden as a real one is.</summary>
    private const string Form = "write rtsp://HOST:PORT/PATH, with USER:PASSWORD and '@' in front of HOST";

    /// <summary>Of an address with the scheme rtsp or rtsps; null where nothing is wrong.</summary>
    public static string? ProblemOfRtsp(string text)
    {
        string rest = text[(text.IndexOf("://", StringComparison.Ordinal) + 3)..];
        int end = rest.AsSpan().IndexOfAny("/?#");
        string authority = end < 0 ? rest : rest[..end];
        int at = authority.LastIndexOf('@');
        if (at < 0 && !IsHost(authority) && rest.Contains('@', StringComparison.Ordinal))
        {
            return "has a password with '/', '?' or '#' in it; write them as %2F, %3F and %23";
        }

        if (at >= 0 && authority.AsSpan(0, at).Contains('@'))
        {
            return "has a user or password with '@' in it; write it as %40";
        }

        return IsHost(authority[(at + 1)..]) ? null
            : $"names no host, or a port that is no number from 1 to 65535; {Form}, in quotes where ' #' is in it, which begins a comment";
    }

    /// <summary>Of a pipeline's text on one line; null where nothing is wrong.</summary>
    public static string? ProblemOfPipeline(string text)
    {
        string[] elements = text.Split(" ! ", StringSplitOptions.TrimEntries);
        if (elements.Length < 2)
        {
            return "has no ' ! ' between elements; write at least a source and what its frames go through, such as "
                + "'videotestsrc ! videoconvert'";
        }

        if (elements[0].StartsWith("gst-launch", StringComparison.Ordinal))
        {
            return "begins with the name of a program; leave out gst-launch-1.0 and its options";
        }

        string last = elements[^1].Split(' ')[0];
        return last.EndsWith("sink", StringComparison.Ordinal) && last != "appsink"
            ? $"ends in '{last}', which would take the frames away; leave it out" : null;
    }

    private static bool IsHost(string authority)
    {
        int colon = authority.StartsWith('[') ? authority.IndexOf("]:", StringComparison.Ordinal) + 1 : authority.IndexOf(':');
        bool hasPort = colon > 0;
        bool isPort = !hasPort || (int.TryParse(authority.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int port)
            && port is >= 1 and <= ushort.MaxValue);
        return authority.Length > 0 && authority[0] != ':' && isPort;
    }
}
