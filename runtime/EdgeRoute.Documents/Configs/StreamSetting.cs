using EdgeRoute.Protocol.Control;

namespace EdgeRoute.Documents.Configs;

/// <summary>Where a change says what it wants of one setting.</summary>
public delegate ref SettingValue SettingField(SettingSet set);

/// <summary>The unit that a setting is kept and sent in.</summary>
/// <param name="Name">As documents write it behind a figure; empty for a share of one.</param>
/// <param name="Endings">Endings that a person may write a figure with, and what one of each is in this unit.</param>
public sealed record SettingUnit(string Name, params (string Text, double Size)[] Endings)
{
    public static SettingUnit Milliseconds { get; } = new("ms", ("ms", 1), ("s", 1000));

    public static SettingUnit Seconds { get; } = new("s", ("s", 1), ("ms", 0.001), ("min", 60));

    public static SettingUnit Share { get; } = new("", ("%", 0.01));

    public static SettingUnit Rate { get; } = new("frames/s", ("fps", 1), ("Hz", 1), ("/s", 1));

    public static SettingUnit Power { get; } = new("W", ("W", 1), ("mW", 0.001));

    public static SettingUnit Heat { get; } = new("C", ("C", 1));

    public static SettingUnit Hours { get; } = new("h", ("h", 1), ("min", 1.0 / 60));

    public static SettingUnit Points { get; } = new("points");

    public static SettingUnit Charge { get; } = new("Wh", ("Wh", 1));

    public static SettingUnit Energy { get; } = new("mJ", ("mJ", 1), ("J", 1000));

    public static SettingUnit PricePerMs { get; } = new("gain per ms");

    public static SettingUnit Count { get; } = new("");
}

/// <summary>A setting of a stream: a device config states it, and a change sets it while the device runs.</summary>
/// <param name="Key">As changes name it.</param>
/// <param name="ConfigKey">As a device config has it in the group of the source, with a dot where it stands in a group of its own.</param>
/// <param name="Field">Its value in a change.</param>
public sealed record StreamSetting(string Key, string ConfigKey, SettingField Field)
{
    /// <summary>What to give, in one line, for the help of commands.</summary>
    public required string Help { get; init; }

    /// <summary>Null for a setting that is a word.</summary>
    public SettingUnit? Unit { get; init; }

    /// <summary>Null for a setting that is a word.</summary>
    public NumberRange? Range { get; init; }

    /// <summary>The value that a source has; none where it has none.</summary>
    public required Func<SourceConfig, SettingValue> Get { get; init; }

    /// <summary>The source with another value, which is in the range.</summary>
    public required Func<SourceConfig, SettingValue, SourceConfig> Set { get; init; }

    /// <summary>For a word: why it cannot be, null where it can.</summary>
    internal Func<SettingValue, string?> FindWordProblem { get; init; } = static _ => null;

    /// <summary>A device config without it is refused.</summary>
    internal bool IsRequired { get; init; }

    /// <summary>The effective config says <c>none</c> where there is none, because that is a choice worth seeing.</summary>
    internal bool IsShownAsNone { get; init; }

    /// <summary>As people write it, without the group of budgets.</summary>
    public string ShortKey => Key.StartsWith(SettingKeys.BudgetPrefix, StringComparison.Ordinal) ? Key[SettingKeys.BudgetPrefix.Length..]
        : Key;

    /// <summary>The key within the group of a device config that it stands in.</summary>
    internal string LastKey => ConfigKey[(ConfigKey.IndexOf('.', StringComparison.Ordinal) + 1)..];

    /// <summary>The source with what a change wants; as it was, and one problem more, where that cannot be.</summary>
    public SourceConfig Apply(SourceConfig source, SettingSet set, ICollection<string> problems)
    {
        var value = Field(set);
        if (!value.IsGiven)
        {
            return source;
        }

        if (FindProblem(value) is { } problem)
        {
            problems.Add(problem);
            return source;
        }

        return Set(source, value);
    }

    /// <summary>The source with what its group in a device config says; a problem is reported there.</summary>
    internal SourceConfig Read(ConfigSection section, SourceConfig source)
    {
        if (Range is { } range)
        {
            return section.NumberOrNone(LastKey, range) is { } number ? Set(source, SettingValue.Of(number)) : source;
        }

        return section.Text(LastKey, IsRequired) is { } word ? Set(source, SettingValue.Of(word)) : source;
    }

    private string? FindProblem(SettingValue value)
    {
        if (Range is not { } range)
        {
            return value.Number is null ? FindWordProblem(value) : $"'{Key}' is {value}; a word is wanted";
        }

        bool isPossible = value.IsNone || (value.Number is { } number && number >= range.Minimum && number <= range.Maximum);
        return isPossible ? null : $"'{Key}' is {value}; it must be a number from {range}, or {ConfigEnums.None}";
    }
}
