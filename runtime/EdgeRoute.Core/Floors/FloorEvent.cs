namespace EdgeRoute.Core.Floors;

/// <summary>Where the watched floor stands.</summary>
public enum FloorState : byte
{
    /// <summary>The ceiling is the certified one.</summary>
    Holding = 1,

    /// <summary>The losses were too high: the ceiling has retreated and nothing shows yet that it may rise.</summary>
    Breached = 2,

    /// <summary>The losses are low again: the ceiling rises step by step and is not yet the certified one.</summary>
    Recovering = 3,
}

/// <summary>
/// A change of the price ceiling, with what was seen. Made without allocation; <see cref="Text"/> is for the consumer of events.
/// </summary>
/// <param name="AuditCount">Audits taken in when it happened.</param>
/// <param name="Seen">The losses that led to it, since the moment that fits them best.</param>
/// <param name="AllowedLoss">What the floor allows.</param>
public readonly record struct FloorEvent(FloorState State, long AuditCount, LossRun Seen, double AllowedLoss, int CeilingBefore, int CeilingAfter)
{
    /// <summary>One sentence for a person: what was seen, what is allowed, what was done.</summary>
    public string Text
    {
        get
        {
            string seen = $"mean loss {Seen.Mean:0.000} over {Seen.Count} audits, floor allows {AllowedLoss:0.000}";
            return State switch
            {
                FloorState.Breached when CeilingBefore == 0 => $"quality floor breached at price 0: {seen}; no price is lower: calibrate on footage like this",
                FloorState.Breached => $"quality floor breached: {seen}; price ceiling {CeilingBefore} -> {CeilingAfter}",
                FloorState.Recovering => $"quality floor holds again: {seen}; price ceiling {CeilingBefore} -> {CeilingAfter}",
                _ => $"quality floor holds again: {seen}; price ceiling {CeilingBefore} -> {CeilingAfter}, the certified one",
            };
        }
    }
}
