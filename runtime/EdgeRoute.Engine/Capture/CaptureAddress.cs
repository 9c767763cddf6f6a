using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace EdgeRoute.Engine.Capture;

/// <summary>
/// The text that names a source, taken apart: <c>scheme://path?key=value&amp;...</c>, a plain path, or a GStreamer pipeline (anything with
/// <c>" ! "</c>).
/// </summary>
public sealed class CaptureAddress
{
    /// <summary>The scheme of a pipeline text; not written by anybody.</summary>
    public const string PipelineScheme = "pipeline";

    /// <summary>The scheme of a plain path; <c>file://</c> may be written too.</summary>
    public const string FileScheme = "file";

    private readonly Dictionary<string, string> _query;

    private CaptureAddress(string text, string scheme, string path, Dictionary<string, string> query)
    {
        Text = text;
        Scheme = scheme;
        Path = path;
        _query = query;
    }

    /// <summary>The text as written.</summary>
    public string Text { get; }

    public string Scheme { get; }

    /// <summary>What lies between the scheme and the query; the whole text of a pipeline or plain path.</summary>
    public string Path { get; }

    public IEnumerable<string> Keys => _query.Keys;

    /// <summary>False: <paramref name="problem"/> says what is wrong with the text.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out CaptureAddress? address, out string problem)
    {
        (address, problem) = (null, "");
        string trimmed = text.Trim();
        int colon = trimmed.IndexOf("://", StringComparison.Ordinal);
        if (trimmed.Length == 0)
        {
            problem = "the address of a source is empty";
        }
        else if (colon > 0 && trimmed.AsSpan(0, colon).IndexOfAnyExcept(SchemeLetters) < 0)
        {
            string scheme = trimmed[..colon].ToLowerInvariant();

            // What follows rtsp:// is the server's, and a file name may hold a question mark.
            address = scheme is FileScheme or "rtsp" or "rtsps" or "http" or "https"
                ? new(trimmed, scheme, trimmed[(colon + 3)..], [])
                : WithQuery(trimmed, scheme, colon + 3, out problem);
        }
        else
        {
            address = new(trimmed, trimmed.Contains(" ! ", StringComparison.Ordinal) ? PipelineScheme : FileScheme, trimmed, []);
        }

        return address is not null;
    }

    /// <summary>Null when every key is one of these; else the problem in words.</summary>
    public string? UnknownKey(params ReadOnlySpan<string> known)
    {
        foreach (string key in _query.Keys)
        {
            if (!known.Contains(key))
            {
                return $"'{key}' in '{Text}' is not known; {Scheme}:// takes {string.Join(", ", known!)}";
            }
        }

        return null;
    }

    public string? Value(string key) => _query.GetValueOrDefault(key);

    /// <summary>
    /// A whole number of the query; <paramref name="fallback"/> when it is not there. False: not a number, or outside the range.
    /// </summary>
    public bool TryNumber(string key, int minimum, int maximum, int fallback, out int value, ref string problem)
    {
        value = fallback;
        if (!_query.TryGetValue(key, out string? text))
        {
            return true;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= minimum && value <= maximum)
        {
            return true;
        }

        problem = $"'{key}={text}' in '{Text}' must be a whole number from {minimum} to {maximum}";
        return false;
    }

    private static readonly System.Buffers.SearchValues<char> SchemeLetters =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");

    private static CaptureAddress? WithQuery(string text, string scheme, int pathAt, out string problem)
    {
        problem = "";
        int mark = text.IndexOf('?', pathAt);
        string path = mark < 0 ? text[pathAt..] : text[pathAt..mark];
        var query = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string part in mark < 0 ? [] : text[(mark + 1)..].Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = part.IndexOf('=');
            if (equals <= 0 || !query.TryAdd(part[..equals], part[(equals + 1)..]))
            {
                problem = $"'{part}' in '{text}' must be a key and its value, each key once";
                return null;
            }
        }

        return new CaptureAddress(text, scheme, path, query);
    }
}
