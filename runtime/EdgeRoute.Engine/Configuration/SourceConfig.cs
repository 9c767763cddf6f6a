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
/// <param name="DeadlineMs">From capture to publish; null for none.</param>
public sealed record SourceConfig(
    string Name, SourceAddress Address, string PackName, TakeKind Take, PaceKind Pace, bool Loop, int StallMs, PolicyConfig Policy, double? DeadlineMs);
