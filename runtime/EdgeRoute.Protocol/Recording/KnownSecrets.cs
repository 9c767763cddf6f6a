namespace EdgeRoute.Protocol.Recording;

/// <summary>
/// Values that came into an address from outside of the config, such as a password from the environment. Where an address shows them, or
/// what a library says of it, only the name stands that they came by. Any thread.
/// </summary>
public static class KnownSecrets
{
    /// <summary>What is shorter is hidden by its place alone: it would be found in many a harmless word.</summary>
    public const int LengthLeast = 4;

    /// <summary>What is shorter is hidden only where it stands as a word of its own.</summary>
    private const int LengthInsideWords = 8;

    private static readonly Lock Gate = new();
    private static volatile (string Value, string Shown)[] _all = [];

    /// <param name="shown">What stands in its place from now on.</param>
    public static void Add(string value, string shown)
    {
        lock (Gate)
        {
            if (value.Length >= LengthLeast && Array.TrueForAll(_all, s => s.Value != value))
            {
                // One that holds another is looked for first.
                string name = shown.Contains(value, StringComparison.Ordinal) ? "***" : shown;
                _all = [.. _all.Append((Value: value, Shown: name)).OrderByDescending(s => s.Value.Length)];
            }
        }
    }

    /// <summary>The text without any of them.</summary>
    public static string Hide(string text)
    {
        foreach (var (value, shown) in _all)
        {
            text = Hide(text, value, shown);
        }

        return text;
    }

    private static string Hide(string text, string value, string shown)
    {
        for (int at = text.IndexOf(value, StringComparison.Ordinal); at >= 0;)
        {
            int end = at + value.Length;
            bool isWord = (at == 0 || !char.IsLetterOrDigit(text[at - 1])) && (end == text.Length || !char.IsLetterOrDigit(text[end]));
            bool isHidden = isWord || value.Length >= LengthInsideWords;
            text = isHidden ? $"{text[..at]}{shown}{text[end..]}" : text;
            at = text.IndexOf(value, isHidden ? at + shown.Length : end, StringComparison.Ordinal);
        }

        return text;
    }
}
