using System.Globalization;

namespace EdgeRoute.Core.Prices;

/// <summary>
/// A strict allowance per episode. <see cref="Admits"/> keeps it from being overspent, whatever the policy wants, keeps back the cheapest
/// path for each frame to come, and lets the rest out no faster than time passes (a token bucket), so that no burst leaves a robot blind
/// for the rest of a minute; the price makes the most of what is let out.
/// </summary>
/// <remarks>
/// Never overspent holds while each announced bound does; what a frame spends beyond its bound is counted in
/// <see cref="BoundExceededCount"/>, and what that overspends of a repeating plan is a debt of its next episode.
/// </remarks>
public sealed class EpisodePrice : IPriceController
{
    /// <summary>Smoothing of the pace shown in reports: 15 frames.</summary>
    private const double ReadingSmoothing = 1.0 / 15;

    private const double PacingErrorLimit = 10;

    private readonly FramePace _pace = new();
    private readonly PriceAscent _ascent;
    private EpisodeAllowance _plan;
    private string _unit;
    private long _beganNs;
    private int _seenCount;
    private double _spent, _admittedBound, _elapsedMs, _measured = double.NaN;

    public EpisodePrice(EpisodeAllowance plan, PriceScale scale)
    {
        (_plan, _unit, _ascent) = (plan, UnitOf(plan), new PriceAscent(scale));
    }

    public string Name => "episode";

    public EpisodeAllowance Plan => _plan;

    public double Price => _ascent.Price;

    /// <summary>What is left of the allowance, in the plan's unit; 0 or more while every bound holds.</summary>
    public double RemainingAllowance => _plan.Allowance - _spent;

    public double Spent => _spent;

    /// <summary>An episode that does not repeat is under way, or over.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>Frames that may still come in this episode, by count and by time.</summary>
    public int RemainingFrameCount => Math.Max(0, Math.Min(_plan.FrameLimit - _seenCount, FramesInTimeLeft()));

    /// <summary>
    /// Frames that spent more than the bound they were admitted with. Above 0 the cost profile's upper bounds are too low.
    /// </summary>
    public long BoundExceededCount { get; private set; }

    /// <summary>Episodes in which more was spent than allowed; only an exceeded bound can cause one.</summary>
    public long OverspentCount { get; private set; }

    public BudgetReading Reading => new(_measured, FairShare, _unit);

    public bool IsMissed => !_plan.IsFeasible && !_plan.CanRest;

    /// <summary>What each frame to come may spend on average.</summary>
    private double FairShare => Math.Max(RemainingAllowance, 0) / Math.Max(RemainingFrameCount, 1);

    /// <summary>
    /// Starts an episode with a full allowance. The price starts where the last episode left it: episodes of one robot are alike.
    /// </summary>
    public void BeginEpisode(long nowNs, EpisodeAllowance? plan = null)
    {
        if (plan is not null)
        {
            (_plan, _unit) = (plan, UnitOf(plan));
        }

        HasBegun = true;
        _admittedBound = 0;
        Restart(nowNs, 0);
    }

    /// <summary>Starts the next episode of a repeating plan when its time has come; called at the start of a frame.</summary>
    public void Advance(long nowNs)
    {
        double elapsed = ((double)nowNs - _beganNs) / 1e6;
        _elapsedMs = Math.Max(_elapsedMs, elapsed);
        if (_plan.Repeats && elapsed >= _plan.DurationMs)
        {
            double into = elapsed % _plan.DurationMs;
            Restart(nowNs - (long)(into * 1e6), Math.Max(0, _spent - (_plan.Allowance * Math.Floor(elapsed / _plan.DurationMs))));
            _elapsedMs = into;
        }
    }

    /// <summary>
    /// Whether an option may be taken: its bound, what this frame has spent, and the cheapest path of every frame to come fit what is left,
    /// and it is no faster than the allowance is let out.
    /// </summary>
    /// <param name="costUpperBound">The most the option can cost from here on, in the plan's unit; for heavy runs 1 or 0. Not finite: never
    /// admitted.</param>
    /// <param name="spentInFrame">What this frame's stages have cost already, in the plan's unit.</param>
    public bool Admits(double costUpperBound, double spentInFrame = 0)
    {
        if (costUpperBound <= 0)
        {
            return true;
        }

        double bound = costUpperBound + Math.Max(spentInFrame, 0);
        bool isAdmitted = bound <= Most() + AllowanceRounding;
        _admittedBound = isAdmitted ? Math.Max(_admittedBound, bound) : _admittedBound;
        return isAdmitted;
    }

    /// <summary>
    /// The most an option may cost now to be admitted, and notes it as this frame's bound; for routers that compare for themselves.
    /// </summary>
    public double AdmissibleCost()
    {
        double most = Most();
        _admittedBound = Math.Max(_admittedBound, most);
        return most;
    }

    /// <summary>The cheapest path is never held back for pace: it is what was kept for this frame.</summary>
    private double Most() => _plan.IsFeasible
        ? Math.Min(RemainingAllowance - Reserve(), Math.Max(LetOut(_plan.Burst), _plan.CheapestCost)) : RationLeft();

