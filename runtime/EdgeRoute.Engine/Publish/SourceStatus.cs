using EdgeRoute.Core.Frames;

namespace EdgeRoute.Engine.Publish;

/// <summary>One source as it stands: its tally, its ends, and how often it broke and was restarted.</summary>
public sealed record SourceStatus(RunTally Tally, EndTally Ends, long FaultCount, long RestartCount);
