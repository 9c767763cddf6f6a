namespace EdgeRoute.Core.Floors;

/// <summary>
/// How the floor is watched while running.
/// </summary>
/// <param name="Floor">Mean quality against the heaviest path that must hold, in (0, 1): 0.97.</param>
/// <param name="CertifiedPriceIndex">The highest certified price: the ceiling while all is well.</param>
public sealed record FloorAuditSettings(double Floor, int CertifiedPriceIndex)
{
    /// <summary>Audits between two false breaches, on average at least, when the mean loss is exactly what the floor allows; with less loss they are far rarer.
    /// At one audit in a hundred frames and 30 frames per second, 10,000 audits are nine hours. Larger is calmer and slower to notice.</summary>
    public double FalseBreachAudits { get; init; } = 10_000;

    /// <summary>Audits between two wrong steps upward, on average at least, while the mean loss is not below the floor by the margin.</summary>
    public double FalseRecoveryAudits { get; init; } = 500;

    /// <summary>How far below the allowed loss the losses must be shown to lie before the ceiling rises, as a share of it, in [0, 1).</summary>
    public double RecoveryMargin { get; init; } = 0.1;

    /// <summary>The ceiling's index is multiplied by this on a breach, in [0, 1).</summary>
    public double RetreatFactor { get; init; } = 0.5;

    /// <summary>Part of the certified index that one step upward regains, in (0, 1]; at least one index.</summary>
    public double RecoveryStep { get; init; } = 0.125;

    /// <exception cref="ArgumentOutOfRangeException">A setting is out of its range; the message says which.</exception>
    public void Check()
    {
        Require(Floor is > 0 and < 1, nameof(Floor), Floor, "between 0 and 1, both excluded");
        Require(CertifiedPriceIndex >= 0, nameof(CertifiedPriceIndex), CertifiedPriceIndex, "0 or more: without a certified price there is nothing to watch");
        Require(FalseBreachAudits is > 1 and < 1e15, nameof(FalseBreachAudits), FalseBreachAudits, "more than 1");
        Require(FalseRecoveryAudits is > 1 and < 1e15, nameof(FalseRecoveryAudits), FalseRecoveryAudits, "more than 1");
        Require(RecoveryMargin is >= 0 and < 1, nameof(RecoveryMargin), RecoveryMargin, "at least 0 and below 1");
        Require(RetreatFactor is >= 0 and < 1, nameof(RetreatFactor), RetreatFactor, "at least 0 and below 1");
        Require(RecoveryStep is > 0 and <= 1, nameof(RecoveryStep), RecoveryStep, "above 0 and at most 1");
    }

    private static void Require(bool isMet, string name, double value, string range)
    {
        if (!isMet)
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be {range}.");
        }
    }
}
