namespace EdgeRoute.Documents.Configs;

/// <summary>
/// What is wrong with an address that can be seen from its text. Whoever reads such an address later says "error 400", if anything. No
/// part of an address is repeated here: it may be a password.
/// </summary>
internal static class AddressCheck
{
    /// <summary>Of an address of a camera on the network; null where nothing is wrong.</summary>
    public static string? ProblemOfNetwork(string text)
    {
        // Not as one address: its user would be hidden as a real one is.
        string scheme = text[..text.IndexOf("://", StringComparison.Ordinal)];
        if (NetworkAddress.Of(text, out bool isUnclear) is not null)
        {
            return null;
        }

        return isUnclear ? "has several '@', and it cannot be seen behind which of them the host begins; write the others as %40"
            : $"names no host, or a port that is no number from 1 to 65535; write {scheme}://HOST:PORT/PATH, with USER:PASSWORD and '@' in "
                + "front of HOST, in quotes where ' #' is in it, which begins a comment";
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
        if (last == "appsink" && !elements[^1].Contains("name=sink", StringComparison.Ordinal))
        {
            return "ends in an appsink that is not named; leave it out, or write 'appsink name=sink'";
        }

        return last.EndsWith("sink", StringComparison.Ordinal) && last != "appsink"
            ? $"ends in '{last}', which would take the frames away; leave it out" : null;
    }
}
