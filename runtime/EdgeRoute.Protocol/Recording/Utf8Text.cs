using System.Text;

namespace EdgeRoute.Protocol.Recording;

/// <summary>Bounded UTF-8: text that is too long is cut between characters, bytes that are not UTF-8 are refused.</summary>
internal static class Utf8Text
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>
    /// Writes as many whole characters as fit into <paramref name="target"/>; lone surrogates become U+FFFD. Returns the bytes written.
    /// </summary>
    public static int Write(ReadOnlySpan<char> text, Span<byte> target)
    {
        System.Text.Unicode.Utf8.FromUtf16(text, target, out _, out int written, replaceInvalidSequences: true);
        return written;
    }

    /// <summary>Null when the bytes are not UTF-8.</summary>
    public static string? Read(ReadOnlySpan<byte> bytes) => System.Text.Unicode.Utf8.IsValid(bytes) ? Strict.GetString(bytes) : null;
}
