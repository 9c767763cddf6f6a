using System.Globalization;
using EdgeRoute.Core.Routing;

namespace EdgeRoute.Documents.Configs;

/// <summary>Reads the <c>sources</c> group.</summary>
internal static class SourceReader
{
    private const int DefaultStallMs = 3000;

    /// <param name="hasControl">The config has a control channel.</param>
    public static List<SourceConfig> ReadAll(ConfigSection? section, IReadOnlyCollection<string> packNames, GpioConfig gpio,
        bool hasControl)
    {
        var sources = new List<SourceConfig>();
        foreach (var (name, group) in section?.NamedGroups(ConfigLimits.SourceCount, "sources") ?? [])
        {
            sources.Add(Read(name, group, packNames, gpio));
            RobotReader.CheckChannel(group, sources[^1], hasControl);
            RuleActions.CheckFit(group, sources[^1], hasControl);
            group.Close();
        }

        if (section is not null)
        {
            AxisReader.CheckApart(section, sources);
        }

        return sources;
    }

    private static SourceConfig Read(string name, ConfigSection section, IReadOnlyCollection<string> packNames, GpioConfig gpio)
    {
        var address = ReadAddress(section);
        var source = new SourceConfig(
            name,
            address,
            "",
            section.Choice("take", ConfigEnums.Takes, address.DefaultTake),
            section.Choice("pace", ConfigEnums.Paces, address.DefaultPace),
            section.Flag("loop", false),
            section.Integer("stall_ms", ConfigLimits.StallMs, DefaultStallMs),
            section.NumberOrNone("frames_per_second", ConfigLimits.FramesPerSecond),
            section.Integer("rtsp_latency_ms", ConfigLimits.RtspLatencyMs, 0),
            new PolicyConfig(PolicyKind.Cascade, null),
            null);
        source = ReadPack(section, source, packNames) with
        {
            IsIsolated = section.Flag("isolate", false),
            RtspTransport = section.Choice("rtsp_transport", ConfigEnums.RtspTransports, RtspTransport.Auto),
            User = section.Text("user"),
            PasswordFile = section.Path("password_file", PathNeed.File),
            Watch = RuleReader.Read(section, gpio),
            State = StateConfig.Read(section.Group("state")),
            Actions = ActionConfig.Read(section.Group("actions"), gpio),
        };
        source = section.Group("policy") is { } policy ? ReadPolicy(policy, source) : source;
        source = SpendingReader.Read(section, StreamSettings.Read(StreamSettings.Alone, section, source));
        CheckFit(section, source);
        CheckLogin(section, source);
        SpendingReader.CheckFit(section, source);
        return source;
    }

    private static ConfigAddress ReadAddress(ConfigSection section)
    {
        string? pipeline = section.Text("pipeline"), open = section.Text("open");
        section.WantsOneOf("open", "pipeline");
        if (section.Has("pipeline") == section.Has("open"))
        {
            section.ReportAt(section.At, section.Has("open")
                ? $"{section.Name} has both 'open' and 'pipeline'; keep one"
                : $"{section.Name} needs 'open' (a file, folder or address) or 'pipeline' (GStreamer text)");
        }

        bool isLive = section.Flag("live", true);
        if (pipeline is null)
        {
            return AddressOf(section, open ?? "");
        }

        var address = new ConfigAddress(AddressKind.Pipeline, pipeline, null, isLive);
        if (Resolved(section, "pipeline", address.FactoryText) is { } resolved && AddressCheck.ProblemOfPipeline(resolved) is { } problem)
        {
            section.Report("pipeline", problem);
        }

        return address;
    }

    /// <summary>Null, and reported, where this machine does not know the value of a reference.</summary>
    private static string? Resolved(ConfigSection section, string key, string written)
    {
        string? text = EnvironmentText.Resolve(written, out string unset);
        if (text is null)
        {
            section.ReportOfMachine(key, unset);
        }

        return text;
    }

