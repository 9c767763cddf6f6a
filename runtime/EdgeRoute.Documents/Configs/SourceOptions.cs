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
    /// Whether a pipeline text is a live source; null: yes, unless every frame is asked for, which no live source can give. Addresses know it themselves.
    /// </summary>
    public bool? IsLive { get; init; }

    /// <summary>Null: newest wins for live sources and for files at their own rate, every frame for the rest.</summary>
    public DeliveryMode? Delivery { get; init; }

    /// <summary>Jitter buffer of an RTSP source. GStreamer's own 2000 ms would make every frame two seconds old.</summary>
    public int RtspLatencyMs { get; init; }

    /// <summary>The delivery for a source that is or is not live.</summary>
    public DeliveryMode DeliveryFor(bool isLive) =>
        Delivery ?? (isLive || Pace == SourcePace.Source ? DeliveryMode.NewestWins : DeliveryMode.EveryFrame);
}
