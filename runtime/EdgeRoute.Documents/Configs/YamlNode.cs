namespace EdgeRoute.Documents.Configs;

/// <summary>A node of a config file with its place: the few kinds of YAML that a device config uses.</summary>
internal abstract record YamlNode(ConfigPlace At)
{
    /// <summary>What it is, for messages: "a list" where text was expected.</summary>
    public abstract string KindText { get; }
}

/// <param name="IsPlain">Written without quotes, so it may be a number or true or false.</param>
internal sealed record YamlScalar(ConfigPlace At, string Text, bool IsPlain) : YamlNode(At)
{
    public bool IsEmpty => IsPlain && Text is "" or "~" or "null";

    public override string KindText => IsEmpty ? "empty" : $"'{Text}'";
}

internal sealed record YamlList(ConfigPlace At, List<YamlNode> Items) : YamlNode(At)
{
    public override string KindText => "a list";
}

internal sealed record YamlEntry(string Key, ConfigPlace KeyAt, YamlNode Value);

internal sealed record YamlMap(ConfigPlace At, List<YamlEntry> Entries) : YamlNode(At)
{
    public override string KindText => "a group of keys";
}

/// <summary>Something already reported (an alias, too deep a nesting); readers pass over it in silence.</summary>
internal sealed record YamlRefused(ConfigPlace At) : YamlNode(At)
{
    public override string KindText => "refused";
}
