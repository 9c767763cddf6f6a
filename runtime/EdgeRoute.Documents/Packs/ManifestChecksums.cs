using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace EdgeRoute.Documents.Packs;

/// <summary>
/// Checksums that a manifest may carry of its own blocks, so that a flipped bit is found and told with its place: of each top-level
/// property the first digits of the SHA-256 of its value, without the white space between tokens. Damage is no attack: whoever can write
/// the file can write its checksums.
/// </summary>
public static class ManifestChecksums
{
    /// <summary>The property that holds them, which has none itself.</summary>
    public const string Property = "checksums";

    /// <summary>64 bits.</summary>
    private const int SumDigits = 16;

    private readonly record struct Block(string Name, int Start, int End, int Line, string Sum);

    /// <summary>The manifest with checksums of what it says now, as its last property; any it had are replaced.</summary>
    /// <exception cref="InvalidDataException">It is no JSON object with properties.</exception>
    public static byte[] Seal(byte[] json)
    {
        try
        {
            return WithSums(json);
        }
        catch (JsonException bad)
        {
            throw new InvalidDataException($"this is not JSON: {bad.Message}", bad);
        }
    }

    private static byte[] WithSums(byte[] json)
    {
        string text = Encoding.UTF8.GetString(Unsealed(json));
        var blocks = BlocksOf(Encoding.UTF8.GetBytes(text));
        if (blocks.Count == 0)
        {
            throw new InvalidDataException("there is nothing to seal");
        }

        string sums = string.Join(",\n", blocks.Select(b => $"    \"{JsonEncodedText.Encode(b.Name)}\": \"{b.Sum}\""));
        int end = text.LastIndexOf('}');
        return Encoding.UTF8.GetBytes($"{text[..end].TrimEnd()},\n  \"{Property}\": {{\n{sums}\n  }}\n}}\n");
    }

    /// <summary>Whether the blocks are what the checksums were made of; a manifest without any is not checked.</summary>
    /// <param name="json">A manifest that was read already.</param>
    internal static void Check(byte[] json, IReadOnlyDictionary<string, string>? sums, PackProblems problems)
    {
        if (sums is null)
        {
            return;
        }

        var blocks = BlocksOf(json).Where(b => b.Name != Property).ToList();
        foreach (var block in blocks.Where(b => !sums.TryGetValue(b.Name, out string? sum) || sum != b.Sum))
        {
            problems.Add(string.Create(CultureInfo.InvariantCulture, $"line {block.Line}: '{block.Name}' does not fit its checksum: it was "
                + $"damaged; or, where it was edited, write the checksums anew (edgeroute pack seal)"));
        }

        foreach (string gone in sums.Keys.Except(blocks.Select(b => b.Name), StringComparer.Ordinal))
        {
            problems.Add($"'{gone}' has a checksum and is not there: the manifest was damaged, or edited");
        }
    }

    private static byte[] Unsealed(byte[] json)
    {
        var old = BlocksOf(json).FirstOrDefault(b => b.Name == Property);
        if (old.Name is null)
        {
            return json;
        }

        // The property goes with the comma in front of it or, where it is the first, behind it.
        string before = Encoding.UTF8.GetString(json, 0, old.Start).TrimEnd(), after = Encoding.UTF8.GetString(json.AsSpan(old.End));
        return Encoding.UTF8.GetBytes(before.EndsWith(',') ? before[..^1] + after : before + after.TrimStart().TrimStart(','));
    }

    private static List<Block> BlocksOf(byte[] json)
    {
        var blocks = new List<Block>();
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = ManifestShape.DepthLimit });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            int start = (int)reader.TokenStartIndex;
            string name = reader.GetString()!;
            reader.Read();
            int value = (int)reader.TokenStartIndex, line = 1 + json.AsSpan(0, value).Count((byte)'\n');
            reader.Skip();
            int end = (int)reader.BytesConsumed;
            blocks.Add(new Block(name, start, end, line, SumOf(json.AsSpan(value, end - value))));
        }

        return blocks;
    }

    private static string SumOf(ReadOnlySpan<byte> value)
    {
        var bytes = new List<byte>(value.Length);
        bool isText = false, isEscaped = false;
        foreach (byte b in value)
        {
            if (isText || b is not ((byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t'))
            {
                bytes.Add(b);
            }

            isText ^= b == '"' && !isEscaped;
            isEscaped = isText && b == '\\' && !isEscaped;
        }

        return Convert.ToHexStringLower(SHA256.HashData([.. bytes]))[..SumDigits];
    }
}
