namespace EdgeRoute.Documents.Configs;

/// <summary>What kind of thing a source's address names.</summary>
public enum AddressKind
{
    /// <summary>A GStreamer pipeline by its text.</summary>
    Pipeline,

    /// <summary>A video file, a picture or a folder of pictures.</summary>
    File,

    /// <summary>A recording of our own.</summary>
    Recording,

    /// <summary>A camera on the network: rtsp:// or rtsps://.</summary>
    Rtsp,

    /// <summary>A camera on the network: http:// or https://.</summary>
    Http,

    /// <summary>A camera of this machine: v4l2:///dev/video0.</summary>
    V4l2,

    /// <summary>A GStreamer test pattern.</summary>
    Test,

    /// <summary>A simulated world.</summary>
    Sim,
}

/// <summary>Where a source's frames come from.</summary>
/// <param name="Text">As written: the address or the pipeline.</param>
/// <param name="Path">For files and recordings: the path.</param>
/// <param name="IsLive">It cannot be asked to wait, so the newest frame wins, and its end is a fault.</param>
public sealed record ConfigAddress(AddressKind Kind, string Text, ConfigPath? Path, bool IsLive)
{
    /// <summary>File name ending of recordings.</summary>
    public const string RecordingEnding = ".erec";

    /// <summary>Stand in a pipeline for a user and for the password of a file, each quoted.</summary>
    public const string UserPlace = "{user}", PasswordPlace = "{password}";

    /// <summary>Addresses by their scheme.</summary>
    public static IReadOnlyDictionary<string, AddressKind> Schemes { get; } = new Dictionary<string, AddressKind>(StringComparer.Ordinal)
    {
        ["rtsp"] = AddressKind.Rtsp,
        ["rtsps"] = AddressKind.Rtsp,
        ["http"] = AddressKind.Http,
        ["https"] = AddressKind.Http,
        ["v4l2"] = AddressKind.V4l2,
        ["test"] = AddressKind.Test,
        ["sim"] = AddressKind.Sim,
    };

    /// <summary>It has an end after which it could start again.</summary>
    public bool HasEnd => Kind is AddressKind.File or AddressKind.Recording || (Kind == AddressKind.Pipeline && !IsLive);

    /// <summary>What a source factory is given: paths in full, pipelines on one line.</summary>
    public string FactoryText => Path?.Full ?? (Kind == AddressKind.Pipeline ? Text.ReplaceLineEndings(" ").Trim() : Text);

    /// <summary>Which frames are taken where the config does not say: files lose none, cameras give the newest.</summary>
    public DeliveryMode DefaultTake => IsLive ? DeliveryMode.NewestWins : DeliveryMode.EveryFrame;

    public SourcePace DefaultPace => IsLive ? SourcePace.Source : SourcePace.AsTaken;
}
