namespace EdgeRoute.Workbench.Choosing;

/// <summary>What frames take, in milliseconds, and what all frames of the footage may take where these are some of them.</summary>
internal sealed class FrameTimes
{
    private readonly double[] _sorted;
    private readonly int _idleCount, _judgedCount;
    private readonly double _busyShare, _mean, _deviation;

    /// <param name="busy">Of the frames that a model looks at; they are sorted.</param>
    /// <param name="idleCount">Frames beside them that take nothing.</param>
    /// <param name="judgedCount">Frames of the footage that this was learned from.</param>
    public FrameTimes(double[] busy, int idleCount, int judgedCount)
    {
        Array.Sort(busy);
        (_sorted, _idleCount, _judgedCount) = (busy, idleCount, judgedCount);
        _busyShare = (double)busy.Length / (busy.Length + idleCount);
        (_mean, _deviation) = (busy.Average(), PointScorer.Deviation(busy));
    }

    public double Mean => _busyShare * _mean;

    /// <summary>So many standard errors below the mean, where that can be.</summary>
    public double MeanBelow(double errors) => _busyShare * Math.Max(_mean - (errors * MeanError), _sorted[0]);

    public double MeanAbove(double errors) => _busyShare * (_mean + (errors * MeanError));

    private double MeanError => _deviation / Math.Sqrt(_sorted.Length);

    public double At(double share)
    {
        int count = _sorted.Length + _idleCount, at = Math.Min(count - 1, (int)(share * count));
        return at < _idleCount ? 0 : _sorted[at - _idleCount];
    }

    /// <summary>What the quantile of all frames is hardly above, where these lie so many standard errors too low.</summary>
    public double AtAbove(double share, double errors) => At(Math.Min(share + (errors * ErrorOf(share)), 1));

    public double AtBelow(double share, double errors) => At(Math.Max(share - (errors * ErrorOf(share)), 0));

    private double ErrorOf(double share) => Math.Sqrt(share * (1 - share) / _judgedCount);
}
