namespace EdgeRoute.Core.Floors;

/// <summary>What is asked for: a quality floor and how sure one wants to be of it.</summary>
public readonly record struct FloorGoal
{
    /// <param name="floor">Mean quality against the heaviest path, in (0, 1): 0.97 allows a mean loss of 0.03.</param>
    /// <param name="confidence">In (0, 1): 0.95.</param>
    /// <exception cref="ArgumentOutOfRangeException">Either is not between 0 and 1, both excluded.</exception>
    public FloorGoal(double floor, double confidence)
    {
        Floor = floor is > 0 and < 1 ? floor
            : throw new ArgumentOutOfRangeException(nameof(floor), floor, "The quality floor must be between 0 and 1, both excluded, for example 0.97.");
        Confidence = confidence is > 0 and < 1 ? confidence
            : throw new ArgumentOutOfRangeException(nameof(confidence), confidence, "The confidence must be between 0 and 1, both excluded, for example 0.95.");
    }

    public double Floor { get; }

    public double Confidence { get; }

    /// <summary>The mean loss that the floor allows.</summary>
    public double AllowedLoss => 1 - Floor;

    /// <summary>Probability of a wrong certificate that the confidence leaves.</summary>
    public double Risk => 1 - Confidence;
}
