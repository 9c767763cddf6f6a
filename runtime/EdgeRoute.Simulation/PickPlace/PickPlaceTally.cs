using System.Globalization;

namespace EdgeRoute.Simulation.PickPlace;

/// <summary>How the episodes of a run ended; immutable.</summary>
public sealed record PickPlaceTally(int PlacedCount = 0, int WrongThingCount = 0, int WrongPadCount = 0, int OutOfTimeCount = 0)
{
    public int EpisodeCount => PlacedCount + WrongThingCount + WrongPadCount + OutOfTimeCount;

    /// <summary>Share of the episodes that succeeded, in [0, 1]; NaN without any.</summary>
    public double SuccessShare => (double)PlacedCount / EpisodeCount;

    public PickPlaceTally With(PickPlaceOutcome outcome) => outcome switch
    {
        PickPlaceOutcome.Placed => this with { PlacedCount = PlacedCount + 1 },
        PickPlaceOutcome.WrongThing => this with { WrongThingCount = WrongThingCount + 1 },
        PickPlaceOutcome.WrongPad => this with { WrongPadCount = WrongPadCount + 1 },
        PickPlaceOutcome.OutOfTime => this with { OutOfTimeCount = OutOfTimeCount + 1 },
        _ => this,
    };

    /// <summary>
    /// The 95 % confidence interval of the share (Wilson 1927), which stays within [0, 1] and is right for shares near 1 too.
    /// </summary>
    public (double Low, double High) SuccessInterval()
    {
        const double Z = 1.959964;
        double n = EpisodeCount, p = SuccessShare, middle = (p + (Z * Z / (2 * n))) / (1 + (Z * Z / n));
        double half = Z / (1 + (Z * Z / n)) * Math.Sqrt((p * (1 - p) / n) + (Z * Z / (4 * n * n)));
        return (Math.Max(0, middle - half), Math.Min(1, middle + half));
    }

    /// <summary>For a status line.</summary>
    public override string ToString() => EpisodeCount == 0 ? "episodes 0"
        : string.Create(CultureInfo.InvariantCulture, $"episodes {EpisodeCount}, {PlacedCount} placed ({SuccessShare * 100:0} %)");
}
