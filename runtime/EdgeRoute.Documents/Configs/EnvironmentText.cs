using System.Text;
using System.Text.RegularExpressions;
using EdgeRoute.Protocol.Recording;

namespace EdgeRoute.Documents.Configs;

/// <summary>
/// <c>${NAME}</c> in the address or pipeline of a source stands for an environment variable, so that no secret need stand in a config. The
/// config keeps the reference; the value is put in where the source is made, and is shown nowhere.
/// </summary>
public static partial class EnvironmentText
{
    /// <summary>The text with the values of its references, each written as its place wants it; null: <paramref name="problem"/> says why
    /// not.</summary>
    public static string? Resolve(string text, out string problem)
    {
        problem = "";
        var resolved = new StringBuilder();
        int done = 0;
        foreach (Match reference in References().Matches(text))
        {
            string name = reference.Groups["name"].Value;
            string? value = Environment.GetEnvironmentVariable(name);
            problem = ProblemOf(name, value);
            if (problem.Length > 0)
            {
                return null;
            }

            string written = Written(text, reference, value!);
            KnownSecrets.Add(value!, reference.Value);
            KnownSecrets.Add(written, reference.Value);
            resolved.Append(text, done, reference.Index - done).Append(written);
            done = reference.Index + reference.Length;
        }

        return resolved.Append(text, done, text.Length - done).ToString();
    }

    /// <summary>What looks like a variable in the addresses of a config and is none, in words.</summary>
    public static IReadOnlyList<string> Doubts(DeviceConfig config) =>
    [
        .. from source in config.Sources
           let braces = Braces().Matches(source.Address.Text).Where(_ => source.Address.Kind != AddressKind.Pipeline)
           from name in Lookalikes().Matches(source.Address.Text).Concat(braces).Select(m => m.Value).Distinct()
           select $"source '{source.Name}': {name} in its address is taken as it stands; an environment variable is written "
               + $"${{{name.Trim('$', '%', '{', '}', ' ')}}}",
    ];

    private static string ProblemOf(string name, string? value) => (name, value) switch
    {
        ({ Length: 0 }, _) => "'${' begins the name of an environment variable, as in ${NAME}, of letters, digits and '_'; in an address "
            + "write %24 for a dollar sign",
        (_, null or { Length: 0 }) => $"the environment variable {name}, which its address names, is not set; for a service, set it with "
            + "Environment= or EnvironmentFile= of its unit",
        _ => value.Any(char.IsControl) ? $"the environment variable {name} holds control characters, which no address has" : "",
    };

    private static string Written(string text, Match reference, string value)
    {
        bool isPipeline = text.Contains(" ! ", StringComparison.Ordinal);
        string before = text[..reference.Index], behind = text[(reference.Index + reference.Length)..];
        string login = Login().Match(before).Value;
        if (login.Length > 0 && BehindLogin().Match(behind) is { Success: true } rest)
        {
            // A variable may hold USER:PASSWORD.
            string encoded = Uri.EscapeDataString(value);
            bool isBoth = !login.AsSpan(login.IndexOf("//", StringComparison.Ordinal)).Contains(':') && !rest.Value.Contains(':');
            int colon = isBoth ? encoded.IndexOf("%3A", StringComparison.Ordinal) : -1;
            return colon < 0 ? encoded : $"{encoded[..colon]}:{encoded[(colon + 3)..]}";
        }

        return isPipeline ? Escaped(value, IsQuoted(before)) : value;
    }

    /// <summary>As GStreamer reads a value: a backslash takes the next letter as it is.</summary>
    private static string Escaped(string value, bool isQuoted) => string.Concat(value.Select(c =>
        c is '\\' or '"' or '\'' || (!isQuoted && !char.IsLetterOrDigit(c) && !"-_.:/@%+,=?&".Contains(c)) ? $"\\{c}" : $"{c}"));

    private static bool IsQuoted(string before)
    {
        char quote = '\0';
        for (int i = 0; i < before.Length; i++)
        {
            if (before[i] == '\\')
            {
                i++;
            }
            else if (before[i] is '"' or '\'' && (quote == '\0' || quote == before[i]))
            {
                quote = quote == '\0' ? before[i] : '\0';
            }
        }

        return quote != '\0';
    }

    // Without a name it is one that was meant and not written as it must be.
    [GeneratedRegex(@"\$\{(?:(?<name>[A-Za-z_][A-Za-z0-9_]*)\})?")]
    private static partial Regex References();

    // As shells of two systems write them. Bytes of an address are written with a percent sign too, but by twos.
    [GeneratedRegex(@"\$[A-Za-z_][A-Za-z0-9_]*|%[A-Za-z_][A-Za-z0-9_]{2,}%(?![0-9A-Fa-f]{2})")]
    private static partial Regex Lookalikes();

    // As templates write them. In pipelines braces hold lists, and the places of user and password.
    [GeneratedRegex(@"(?<![${])\{\{? ?[A-Za-z_][A-Za-z0-9_]* ?\}\}?")]
    private static partial Regex Braces();

    // What stands before and behind the place of a user or password.
    [GeneratedRegex("""[A-Za-z][A-Za-z0-9+.\-]*://[^/?#\s"']*$""")]
    private static partial Regex Login();

    [GeneratedRegex("""^[^/?#\s"']*@""")]
    private static partial Regex BehindLogin();
}
