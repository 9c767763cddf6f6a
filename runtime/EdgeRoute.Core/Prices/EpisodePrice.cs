namespace EdgeRoute.Core.Prices;

/// <summary>
/// A strict allowance per episode. <see cref="Admits"/> keeps it from being overspent, whatever the policy wants, and keeps back the cheapest path for each
/// frame to come; the price paces the spending so that it lasts to the end.
/// </summary>
/// <remarks>Never overspent holds while each announced bound does; what a frame spends beyond its bound is counted in <see cref="BoundExceededCount"/>.</remarks>
public sealed class EpisodePrice : IPriceController
{
    /// <summary>Smoothing of the pace shown in reports: 15 frames.</summary>
    private const double ReadingSmoothing = 1.0 / 15;

    private const double PacingErrorLimit = 10;

    private readonly FramePace _pace = new();
    private readonly PriceAscent _ascent;
    private EpisodePlan _plan;
    private string _unit;
    private long _beganNs;
    private int _seenCount;
    private double _spent, _admittedBound, _elapsedMs, _measured = double.NaN;

    public EpisodePrice(EpisodePlan plan, PriceScale scale)
    {
        (_plan, _unit, _ascent) = (plan, UnitOf(plan), new PriceAscent(scale));
    }

    public string Name => "episode";

    public EpisodePlan Plan => _plan;

    public double Price => _ascent.Price;

    /// <summary>What is left of the allowance, in the plan's unit; 0 or more while every bound holds.</summary>
    public double RemainingAllowance => _plan.Allowance - _spent;

    public double Spent => _spent;

    /// <summary>Frames that may still come in this episode, by count and by time.</summary>
    public int RemainingFrameCount => Math.Max(0, Math.Min(_plan.FrameLimit - _seenCount, FramesInTimeLeft()));

    /// <summary>Frames that spent more than the bound they were admitted with. Above 0 the cost profile's upper bounds are too low.</summary>
    public long BoundExceededCount { get; private set; }

    /// <summary>Episodes in which more was spent than allowed; only an exceeded bound can cause one.</summary>
    public long OverspentCount { get; private set; }

    public BudgetReading Reading => new(_measured, FairShare, _unit);

    public bool IsMissed => !_plan.IsFeasible;

    /// <summary>What each frame to come may spend on average.</summary>
    private double FairShare => Math.Max(RemainingAllowance, 0) / Math.Max(RemainingFrameCount, 1);

    /// <summary>Starts an episode with a full allowance. The price starts where the last episode left it: episodes of one robot are alike.</summary>
    public void BeginEpisode(long nowNs, EpisodePlan? plan = null)
    {
        if (plan is not null)
        {
            (_plan, _unit) = (plan, UnitOf(plan));
        }

        _admittedBound = 0;
        Restart(nowNs);
    }

    /// <summary>Starts the next episode of a repeating plan when its time has come; called at the start of a frame.</summary>
    public void Advance(long nowNs)
    {
        double elapsed = ((double)nowNs - _beganNs) / 1e6;
        _elapsedMs = Math.Max(_elapsedMs, elapsed);
        if (_plan.Repeats && elapsed >= _plan.DurationMs)
        {
            double into = elapsed % _plan.DurationMs;
            Restart(nowNs - (long)(into * 1e6));
            _elapsedMs = into;
        }
    }

    /// <summary>Whether an option may be taken: its bound, what this frame has spent, and the cheapest path of every frame to come fit what is left.</summary>
    /// <param name="costUpperBound">The most the option can cost from here on, in the plan's unit; for heavy runs 1 or 0. Not finite: never admitted.</param>
    /// <param name="spentInFrame">What this frame's stages have cost already, in the plan's unit.</param>
    public bool Admits(double costUpperBound, double spentInFrame = 0)
    {
        if (costUpperBound <= 0)
        {
            return true;
        }

        double bound = costUpperBound + Math.Max(spentInFrame, 0);
        bool isAdmitted = _plan.IsFeasible ? bound + Reserve() <= RemainingAllowance + AllowanceRounding : bound <= RationLeft() + AllowanceRounding;
        _admittedBound = isAdmitted ? Math.Max(_admittedBound, bound) : _admittedBound;
        return isAdmitted;
    }

