using System.Net;
using System.Security.Cryptography;
using System.Text;
using EdgeRoute.Protocol.Recording;

namespace EdgeRoute.Documents.Configs;

/// <summary>A whole device config with every default filled in: immutable, checked, ready to build an engine from.</summary>
/// <param name="FilePath">The file it was read from; paths inside are relative to its folder.</param>
/// <param name="Trace">File of trace records; null writes none.</param>
/// <param name="Record">Recording; null writes none.</param>
public sealed record DeviceConfig(
    string FilePath, RuntimeConfig Runtime, IReadOnlyList<PackConfig> Packs, IReadOnlyList<SourceConfig> Sources, ConfigPath? Trace,
    RecordConfig? Record)
{
    /// <summary>The control channel; null for none.</summary>
    public ControlConfig? Control { get; init; }

    /// <summary>Where answers go, beside the control channel.</summary>
    public IReadOnlyList<OutputConfig> Outputs { get; init; } = [];

    /// <summary>The board's GPIO lines and what they are for.</summary>
    public GpioConfig Gpio { get; init; } = GpioConfig.None;

    /// <summary>What measures the board's power; null where its kernel shows sensors, or nothing does.</summary>
    public Ina219Config? PowerMonitor { get; init; }

    /// <summary>What runs stages beside this machine's own sessions.</summary>
    public IReadOnlyList<EngineConfig> Engines { get; init; } = [];

    /// <summary>What it may fill of its disk.</summary>
    public DiskConfig Disk { get; init; } = DiskConfig.Usual;

    /// <summary>
    /// The config in one canonical form: all defaults filled in, one order, no comments. It is itself a valid config with the same effect.
    /// Paths stay as written, so that the same config in another folder has the same hash.
    /// </summary>
    public string Effective() => EffectiveText.Of(this);

    /// <summary>
    /// <see cref="Effective"/> with the credentials of addresses and pipelines hidden: what may be printed. The hash is not of this text.
    /// </summary>
    public string Printable() => (this with
    {
        Sources = [.. Sources.Select(WithoutSecrets)], Outputs = [.. Outputs.Select(o => o.WithoutSecrets())],
    }).Effective();

    /// <summary>SHA-256 of <see cref="Effective"/> as 32 bytes: two runs with equal hashes had equal configs.</summary>
    public byte[] Hash() => SHA256.HashData(Encoding.UTF8.GetBytes(Effective()));

    /// <summary><see cref="Hash"/> as 64 lower-case hexadecimal digits.</summary>
    public string HashText() => Convert.ToHexStringLower(Hash());

    public PackConfig PackOf(SourceConfig source) => Packs.First(p => p.Name == source.PackName);

    private static SourceConfig WithoutSecrets(SourceConfig source) =>
        source with { Address = source.Address with { Text = AddressText.OfSource(source.Address.Text) } };
}

/// <summary>The control channel of a device: where it listens and where it keeps what it must not forget.</summary>
/// <param name="Unix">Path of the Unix socket; null for none.</param>
/// <param name="Tcp">Address and port for paired clients; null for none.</param>
/// <param name="State">Folder of keys, paired clients, journal and recordings that clients ask for; null: nothing is kept, and TCP is not
/// possible.</param>
/// <param name="Name">What the owner calls the device; null for the machine's name.</param>
/// <param name="Metrics">Address and port of the Prometheus endpoint; null for none.</param>
public sealed record ControlConfig(ConfigPath? Unix, IPEndPoint? Tcp, ConfigPath? State, string? Name, IPEndPoint? Metrics)
{
    public string DeviceName => Name ?? Environment.MachineName;

    /// <summary>Laptops near are told that it is there.</summary>
    public bool IsAnnounced { get; init; }

    /// <summary>Where the service's unit file makes a folder for it.</summary>
    public const string UsualUnixPath = "/run/edgeroute/control.sock";
}

/// <summary>A model pack to load.</summary>
/// <param name="Files">Folder of the pack's model files; null where they lie beside the manifest.</param>
public sealed record PackConfig(string Name, ConfigPath Manifest, ConfigPath? Files);

/// <summary>An execution provider to try, in the order of the list.</summary>
/// <param name="Require">A session without it is an error instead of a fallback.</param>
/// <param name="Options">The provider's own keys and values, as written, sorted by key.</param>
public sealed record ProviderConfig(string Name, bool Require, IReadOnlyList<KeyValuePair<string, string>> Options)
{
    public const string Cpu = "CPU";

    /// <summary>Providers of the library by the names a config uses, in the spelling the effective config prints.</summary>
    public static IReadOnlyList<string> Names { get; } =
        ["TensorRT", "CUDA", Cpu, "XNNPACK", "OpenVINO", "QNN", "WebGPU", "NvTensorRtRtx", "MIGraphX", "DNNL", "ACL", "ArmNN"];
}

/// <summary>What of a frame's picture goes into a recording.</summary>
public enum RecordedFrames
{
    /// <summary>The bytes as the source delivered them (a JPEG stays a JPEG).</summary>
    Raw,

    /// <summary>Compressed to JPEG.</summary>
    Jpeg,

    /// <summary>No pictures; trace records only.</summary>
    None,
}

/// <summary>A recording of everything that came in and was decided.</summary>
public sealed record RecordConfig(ConfigPath File, RecordedFrames Frames);

/// <summary>What all sessions and kernels of the process share.</summary>
/// <param name="Library">The ONNX Runtime library or its folder; null searches the usual places.</param>
/// <param name="ThreadCount">Threads of the shared pool; 0 lets the library take one per physical core, null is as measured.</param>
/// <param name="Spin">Idle pool threads spin: a little less latency for about 30 ms of CPU time after every frame.</param>
/// <param name="KernelName">Preprocessing kernel forced by name; <see cref="AutoKernel"/> takes the widest the machine has.</param>
/// <param name="Providers">In order; CPU is always the last.</param>
public sealed record RuntimeConfig(ConfigPath? Library, int? ThreadCount, bool Spin, string KernelName,
    IReadOnlyList<ProviderConfig> Providers)
{
    public const string AutoKernel = "auto";

    public const int UsualStageLimitMs = 10_000;

    /// <summary>One run of a stage that takes longer is ended and counts as failed; where it cannot be ended the run is.</summary>
    public int StageLimitMs { get; init; } = UsualStageLimitMs;

    /// <summary>
    /// What is added to the nice value of the threads that frames wait for, -20 to 0; null takes <see cref="UsualNice"/> where the machine
    /// allows it.
    /// </summary>
    public int? Nice { get; init; }

    /// <inheritdoc cref="Nice"/>
    public int NiceStep => Nice ?? UsualNice;

    /// <summary>
    /// As much processor as three others want, so that no laptop's request, and no stranger at the door, makes a frame wait long; a robot's
    /// own programs keep a quarter even where frames never end.
    /// </summary>
    public const int UsualNice = -5;

    /// <summary>Real-time priority of the threads of cameras and loop, 1 to 99; 0: ordinary threads, with their nice value.</summary>
    public int Realtime { get; init; }

    /// <summary>SHA-256 that the ONNX Runtime library must have, in lower-case digits; null for any.</summary>
    public string? LibrarySha256 { get; init; }

    public static IReadOnlyList<string> KernelNames { get; } = [AutoKernel, "scalar", "vector128", "vector256"];

    public static RuntimeConfig Default { get; } = new(null, null, false, AutoKernel, [new ProviderConfig(ProviderConfig.Cpu, false, [])]);
}
