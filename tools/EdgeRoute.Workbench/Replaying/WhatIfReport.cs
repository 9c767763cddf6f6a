namespace EdgeRoute.Workbench.Replaying;

/// <summary>What another policy would have made of a recording, beside what was recorded.</summary>
/// <param name="FrameCount">Frames compared.</param>
/// <param name="ExpectedFrameCount">Of these, frames on which the policy goes where the recording did not: their rest is expectation
/// alone.</param>
/// <param name="KeptFrameCount">Frames kept as recorded: a safety lock, missing signals or a failed stage decided them, not the
/// policy.</param>
/// <param name="LeftOutFrameCount">Frames without an answer.</param>
/// <param name="ChangedFrameCount">Frames that would have ended elsewhere.</param>
public sealed record WhatIfReport(
    string Recording, string Source, string RecordedPolicy, string Policy, double? PricePerMs, long FrameCount, long ExpectedFrameCount,
    long KeptFrameCount,
    long LeftOutFrameCount, long ChangedFrameCount, RecordedFigures Recorded, PredictedFigures Predicted, IReadOnlyList<PathCounts> Paths,
    IReadOnlyList<PathChange> Changes, IReadOnlyList<string> Notes);

/// <summary>Means per frame of what was recorded.</summary>
/// <param name="Quality">By the calibration's estimates; null without one.</param>
/// <param name="AuditedQuality">By the audits of the recording, weighted for how they were drawn; null without audits.</param>
public sealed record RecordedFigures(double? Quality, double? PredictedMs, double? MeasuredMs, long AuditedFrameCount,
    double? AuditedQuality);

/// <summary>Means per frame of what would have been.</summary>
public sealed record PredictedFigures(double? Quality, double? Ms);

/// <summary>Frames that end on a path.</summary>
public sealed record PathCounts(string Path, long RecordedCount, long PredictedCount);

/// <summary>Frames that would have gone otherwise.</summary>
public sealed record PathChange(string From, string To, long Count);

/// <summary>How one frame would have gone.</summary>
/// <param name="NodeIndex">Where the walk ended, or the node at which it left what the recording knows.</param>
/// <param name="IsExpected">It left what the recording knows: the rest is the plan's expectation.</param>
/// <param name="IsOpen">Beyond that, more would have been decided.</param>
/// <param name="Quality">Expected; NaN without a calibration. Where it is open under a cascade: if the cascade stopped there.</param>
/// <param name="Ms">Predicted device time, likewise.</param>
/// <param name="FurtherQuality">Under a cascade, where it is open: if it went on. NaN elsewhere.</param>
/// <param name="FurtherMs">Likewise.</param>
internal readonly record struct WhatIfWalk(int NodeIndex, bool IsExpected, bool IsOpen, double Quality, double Ms, double FurtherQuality,
    double FurtherMs);
