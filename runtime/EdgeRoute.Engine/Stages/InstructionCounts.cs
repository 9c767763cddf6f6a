namespace EdgeRoute.Engine.Stages;

/// <summary>What became of the instructions that a pack's stages were told, over the frames of all sources that use it.</summary>
/// <param name="HitCount">Found in the cache, or still in place from the frame before.</param>
/// <param name="MissCount">Not found: new, or let go before.</param>
/// <param name="RunCount">Runs of the language network: misses, less those refused or failed before it ran.</param>
/// <param name="EvictedCount">Let go to make room.</param>
/// <param name="RefusedCount">Texts that could not be understood.</param>
public readonly record struct InstructionCounts(long HitCount, long MissCount, long RunCount, long EvictedCount, long RefusedCount);
