using System.Diagnostics;
using System.Globalization;

namespace EdgeRoute.Core.Prices;

/// <summary>
/// Dual ascent on the logarithm of a price: it rises with each overspent frame and falls with each underspent one, so that what is spent
/// too much over any stretch is bounded by the price's range and the mean meets the target even where only a few operating points exist
/// (the price then dithers between them). The step grows while the error keeps its sign and shrinks when it turns, so that neither a flat
/// nor a steep gain-cost curve needs tuning.
/// </summary>
/// <remarks>
/// Projected dual ascent: Boyd and Vandenberghe, Convex Optimization (2004), chapter 5; the sign-adapted step follows Riedmiller and
/// Braun's RPROP (1993).
/// </remarks>
internal sealed class PriceAscent
{
    /// <summary>
    /// Nats per unit of relative error while settled: a quarter of the price for a frame of three times its share, which dithers without
    /// chasing noise.
    /// </summary>
    private const double HoldStep = 0.12;

    /// <summary>Nats per unit of relative error while far off; half a nat keeps curves of elasticity up to 4 from ringing.</summary>
    private const double TopStep = 0.5;

    /// <summary>The bound on the price's rate: nats per 1/30 s, so that a whole uncalibrated scale is crossed in two seconds.</summary>
    private const double RateLimit = 0.2;

    /// <summary>
    /// Rise that the rate bound may hold back, in nats. More would be windup; less would forget part of a rare and costly frame. A fall is
    /// not held back for longer than a frame: no frame spends less than nothing, so only a step that is still large meets the bound.
    /// </summary>
    private const double PendingLimit = 2.5;

    /// <summary>Spread kept at most when the target changes: that of one costly frame in five.</summary>
    private const double ForgottenSpread = 4;

    private const double StepGrowth = 1.12, StepDecay = 0.6;

    /// <summary>Share of the mean error in the mean absolute error from which it counts as one-sided.</summary>
    private const double OneSidedShare = 0.6;

    /// <summary>Smoothing per 1/30 s: about 12 frames for the error, about 100 for its spread.</summary>
    private const double ErrorSmoothing = 0.08, SpreadSmoothing = 0.01;

    /// <summary>One frame counts as no more than this many targets; beyond it lies a stall, not a cost.</summary>
    private const double ErrorLimit = 1000;

    /// <summary>Errors count as no more than this in their spread, so that one stall does not slow the price down for seconds.</summary>
    private const double SpreadErrorLimit = 25;

    /// <summary>
    /// Frames are taken as at least 7.5 and at most 30 a second when the step is scaled: a pause is not answered by a leap, and a file that
    /// is read faster than it was filmed is steered as often as it was filmed.
    /// </summary>
    private const double PaceLowest = 1, PaceHighest = 4;

    /// <summary>Costs drift from those of the calibration: the scale is widened by this factor at both ends.</summary>
    private const double ScaleMargin = 2;

    /// <summary>Overspending by less than this is a settled price's ripple.</summary>
    private const double MissedError = 0.02;

    /// <summary>Smoothed error within which a price holds, and weight of the newest in what is remembered of prices that did.</summary>
    private const double HeldError = 0.15, HeldSmoothing = 0.02;

    /// <summary>
    /// Smoothed error from which a price that held before is tried at once, where it is higher by so many nats: after a calm stretch the
    /// way up takes seconds, and each of its frames overspends.
    /// </summary>
    private const double RecallError = 0.5, RecallGap = 1;

    private readonly double _lowest;
    private readonly double _highest;
    private double _logPrice, _top, _step = HoldStep, _pending;
    private double _mean, _magnitude, _spread = 1;
    private double _held = double.NegativeInfinity;
    private readonly BudgetDebt? _debt;

    /// <param name="start">A price that is expected to hold; 0 where none is known.</param>
    /// <param name="paysDebt">What content makes it spend too much or too little for a while is paid back.</param>
    public PriceAscent(PriceScale scale, double start = 0, bool paysDebt = false)
    {
        _debt = paysDebt ? new BudgetDebt() : null;
        (_lowest, _highest) = (Math.Log(scale.Lowest / ScaleMargin), Math.Log(scale.Highest * ScaleMargin));
        (_logPrice, _top) = (start > 0 ? Math.Clamp(Math.Log(start), _lowest, _highest) : _lowest, _highest);
        _held = start > 0 ? _logPrice : _held;
    }

    /// <summary>Below the scale nothing changes any more, so slack ends in a price of exactly 0.</summary>
    public double Price
    {
        get
        {
            double log = Math.Min(_logPrice + (_debt?.Nats ?? 0), _top);
            return log <= _lowest ? 0 : Math.Exp(log);
        }
    }

    /// <summary>Smoothed relative error; above 0 where too much is spent.</summary>
    public double MeanError => _mean;

    /// <summary>The price has nowhere to rise.</summary>
    public bool IsAtTop => _logPrice >= _top;

    /// <summary>It has nowhere to rise although too much is spent.</summary>
    public bool IsHeldBack => IsAtTop && _mean > MissedError;

