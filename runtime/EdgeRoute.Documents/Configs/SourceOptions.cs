namespace EdgeRoute.Documents.Configs;

/// <summary>How fast a file is played.</summary>
public enum SourcePace
{
    /// <summary>As fast as frames are taken.</summary>
    AsTaken,

    /// <summary>At the rate of the file, as a camera would deliver it.</summary>
    Source,
}

/// <summary>What a device config may say about a source beside its address. Everything left alone follows the kind of the source.</summary>
public sealed record SourceOptions
{
    public static SourceOptions Usual { get; } = new();

    public SourcePace Pace { get; init; }

    /// <summary>A file or folder starts again at its end.</summary>
    public bool Loops { get; init; }

    /// <summary>Pictures per second of a folder; 0 = as fast as they are taken.</summary>
    public double FramesPerSecond { get; init; }

    /// <summary>
    /// Whether a pipeline text is a live source; null: yes, unless every frame is asked for, which no live source can give. Addresses know
    /// it themselves.
    /// </summary>
    public bool? IsLive { get; init; }

    /// <summary>Null: newest wins for live sources and for files at their own rate, every frame for the rest.</summary>
    public DeliveryMode? Delivery { get; init; }

    /// <summary>Jitter buffer of an RTSP source. GStreamer's own 2000 ms would make every frame two seconds old.</summary>
    public int RtspLatencyMs { get; init; }

    /// <summary>How an RTSP source sends its pictures.</summary>
    public RtspTransport RtspTransport { get; init; }

    /// <summary>Its library runs in a process of its own.</summary>
    public bool IsIsolated { get; init; }

    /// <summary>For cameras on the network and pipelines; null for nobody.</summary>
    public string? User { get; init; }

    /// <summary>Full path of the file of that user's password; null for none.</summary>
    public string? PasswordPath { get; init; }

    /// <summary>The delivery for a source that is or is not live.</summary>
    public DeliveryMode DeliveryFor(bool isLive) =>
        Delivery ?? (isLive || Pace == SourcePace.Source ? DeliveryMode.NewestWins : DeliveryMode.EveryFrame);
}

/// <summary>How the pictures of an RTSP source travel.</summary>
public enum RtspTransport
{
    /// <summary>By TCP, and where the server refuses that, by UDP.</summary>
    Auto,

    /// <summary>Inside the connection itself: nothing is lost, and late pictures hold up those behind them.</summary>
    Tcp,

    /// <summary>In packets of their own, which may be lost.</summary>
    Udp,
}

/// <summary>What happens when frames come faster than they are taken.</summary>
public enum DeliveryMode
{
    /// <summary>One frame waits; a newer one takes its place and the older is counted as dropped.</summary>
    NewestWins,

    /// <summary>The source waits for a free slot; no frame is lost. Only for sources that can wait.</summary>
    EveryFrame,
}

/// <summary>Times that bound how a source is watched.</summary>
/// <param name="StallMs">Silence after which a running source is taken for broken. A camera server that hangs reports nothing by
/// itself.</param>
/// <param name="FirstFrameMs">The same before the first frame after opening: cameras and servers take seconds to start.</param>
public sealed record CaptureLimits(int StallMs = 3_000, int FirstFrameMs = 10_000)
{
    /// <summary>Longest single wait for a frame: bounds how late a stop or a stall is seen.</summary>
    public const int ReadWaitMs = 100;

    /// <summary>Shorter than this no thread is said to hang in a read, whatever the limits: a busy machine lets it wait.</summary>
    public const int HangMs = 1_000;

    /// <summary>The same for an opening, which may have to wait for a driver or a name server, and for the pause before it.</summary>
    public const int OpeningMs = 3_000;

    public static CaptureLimits Usual { get; } = new();
}
