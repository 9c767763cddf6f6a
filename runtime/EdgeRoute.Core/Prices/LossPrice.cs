namespace EdgeRoute.Core.Prices;

/// <summary>
/// Spends an allowance of lost quality: the price rises while frames lose less than they may against the heaviest path, and falls while
/// they lose more. What a frame lost is the calibration's expectation times what looks have shown it to be off by: whenever the heaviest
/// path runs, the answer that would else have been carried, and that of a lighter exit, can be compared with its own at no cost.
/// </summary>
/// <remarks>
/// Looks come where much loss was expected, and there expectations are rather too high than too low: what looks show to be less than
/// expected therefore counts as expected, and only what they show to be more is believed (regression to the mean). Audits, which are drawn
/// by chance, count with the looks.
/// </remarks>
public sealed class LossPrice : IPriceController
{
    /// <summary>Frames published since the last one that showed anything, from which on nothing is known any more.</summary>
    public const int BlindFrameCount = 150;

    /// <summary>Nats per frame that loses nothing; one that loses twice what it may takes as much off again.</summary>
    private const double Step = 0.06;

    /// <summary>
    /// Weight of the newest answer shown: the last fifty count. Fewer would err by chance, and errors to the low side last longer, because
    /// then looks are rarer.
    /// </summary>
    private const double ShownWeight = 0.02;

    /// <summary>Beyond this the calibration is wrong altogether.</summary>
    private const double FactorLimit = 8;

    /// <summary>How far above what the calibration expects to hold the price may rise: calm is no proof for what comes after it.</summary>
    private const double RiseLimit = 10;

    /// <summary>Frames in which the price falls by a nat while nothing is shown, so that the heaviest path comes to run.</summary>
    private const double BlindFrames = 40;

    /// <summary>Of what reports show: losses come in bursts, so it takes some hundred frames to tell their mean.</summary>
    private const double ReadingWeight = 1.0 / 300;

    /// <summary>Costs drift from those of the calibration: the scale is widened by this factor at both ends.</summary>
    private const double ScaleMargin = 2;

    /// <summary>Qualities are read from a file, where 0.99 is no binary fraction.</summary>
    private const double Rounding = 1e-9;

    /// <summary>Above the target by this part the loss at price 0 is more than a ripple; over so many frames it is told.</summary>
    private const double MissedPart = 0.2, MissedFrames = 30;

    private readonly double _target, _startPrice, _lowest, _highest;
    private ShownRatio _carried, _lighter;
    private double _logPrice, _top, _sum, _weight, _lostAtZero;
    private long _unseen;
    private bool _hasSeen;

    /// <param name="budget">Points of quality that a frame may lose on average.</param>
    /// <param name="settings">Its start is the highest price that the calibration expects to hold the budget.</param>
    public LossPrice(Budget budget, DualPriceSettings settings)
    {
        (Budget, _target, _startPrice) = (budget, budget.Target / 100, settings.StartPrice);
        double highest = settings.Scale.Highest * ScaleMargin;
        _lowest = Math.Log(settings.Scale.Lowest / ScaleMargin);
        _highest = Math.Max(_lowest, Math.Log(_startPrice > 0 ? Math.Min(_startPrice * RiseLimit, highest) : highest));
        (_logPrice, _top) = (_startPrice > 0 ? Math.Clamp(Math.Log(_startPrice), _lowest, _highest) : _lowest, _highest);
    }

    public string Name => "loss";

    public Budget Budget { get; }

    public double Price
    {
        get
        {
            double logPrice = _logPrice - (Math.Max(_unseen - BlindFrameCount, 0) / BlindFrames);
            return logPrice > _lowest ? Math.Exp(logPrice) : 0;
        }
    }

    /// <summary>Points lost a frame, as estimated; not a number while nothing has shown it, or not for long.</summary>
    public BudgetReading Reading => new(_hasSeen && !IsBlind ? 100 * MeanLoss : double.NaN, Budget.Target, Budget.Unit);

    /// <summary>Even at price 0 more is lost: a deadline, an allowance or another budget keeps the heaviest path from running.</summary>
    public bool IsMissed => _lostAtZero > _target * (1 + MissedPart);

    /// <summary>Answers have been published for long that nothing was compared with.</summary>
    public bool IsBlind => _unseen > BlindFrameCount;