    private static ConfigAddress AddressOf(ConfigSection section, string written)
    {
        // Of an address that is a variable as a whole, and not set here, most likely a camera is meant.
        string? resolved = Resolved(section, "open", written);
        string text = resolved ?? (written.StartsWith('$') ? $"rtsp://{written}" : written);
        int colon = text.IndexOf("://", StringComparison.Ordinal);
        if (colon >= 0)
        {
            var scheme = KindOf(section, text[..colon]);
            if (scheme is AddressKind.Rtsp or AddressKind.Http && resolved is not null
                && AddressCheck.ProblemOfNetwork(text) is { } problem)
            {
                section.Report("open", problem);
            }

            return new ConfigAddress(scheme, written, null, scheme is AddressKind.Rtsp or AddressKind.Http or AddressKind.V4l2);
        }

        var kind = text.EndsWith(ConfigAddress.RecordingEnding, StringComparison.OrdinalIgnoreCase) ? AddressKind.Recording
            : AddressKind.File;
        var need = kind == AddressKind.Recording ? PathNeed.File : PathNeed.FileOrFolder;
        var path = resolved is null or "" ? null : section.PathFrom("open", text, need);
        return new ConfigAddress(kind, written, path is null ? null : path with { Written = written }, false);
    }

    private static AddressKind KindOf(ConfigSection section, string scheme)
    {
        if (!ConfigAddress.Schemes.TryGetValue(scheme, out var kind))
        {
            section.Report("open", $"has the unknown scheme '{scheme}://'; {HintFor(scheme)}");
        }

        return kind;
    }

    private static string HintFor(string scheme) => scheme switch
    {
        "file" => "write the path alone, without file://",
        _ => NearestName.Suggest(scheme, [.. ConfigAddress.Schemes.Keys]),
    };

    private static SourceConfig ReadPack(ConfigSection section, SourceConfig source, IReadOnlyCollection<string> packNames)
    {
        source = StreamSettings.Pack.Read(section, source);
        string name = source.PackName;
        if (name.Length > 0 && !packNames.Contains(name) && packNames.Count > 0)
        {
            section.Report("pack", $"names '{name}', which is not under 'packs'; {NearestName.Suggest(name, packNames)}");
        }

        return source;
    }

    private static SourceConfig ReadPolicy(ConfigSection section, SourceConfig source)
    {
        int before = section.ProblemCount;
        var kind = section.Choice("kind", ConfigEnums.Policies, PolicyKind.Cascade, isRequired: true);
        string? path = section.Text("path");
        if (kind == PolicyKind.Value)
        {
            source = ReadValuePolicy(section, source, path);
        }
        else if (section.ProblemCount == before && (kind != PolicyKind.Cascade) != section.Has("path"))
        {
            section.ReportAt(section.At, kind == PolicyKind.Cascade
                ? $"{section.Name} is a cascade and takes no 'path'; its thresholds are in the pack's manifest"
                : $"{section.Name} is {ConfigEnums.Of(ConfigEnums.Policies, kind)} and needs 'path', the name of a path of the pack "
                    + "such as \"light>heavy\"");
        }

        var carry = ReadCarry(section, kind);
        section.Close();
        return kind == PolicyKind.Value ? source : source with { Policy = new PolicyConfig(kind, path) { Carry = carry } };
    }

    private static CarryRule? ReadCarry(ConfigSection section, PolicyKind kind)
    {
        const string Age = "carry_ms", Drift = "carry_drift";
        bool isSkipping = kind == PolicyKind.Skipping;
        double ms = section.Number(Age, ConfigLimits.CarryMs, isSkipping ? null : 0);
        double drift = section.Number(Drift, ConfigLimits.CarryDrift, 1);
        foreach (string key in new[] { Age, Drift }.Where(k => !isSkipping && section.Has(k)))
        {
            section.Report(key, $"is only for the policy skipping, and this one is {ConfigEnums.Of(ConfigEnums.Policies, kind)}");
        }

        return isSkipping ? new CarryRule((float)ms, (float)drift) : null;
    }

    private static SourceConfig ReadValuePolicy(ConfigSection section, SourceConfig source, string? path)
    {
        if (path is not null)
        {
            section.Report("path", "is given, but the policy is 'value', which finds its path frame by frame; leave it out, or "
                + "use 'fixed'");
        }

        var policy = new PolicyConfig(PolicyKind.Value, null) { Calibration = section.Path("calibration", PathNeed.File) };
        return StreamSettings.Read(StreamSettings.OfPolicy, section, source with { Policy = policy });
    }