    /// <summary>Moves the price for one frame.</summary>
    /// <param name="error">What it spent beyond its share, as a fraction of the share; a value that is not finite moves nothing.</param>
    /// <param name="frameMs">Usual time between frames, for a pace that does not depend on the frame rate.</param>
    public void Move(double error, double frameMs)
    {
        if (!double.IsFinite(error))
        {
            return;
        }

        double pace = frameMs > 0 ? Math.Clamp(frameMs * 30 / 1000, PaceLowest, PaceHighest) : 1;
        error = Math.Clamp(error, -ErrorLimit, ErrorLimit);
        double before = _spread;
        bool isOneSided = AdaptStep(error, pace);
        // Of an end of the range nothing is owed. Frames of much the same cost that all err one way show a new cost or content, to which
        // the price is on its way.
        _debt?.Count(error, pace, isOwn: (error < 0 ? _logPrice > _lowest : _logPrice < _top) && !(isOneSided && _spread < 1));
        Recall(pace);
        // Halfway between the spread without this frame and with it: either alone would weigh rare costly frames differently from the
        // others and bias the mean.
        Step(_step * pace * error / Math.Max(1, Math.Sqrt((before + _spread) / 2)), RateLimit * pace);
    }

    /// <summary>Another target: what was learnt of the error belongs to the old one. The price stays where it is.</summary>
    public void Forget()
    {
        ForgetError();
        _debt?.Forget();
    }

    private void ForgetError()
    {
        _mean = 0;
        _magnitude = 0;
        _spread = Math.Min(_spread, ForgottenSpread);
        _pending = 0;
        _step = HoldStep;
    }

    /// <summary>Another target, of which it is known what price holds it relative to the one before.</summary>
    public void Scale(double ratio)
    {
        if (ratio > 0 && double.IsFinite(ratio))
        {
            _logPrice = Math.Clamp(_logPrice + Math.Log(ratio), _lowest, _top);
            _held += Math.Log(ratio);
        }
    }

    /// <summary>Goes on from where another ascent stands, within the own range.</summary>
    public void Resume(PriceAscent earlier)
    {
        _step = earlier._step;
        _pending = earlier._pending;
        _mean = earlier._mean;
        _magnitude = earlier._magnitude;
        _spread = earlier._spread;
        _held = earlier._held;
        if (earlier._debt is { } debt)
        {
            _debt?.Resume(debt);
        }

        _logPrice = earlier._logPrice > earlier._lowest ? Math.Clamp(earlier._logPrice, _lowest, _top) : _lowest;
    }

    /// <summary>Moves the price by a given number of nats under the same bounds, for controllers with a step rule of their own.</summary>
    public void Nudge(double nats) => Step(double.IsFinite(nats) ? nats : 0, RateLimit);

    /// <summary>No windup above a ceiling: the price stays at or below it, or at 0 where the ceiling lies below the scale.</summary>
    public void LimitTo(double priceCeiling)
    {
        double ceiling = priceCeiling > 0 ? Math.Log(priceCeiling) : _lowest;
        _top = double.IsNaN(ceiling) ? _highest : Math.Clamp(ceiling, _lowest, _highest);
        _logPrice = Math.Min(_logPrice, _top);
    }

    private void Recall(double pace)
    {
        if (Math.Abs(_mean) < HeldError && _logPrice > _lowest && _logPrice < _top)
        {
            _held = double.IsFinite(_held) ? _held + (HeldSmoothing * pace * (_logPrice - _held)) : _logPrice;
        }
        else if (_mean > RecallError && _logPrice < Math.Min(_held, _top) - RecallGap)
        {
            _logPrice = Math.Clamp(_held, _lowest, _top);
            ForgetError();
        }
    }

    /// <returns>The errors lie on one side.</returns>
    private bool AdaptStep(double error, double pace)
    {
        // Rare and costly frames come apart by about the spread: over less than that, the frames between them look one-sided and are not.
        double smoothing = ErrorSmoothing * pace / Math.Max(1, _spread);
        _mean += smoothing * (error - _mean);
        _magnitude += smoothing * (Math.Abs(error) - _magnitude);
        double bounded = Math.Min(Math.Abs(error), SpreadErrorLimit);
        _spread += SpreadSmoothing * pace * ((bounded * bounded) - _spread);
        bool isOneSided = Math.Abs(_mean) > OneSidedShare * _magnitude;
        _step = isOneSided && error * _mean > 0 ? Math.Min(TopStep, _step * StepGrowth) : Math.Max(HoldStep, _step * StepDecay);
        return isOneSided;
    }

    private void Step(double nats, double limit)
    {
        _pending = Math.Clamp(_pending + nats, -limit, PendingLimit);
        double move = Math.Clamp(_pending, -limit, limit);
        double wanted = _logPrice + move;
        _logPrice = Math.Clamp(wanted, _lowest, _top);
        // At an end of the range the rest is dropped: this is what keeps a minute of an impossible budget from being paid back.
        _pending = wanted >= _lowest && wanted <= _top ? _pending - move : 0;
        Debug.Assert(double.IsFinite(Price) && Price >= 0, "A price is finite and 0 or more.");
    }
}

/// <summary>
/// The prices between which choices change, from the calibration's price grid: below the lowest every frame takes its best option, above
/// the highest its cheapest.
/// </summary>
public sealed record PriceScale
{
    /// <exception cref="ArgumentException">Not 0 &lt; lowest &lt; highest, both finite.</exception>
    public PriceScale(double lowest, double highest)
    {
        if (!(lowest > 0 && highest > lowest && double.IsFinite(highest / lowest)))
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"The price scale is {lowest} to {highest} gain per millisecond; give finite values with 0 < lowest < highest."));
        }

        (Lowest, Highest) = (lowest, highest);
    }

    public double Lowest { get; }

    public double Highest { get; }

    /// <summary>
    /// For packs without a calibration. Gain lies in [0, 1], so above 1 per millisecond nothing that costs a millisecond is worth it; below
    /// 0.00001 a whole second costs one point of quality in a hundred.
    /// </summary>
    public static PriceScale Uncalibrated => new(1e-5, 1);
}