    public void LimitTo(double priceCeiling) => _ascent.LimitTo(priceCeiling);

    /// <summary>What was spent stays spent: changing another setting is no way to a fresh allowance.</summary>
    public bool TryResume(IPriceController earlier)
    {
        if (earlier is not EpisodePrice episode || episode._plan.Kind != _plan.Kind || episode._plan.Period != _plan.Period)
        {
            return false;
        }

        _ascent.Resume(episode._ascent);
        _pace.Resume(episode._pace);
        _beganNs = episode._beganNs;
        _seenCount = episode._seenCount;
        _spent = episode._spent;
        _admittedBound = episode._admittedBound;
        (_elapsedMs, HasBegun) = (episode._elapsedMs, episode.HasBegun);
        (_measured, BoundExceededCount, OverspentCount) = (episode._measured, episode.BoundExceededCount, episode.OverspentCount);
        return true;
    }

    public void Observe(in FrameSpend spend)
    {
        _pace.Advance(spend.NowNs);
        Advance(spend.NowNs);
        double measured = MeasuredBy(spend), spent = SpentBy(measured), share = FairShare;
        bool wasWithin = RemainingAllowance >= -AllowanceRounding;
        _spent += spent;
        OverspentCount += wasWithin && RemainingAllowance < -AllowanceRounding ? 1 : 0;
        _seenCount += _seenCount < _plan.FrameLimit ? 1 : 0;
        _admittedBound = 0;
        // What is charged instead of a measurement is none: without a sensor nothing is held.
        _measured = double.IsNaN(_measured) ? measured : _measured + (ReadingSmoothing * (measured - _measured));
        _ascent.Move(PacingError(spent, share), _pace.MeanMs);
    }

    private static double PacingError(double spent, double share)
    {
        if (share > 0)
        {
            // Near the end a single frame may be many shares; as more than a few it would only unsettle the price for the next episode.
            return Math.Min((spent / share) - 1, PacingErrorLimit);
        }

        return spent > 0 ? 1 : 0;
    }

    /// <summary>A frame under way keeps the bound it was admitted with.</summary>
    private void Restart(long nowNs, double debt)
    {
        _beganNs = nowNs;
        _seenCount = 0;
        _spent = debt;
        _elapsedMs = 0;
    }

    private static string UnitOf(EpisodeAllowance plan) => plan.Unit + " a frame";

    /// <summary>Sums of many costs round; a billionth of the allowance is not an overspending.</summary>
    private double AllowanceRounding => _plan.Allowance * 1e-9;

    /// <summary>What the frames after this one are sure of.</summary>
    private double Reserve() => Math.Max(RemainingFrameCount - 1, 0) * _plan.CheapestCost;

    /// <summary>Where not every frame can be paid, the allowance is let out evenly so that it is not gone in the first seconds.</summary>
    private double RationLeft() => Math.Max(LetOut(_plan.Allowance / _plan.FrameLimit),
        Math.Min(_plan.CheapestCost, _plan.Allowance) - _spent);

    /// <summary>What has been let out and not been spent, where so much may be spent ahead of time.</summary>
    private double LetOut(double burst) => Math.Min((_plan.Allowance * Progress()) + burst, _plan.Allowance) - _spent;

    private double Progress() => Math.Min(1, Math.Max((double)_seenCount / _plan.FrameLimit, _elapsedMs / _plan.DurationMs));

    private int FramesInTimeLeft() => double.IsInfinity(_plan.DurationMs) ? int.MaxValue
        : (int)Math.Ceiling(Math.Max(0, 1 - (_elapsedMs / _plan.DurationMs)) * _plan.FrameLimit) + 1;

    /// <summary>
    /// A cost that was not measured is charged with the largest bound this frame was admitted with: what is unknown is not free.
    /// </summary>
    private double SpentBy(double measured)
    {
        BoundExceededCount += measured > _admittedBound + AllowanceRounding ? 1 : 0;
        return double.IsNaN(measured) ? _admittedBound : measured;
    }

    /// <summary>Not a number where it was not measured.</summary>
    private double MeasuredBy(in FrameSpend spend)
    {
        double measured = _plan.Kind switch
        {
            AllowanceKind.DeviceMs => spend.DeviceMs,
            AllowanceKind.EnergyMillijoules => spend.EnergyMillijoules,
            _ => spend.WasHeavy ? 1 : 0,
        };
        return measured >= 0 && double.IsFinite(measured) ? measured : double.NaN;
    }
}

/// <summary>What an episode's allowance is counted in.</summary>
public enum AllowanceKind
{
    DeviceMs,
    EnergyMillijoules,
    HeavyRuns,
}

/// <summary>What a strict allowance is given for.</summary>
public enum AllowancePeriod
{
    Minute,

    /// <summary>One task of a robot: it begins when it is asked for, or with another instruction.</summary>
    Episode,
}

