using EdgeRoute.Core.Routing;
using EdgeRoute.Core.Tracking;
using EdgeRoute.Engine.Calibrations;
using EdgeRoute.Engine.Capture;
using EdgeRoute.Engine.Device;
using EdgeRoute.Engine.Preprocess;
using EdgeRoute.Engine.Pricing;
using EdgeRoute.Engine.Stages;

namespace EdgeRoute.Engine;

/// <summary>What a stream is made of.</summary>
/// <param name="Name">The source's name in the configuration.</param>
/// <param name="DeadlineNs">Allowance from capture to publish in nanoseconds; <see cref="long.MaxValue"/> for none.</param>
/// <param name="FixedRoute">Decides when signals cannot be computed.</param>
public sealed record FrameStreamParts(
    string Name, SlotExchange Exchange, Router Router, Router FixedRoute, IStageSet Stages, FramePixels Pixels, long DeadlineNs, IClock Clock)
{
    /// <summary>How detections are carried over; its limit is that of the answers.</summary>
    public TrackerSettings Tracking { get; init; } = new(1, 0, 0);

    /// <summary>The calibration that the policy decides by; null without one.</summary>
    public LoadedCalibration? Calibration { get; init; }

    /// <summary>Moves prices between frames; null where the policy knows none.</summary>
    public StreamPricing? Pricing { get; init; }

    /// <summary>What the board draws now.</summary>
    public PowerGauge Power { get; init; } = new();

    /// <summary>Takes the heaviest path on sampled frames; null for no audits.</summary>
    public StreamAuditor? Auditor { get; init; }
}