    /// <summary>Combinations that would be obeyed in words and not in fact are refused.</summary>
    private static void CheckFit(ConfigSection section, SourceConfig source)
    {
        if (source.Address.IsLive && source.Take == DeliveryMode.EveryFrame)
        {
            section.Report("take", "is 'every'; a live source cannot be made to wait. Use 'newest': frames that are missed are "
                + "counted as dropped");
        }

        if (source.Address.IsLive && source.Pace == SourcePace.AsTaken)
        {
            section.Report("pace", "is 'free'; a live source has its own pace. Use 'source'");
        }

        bool isOutrun = source.Take == DeliveryMode.NewestWins && source.Pace == SourcePace.AsTaken && source.FramesPerSecond is not > 0;
        if (!source.Address.IsLive && isOutrun)
        {
            section.Report("take", "is 'newest' with pace 'free': it would be read as fast as the disk goes and nearly all of it dropped. "
                + "Use take: every, or pace: source (for pictures: frames_per_second)");
        }

        if (source.Policy.Carry is { } carry && source.MaxAgeMs is { } oldest && carry.AgeMsAtMost > oldest)
        {
            section.Report("max_age_ms", string.Create(CultureInfo.InvariantCulture, $"is {oldest} ms, and the policy carries answers for "
                + $"{carry.AgeMsAtMost} ms; write a carry_ms of at most {oldest}, or a higher max_age_ms"));
        }

        if (source.Loop && !source.Address.HasEnd)
        {
            section.Report("loop", "is true; only files, folders, recordings and pipelines with live: false have an end to "
                + "start again from");
        }

        CheckKind(section, "live", source.Address.Kind == AddressKind.Pipeline, "pipelines; addresses know it themselves");
        CheckKind(section, "frames_per_second", source.Address.Kind == AddressKind.File, "folders of pictures");
        CheckKind(section, "rtsp_latency_ms", source.Address.Kind == AddressKind.Rtsp, "rtsp:// addresses");
        CheckKind(section, "rtsp_transport", source.Address.Kind == AddressKind.Rtsp, "rtsp:// addresses");
    }

    private static void CheckLogin(ConfigSection section, SourceConfig source)
    {
        bool isPipeline = source.Address.Kind == AddressKind.Pipeline;
        bool isNetwork = source.Address.Kind is AddressKind.Rtsp or AddressKind.Http;
        CheckKind(section, "user", isNetwork || isPipeline, "rtsp:// and http:// addresses and pipelines");
        CheckKind(section, "password_file", isNetwork || isPipeline, "rtsp:// and http:// addresses and pipelines");
        if (isNetwork && section.Has("user") != section.Has("password_file"))
        {
            section.ReportAt(section.At, $"{section.Name} has one of 'user' and 'password_file'; a camera wants both");
        }

        if (isNetwork && section.Has("user") && NetworkAddress.Of(source.Address.Text)?.User is not null)
        {
            section.Report("open", "holds a user already; leave it out of the address, or take out 'user' and 'password_file'");
        }

        if (isPipeline)
        {
            CheckPlace(section, "user", source, ConfigAddress.UserPlace);
            CheckPlace(section, "password_file", source, ConfigAddress.PasswordPlace);
        }
    }

    private static void CheckPlace(ConfigSection section, string key, SourceConfig source, string place)
    {
        bool hasPlace = source.Address.Text.Contains(place, StringComparison.Ordinal);
        if (section.Has(key) && !hasPlace)
        {
            section.Report(key, $"is nowhere in the pipeline; write {place} where it belongs");
        }

        if (!section.Has(key) && hasPlace)
        {
            section.Report("pipeline", $"has {place}, and {section.Name} has no '{key}'");
        }
    }

    private static void CheckKind(ConfigSection section, string key, bool isRight, string where)
    {
        if (section.Has(key) && !isRight)
        {
            section.Report(key, $"is only for {where}");
        }
    }
}
