using EdgeRoute.Core.Graphs;

namespace EdgeRoute.Engine.Faults;

/// <summary>How one stage fared.</summary>
/// <param name="State">Of its circuit breaker: closed, open (it is left out) or half-open (its next run decides).</param>
public sealed record StageHealth(string Stage, string State, long FaultCount)
{
    /// <summary>How often it left an execution provider that failed again and again.</summary>
    public int FallbackCount { get; init; }
}

/// <summary>
/// A circuit breaker for each stage of a pack, for one stream. Used by the loop's thread; the state may be read by others.
/// </summary>
internal sealed class StageBreakers(RouteTree tree)
{
    private readonly CircuitBreaker[] _breakers = [.. tree.Graph.Stages.Select(_ => new CircuitBreaker())];
    private int _openCount;

    /// <summary>Whether the stage of a variant is left out now. Costs a look while every breaker is closed.</summary>
    public bool IsOpen(int variantIndex, long nowNs) => _openCount > 0 && Of(variantIndex).IsOpen(nowNs);

    /// <summary>The stage failed. Returns what is to be told where it is left out from now on; else null.</summary>
    public string? Fail(int variantIndex, long nowNs)
    {
        bool wasClosed = Of(variantIndex).State == BreakerState.Closed;
        string? told = Of(variantIndex).Fail(nowNs);
        _openCount += wasClosed && told is not null ? 1 : 0;
        return told;
    }

    /// <summary>The stage ran through. True when it had been left out before.</summary>
    public bool Succeed(int variantIndex)
    {
        bool wasOut = Of(variantIndex).Succeed();
        _openCount -= wasOut ? 1 : 0;
        return wasOut;
    }

    /// <summary>The stages that ever failed.</summary>
    public IReadOnlyList<StageHealth> All() => [.. _breakers.Select((b, i) => new StageHealth(tree.Graph.Stages[i].Name,
        b.Word, b.FaultCount)).Where(h => h.FaultCount > 0)];

    public string NameOf(int variantIndex) => tree.Graph.Stages[tree.Variants[variantIndex].StageIndex].Name;

    private CircuitBreaker Of(int variantIndex) => _breakers[tree.Variants[variantIndex].StageIndex];
}
