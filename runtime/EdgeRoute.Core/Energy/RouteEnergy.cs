namespace EdgeRoute.Core.Energy;

/// <summary>
/// What each route takes of the board's energy, apart from what the board draws idle: the mean power of a stretch of time is the idle
/// power plus, for each route, its runs in a second times its energy. No sensor is quick enough to tell one frame from the next; over
/// stretches with different mixtures the parts come apart.
/// </summary>
public sealed class RouteEnergy
{
    /// <summary>How far figures may wander in a second, as a part of the prior: clocks and temperature change them in minutes.</summary>
    private const double IdleDrift = 5e-5, RouteDrift = 5e-5;

    /// <summary>Observations before anything is told: fewer mixtures than that do not tell routes apart.</summary>
    private const int LeastCount = 20;

    /// <summary>Standard deviations to each side of an interval that holds the figure 19 times in 20.</summary>
    private const double IntervalSpreads = 1.96;

    private readonly DriftingFit _fit;
    private readonly double[] _features;

    /// <param name="routeCount">Routes to tell apart.</param>
    /// <param name="usualWatts">About what the board draws, for the prior.</param>
    /// <param name="usualMillijoules">About what a run may take, for the prior's width.</param>
    public RouteEnergy(int routeCount, double usualWatts, double usualMillijoules)
    {
        _features = new double[routeCount + 1];
        double[] priors = new double[routeCount + 1], spreads = new double[routeCount + 1], drifts = new double[routeCount + 1];
        Array.Fill(spreads, 3 * usualMillijoules);
        Array.Fill(drifts, RouteDrift * usualMillijoules);
        (priors[routeCount], spreads[routeCount], drifts[routeCount]) = (usualWatts / 2, usualWatts, IdleDrift * usualWatts);
        _fit = new DriftingFit(routeCount + 1);
        _fit.Begin(priors, spreads, drifts, 0.05 * usualWatts);
    }

    public int RouteCount => _features.Length - 1;

    /// <summary>Drawn when no route runs.</summary>
    public EnergyEstimate IdleWatts => Of(RouteCount);

    /// <summary>Of one run of a route, in millijoules.</summary>
    public EnergyEstimate Millijoules(int route) => Of(route);

    /// <summary>Takes in a stretch of time.</summary>
    /// <param name="runs">Of each route in it.</param>
    /// <param name="joules">Drawn in it.</param>
    public void Observe(ReadOnlySpan<long> runs, double joules, double seconds)
    {
        if (!(seconds > 0) || !double.IsFinite(joules))
        {
            return;
        }

        for (int i = 0; i < RouteCount; i++)
        {
            _features[i] = runs[i] / seconds / 1000;
        }

        _features[RouteCount] = 1;
        _fit.Observe(_features, joules / seconds, seconds);
    }

    private EnergyEstimate Of(int index) => _fit.ObservationCount < LeastCount ? EnergyEstimate.None
        : new EnergyEstimate(_fit[index], IntervalSpreads * _fit.SpreadOf(index));
}

/// <summary>A figure with half the width of the interval that holds it 19 times in 20; not numbers while nothing is known.</summary>
public readonly record struct EnergyEstimate(double Value, double Margin)
{
    public static EnergyEstimate None => new(double.NaN, double.NaN);

    /// <summary>Known to a quarter of itself at least.</summary>
    public bool IsKnown => Margin <= Math.Abs(Value) / 4;
}
