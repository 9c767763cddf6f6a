using System.Globalization;
using System.Text;
using EdgeRoute.Interop.Linux;

namespace EdgeRoute.Documents.Configs;

/// <summary>What runs stages beside this machine's own sessions.</summary>
public enum EngineKind
{
    /// <summary>An inference server that speaks the Open Inference Protocol (KServe v2) over HTTP or gRPC.</summary>
    Remote,
}

/// <summary>When a stage is run on an engine that has it.</summary>
public enum EngineUse
{
    /// <summary>Where its measured round trip is shorter than the stage takes here.</summary>
    Faster,

    /// <summary>Whenever it answers in time, to spare this machine's processor.</summary>
    Always,
}

/// <summary>How tensors go to a server.</summary>
public enum TensorForm
{
    /// <summary>Their bytes, by the protocol's binary tensor extension.</summary>
    Binary,

    /// <summary>Numbers as text, for servers without the extension: several times as many bytes, and the same values.</summary>
    Json,
}

/// <summary>An inference server and the stages that it has.</summary>
/// <param name="Address">As written: it may name variables of the environment. See <see cref="EngineAddress"/>.</param>
public sealed record EngineConfig(string Name, string Address)
{
    private const int UsualTimeoutMs = 1000;

    public EngineKind Kind { get; init; }

    /// <summary>The authorities of its certificate; null for those of the system.</summary>
    public ConfigPath? CaFile { get; init; }

    /// <summary>The longest that a frame waits for it, whatever the deadline.</summary>
    public int TimeoutMs { get; init; } = UsualTimeoutMs;

    public EngineUse Use { get; init; }

    public TensorForm Tensors { get; init; }

    /// <summary>1 to 100: a stage's picture goes as a JPEG to a model that takes an encoded one; null for as its tensor.</summary>
    public int? JpegQuality { get; init; }

    public IReadOnlyList<EngineStageConfig> Stages { get; init; } = [];

    internal static List<EngineConfig> ReadAll(ConfigSection? section, IReadOnlyList<string> packs)
    {
        var engines = new List<EngineConfig>();
        var taken = new Dictionary<(string, string), string>();
        foreach (var (name, group) in section?.NamedGroups(ConfigLimits.EngineCount, "engines") ?? [])
        {
            var engine = Read(name, group, packs);
            engines.Add(engine);
            foreach (var stage in engine.Stages.Where(s => !taken.TryAdd((s.Pack, s.Stage), name)))
            {
                string other = taken[(stage.Pack, stage.Stage)];
                group.Report("stages", $"has stage '{stage.Stage}' of pack '{stage.Pack}', which engine '{other}' has too; a stage goes to "
                    + "one engine");
            }
        }

        return engines;
    }

    /// <summary>Its keys and values in canonical form.</summary>
    internal void AddTo(StringBuilder text)
    {
        var culture = CultureInfo.InvariantCulture;
        text.Append(culture, $"  {Name}:\n    kind: {ConfigEnums.Of(ConfigEnums.Engines, Kind)}\n    address: "
            + $"{EffectiveText.Quoted(Address)}\n");
        text.Append(CaFile is { } file ? $"    ca_file: {EffectiveText.Quoted(file.Written)}\n" : "");
        text.Append(culture, $"    timeout_ms: {TimeoutMs}\n    use: {ConfigEnums.Of(ConfigEnums.EngineUses, Use)}\n    tensors: "
            + $"{ConfigEnums.Of(ConfigEnums.TensorForms, Tensors)}\n");
        text.Append(culture, $"    jpeg_quality: {JpegQuality?.ToString(culture) ?? ConfigEnums.None}\n    stages:\n");
        foreach (var stage in Stages)
        {
            text.Append(culture, $"      {stage.Stage}:\n        pack: {stage.Pack}\n        model: {EffectiveText.Quoted(stage.Model)}\n");
            text.Append(stage.Version is { } version ? $"        version: {EffectiveText.Quoted(version)}\n" : "");
        }
    }

    private static EngineConfig Read(string name, ConfigSection section, IReadOnlyList<string> packs)
    {
        var engine = new EngineConfig(name, section.Text("address", isRequired: true) ?? "")
        {
            Kind = section.Choice("kind", ConfigEnums.Engines, EngineKind.Remote, isRequired: true),
            CaFile = section.Path("ca_file", PathNeed.File),
            TimeoutMs = section.Integer("timeout_ms", ConfigLimits.EngineTimeoutMs, UsualTimeoutMs),
            Use = section.Choice("use", ConfigEnums.EngineUses, EngineUse.Faster),
            Tensors = section.Choice("tensors", ConfigEnums.TensorForms, TensorForm.Binary),
            JpegQuality = section.IntegerOrNone("jpeg_quality", ConfigLimits.JpegQuality),
            Stages = ReadStages(section.Group("stages", isRequired: true), packs),
        };
        engine.CheckAddress(section);
        section.Close();
        return engine;
    }

    private static List<EngineStageConfig> ReadStages(ConfigSection? section, IReadOnlyList<string> packs)
    {
        var stages = new List<EngineStageConfig>();
        foreach (var (stage, group) in section?.NamedGroups(ConfigLimits.EngineStageCount, "stages") ?? [])
        {
            string? pack = group.Text("pack", isRequired: packs.Count > 1) ?? packs.FirstOrDefault();
            if (pack is not null && !packs.Contains(pack))
            {
                group.Report("pack", $"is '{pack}'; it must be a name under 'packs'{ConfigSection.DidYouMean(pack, packs)}");
            }

            stages.Add(new EngineStageConfig(stage, pack ?? "", PartOf(group, "model") ?? stage, PartOf(group, "version")));
            group.Close();
        }

        return stages;
    }

