namespace EdgeRoute.Documents.Packs;

/// <summary>The network that reads instructions, and the words it knows. It runs once per instruction, not per frame.</summary>
/// <param name="FilePath">Full path of the ONNX file.</param>
/// <param name="TokensTensorName">Its int64 input, [1, <paramref name="Length"/>].</param>
/// <param name="Length">Words of an instruction at most; the rest is filled with token 0.</param>
/// <param name="Words">The vocabulary: the index is the token. Index 0 fills up and stands for no word.</param>
public sealed record PackLanguage(string FilePath, string Sha256, string TokensTensorName, int Length, IReadOnlyList<string> Words)
{
    /// <summary>Words listed where none is near: a line that a person reads.</summary>
    private const int ListedLimit = 40;

    /// <summary>
    /// Writes the tokens of a text: lower-cased, split at white space. Null, or the reason why the network cannot read it; then the tokens
    /// mean nothing. Allocates nothing but a reason.
    /// </summary>
    public string? Tokenize(ReadOnlySpan<char> text, Span<long> tokens)
    {
        tokens.Clear();
        int count = 0;
        for (int at = 0; at < text.Length;)
        {
            int length = WordLengthAt(text[at..]);
            if (length > 0)
            {
                var word = text.Slice(at, length);
                int token = Find(word);
                if (token < 0)
                {
                    return UnknownWord(word.ToString());
                }

                if (count < tokens.Length)
                {
                    tokens[count] = token;
                }

                count++;
            }

            at += Math.Max(length, 1);
        }

        if (count == 0)
        {
            return "it has no words";
        }

        if (count > tokens.Length)
        {
            return $"it has {count} words; the pack's language network reads at most {tokens.Length}";
        }

        return null;
    }

    private static int WordLengthAt(ReadOnlySpan<char> text)
    {
        int length = 0;
        while (length < text.Length && !char.IsWhiteSpace(text[length]))
        {
            length++;
        }

        return length;
    }

    /// <summary>One after the other: an instruction is read once, and a robot's vocabulary has tens of words.</summary>
    private int Find(ReadOnlySpan<char> word)
    {
        for (int i = 1; i < Words.Count; i++)
        {
            if (word.Equals(Words[i], StringComparison.OrdinalIgnoreCase))
            {
                return i;
            }
        }

        return -1;
    }

    private string UnknownWord(string word)
    {
        string[] known = [.. Words.Skip(1)];
        var listed = known.Length > ListedLimit ? [.. known.Take(ListedLimit), "and others"] : known;
        return $"the pack does not know the word '{word}'; {NearestName.Suggest(word.ToLowerInvariant(), known, listed)}";
    }

    /// <summary>For builders: whether a word can be found when a text is split.</summary>
    internal static bool IsWord(string word) => word.Length > 0 && word == word.ToLowerInvariant() && !word.Any(char.IsWhiteSpace);
}
