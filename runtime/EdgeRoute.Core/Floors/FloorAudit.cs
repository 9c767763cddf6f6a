namespace EdgeRoute.Core.Floors;

/// <summary>
/// Watches the quality floor while running. It is fed the loss of each audited frame against the heaviest path, lowers the price ceiling when the losses show
/// that the floor is not kept, and raises it again, step by step, when they show that it is. Observing allocates nothing.
/// </summary>
/// <remarks>
/// The guarantee: while the mean of each loss, given those before it, is at most what the floor allows, breaches come at least
/// <see cref="FloorAuditSettings.FalseBreachAudits"/> audits apart on average, and one comes within T audits with probability at most T over that number. It needs
/// that audited frames are chosen at random with a probability known beforehand (<see cref="AuditSampler"/>), never by how busy the device is; frames
/// chosen more often than others weigh less, so that every frame counts alike. A hard scene that lasts is a breach too: the floor is about now.
/// </remarks>
public sealed class FloorAudit
{
    private readonly FloorAuditSettings _settings;
    private readonly LossDetector _breach;
    private readonly LossDetector _recovery;

    /// <exception cref="ArgumentOutOfRangeException">A setting is out of its range.</exception>
    public FloorAudit(FloorAuditSettings settings)
    {
        settings.Check();
        _settings = settings;
        AllowedLoss = 1 - settings.Floor;
        _breach = LossDetector.Above(AllowedLoss, settings.FalseBreachAudits);
        _recovery = LossDetector.Below(AllowedLoss * (1 - settings.RecoveryMargin), settings.FalseRecoveryAudits);
        CeilingIndex = settings.CertifiedPriceIndex;
    }

    public FloorAuditSettings Settings => _settings;

    public FloorState State { get; private set; } = FloorState.Holding;

    /// <summary>The highest price the policy may use now.</summary>
    public int CeilingIndex { get; private set; }

    /// <summary>The mean loss that the floor allows.</summary>
    public double AllowedLoss { get; }

    /// <summary>Audits taken in.</summary>
    public long AuditCount { get; private set; }

    /// <summary>Losses or weights that were not numbers, or weights outside (0, 1]: left out.</summary>
    public long RefusedCount { get; private set; }

    public long BreachCount { get; private set; }

    /// <summary>The losses since the ceiling last changed.</summary>
    public LossRun SinceChange { get; private set; }

    /// <summary>Evidence of a breach as a share of what an alarm needs, on a logarithmic scale, in [0, 1]: for telemetry.</summary>
    public double BreachEvidence => Math.Clamp(Math.Log(1 + _breach.Evidence) / Math.Log(1 + _settings.FalseBreachAudits), 0, 1);

    /// <summary>The latest change of the ceiling; default when there was none.</summary>
    public FloorEvent LastEvent { get; private set; }

    /// <summary>Takes in one audited frame; true when the ceiling changed or a breach at price 0 was found, and <see cref="LastEvent"/> says what.</summary>
    /// <param name="loss">Clamped to [0, 1]; not a number (the heaviest path failed): refused and counted.</param>
    /// <param name="weight">Smallest inclusion probability over this frame's own, in (0, 1], as <see cref="AuditDraw.Weight"/>; 1 when all are alike.</param>
    public bool Observe(double loss, double weight = 1)
    {
        if (double.IsNaN(loss) || !(weight is > 0 and <= 1))
        {
            RefusedCount++;
            return false;
        }

        double x = Math.Clamp(loss, 0, 1);
        AuditCount++;
        SinceChange = SinceChange.With(x, weight);
        if (_breach.Observe(x, weight))
        {
            return Retreat();
        }

        return State != FloorState.Holding && _recovery.Observe(x, weight) && Rise();
    }

    private bool Retreat()
    {
        BreachCount++;
        Change(FloorState.Breached, (int)(CeilingIndex * _settings.RetreatFactor), _breach.Since);
        return true;
    }

    private bool Rise()
    {
        int step = Math.Max(1, (int)(_settings.CertifiedPriceIndex * _settings.RecoveryStep));
        int ceiling = Math.Min(_settings.CertifiedPriceIndex, CeilingIndex + step);
        Change(ceiling == _settings.CertifiedPriceIndex ? FloorState.Holding : FloorState.Recovering, ceiling, _recovery.Since);
        return true;
    }

    /// <summary>Losses under another ceiling are another mean, so all evidence starts anew.</summary>
    private void Change(FloorState state, int ceiling, LossRun seen)
    {
        LastEvent = new FloorEvent(state, AuditCount, seen, AllowedLoss, CeilingIndex, ceiling);
        State = state;
        CeilingIndex = ceiling;
        SinceChange = default;
        _breach.Reset();
        _recovery.Reset();
    }
}
