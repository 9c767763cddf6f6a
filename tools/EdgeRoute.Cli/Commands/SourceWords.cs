using EdgeRoute.Documents.Configs;

namespace EdgeRoute.Cli.Commands;

/// <summary>From the words of a command line to a source's text, as it stands in a device config.</summary>
internal static class SourceWords
{
    /// <summary>What a shell completes; the device knows more, and says so.</summary>
    public static IReadOnlyList<string> Keys { get; } =
    [
        "pack", "take", "pace", "loop", "live", "isolate", "stall_ms", "frames_per_second", "rtsp_latency_ms", "rtsp_transport", "user",
        "password_file", "deadline_ms", "max_age_ms", "weight", "instruction", "lock", "policy.kind", "policy.path", "policy.price",
        "policy.floor", "budget.device_ms", "budget.latency_ms", "budget.frames_per_second", "budget.watts",
    ];

    /// <param name="text">Of a file; empty for none. Words change what it says.</param>
    /// <param name="words">An address, and KEY=VALUE.</param>
    /// <param name="options">Further keys with their values; null where they are not given.</param>
    /// <exception cref="ArgumentException">A word is neither, or there is nothing.</exception>
    public static string Text(string text, IReadOnlyList<string> words, IEnumerable<(string Key, string? Value)> options)
    {
        foreach (string word in words)
        {
            text = Merged(text, IsSetting(word) ? SettingOf(word) : AddressOf(word));
        }

        foreach (var (key, value) in options.Where(o => o.Value is not null))
        {
            text = Merged(text, $"{key}: {value}\n");
        }

        return text.Length > 0 ? text : throw new ArgumentException("nothing is given; write an address, KEY=VALUE, or --from FILE.yaml");
    }

    private static string Merged(string before, string change) => before.Length == 0 ? change : SourceText.Merge(before, change);

    /// <summary>An address may hold a '=' as well, behind its scheme; a key holds nothing but letters, '_' and dots.</summary>
    private static bool IsSetting(string word)
    {
        int at = word.IndexOf('=', StringComparison.Ordinal);
        return at > 0 && word[..at].All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '_' or '.');
    }

    private static string SettingOf(string word)
    {
        int at = word.IndexOf('=', StringComparison.Ordinal);
        string[] keys = word[..at].Split('.');
        string value = word[(at + 1)..];
        string inner = string.Concat(keys.Skip(1).Select(k => $"{{ {k}: ")) + value + string.Concat(keys.Skip(1).Select(_ => " }"));
        return $"{keys[0]}: {inner}\n";
    }

    private static string AddressOf(string word)
    {
        bool isPipeline = word.Contains(" ! ", StringComparison.Ordinal);
        string quoted = word.Replace("'", "''", StringComparison.Ordinal);
        return $"{(isPipeline ? "pipeline" : "open")}: '{quoted}'\n";
    }
}
