using System.CommandLine;

namespace EdgeRoute.Cli.Output;

/// <summary>What options of several verbs may be.</summary>
internal static class OptionRules
{
    /// <summary>The value of an option that has a range.</summary>
    /// <param name="option">As it is written, such as <c>--frames</c>.</param>
    /// <exception cref="ArgumentException">It lies outside.</exception>
    public static T Within<T>(string option, T value, T least, T most)
        where T : IComparable<T> => value.CompareTo(least) >= 0 && value.CompareTo(most) <= 0 ? value
        : throw new ArgumentException(FormattableString.Invariant($"{option} is {value}; it must be {least} to {most}"));

    /// <summary>An option that takes one of some words, and <paramref name="usual"/> where it is left out.</summary>
    public static Option<string> Words(string name, string description, string usual, params string[] words)
    {
        var option = new Option<string>(name) { Description = description, DefaultValueFactory = _ => usual };
        option.AcceptOnlyFromAmong(words);
        return option;
    }
}
