using EdgeRoute.Protocol.Control;

namespace EdgeRoute.ControlChannel;

/// <summary>Frames of one stream that were published after an instant.</summary>
/// <param name="Status">Times, rates and paths.</param>
/// <param name="FailedCount">Frames without an answer.</param>
/// <param name="AuditedCount">Frames compared with the heaviest path.</param>
/// <param name="AgreementMean">1 - the mean loss of the audited frames; not a number without any.</param>
/// <param name="IsWhole">No frame since the instant has been forgotten or lost on the way.</param>
public sealed record WindowStatistics(WindowStatus Status, long FailedCount, long AuditedCount, double AgreementMean, bool IsWhole);