    /// <summary>A name that stands in a path of the server's.</summary>
    private static string? PartOf(ConfigSection group, string key)
    {
        string? text = group.Text(key);
        if (text is not null && (text.Any(c => char.IsControl(c) || c is '/' or '?' or '#') || text is "." or ".."))
        {
            group.Report(key, $"is '{text}'; what the server knows the {key} by has no '/', '?', '#' or control characters");
        }

        return text;
    }

    private void CheckAddress(ConfigSection section)
    {
        if (!section.Has("address"))
        {
            return;
        }

        var address = EngineAddress.Of(Address, out string problem);
        if (address is null && EnvironmentText.Resolve(Address, out _) is null)
        {
            section.ReportOfMachine("address", problem);
        }
        else if (address is null)
        {
            section.Report("address", problem);
        }

        if (address is { IsTls: false } && CaFile is not null)
        {
            string plain = address.PlainScheme;
            section.Report("ca_file", $"is given, and the address is {plain}://, which has no TLS; write {plain}s://");
        }

        if (address is { IsGrpc: true } && Tensors == TensorForm.Json)
        {
            section.Report("tensors", "is 'json', and the address is gRPC, which has no JSON; leave it out, or write http:// or https://");
        }

        if (JpegQuality is not null && Tensors == TensorForm.Json)
        {
            section.Report("jpeg_quality", "is given, and 'tensors' is 'json', which has no bytes; take one of them out");
        }

        if (CaFile is { } file && File.Exists(file.Full))
        {
            try
            {
                MqttFiles.ReadAuthorities(file.Full);
            }
            catch (TrustException refused)
            {
                section.ReportOfMachine("ca_file", refused.Message);
            }
        }
    }
}

/// <summary>A stage that an engine has.</summary>
/// <param name="Model">What the server calls it.</param>
/// <param name="Version">Null for the one that the server chooses.</param>
public sealed record EngineStageConfig(string Stage, string Pack, string Model, string? Version);

/// <summary>
/// The address of an inference server, taken apart: <c>http://HOST:8000</c> or <c>grpc://HOST:8001</c>, <c>https://</c> and <c>grpcs://</c>
/// for TLS.
/// </summary>
/// <param name="Prefix">What stands before /v2 in its paths, without a slash at the end; usually empty.</param>
public sealed record EngineAddress(string Host, int Port, bool IsTls, string Prefix)
{
    private const string Grpc = "grpc", GrpcTls = "grpcs";

    public bool IsGrpc { get; init; }

    /// <summary>As people name it.</summary>
    public string Protocol => IsGrpc ? "gRPC" : "HTTP";

    /// <summary>Without TLS, whether the address has it or not.</summary>
    public string PlainScheme => IsGrpc ? Grpc : Uri.UriSchemeHttp;

    /// <summary>As a request's header names it.</summary>
    public string Authority => $"{(Host.Contains(':') ? $"[{Host}]" : Host)}:{Port}";

    public override string ToString() => $"{PlainScheme}{(IsTls ? "s" : "")}://{Authority}{Prefix}";

    /// <summary>Null, with the reason, where the text is no such address or names a variable that is not set.</summary>
    public static EngineAddress? Of(string written, out string problem)
    {
        if (EnvironmentText.Resolve(written, out problem) is not { } text)
        {
            return null;
        }

        bool isAddress = Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.IdnHost.Length > 0;
        problem = !isAddress || uri!.Scheme is not ("http" or "https" or Grpc or GrpcTls)
            ? "must be http://HOST:PORT or grpc://HOST:PORT or, for TLS, https://HOST:PORT or grpcs://HOST:PORT, as in "
                + "http://server.lan:8000" : ProblemOf(uri);
        return problem.Length > 0 ? null
            : new EngineAddress(uri!.IdnHost.Trim('[', ']'), uri.Port, uri.Scheme is "https" or GrpcTls, uri.AbsolutePath.TrimEnd('/'))
            {
                IsGrpc = uri.Scheme is Grpc or GrpcTls,
            };
    }

    private static string ProblemOf(Uri uri)
    {
        if (uri.UserInfo.Length > 0)
        {
            return "has a user before the host; inference servers know none. Leave it out";
        }

        if (uri.Query.Length + uri.Fragment.Length > 0)
        {
            return "has something behind a '?' or '#'; which model is meant is said under 'stages'";
        }

        if (uri.Scheme is Grpc or GrpcTls)
        {
            return GrpcProblemOf(uri);
        }

        return uri.AbsolutePath.Contains("/v2", StringComparison.Ordinal)
            ? "has /v2 in its path, which is put there by itself; write what stands before it" : "";
    }

    private static string GrpcProblemOf(Uri uri)
    {
        if (uri.Port < 0)
        {
            return $"has no port, and gRPC has no usual one; write {uri.Scheme}://{uri.Host}:PORT (Triton's is 8001, OpenVINO's 9000)";
        }

        return uri.AbsolutePath.TrimEnd('/').Length > 0 ? $"has the path '{uri.AbsolutePath}'; gRPC has none. Leave it out" : "";
    }
}
