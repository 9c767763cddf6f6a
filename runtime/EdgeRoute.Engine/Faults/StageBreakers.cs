using EdgeRoute.Core.Graphs;

namespace EdgeRoute.Engine.Faults;

/// <summary>How a stage is trusted.</summary>
internal enum BreakerState
{
    /// <summary>It may be chosen.</summary>
    Closed,

    /// <summary>It failed too often in a row and is left out for a while.</summary>
    Open,

    /// <summary>The while is over: the next run decides.</summary>
    HalfOpen,
}

/// <summary>How one stage fared.</summary>
/// <param name="State">Of its circuit breaker: closed, open (it is left out) or half-open (its next run decides).</param>
public sealed record StageHealth(string Stage, string State, long FaultCount)
{
    /// <summary>How often it left an execution provider that failed again and again.</summary>
    public int FallbackCount { get; init; }
}

/// <summary>
/// A circuit breaker for each stage of a pack, for one stream: a stage that fails again and again is left out, then tried once after a
/// pause that doubles each time. Used by the loop's thread; the state may be read by others.
/// </summary>
internal sealed class StageBreakers(RouteTree tree)
{
    /// <summary>Faults in a row after which a stage is left out.</summary>
    public const int FaultLimit = 5;

    /// <summary>The first pause; each failed try doubles it.</summary>
    public const long PauseLeastNs = 1_000_000_000;

    public const long PauseMostNs = 60_000_000_000;

    private readonly Breaker[] _breakers = [.. tree.Graph.Stages.Select(_ => new Breaker())];
    private int _openCount;

    /// <summary>Whether the stage of a variant is left out now. Costs a look while every breaker is closed.</summary>
    public bool IsOpen(int variantIndex, long nowNs)
    {
        if (_openCount == 0)
        {
            return false;
        }

        var breaker = Of(variantIndex);
        if (breaker.State == BreakerState.Open && nowNs >= breaker.UntilNs)
        {
            breaker.State = BreakerState.HalfOpen;
        }

        return breaker.State == BreakerState.Open;
    }

    /// <summary>The stage failed. Returns what is to be told where it is left out from now on; else null.</summary>
    public string? Fail(int variantIndex, long nowNs)
    {
        var breaker = Of(variantIndex);
        breaker.FaultCount++;
        breaker.RowCount++;
        if (breaker.State == BreakerState.Open || (breaker.State == BreakerState.Closed && breaker.RowCount < FaultLimit))
        {
            return null;
        }

        bool isNew = breaker.State == BreakerState.Closed;
        _openCount += isNew ? 1 : 0;
        breaker.PauseNs = isNew ? PauseLeastNs : Math.Min(breaker.PauseNs * 2, PauseMostNs);
        (breaker.State, breaker.UntilNs) = (BreakerState.Open, nowNs + breaker.PauseNs);
        return $"{breaker.RowCount} faults in a row; it is left out for {breaker.PauseNs / 1_000_000_000} s, then tried once";
    }

    /// <summary>The stage ran through. True when it had been left out before.</summary>
    public bool Succeed(int variantIndex)
    {
        var breaker = Of(variantIndex);
        breaker.RowCount = 0;
        if (breaker.State == BreakerState.Closed)
        {
            return false;
        }

        breaker.State = BreakerState.Closed;
        _openCount--;
        return true;
    }

    /// <summary>The stages that ever failed.</summary>
    public IReadOnlyList<StageHealth> All() => [.. _breakers.Select((b, i) => new StageHealth(tree.Graph.Stages[i].Name,
        NameOf(b.State), b.FaultCount)).Where(h => h.FaultCount > 0)];

    public string NameOf(int variantIndex) => tree.Graph.Stages[tree.Variants[variantIndex].StageIndex].Name;

    private static string NameOf(BreakerState state) => state switch
    {
        BreakerState.Closed => "closed",
        BreakerState.Open => "open",
        _ => "half-open",
    };

    private Breaker Of(int variantIndex) => _breakers[tree.Variants[variantIndex].StageIndex];

    private sealed class Breaker
    {
        public BreakerState State { get; set; }

        public int RowCount { get; set; }

        public long FaultCount { get; set; }

        public long PauseNs { get; set; }

        public long UntilNs { get; set; }
    }
}
