using EdgeRoute.Core.Gains;

namespace EdgeRoute.Core.Floors;

/// <summary>What the blocks say of one price.</summary>
/// <param name="PriceIndex">0-based, the safest first.</param>
/// <param name="MeanLoss">Mean over the blocks.</param>
/// <param name="PValue">How likely blocks this good are when the floor is not kept.</param>
/// <param name="UpperLoss">Bound of the mean loss at the goal's confidence, for this price by itself.</param>
public readonly record struct PriceEvidence(int PriceIndex, int BlockCount, double MeanLoss, double PValue, double UpperLoss,
    bool IsCertified);

/// <summary>The outcome of a certification.</summary>
/// <param name="PriceIndex">The highest certified price; -1 when not even the safest is certified.</param>
/// <param name="Evidence">One entry per price, those after the first failure included for information.</param>
/// <param name="Reason">In words, with figures: what is certified and what stopped it, or why nothing is and what it would take.</param>
public sealed record FloorCertificate(FloorGoal Goal, LossTest Test, int PriceIndex, IReadOnlyList<PriceEvidence> Evidence, string Reason)
{
    public bool IsCertified => PriceIndex >= 0;
}

/// <summary>What is asked for: a quality floor and how sure one wants to be of it.</summary>
public readonly record struct FloorGoal
{
    /// <param name="floor">Mean quality against the heaviest path, in (0, 1): 0.97 allows a mean loss of 0.03.</param>
    /// <param name="confidence">In (0, 1): 0.95.</param>
    /// <exception cref="ArgumentOutOfRangeException">Either is not between 0 and 1, both excluded.</exception>
    public FloorGoal(double floor, double confidence)
    {
        Floor = floor is > 0 and < 1 ? floor
            : throw new ArgumentOutOfRangeException(nameof(floor), floor,
                "The quality floor must be between 0 and 1, both excluded, for example 0.97.");
        Confidence = confidence is > 0 and < 1 ? confidence
            : throw new ArgumentOutOfRangeException(nameof(confidence), confidence,
                "The confidence must be between 0 and 1, both excluded, for example 0.95.");
    }

    public double Floor { get; }

    public double Confidence { get; }

    /// <summary>The mean loss that the floor allows.</summary>
    public double AllowedLoss => 1 - Floor;

    /// <summary>Probability of a wrong certificate that the confidence leaves.</summary>
    public double Risk => 1 - Confidence;
}
