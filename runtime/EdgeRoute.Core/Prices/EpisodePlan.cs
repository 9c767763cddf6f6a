using System.Globalization;

namespace EdgeRoute.Core.Prices;

/// <summary>What an episode's allowance is counted in.</summary>
public enum AllowanceKind
{
    DeviceMs,
    EnergyMillijoules,
    HeavyRuns,
}

/// <summary>A strict allowance for one episode, and what is known of the episode beforehand.</summary>
public sealed record EpisodePlan
{
    /// <param name="kind">The unit of <paramref name="allowance"/> and of <paramref name="cheapestCost"/>.</param>
    /// <param name="allowance">What may be spent in all.</param>
    /// <param name="frameLimit">Frames that the episode has at most.</param>
    /// <param name="cheapestCost">Upper bound of the cost of the cheapest path, which every frame to come is sure of; 0 where a frame may cost nothing.</param>
    /// <param name="durationMs">Length of the episode; infinite where only its frames are counted.</param>
    /// <param name="repeats">A new episode of the same length begins when one ends: "per minute".</param>
    /// <exception cref="ArgumentException">A figure is out of its range; the message names it.</exception>
    public EpisodePlan(AllowanceKind kind, double allowance, int frameLimit, double cheapestCost, double durationMs = double.PositiveInfinity, bool repeats = false)
    {
        Require(Enum.IsDefined(kind), "kind", (int)kind, "one of DeviceMs, EnergyMillijoules, HeavyRuns");
        Require(allowance > 0 && double.IsFinite(allowance), "allowance", allowance, "finite and above 0");
        Require(frameLimit > 0, "frame limit", frameLimit, "1 or more");
        Require(cheapestCost >= 0 && double.IsFinite(cheapestCost), "cheapest cost", cheapestCost, "finite and 0 or more");
        Require(durationMs > 0 && (!repeats || double.IsFinite(durationMs)), "duration in ms", durationMs, "above 0, and finite where the episode repeats");
        (Kind, Allowance, FrameLimit, CheapestCost, DurationMs, Repeats) = (kind, allowance, frameLimit, cheapestCost, durationMs, repeats);
    }

    /// <summary>An allowance for each minute on its own. Two neighbouring minutes may each spend theirs around the turn.</summary>
    public static EpisodePlan PerMinute(AllowanceKind kind, double allowance, double framesPerSecond, double cheapestCost) =>
        new(kind, allowance, (int)Math.Ceiling(Math.Clamp(framesPerSecond * 60, 1, 1e6)), cheapestCost, 60_000, true);

    public AllowanceKind Kind { get; }

    public double Allowance { get; }

    public int FrameLimit { get; }

    public double CheapestCost { get; }

    public double DurationMs { get; }

    public bool Repeats { get; }

    public string Unit => Kind switch
    {
        AllowanceKind.DeviceMs => "ms",
        AllowanceKind.EnergyMillijoules => "mJ",
        _ => "heavy runs",
    };

    /// <summary>The cheapest path can be paid for every frame.</summary>
    public bool IsFeasible => FrameLimit * CheapestCost <= Allowance;

    /// <summary>In words with figures, why the cheapest path cannot be paid for every frame and what would mend it; null where it can. Made anew at each call.</summary>
    public string? Infeasibility()
    {
        double needed = FrameLimit * CheapestCost;
        return IsFeasible ? null : string.Create(CultureInfo.InvariantCulture,
            $"{FrameLimit} frames on the cheapest path need up to {needed:0.##} {Unit}; the allowance is {Allowance:0.##} {Unit}, "
            + $"enough for {Math.Floor(Allowance / CheapestCost):0} frames; "
            + $"the others get no computation. Raise the allowance to {needed:0.##} {Unit}, lower the frame rate, or add an edge to 'previous'");
    }

    private static void Require(bool holds, string name, double value, string wanted)
    {
        if (!holds)
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"The episode's {name} is {value}; it must be {wanted}."));
        }
    }
}
