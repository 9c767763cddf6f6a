using System.Globalization;

namespace EdgeRoute.Documents.Packs;

/// <summary>
/// Takes single values out of a manifest part: present, of the right range, one of the known words. Otherwise a reason and a neutral value.
/// </summary>
/// <param name="where">What the reasons speak of: "stage 'heavy'".</param>
public sealed class ManifestFields(PackProblems problems, string where)
{
    public void Fail(string reason) => problems.Add($"{where}: {reason}");

    /// <summary>The same for a part inside: a prefix for its property names.</summary>
    public ManifestFields Within(string part) => new(problems, $"{where}: {part}");

    public string Text(string name, string? value)
    {
        if (string.IsNullOrWhiteSpace(value))
        {
            Fail(value is null ? $"'{name}' is missing" : $"'{name}' is empty");
        }

        return value ?? "";
    }

    public int Whole(string name, int? value, int least, int most, int? absent = null)
    {
        int result = value ?? absent ?? Missing(name, least);
        return result >= least && result <= most ? result : Outside(name, result, least, most, least);
    }

    public float Number(string name, float? value, float least, float most, float? absent = null)
    {
        float result = value ?? absent ?? Missing(name, least);
        return result >= least && result <= most ? result : Outside(name, result, least, most, least);
    }

    public T Choice<T>(string name, string? value, EnumName<T>[] words, T? absent = null)
        where T : struct, Enum
    {
        if (value is null)
        {
            return absent ?? Missing(name, words[0].Value, $"; known: {string.Join(", ", words.Select(w => w.Text))}");
        }

        foreach (var (word, meaning) in words)
        {
            if (word == value)
            {
                return meaning;
            }
        }

        Fail($"'{name}' is '{value}', which is unknown{NearestName.Hint(value, words.Select(w => w.Text))}");
        return words[0].Value;
    }

    /// <summary>
    /// A name that paths are built of: short, lower case, without the '>' and '@' that separate the parts of a path, and none of the words
    /// a path uses itself.
    /// </summary>
    public string Identifier(string name, string? value)
    {
        string text = Text(name, value);
        bool isFit = text.Length is 0 or <= 40
            && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_' or '.');
        if (!isFit || text is "frame" or "previous" or "stop")
        {
            Fail($"'{name}' is '{text}'; names are up to 40 lower-case letters, digits, '-', '_' and '.', and not 'frame', "
                + "'previous' or 'stop'");
        }

        return text;
    }

    private T Missing<T>(string name, T neutral, string more = "")
    {
        Fail($"'{name}' is missing{more}");
        return neutral;
    }

    private T Outside<T>(string name, T value, T least, T most, T neutral)
    {
        Fail(string.Create(CultureInfo.InvariantCulture, $"'{name}' is {value}; it must lie between {least} and {most}"));
        return neutral;
    }
}
