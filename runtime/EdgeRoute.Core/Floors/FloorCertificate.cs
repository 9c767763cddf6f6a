using EdgeRoute.Core.Gains;

namespace EdgeRoute.Core.Floors;

/// <summary>What the blocks say of one price.</summary>
/// <param name="PriceIndex">0-based, the safest first.</param>
/// <param name="MeanLoss">Mean over the blocks.</param>
/// <param name="PValue">How likely blocks this good are when the floor is not kept.</param>
/// <param name="UpperLoss">Bound of the mean loss at the goal's confidence, for this price by itself.</param>
public readonly record struct PriceEvidence(int PriceIndex, int BlockCount, double MeanLoss, double PValue, double UpperLoss, bool IsCertified);

/// <summary>The outcome of a certification.</summary>
/// <param name="PriceIndex">The highest certified price; -1 when not even the safest is certified.</param>
/// <param name="Evidence">One entry per price, those after the first failure included for information.</param>
/// <param name="Reason">In words, with figures: what is certified and what stopped it, or why nothing is and what it would take.</param>
public sealed record FloorCertificate(FloorGoal Goal, LossTest Test, int PriceIndex, IReadOnlyList<PriceEvidence> Evidence, string Reason)
{
    public bool IsCertified => PriceIndex >= 0;
}
