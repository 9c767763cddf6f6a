namespace EdgeRoute.Engine.Frames;

/// <summary>Counts of one exchange, read together. The law: Captured = Taken + Dropped + Waiting, at every moment.</summary>
public readonly record struct ExchangeCounts(long Captured, long Taken, long Dropped, int Waiting);
