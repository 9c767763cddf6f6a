using System.CommandLine;
using EdgeRoute.Documents.Configs;

namespace EdgeRoute.Cli.Commands;

/// <summary>Words of which the first may be the name of a stream: it is left out where the device has only one.</summary>
internal static class StreamArguments
{
    /// <summary>The one argument of commands that take a stream and nothing else.</summary>
    public static Argument<string?> OptionalStream() =>
        new("stream") { Description = "the stream; may be left out where the device has only one",
        Arity = ArgumentArity.ZeroOrOne };

    public static Argument<string[]> WithValue(string valueName, string description) => new("words")
    {
        HelpName = $"[STREAM] {valueName}", Description = description + "; the stream may be left out where the device has only one",
        Arity = new ArgumentArity(1, 2),
    };

    /// <summary>Settings as KEY=VALUE, with what each means; a shell completes their keys.</summary>
    public static Argument<string[]> WithSettings(IReadOnlyList<StreamSetting> settings)
    {
        var words = new Argument<string[]>("words")
        {
            HelpName = "[STREAM] KEY=VALUE...", Arity = new ArgumentArity(1, 20),
            Description = "settings, several at once; a value may carry its unit, and 'none' takes it away: "
                + string.Join(", ", settings.Select(s => $"{s.ShortKey} ({s.Help})")),
        };
        words.CompletionSources.Add([.. settings.Select(s => s.ShortKey + "=")]);
        return words;
    }

    /// <summary>Stream (empty: not given) and value out of one or two words.</summary>
    public static (string Stream, string Value) Split(string[] words) => words.Length == 2 ? (words[0], words[1]) : ("", words[0]);

    /// <summary>Stream (empty: not given) and settings out of words of which all but the first must hold a '='.</summary>
    /// <exception cref="ArgumentException">A word is neither, or there is no setting.</exception>
    public static (string Stream, IReadOnlyList<string> Settings) SplitSettings(string[] words)
    {
        bool hasStream = words.Length > 0 && !words[0].Contains('=', StringComparison.Ordinal);
        var settings = words.Skip(hasStream ? 1 : 0).ToList();
        string? wrong = settings.FirstOrDefault(w => !w.Contains('=', StringComparison.Ordinal));
        if (wrong is not null)
        {
            throw new ArgumentException($"'{wrong}' is no setting; write KEY=VALUE, such as device_ms=6, or KEY=none to take it away");
        }

        if (settings.Count == 0)
        {
            throw new ArgumentException("no setting given; write KEY=VALUE, such as device_ms=6, or KEY=none to take it away");
        }

        return (hasStream ? words[0] : "", settings);
    }
}
