namespace EdgeRoute.Engine.Configuration;

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
public sealed record SourceAddress(AddressKind Kind, string Text, ConfigPath? Path)
{
    /// <summary>File name ending of recordings.</summary>
    public const string RecordingEnding = ".erec";

    /// <summary>Addresses by their scheme.</summary>
    public static IReadOnlyDictionary<string, AddressKind> Schemes { get; } = new Dictionary<string, AddressKind>(StringComparer.Ordinal)
    {
        ["rtsp"] = AddressKind.Rtsp,
        ["rtsps"] = AddressKind.Rtsp,
        ["v4l2"] = AddressKind.V4l2,
        ["test"] = AddressKind.Test,
        ["sim"] = AddressKind.Sim,
    };

    /// <summary>It cannot be asked to wait, so the newest frame wins and there is no end to loop at.</summary>
    public bool IsCamera => Kind is AddressKind.Rtsp or AddressKind.V4l2;

    /// <summary>It has an end after which it could start again.</summary>
    public bool HasEnd => Kind is AddressKind.File or AddressKind.Recording;

    /// <summary>Which frames are taken where the config does not say: files lose none, cameras give the newest.</summary>
    public TakeKind DefaultTake => IsCamera || Kind == AddressKind.Pipeline ? TakeKind.Newest : TakeKind.Every;

    public PaceKind DefaultPace => IsCamera || Kind == AddressKind.Pipeline ? PaceKind.Source : PaceKind.Free;
}
