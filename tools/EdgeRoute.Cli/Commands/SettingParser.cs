using System.Globalization;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.Cli.Commands;

/// <summary>
/// Settings as people write them: <c>KEY=VALUE</c>, where a value may carry its unit (6ms, 12.5W, 97%) and <c>none</c> takes the setting
/// away.
/// </summary>
internal static class SettingParser
{
    private static readonly Dictionary<string, StreamSetting> Settings = StreamSettings.All.ToDictionary(s => s.ShortKey);

    /// <summary>Those that a device config has under <c>budget</c>.</summary>
    public static IReadOnlyList<string> BudgetKeys { get; } = [.. StreamSettings.OfBudget.Select(s => s.ShortKey)];

    public static IEnumerable<string> AllKeys => Settings.Keys;

    /// <exception cref="ArgumentException">A key is unknown, there twice, or its value is not what it takes.</exception>
    public static SettingSet Read(IEnumerable<string> words)
    {
        var (set, seen) = (new SettingSet(), new HashSet<string>());
        foreach (string word in words)
        {
            string[] parts = word.Split('=', 2);
            string key = parts[0].StartsWith(SettingKeys.BudgetPrefix, StringComparison.Ordinal)
                ? parts[0][SettingKeys.BudgetPrefix.Length..] : parts[0];
            if (!Settings.TryGetValue(key, out var setting))
            {
                throw new ArgumentException($"there is no setting '{parts[0]}'{Nearest(key)}; settings are {string.Join(", ", AllKeys)}");
            }

            setting.Field(set) = seen.Add(key) ? Value(setting, parts[1]) : throw new ArgumentException($"'{key}' is given twice");
        }

        return set;
    }

    /// <summary>One value of a setting that is named by its command.</summary>
    public static SettingSet ReadOne(StreamSetting setting, string text)
    {
        var set = new SettingSet();
        setting.Field(set) = Value(setting, text);
        return set;
    }

    private static SettingValue Value(StreamSetting setting, string text)
    {
        if (text is ConfigEnums.None)
        {
            return SettingValue.None;
        }

        if (text.Length == 0)
        {
            throw new ArgumentException($"'{setting.ShortKey}=' has no value; write '{setting.ShortKey}=none' to take the setting away");
        }

        return setting.Unit is { } unit ? SettingValue.Of(Number(setting.ShortKey, text, unit)) : SettingValue.Of(text);
    }

    private static double Number(string key, string text, SettingUnit unit)
    {
        var (ending, size) = unit.Endings.OrderByDescending(e => e.Text.Length)
            .FirstOrDefault(e => text.EndsWith(e.Text, StringComparison.Ordinal));
        string figure = ending is null ? text : text[..^ending.Length].TrimEnd();
        if (double.TryParse(figure, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number))
        {
            // Through decimals, so that 97 % is 0.97 and not 0.9700000000000001.
            return ending is null ? number : Math.Round(number * size, 12);
        }

        string known = unit.Endings.Length == 0 ? "" : $", if you like in {string.Join(" or ", unit.Endings.Select(e => e.Text))}";
        throw new ArgumentException($"'{text}' is no value for '{key}'; write a number{known}, or none");
    }

    private static string Nearest(string key) => NearestName.Find(key, AllKeys) is { } nearest ? $" (did you mean '{nearest}'?)" : "";
}
