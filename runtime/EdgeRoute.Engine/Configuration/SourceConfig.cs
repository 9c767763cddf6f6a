using EdgeRoute.Engine.Capture;

namespace EdgeRoute.Engine.Configuration;

/// <summary>Which frames of a source are taken.</summary>
public enum TakeKind
{
    /// <summary>The newest; older ones that were not taken yet are dropped and counted.</summary>
    Newest,

    /// <summary>Every one; the source waits.</summary>
    Every,
}

/// <summary>How fast a source is read.</summary>
public enum PaceKind
{
    /// <summary>At the pace of its own times, as a camera would deliver.</summary>
    Source,

    /// <summary>As fast as frames are taken.</summary>
    Free,
}

/// <summary>Who decides the path of a frame.</summary>
public enum PolicyKind
{
    /// <summary>Always the path named.</summary>
    Fixed,

    /// <summary>Thresholds per exit from the pack's manifest.</summary>
    Cascade,
}

/// <param name="PathName">For <see cref="PolicyKind.Fixed"/>: the path, such as <c>light>heavy</c>; else null.</param>
public sealed record PolicyConfig(PolicyKind Kind, string? PathName);

/// <summary>A camera, file or simulated world, and what is done with its frames.</summary>
/// <param name="PackName">The pack of <see cref="DeviceConfig.Packs"/> that its frames run through.</param>
/// <param name="StallMs">Without a frame for this long the source counts as stalled and is restarted.</param>
/// <param name="FramesPerSecond">For a folder of pictures; null: as fast as they are taken.</param>
/// <param name="RtspLatencyMs">Jitter buffer of a network camera.</param>
/// <param name="DeadlineMs">From capture to publish; null for none.</param>
public sealed record SourceConfig(
    string Name, ConfigAddress Address, string PackName, TakeKind Take, PaceKind Pace, bool Loop, int StallMs, double? FramesPerSecond, int RtspLatencyMs,
    PolicyConfig Policy, double? DeadlineMs)
{
    /// <summary>The same for capture.</summary>
    public SourceOptions CaptureOptions => new()
    {
        Pace = Pace == PaceKind.Source ? SourcePace.Source : SourcePace.AsTaken,
        Loops = Loop,
        FramesPerSecond = FramesPerSecond ?? 0,
        IsLive = Address.Kind == AddressKind.Pipeline ? Address.IsLive : null,
        Delivery = Take == TakeKind.Newest ? DeliveryMode.NewestWins : DeliveryMode.EveryFrame,
        RtspLatencyMs = RtspLatencyMs,
    };

    public CaptureLimits CaptureLimits => new(StallMs, Math.Max(StallMs, CaptureLimits.Usual.FirstFrameMs));
}
