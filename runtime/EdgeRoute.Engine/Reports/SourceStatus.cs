using EdgeRoute.Core.Frames;

namespace EdgeRoute.Engine.Reports;

/// <summary>One source as it stands: its tally, its ends, and how often it broke and was restarted.</summary>
/// <param name="Routing">How its prices stand; null where the policy knows none.</param>
/// <param name="Policy">What became of its plans; null for other tasks.</param>
/// <param name="Words">What the source itself has to say; null for nothing.</param>
public sealed record SourceStatus(RunTally Tally, EndTally Ends, long FaultCount, long RestartCount, RoutingReport? Routing = null, PolicyReport? Policy = null,
    string? Words = null);