/// <summary>A strict allowance for one episode, and what is known of the episode beforehand.</summary>
public sealed record EpisodeAllowance
{
    /// <param name="kind">The unit of <paramref name="allowance"/> and of <paramref name="cheapestCost"/>.</param>
    /// <param name="allowance">What may be spent in all.</param>
    /// <param name="frameLimit">Frames that the episode has at most.</param>
    /// <param name="cheapestCost">Upper bound of the cost of the cheapest path, which every frame to come is sure of; 0 where a frame may
    /// cost nothing.</param>
    /// <param name="durationMs">Length of the episode; infinite where only its frames are counted.</param>
    /// <param name="repeats">A new episode of the same length begins when one ends: "per minute".</param>
    /// <param name="burst">What may be spent ahead of time; infinite where it need not be spread.</param>
    /// <exception cref="ArgumentException">A figure is out of its range; the message names it.</exception>
    public EpisodeAllowance(AllowanceKind kind, double allowance, int frameLimit, double cheapestCost,
        double durationMs = double.PositiveInfinity, bool repeats = false, double burst = double.PositiveInfinity)
    {
        Require(Enum.IsDefined(kind), "kind", (int)kind, "one of DeviceMs, EnergyMillijoules, HeavyRuns");
        Require(allowance > 0 && double.IsFinite(allowance), "allowance", allowance, "finite and above 0");
        Require(frameLimit > 0, "frame limit", frameLimit, "1 or more");
        Require(cheapestCost >= 0 && double.IsFinite(cheapestCost), "cheapest cost", cheapestCost, "finite and 0 or more");
        Require(durationMs > 0 && (!repeats || double.IsFinite(durationMs)), "duration in ms", durationMs,
            "above 0, and finite where the episode repeats");
        Require(burst > 0, "burst", burst, "above 0");
        Kind = kind;
        Burst = burst;
        Allowance = allowance;
        FrameLimit = frameLimit;
        CheapestCost = cheapestCost;
        DurationMs = durationMs;
        Repeats = repeats;
    }

    /// <summary>An allowance for each minute on its own, of which three seconds' part may be spent ahead of time.</summary>
    /// <param name="dearestCost">Upper bound of the cost of the dearest path, which may be spent ahead of time, too.</param>
    public static EpisodeAllowance PerMinute(AllowanceKind kind, double allowance, double framesPerSecond, double cheapestCost,
        double dearestCost = 0) =>
        new(kind, allowance, (int)Math.Ceiling(Math.Clamp(framesPerSecond * 60, 1, 1e6)), cheapestCost, 60_000, true,
            Math.Max(allowance * BurstShare, dearestCost + cheapestCost));

    /// <summary>An allowance for an episode that begins when it is told to. It may end early: a quarter may be spent ahead.</summary>
    /// <param name="durationMs">Its length at most. What is left then may still be spent; no more comes before the next begins.</param>
    /// <param name="dearestCost">Upper bound of the cost of the dearest path, which may be spent ahead of time, too.</param>
    public static EpisodeAllowance PerEpisode(AllowanceKind kind, double allowance, double durationMs, double framesPerSecond,
        double cheapestCost, double dearestCost = 0) =>
        new(kind, allowance, (int)Math.Ceiling(Math.Clamp(framesPerSecond * durationMs / 1000, 1, 1e7)), cheapestCost, durationMs, false,
            Math.Max(allowance * EpisodeBurstShare, dearestCost + cheapestCost));

    private const double BurstShare = 0.05, EpisodeBurstShare = 0.25;

    public AllowanceKind Kind { get; }

    /// <summary>What may be spent ahead of time.</summary>
    public double Burst { get; }

    /// <summary>A frame that nothing is paid for can still be answered, by the previous answer.</summary>
    public bool CanRest { get; init; }

    public double Allowance { get; }

    public int FrameLimit { get; }

    public double CheapestCost { get; }

    public double DurationMs { get; }

    public bool Repeats { get; }

    public AllowancePeriod Period => Repeats ? AllowancePeriod.Minute : AllowancePeriod.Episode;

    public string Unit => Kind switch
    {
        AllowanceKind.DeviceMs => "ms",
        AllowanceKind.EnergyMillijoules => "mJ",
        _ => "heavy runs",
    };

    /// <summary>The cheapest path can be paid for every frame.</summary>
    public bool IsFeasible => FrameLimit * CheapestCost <= Allowance;

    /// <summary>
    /// In words with figures, why the cheapest path cannot be paid for every frame and what would mend it; null where it can. Made anew at
    /// each call.
    /// </summary>
    public string? Infeasibility()
    {
        double needed = FrameLimit * CheapestCost;
        return IsFeasible ? null : string.Create(CultureInfo.InvariantCulture,
            $"{FrameLimit} frames on the cheapest path need up to {needed:0.##} {Unit}; the allowance is {Allowance:0.##} {Unit}, "
            + $"enough for {Math.Floor(Allowance / CheapestCost):0} frames; the others get no computation. "
            + $"Raise the allowance to {needed:0.##} {Unit}, lower the frame rate, or add an edge to 'previous'");
    }

    private static void Require(bool holds, string name, double value, string wanted)
    {
        if (!holds)
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"The episode's {name} is {value}; it must be {wanted}."));
        }
    }
}
