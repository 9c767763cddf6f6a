namespace EdgeRoute.Core.Prices;

/// <summary>What a <see cref="DualPrice"/> is made of beside its budget.</summary>
/// <param name="Scale">Where prices make a difference.</param>
/// <param name="SensorLagMs">Time constant with which the power sensor follows the power, for <see cref="BudgetKind.Watts"/>; 0 where it
/// follows at once.</param>
/// <param name="StartPrice">The price that a calibration expects to meet the budget; 0 where none is known.</param>
public sealed record DualPriceSettings(PriceScale Scale, double SensorLagMs = 0, double StartPrice = 0);

/// <summary>
/// Moves the price until the windowed mean of what frames spend meets a budget; 0 while there is slack. For p99 the price follows the
/// frames that exceed the target until they are one in a hundred.
/// </summary>
public sealed class DualPrice : IPriceController
{
    /// <summary>The tail a p99 budget allows.</summary>
    private const double TailShare = 0.01;

    /// <summary>Nats per exceeding frame: three such frames in a row raise the price by two and a half times.</summary>
    private const double TailStep = 0.3;

    /// <summary>Frames whose latency is kept for the p99 that a report shows: the sixth largest of 512 is that quantile.</summary>
    private const int TailWindow = 512, TailRank = 6;

    /// <summary>A camera at exactly the wanted rate must read as slack, or each late frame would leave the price higher for good.</summary>
    private const double RateTolerance = 0.01;

    /// <summary>Smoothing of what reports show: 15 frames, the time constant of a one-second window at 30 frames per second.</summary>
    private const double ReadingSmoothing = 1.0 / 15;

    private readonly PriceAscent _ascent;
    private readonly FramePace _pace = new();
    private readonly double _startPrice;
    private readonly LaggedPower _lagged;
    private readonly double[] _tail = new double[TailWindow];
    private double _measured = double.NaN, _exceeding;
    private int _tailCount;

    /// <exception cref="ArgumentException">The sensor's lag is negative or not finite.</exception>
    public DualPrice(Budget budget, DualPriceSettings settings)
    {
        if (!(settings.SensorLagMs >= 0 && double.IsFinite(settings.SensorLagMs)))
        {
            throw new ArgumentException($"The power sensor's lag is {settings.SensorLagMs} ms; give a finite value of 0 or more.",
                nameof(settings));
        }

        (Budget, _lagged, _startPrice) = (budget, new LaggedPower(settings.SensorLagMs), settings.StartPrice);
        // A sensor's lag would have the same watts paid back twice, and a frame rate is no spending.
        _ascent = new PriceAscent(settings.Scale, _startPrice, budget.Kind is not (BudgetKind.Watts or BudgetKind.FramesPerSecond));
    }

    public string Name => "dual";

    public Budget Budget { get; }

    public double Price => _ascent.Price;

    /// <summary>Frames that moved nothing: no energy sensor, or a value that cannot be.</summary>
    public long UnusableCount { get; private set; }

    public BudgetReading Reading => new(Measured(), Budget.Target, Budget.Unit);

    /// <summary>For p99: at the top of the range, and twice as many frames exceed the target as may.</summary>
    public bool IsMissed => Budget.Kind == BudgetKind.LatencyMsP99 ? _ascent.IsAtTop && _exceeding > 2 * TailShare : _ascent.IsHeldBack;

    public void LimitTo(double priceCeiling) => _ascent.LimitTo(priceCeiling);

    public bool TryResume(IPriceController earlier)
    {
        if (earlier is not DualPrice dual || dual.Budget.Kind != Budget.Kind)
        {
            return false;
        }

        _ascent.Resume(dual._ascent);
        _pace.Resume(dual._pace);
        dual._tail.CopyTo(_tail, 0);
        _measured = dual._measured;
        _lagged.Resume(dual._lagged);
        _exceeding = dual._exceeding;
        _tailCount = dual._tailCount;
        UnusableCount = dual.UnusableCount;
        if (dual.Budget.Target != Budget.Target)
        {
            _ascent.Forget();
            _ascent.Scale(_startPrice / dual._startPrice);
        }

        return true;
    }

    public void Observe(in FrameSpend spend)
    {
        double sinceMs = _pace.Advance(spend.NowNs);
        double value = ValueOf(spend, sinceMs);
        if (!(value >= 0 && double.IsFinite(value)))
        {
            UnusableCount++;
            return;
        }

        _measured = double.IsNaN(_measured) ? value : _measured + (ReadingSmoothing * (value - _measured));
        if (Budget.Kind == BudgetKind.LatencyMsP99)
        {
            ObserveTail(value);
        }
        else
        {
            _ascent.Move(ErrorOf(value, sinceMs), _pace.MeanMs);
        }
    }

    /// <summary>
    /// What a frame spent in the budget's terms; a frame rate is a budget on the time between frames. Watts are the board's, not the
    /// frame's share of them: what a supply, a battery or a heat sink must bear includes the idle time between frames.
    /// </summary>
    private double ValueOf(in FrameSpend spend, double sinceMs) => Budget.Kind switch
    {
        BudgetKind.LatencyMsMean or BudgetKind.LatencyMsP99 => spend.LatencyMs,
        BudgetKind.DeviceMsMean => spend.DeviceMs,
        BudgetKind.EnergyMillijoules => spend.EnergyMillijoules,
        BudgetKind.HeavyShare => spend.WasHeavy ? 1 : 0,
        BudgetKind.FramesPerSecond => sinceMs > 0 ? sinceMs : double.NaN,
        _ => sinceMs > 0 ? spend.Watts : double.NaN,
    };

    private double ErrorOf(double value, double sinceMs) => Budget.Kind switch
    {
        BudgetKind.FramesPerSecond => (value * Budget.Target * (1 - RateTolerance) / 1000) - 1,
        // Power is a mean over time, not over frames: a long frame counts for as long as it took.
        BudgetKind.Watts => ((_lagged.Now(value, sinceMs) / Budget.Target) - 1) * sinceMs / _pace.MeanMs,
        _ => (value / Budget.Target) - 1,
    };

    private void ObserveTail(double latencyMs)
    {
        _tail[_tailCount % TailWindow] = latencyMs;
        _tailCount = _tailCount == int.MaxValue ? TailWindow : _tailCount + 1;
        double exceeds = latencyMs > Budget.Target ? 1 : 0;
        _exceeding += TailShare * (exceeds - _exceeding);
        // Summed over time this is TailStep times (exceeding frames - 1 % of all frames), which a bounded price keeps near 0.
        _ascent.Nudge(TailStep * (exceeds - TailShare));
    }

    private double Measured() => Budget.Kind switch
    {
        BudgetKind.FramesPerSecond => 1000 / _measured,
        BudgetKind.LatencyMsP99 => TailLatencyMs(),
        _ => _measured,
    };

    /// <summary>The p99 of the latest frames, by keeping the few largest while scanning once.</summary>
    private double TailLatencyMs()
    {
        int count = Math.Min(_tailCount, TailWindow), rank = Math.Max(1, count * TailRank / TailWindow);
        Span<double> largest = stackalloc double[TailRank];
        largest.Clear();
        foreach (double latency in _tail.AsSpan(0, count))
        {
            int at = rank;
            for (; at > 0 && latency > largest[at - 1]; at--)
            {
                largest[Math.Min(at, rank - 1)] = largest[at - 1];
            }

            largest[Math.Min(at, rank - 1)] = at < rank ? latency : largest[rank - 1];
        }

        return count == 0 ? double.NaN : largest[rank - 1];
    }
}
