using System.Text.Json.Nodes;

namespace EdgeRoute.Documents.Configs;

/// <summary>Reads the <c>runtime</c> group: library, threads, kernel and the providers in their order.</summary>
internal static class RuntimeReader
{
    public static RuntimeConfig Read(ConfigSection? section)
    {
        if (section is null)
        {
            return RuntimeConfig.Default;
        }

        EnumName<string>[] kernels = [.. RuntimeConfig.KernelNames.Select(k => new EnumName<string>(k, k))];
        var runtime = new RuntimeConfig(
            section.Path("library", PathNeed.FileOrFolder),
            section.IntegerOrAuto("threads", ConfigLimits.ThreadCount),
            section.Flag("spin", false),
            section.Choice("kernel", kernels, RuntimeConfig.AutoKernel),
            ReadProviders(section))
        {
            StageLimitMs = section.Integer("stage_limit_ms", ConfigLimits.StageLimitMs, RuntimeConfig.UsualStageLimitMs),
            Nice = section.IntegerOrAuto("nice", ConfigLimits.Nice),
            Realtime = section.Integer("realtime", ConfigLimits.Realtime, 0),
            LibrarySha256 = ReadDigest(section),
        };
        section.Close();
        return runtime;
    }

    private static string? ReadDigest(ConfigSection section)
    {
        const string Key = "library_sha256";
        string? digest = section.Text(Key);
        section.ShapeIs(Key, () => ConfigShapes.TextLike("^[0-9a-fA-F]{64}$"));
        if (digest is not null && (digest.Length != 64 || !digest.All(char.IsAsciiHexDigit)))
        {
            section.Report(Key, $"is '{digest}'; it must be 64 hexadecimal digits, as 'edgerouted doctor' prints them for the library");
        }

        return digest?.ToLowerInvariant();
    }

    private static List<ProviderConfig> ReadProviders(ConfigSection section)
    {
        var items = section.ListOfGroups("providers", ProvidersShape) ?? [];
        if (items.Count > ConfigLimits.ProviderCount)
        {
            section.Report("providers", $"has {items.Count} entries; at most {ConfigLimits.ProviderCount} are possible");
        }

        var providers = new List<ProviderConfig>();
        for (int i = 0; i < items.Count; i++)
        {
            if (ReadProvider(section, i, items[i]) is { } provider)
            {
                AddProvider(section, providers, provider, items[i].At);
            }
        }

        // The library runs on the CPU whatever no other provider takes, so the effective config says so.
        if (!providers.Exists(p => p.Name == ProviderConfig.Cpu))
        {
            providers.Add(new ProviderConfig(ProviderConfig.Cpu, false, []));
        }

        return providers;
    }

    private static JsonObject ProvidersShape() => ConfigShapes.List(ProviderNames(), 0, ConfigLimits.ProviderCount);

    /// <summary>In whatever case; a schema has no way to say so, and completion should not offer more than two.</summary>
    private static JsonObject ProviderNames() =>
        ConfigShapes.Words([.. ProviderConfig.Names.Concat(ProviderConfig.Names.Select(n => n.ToLowerInvariant())).Distinct()]);

    private static void AddProvider(ConfigSection section, List<ProviderConfig> providers, ProviderConfig provider, ConfigPlace at)
    {
        if (providers.Exists(p => p.Name == provider.Name))
        {
            section.ReportAt(at, $"provider {provider.Name} is listed twice; remove one");
        }
        else if (providers.Exists(p => p.Name == ProviderConfig.Cpu))
        {
            section.ReportAt(at, $"provider {provider.Name} comes after CPU, which runs everything, so it would never be used; move it up");
        }

        providers.Add(provider);
    }

    private static ProviderConfig? ReadProvider(ConfigSection section, int index, YamlNode item)
    {
        switch (item)
        {
            case YamlScalar scalar:
                return NameOf(section, scalar.Text, scalar.At) is { } name ? new ProviderConfig(name, false, []) : null;
            case YamlMap map:
                return ReadProviderGroup(section.Item("providers", index, map));
            case YamlRefused:
                return null;
            default:
                section.ReportAt(item.At, $"a provider is {item.KindText}; it must be a name, or a group with 'name', 'require' "
                    + "and 'options'");
                return null;
        }
    }

    private static ProviderConfig? ReadProviderGroup(ConfigSection section)
    {
        string? text = section.Text("name", isRequired: true);
        section.ShapeIs("name", ProviderNames);
        string? name = text is null ? null : NameOf(section, text, section.PlaceOf("name"));
        bool isRequired = section.Flag("require", false);
        var options = section.Group("options")?.TextEntries(ConfigLimits.OptionCount) ?? [];
        section.Close();
        if (name == ProviderConfig.Cpu && options.Count > 0)
        {
            section.Report("options", "are given for CPU, which has none; threads and spin are set under 'runtime'");
        }

        foreach (var (key, value) in options.Where(o => IsRelativeCache(o.Key, o.Value)))
        {
            section.Report("options", $"sets {key} to '{value}'; write an absolute path, because the provider starts from the working "
                + "directory of the process");
        }

        return name is null ? null : new ProviderConfig(name, isRequired, options);
    }

    private static bool IsRelativeCache(string key, string value) => key.EndsWith("_cache_path", StringComparison.Ordinal)
        && !Path.IsPathRooted(value);

    private static string? NameOf(ConfigSection section, string text, ConfigPlace at)
    {
        string? name = ProviderConfig.Names.FirstOrDefault(n => string.Equals(n, text, StringComparison.OrdinalIgnoreCase));
        if (name is null)
        {
            section.ReportAt(at, $"unknown provider '{text}'; {NearestName.Suggest(text, [.. ProviderConfig.Names])}");
        }

        return name;
    }
}
