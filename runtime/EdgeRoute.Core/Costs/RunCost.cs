namespace EdgeRoute.Core.Costs;

/// <summary>
/// What the next run of something is likely to take, from the runs so far: a moving mean, and twice their mean deviation on top, as TCP
/// chooses its timeouts (Jacobson, SIGCOMM 1988).
/// </summary>
public sealed class RunCost
{
    /// <summary>Weights of the newest run in mean and deviation; those of RFC 6298.</summary>
    private const double MeanShare = 1.0 / 8, DeviationShare = 1.0 / 4;

    /// <summary>
    /// What is left of an estimate each time it stands in the way of a run: what never runs is never measured again, and one slow run must
    /// not end it for good.
    /// </summary>
    private const double Fading = 0.98;

    private double _deviationMs;
    private bool _isMeasured;

    /// <summary>Of the runs lately.</summary>
    public double MeanMs { get; private set; }

    /// <summary>0 while nothing was measured.</summary>
    public double LikelyMs => MeanMs + (2 * _deviationMs);

    /// <summary>A run took so long.</summary>
    public void Observe(double ms)
    {
        _deviationMs = _isMeasured ? _deviationMs + (DeviationShare * (Math.Abs(ms - MeanMs) - _deviationMs)) : 0;
        MeanMs = _isMeasured ? MeanMs + (MeanShare * (ms - MeanMs)) : ms;
        _isMeasured = true;
    }

    /// <summary>A run was left out because there was less time than it is likely to take.</summary>
    public void Fade() => (MeanMs, _deviationMs) = (MeanMs * Fading, _deviationMs * Fading);
}
