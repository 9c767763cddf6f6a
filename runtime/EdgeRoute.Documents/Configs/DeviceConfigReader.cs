using System.Text;

namespace EdgeRoute.Documents.Configs;

/// <summary>Reads a device config and finds every problem in it at once.</summary>
public static class DeviceConfigReader
{
    /// <summary>Reads a file; with <paramref name="checkPaths"/> also whether what its paths and
    /// references name is there on this machine.</summary>
    public static DeviceConfigReading ReadFile(string path, bool checkPaths = true)
    {
        try
        {
            byte[] bytes = DocumentFile.Read(path, ConfigLimits.FileBytes);
            return DocumentFile.FindFault(bytes) is { } fault ? Refused(path, fault)
                : ReadText(Encoding.UTF8.GetString(bytes), path, checkPaths);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return Refused(path, $"the file cannot be read: {fault.Message}");
        }
    }

    /// <summary>Reads a config from its text; <paramref name="path"/> gives it a name and paths in it a folder to start from.</summary>
    public static DeviceConfigReading ReadText(string text, string path, bool checkPaths = true)
    {
        var problems = new ConfigProblems(path);
        var tree = YamlTree.Parse(text.TrimStart('\ufeff'), problems);
        string folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/";
        var context = new ConfigContext(problems, tree.IsWhole && tree.Root is not null, folder, []);
        var config = ReadTop(path, new ConfigSection(context, "", tree.Root ?? new YamlMap(default, [])));
        if (checkPaths)
        {
            AddPathProblems(context);
            context.OfMachine.ForEach(p => problems.Add(p.At, p.Message));
        }

        return problems.Count > 0 ? new DeviceConfigReading(null, problems.ToList()) : new DeviceConfigReading(config, []);
    }

    /// <summary>Reads a config for the sake of what is asked of it.</summary>
    internal static void Ask(YamlMap root, ConfigQuestions questions)
    {
        var context = new ConfigContext(new ConfigProblems(""), true, "/", []) { Questions = questions };
        ReadTop("/device.yaml", new ConfigSection(context, "", root));
    }

    private static DeviceConfigReading Refused(string path, string message) => new(null, [new ConfigProblem(path, default, message)]);

    private static void AddPathProblems(ConfigContext context)
    {
        foreach (var path in context.Paths)
        {
            if (path.FindProblem() is { } problem)
            {
                context.Problems.Add(path.At, problem);
            }
        }
    }

    private static DeviceConfig ReadTop(string path, ConfigSection top)
    {
        var runtime = RuntimeReader.Read(top.Group("runtime"));
        var packSection = top.Group("packs", isRequired: true);
        var packs = ReadPacks(packSection);
        var sourceSection = top.Group("sources", isRequired: true);
        var gpio = GpioReader.Read(top.Group("gpio"), sourceSection?.Keys ?? []);
        var sources = SourceReader.ReadAll(sourceSection, packSection?.Keys ?? [], gpio, top.Has("control"));
        var disk = DiskConfig.Read(top.Group("disk"));
        var control = ControlReader.Read(top.Group("control"));
        var config = new DeviceConfig(path, runtime, packs, sources, ReadTrace(top.Group("trace")), ReadRecord(top.Group("record")))
        {
            Control = control,
            Disk = disk,
            Outputs = OutputConfig.ReadAll(top.Group("outputs"), disk, control),
            Gpio = gpio,
            Engines = EngineConfig.ReadAll(top.Group("engines"), packSection?.Keys ?? []),
            PowerMonitor = PowerReader.Read(top.Group("power")),
        };
        OutputConfig.CheckUses(sourceSection, config);
        top.Close();
        return config;
    }

    private static List<PackConfig> ReadPacks(ConfigSection? section)
    {
        var packs = new List<PackConfig>();
        foreach (var (name, group) in section?.NamedGroups(ConfigLimits.PackCount, "packs") ?? [])
        {
            var manifest = group.Path("manifest", PathNeed.File, isRequired: true);
            var files = group.Path("files", PathNeed.Folder);
            group.Close();
            packs.Add(new PackConfig(name, manifest!, files));
        }

        return packs;
    }

    private static ConfigPath? ReadTrace(ConfigSection? section)
    {
        var file = section?.Path("file", PathNeed.WritableFile, isRequired: true);
        section?.Close();
        return file;
    }

    private static RecordConfig? ReadRecord(ConfigSection? section)
    {
        if (section is null)
        {
            return null;
        }

        var file = section.Path("file", PathNeed.WritableFile, isRequired: true);
        var frames = section.Choice("frames", ConfigEnums.Frames, RecordedFrames.Raw);
        section.Close();
        return new RecordConfig(file!, frames);
    }
}

/// <summary>What came of reading a config: the config, or every reason why there is none.</summary>
/// <param name="Config">Null exactly when there are problems.</param>
public sealed record DeviceConfigReading(DeviceConfig? Config, IReadOnlyList<ConfigProblem> Problems);
