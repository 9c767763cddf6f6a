namespace EdgeRoute.Documents.Configs;

/// <summary>
/// One source of a device config as text of its own, as it stands below its name: for sources that come while a device runs.
/// </summary>
public static class SourceText
{
    /// <summary>Reads a source with all checks of a device config.</summary>
    /// <param name="config">Has the packs it may name, and the folder that its paths start from.</param>
    /// <param name="name">A name as in a config.</param>
    /// <param name="text">YAML, as below the name.</param>
    public static SourceReading Read(DeviceConfig config, string name, string text)
    {
        var problems = new ConfigProblems($"source '{name}'");
        if (!ConfigSection.IsName(name))
        {
            problems.Add(default, $"'{name}' cannot be a name: use {ConfigSection.NameRule}");
            return Refused(problems);
        }

        string[] lines = text.ReplaceLineEndings("\n").Split('\n');
        // Every line is indented, so that none can be anything but a part of this source.
        var tree = YamlTree.Parse($"{name}:\n" + string.Join('\n', lines.Select(l => "  " + l)), problems);
        string folder = Path.GetDirectoryName(Path.GetFullPath(config.FilePath)) ?? "/";
        var context = new ConfigContext(problems, tree.IsWhole && tree.Root is not null, folder, []);
        var section = new ConfigSection(context, "sources", tree.Root ?? new YamlMap(default, []));
        var sources = SourceReader.ReadAll(section, [.. config.Packs.Select(p => p.Name)], config.Gpio, config.Control is not null);
        OutputConfig.CheckUses(section, config with { Sources = sources });
        foreach (var path in context.Paths.Where(p => p.FindProblem() is not null))
        {
            problems.Add(path.At, path.FindProblem()!);
        }

        context.OfMachine.ForEach(p => problems.Add(p.At, p.Message));
        bool isRight = problems.Count == 0 && sources.Count == 1 && sources[0].Name == name;
        return isRight ? new SourceReading(sources[0], []) : Refused(problems, hasPlace: !tree.IsWhole);
    }

    /// <summary>What a source says beyond what one of its address and pack has anyway: a key a line.</summary>
    public static string Of(DeviceConfig config, SourceConfig source)
    {
        var whole = MapOf(config, source);
        var address = new YamlMap(default, [.. whole.Entries.Where(e => AddressKeys.Contains(e.Key) || e.Key == "pack")]);
        var usual = Read(config, source.Name, Lines(address)).Source;
        var usually = usual is null ? [] : MapOf(config, usual).Entries;
        return Lines(new YamlMap(default, [.. whole.Entries.Where(e => address.Entries.Contains(e)
            || !usually.Exists(u => u.Key == e.Key && u.Value.Flow == e.Value.Flow))]));
    }

    /// <summary>A source's text with some of its keys changed. Of groups such as 'policy' the keys that are given change.</summary>
    /// <returns>The whole text. One of both that is no YAML is returned alone, for <see cref="Read"/> to refuse.</returns>
    public static string Merge(string before, string changes)
    {
        var problems = new ConfigProblems("source");
        var changed = YamlTree.Parse(changes, problems);
        if (changed.Root is null || problems.Count > 0)
        {
            return changes;
        }

        var old = YamlTree.Parse(before, problems);
        return old.Root is null || problems.Count > 0 ? before : Lines(Merged(old.Root, changed.Root));
    }

    /// <summary>The keys in which two sources differ, defaults included; secrets of addresses stand in them.</summary>
    public static IReadOnlyList<SourceDifference> Differences(DeviceConfig config, SourceConfig before, SourceConfig after)
    {
        var (old, next) = (MapOf(config, before), MapOf(config, after));
        var keys = old.Entries.Concat(next.Entries).Select(e => e.Key).Distinct();
        return [.. keys.Select(k => new SourceDifference(k, Shown(old, k), Shown(next, k))).Where(d => d.Before != d.After)];
    }

    private static string Shown(YamlMap map, string key) =>
        map.Entries.Find(e => e.Key == key)?.Value.Flow ?? ConfigEnums.None;

    private static readonly string[] AddressKeys = ["open", "pipeline", "live"];

    private static YamlMap Merged(YamlMap before, YamlMap changes)
    {
        bool isOtherPlace = changes.Entries.Exists(e => e.Key is "open" or "pipeline");
        var entries = before.Entries.Where(e => !isOtherPlace || !AddressKeys.Contains(e.Key)).ToList();
        foreach (var change in changes.Entries)
        {
            int at = entries.FindIndex(e => e.Key == change.Key);
            var value = at >= 0 && entries[at].Value is YamlMap old && change.Value is YamlMap next ? Merged(old, next) : change.Value;
            entries.RemoveAll(e => e.Key == change.Key);
            entries.Insert(at >= 0 ? at : entries.Count, change with { Value = value });
        }

        return new YamlMap(before.At, entries);
    }

    /// <summary>A source with every default filled in.</summary>
    private static YamlMap MapOf(DeviceConfig config, SourceConfig source)
    {
        string text = (config with { Sources = [source] }).Effective();
        var top = YamlTree.Parse(text, new ConfigProblems("effective")).Root!;
        var sources = (YamlMap)top.Entries.Find(e => e.Key == "sources")!.Value;
        return (YamlMap)sources.Entries[0].Value;
    }

    private static string Lines(YamlMap map) => string.Concat(map.Entries.Select(e => $"{e.Key}: {e.Value.Flow}\n"));

    /// <param name="hasPlace">It is not YAML, so that the place is what helps.</param>
    private static SourceReading Refused(ConfigProblems problems, bool hasPlace = false)
    {
        // The name's own line, and the indentation, are not the author's; keys are named in the words.
        var lines = problems.ToList().Select(p => p with { At = hasPlace ? new ConfigPlace(p.At.Line - 1, p.At.Column - 2) : default });
        string[] words = [.. lines.Select(p => p.ToString())];
        return new SourceReading(null, words.Length > 0 ? words : ["these are not the keys of one source"]);
    }
}

/// <summary>A key in which two sources differ, with its values as YAML; <c>none</c> where it is not there.</summary>
public sealed record SourceDifference(string Key, string Before, string After);

/// <summary>What came of reading a source: the source, or every reason why there is none.</summary>
/// <param name="Source">Null exactly when there are problems.</param>
/// <param name="Problems">In words, without secrets.</param>
public sealed record SourceReading(SourceConfig? Source, IReadOnlyList<string> Problems);
