namespace EdgeRoute.Core.Prices;

/// <summary>
/// What was spent too much, or too little, since a price settled, counted in frames' shares. A price follows content within a second or
/// two, and what that costs, nothing after it pays back: content that comes and goes leaves the mean some percent off. So the debt may
/// move freely within a margin that grows as chance does, with the root of the frames, and beyond it the price is raised or lowered until
/// the rest is paid.
/// </summary>
internal sealed class BudgetDebt
{
    /// <summary>Frames at 30 a second until a price has settled after a start or another target; what they spend is no debt.</summary>
    private const double SettlingFrames = 90;

    /// <summary>Frames' shares: one frame more or less, and a tenth of what frames that are rare and costly leave by chance.</summary>
    private const double MarginLeast = 1, MarginGrowth = 0.15;

    /// <summary>
    /// Nats per frame's share beyond the margin, reached after so many frames: at once it would push streams that have just settled all
    /// the same way.
    /// </summary>
    private const double NatsPerFrame = 1.2, RisingFrames = 260;

    /// <summary>
    /// What lies further beyond the margin, and beyond what the costliest frame of late leaves, is not paid back: it would take as long as
    /// it took to come.
    /// </summary>
    private const double PayableFrames = 8;

    /// <summary>One frame counts as no more than this many shares, and is forgotten as the costliest at this rate.</summary>
    private const double CostliestFrames = 100, ForgottenShare = 0.002;

    private double _frames, _debt, _costliest;

    /// <summary>To be added to the logarithm of the price.</summary>
    public double Nats { get; private set; }

    /// <summary>Counts one frame.</summary>
    /// <param name="error">What it spent beyond its share, as a fraction of the share; finite.</param>
    /// <param name="pace">Its length in frames at 30 a second; the mean is one of frames all the same.</param>
    /// <param name="isOwn">The price could have done something about it; else it only counts as time.</param>
    public void Count(double error, double pace, bool isOwn)
    {
        _frames += pace;
        double since = _frames - SettlingFrames;
        if (since <= 0)
        {
            return;
        }

        error = Math.Min(error, CostliestFrames);
        _costliest = Math.Max(_costliest * (1 - (ForgottenShare * pace)), error);
        double margin = MarginLeast + (MarginGrowth * Math.Sqrt(since)), most = margin + Math.Max(PayableFrames, _costliest);
        _debt = isOwn ? Math.Clamp(_debt + error, -most, most) : _debt;
        double beyond = Math.CopySign(Math.Max(Math.Abs(_debt) - margin, 0), _debt);
        Nats = NatsPerFrame * Math.Min(since / RisingFrames, 1) * beyond;
    }

    /// <summary>Another target: nothing is owed.</summary>
    public void Forget() => Resume(new BudgetDebt());

    public void Resume(BudgetDebt earlier)
    {
        (_frames, Nats) = (earlier._frames, earlier.Nats);
        (_debt, _costliest) = (earlier._debt, earlier._costliest);
    }
}