    /// <summary>Frames published without the heaviest path since something was shown last.</summary>
    public long UnseenCount => _unseen;

    /// <summary>By how much more than expected carried answers lose, as looks show it; 1 at least.</summary>
    public double CarriedFactor => _carried.Factor;

    /// <summary>The same for the answers of lighter exits.</summary>
    public double LighterFactor => _lighter.Factor;

    /// <summary>Frames that moved nothing: the calibration expects nothing of them.</summary>
    public long UnusableCount { get; private set; }

    private double MeanLoss => _weight > 0 ? _sum / _weight : 0;

    /// <summary>
    /// The highest price that a calibration's curve expects to hold the budget, where the heaviest path's own quality is 1: none beyond one
    /// that does not counts.
    /// </summary>
    /// <param name="curve">Prices with the quality expected at them, in any order.</param>
    /// <param name="points">Of quality that may be lost.</param>
    public static double StartOf(IEnumerable<(double PricePerMs, double Quality)> curve, double points) =>
        curve.OrderBy(c => c.PricePerMs).TakeWhile(c => 1 - c.Quality <= (points / 100) + Rounding).LastOrDefault().PricePerMs;

    /// <summary>No windup above a ceiling.</summary>
    public void LimitTo(double priceCeiling)
    {
        double ceiling = priceCeiling > 0 ? Math.Log(priceCeiling) : _lowest;
        _top = double.IsNaN(ceiling) ? _highest : Math.Clamp(ceiling, _lowest, _highest);
        _logPrice = Math.Min(_logPrice, _top);
    }

    public bool TryResume(IPriceController earlier)
    {
        if (earlier is not LossPrice loss)
        {
            return false;
        }

        (_carried, _lighter, UnusableCount) = (loss._carried, loss._lighter, loss.UnusableCount);
        (_sum, _weight) = (loss._sum, loss._weight);
        (_unseen, _hasSeen) = (loss._unseen, loss._hasSeen);
        double ratio = _startPrice / loss._startPrice;
        double apart = ratio > 0 && double.IsFinite(ratio) ? Math.Log(ratio) : 0;
        _logPrice = Math.Clamp(loss._logPrice + apart, _lowest, _top);
        return true;
    }

    public void Observe(in FrameSpend spend)
    {
        var loss = spend.Loss;
        bool isKnown = loss.IsKnown && loss.Expected is >= 0 and <= 1;
        if (!isKnown)
        {
            UnusableCount++;
            return;
        }

        _unseen += spend.WasHeavy ? 0 : 1;
        Take(loss.Carried, isCarried: true);
        Take(loss.Lighter, isCarried: false);
        double lost = Math.Min(loss.Expected * (loss.WasCarried ? _carried : _lighter).Factor, 1);
        (_sum, _weight) = (_sum + (ReadingWeight * (lost - _sum)), _weight + (ReadingWeight * (1 - _weight)));
        _lostAtZero = Price > 0 ? 0 : _lostAtZero + ((lost - _lostAtZero) / MissedFrames);
        double slack = (_target - lost) / _target;
        // What a frame lost too much is made up for as a whole: a bound on the fall alone would let the mean drift above the target.
        _logPrice = Math.Clamp(_logPrice + (Step * (IsBlind ? Math.Min(slack, 0) : slack)), _lowest, _top);
    }

    /// <summary>Takes in what an answer lost, where the heaviest path showed it.</summary>
    public void Take(ShownLoss? shown, bool isCarried)
    {
        if (shown is not { Expected: >= 0 and <= 1, Loss: >= 0 and <= 1 } pair)
        {
            return;
        }

        (_unseen, _hasSeen) = (0, true);
        ref var ratio = ref isCarried ? ref _carried : ref _lighter;
        ratio.Add(pair);
    }

    /// <summary>What was lost over what was expected. The calibration's word counts as much as the answers that are kept in mind.</summary>
    private struct ShownRatio
    {
        private double _losses, _expected, _counted;

        public readonly double Factor
        {
            get
            {
                double shown = _expected > 0 ? _losses / _expected : 1;
                return Math.Clamp(1 + (_counted * (shown - 1)), 1, FactorLimit);
            }
        }

        public void Add(ShownLoss shown)
        {
            _losses += ShownWeight * (shown.Loss - _losses);
            _expected += ShownWeight * (shown.Expected - _expected);
            _counted += ShownWeight * (1 - _counted);
        }
    }
}
