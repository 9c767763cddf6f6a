using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Signals;

namespace EdgeRoute.Protocol.Sweeping;

/// <summary>What one stage variant did with one frame.</summary>
/// <param name="Ms">Device time of preprocessing, stage and head, in milliseconds; NaN where it failed.</param>
/// <param name="Exit">Signals of its answer; those that compare with other answers are 0 here.</param>
/// <param name="Answer">Its answer; null where the stage has no exit or failed.</param>
public sealed record SweptVariant(float Ms, ExitSignals Exit, Answer? Answer);
