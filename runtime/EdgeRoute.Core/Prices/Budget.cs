using System.Globalization;

namespace EdgeRoute.Core.Prices;

/// <summary>What an allowance is counted in.</summary>
public enum BudgetKind
{
    /// <summary>Mean latency, milliseconds a frame.</summary>
    LatencyMsMean,

    /// <summary>The latency that 1 % of the frames may exceed, milliseconds.</summary>
    LatencyMsP99,

    /// <summary>Mean device time, milliseconds a frame.</summary>
    DeviceMsMean,

    /// <summary>Frames ended per second, at least.</summary>
    FramesPerSecond,

    /// <summary>Mean energy, millijoules a frame: the board's power while its stages run.</summary>
    EnergyMillijoules,

    /// <summary>Mean power of the whole board, watts.</summary>
    Watts,

    /// <summary>Fraction of the frames that take the heaviest tier, in (0, 1].</summary>
    HeavyShare,

    /// <summary>The board's hottest zone, degrees Celsius.</summary>
    Temperature,

    /// <summary>Hours that a battery is to last, at least.</summary>
    BatteryHours,

    /// <summary>Quality that frames lose on average against the heaviest path, in points: hundredths of it.</summary>
    QualityLoss,
}

/// <summary>
/// An allowance that a price is moved to meet. Every kind but <see cref="BudgetKind.FramesPerSecond"/> and
/// <see cref="BudgetKind.BatteryHours"/> is an upper limit.
/// </summary>
public sealed record Budget
{
    /// <exception cref="ArgumentException">The target is not one its kind can have; the message has the value, the unit and the
    /// range.</exception>
    public Budget(BudgetKind kind, double target)
    {
        if (!Enum.IsDefined(kind))
        {
            throw new ArgumentException($"The budget kind {(int)kind} is not one of {string.Join(", ", Enum.GetNames<BudgetKind>())}.",
                nameof(kind));
        }

        if (!(target > 0 && double.IsFinite(target)))
        {
            throw new ArgumentException(Invariant($"The budget {kind} is {target} {UnitOf(kind)}; give a finite value above 0."),
                nameof(target));
        }

        if (kind == BudgetKind.HeavyShare && target > 1)
        {
            throw new ArgumentException(Invariant($"The budget HeavyShare is {target}; it is a fraction in (0, 1]: write 0.25 for 25 %."),
                nameof(target));
        }

        if (kind == BudgetKind.QualityLoss && target > 100)
        {
            throw new ArgumentException(Invariant($"The budget QualityLoss is {target} points; it is at most 100: write 1 for 1 %."),
                nameof(target));
        }

        (Kind, Target) = (kind, target);
    }

    public BudgetKind Kind { get; }

    /// <summary>In the kind's unit.</summary>
    public double Target { get; }

    public string Unit => UnitOf(Kind);

    /// <summary>Words that follow a figure: "ms a frame".</summary>
    public static string UnitOf(BudgetKind kind) => kind switch
    {
        BudgetKind.LatencyMsMean => "ms latency a frame",
        BudgetKind.LatencyMsP99 => "ms latency at p99",
        BudgetKind.DeviceMsMean => "ms a frame",
        BudgetKind.FramesPerSecond => "frames/s",
        BudgetKind.EnergyMillijoules => "mJ a frame",
        BudgetKind.Watts => "W",
        BudgetKind.Temperature => "C",
        BudgetKind.BatteryHours => "h of the battery",
        BudgetKind.QualityLoss => "points of quality lost",
        _ => "of the frames heavy",
    };

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A limit beside what was measured lately.</summary>
/// <param name="Measured">Smoothed over about a second, in <paramref name="Unit"/>; NaN while nothing was measured or nothing is
/// limited.</param>
/// <param name="Target">NaN where nothing is limited.</param>
/// <param name="Unit">Words that follow a figure.</param>
public readonly record struct BudgetReading(double Measured, double Target, string Unit)
{
    public static BudgetReading None => new(double.NaN, double.NaN, "");
}