    /// <summary>The most an option may cost now to be admitted, and notes it as this frame's bound; for routers that compare for themselves.</summary>
    public double AdmissibleCost()
    {
        double most = _plan.IsFeasible ? RemainingAllowance - Reserve() : RationLeft();
        _admittedBound = Math.Max(_admittedBound, most);
        return most;
    }

    public void LimitTo(double priceCeiling) => _ascent.LimitTo(priceCeiling);

    /// <summary>What was spent stays spent: changing another setting is no way to a fresh allowance.</summary>
    public bool TryResume(IPriceController earlier)
    {
        if (earlier is not EpisodePrice episode || episode._plan.Kind != _plan.Kind)
        {
            return false;
        }

        _ascent.Resume(episode._ascent);
        _pace.Resume(episode._pace);
        (_beganNs, _seenCount, _spent, _admittedBound, _elapsedMs) = (episode._beganNs, episode._seenCount, episode._spent, episode._admittedBound, episode._elapsedMs);
        (_measured, BoundExceededCount, OverspentCount) = (episode._measured, episode.BoundExceededCount, episode.OverspentCount);
        return true;
    }

    public void Observe(in FrameSpend spend)
    {
        _pace.Advance(spend.NowNs);
        Advance(spend.NowNs);
        double spent = SpentBy(spend), share = FairShare;
        bool wasWithin = RemainingAllowance >= -AllowanceRounding;
        _spent += spent;
        OverspentCount += wasWithin && RemainingAllowance < -AllowanceRounding ? 1 : 0;
        _seenCount += _seenCount < _plan.FrameLimit ? 1 : 0;
        _admittedBound = 0;
        _measured = double.IsNaN(_measured) ? spent : _measured + (ReadingSmoothing * (spent - _measured));
        // Near the end a single frame may be many shares; as more than a few it would only unsettle the price for the next episode.
        _ascent.Move(share > 0 ? Math.Min((spent / share) - 1, PacingErrorLimit) : spent > 0 ? 1 : 0, _pace.MeanMs);
    }

    /// <summary>A frame under way keeps the bound it was admitted with.</summary>
    private void Restart(long nowNs) => (_beganNs, _seenCount, _spent, _elapsedMs) = (nowNs, 0, 0, 0);

    private static string UnitOf(EpisodePlan plan) => plan.Unit + " a frame";

    /// <summary>Sums of many costs round; a billionth of the allowance is not an overspending.</summary>
    private double AllowanceRounding => _plan.Allowance * 1e-9;

    /// <summary>What the frames after this one are sure of.</summary>
    private double Reserve() => Math.Max(RemainingFrameCount - 1, 0) * _plan.CheapestCost;

    /// <summary>Where not every frame can be paid, the allowance is let out evenly so that it is not gone in the first seconds.</summary>
    private double RationLeft()
    {
        double released = Math.Max((_plan.Allowance * Progress()) + (_plan.Allowance / _plan.FrameLimit), _plan.CheapestCost);
        return Math.Min(released, _plan.Allowance) - _spent;
    }

    private double Progress() => Math.Min(1, Math.Max((double)_seenCount / _plan.FrameLimit, _elapsedMs / _plan.DurationMs));

    private int FramesInTimeLeft() => double.IsInfinity(_plan.DurationMs) ? int.MaxValue
        : (int)Math.Ceiling(Math.Max(0, 1 - (_elapsedMs / _plan.DurationMs)) * _plan.FrameLimit) + 1;

    /// <summary>A cost that was not measured is charged with the largest bound this frame was admitted with: what is unknown is not free.</summary>
    private double SpentBy(in FrameSpend spend)
    {
        double measured = _plan.Kind switch
        {
            AllowanceKind.DeviceMs => spend.DeviceMs,
            AllowanceKind.EnergyMillijoules => spend.EnergyMillijoules,
            _ => spend.WasHeavy ? 1 : 0,
        };
        bool isMeasured = measured >= 0 && double.IsFinite(measured);
        BoundExceededCount += isMeasured && measured > _admittedBound + AllowanceRounding ? 1 : 0;
        return isMeasured ? measured : _admittedBound;
    }
}
