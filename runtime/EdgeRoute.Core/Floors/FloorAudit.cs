using System.Diagnostics;

namespace EdgeRoute.Core.Floors;

/// <summary>
/// Watches the quality floor while running. It is fed the loss of each audited frame against the heaviest path, lowers the price ceiling
/// when the losses show that the floor is not kept, and raises it again, step by step, when they show that it is. Observing allocates
/// nothing.
/// </summary>
/// <remarks>
/// The guarantee: while the mean of each loss, given those before it, is at most what the floor allows, breaches come at least
/// <see cref="FloorAuditSettings.FalseBreachAudits"/> audits apart on average, and one comes within T audits with probability at most T
/// over that number. It needs that audited frames are chosen at random with a probability known beforehand (<see cref="AuditSampler"/>),
/// never by how busy the device is; frames chosen more often than others weigh less, so that every frame counts alike. A hard scene that
/// lasts is a breach too: the floor is about now.
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

    /// <summary>
    /// Takes in one audited frame; true when the ceiling changed or a breach at price 0 was found, and <see cref="LastEvent"/> says what.
    /// </summary>
    /// <param name="loss">Clamped to [0, 1]; not a number (the heaviest path failed): refused and counted.</param>
    /// <param name="weight">Smallest inclusion probability over this frame's own, in (0, 1], as <see cref="AuditDraw.Weight"/>; 1 when all
    /// are alike.</param>
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
        Debug.Assert(ceiling >= 0 && ceiling <= _settings.CertifiedPriceIndex, "A ceiling is never above the certified one.");
        LastEvent = new FloorEvent(state, AuditCount, seen, AllowedLoss, CeilingIndex, ceiling);
        State = state;
        CeilingIndex = ceiling;
        SinceChange = default;
        _breach.Reset();
        _recovery.Reset();
    }
}

/// <summary>
/// How the floor is watched while running.
/// </summary>
/// <param name="Floor">Mean quality against the heaviest path that must hold, in (0, 1): 0.97.</param>
/// <param name="CertifiedPriceIndex">The highest certified price: the ceiling while all is well.</param>
public sealed record FloorAuditSettings(double Floor, int CertifiedPriceIndex)
{
    /// <summary>Audits between two false breaches, on average at least, when the mean loss is exactly what the floor allows; with less loss
    /// they are far rarer. At one audit in a hundred frames and 30 frames per second, 10,000 audits are nine hours. Larger is calmer and
    /// slower to notice.</summary>
    public double FalseBreachAudits { get; init; } = 10_000;

    /// <summary>
    /// Audits between two wrong steps upward, on average at least, while the mean loss is not below the floor by the margin.
    /// </summary>
    public double FalseRecoveryAudits { get; init; } = 500;

    /// <summary>
    /// How far below the allowed loss the losses must be shown to lie before the ceiling rises, as a share of it, in [0, 1).
    /// </summary>
    public double RecoveryMargin { get; init; } = 0.1;

    /// <summary>The ceiling's index is multiplied by this on a breach, in [0, 1).</summary>
    public double RetreatFactor { get; init; } = 0.5;

    /// <summary>Part of the certified index that one step upward regains, in (0, 1]; at least one index.</summary>
    public double RecoveryStep { get; init; } = 0.125;

    /// <exception cref="ArgumentOutOfRangeException">A setting is out of its range; the message says which.</exception>
    public void Check()
    {
        Require(Floor is > 0 and < 1, nameof(Floor), Floor, "between 0 and 1, both excluded");
        Require(CertifiedPriceIndex >= 0, nameof(CertifiedPriceIndex), CertifiedPriceIndex,
            "0 or more: without a certified price there is nothing to watch");
        Require(FalseBreachAudits is > 1 and < 1e15, nameof(FalseBreachAudits), FalseBreachAudits, "more than 1");
        Require(FalseRecoveryAudits is > 1 and < 1e15, nameof(FalseRecoveryAudits), FalseRecoveryAudits, "more than 1");
        Require(RecoveryMargin is >= 0 and < 1, nameof(RecoveryMargin), RecoveryMargin, "at least 0 and below 1");
        Require(RetreatFactor is >= 0 and < 1, nameof(RetreatFactor), RetreatFactor, "at least 0 and below 1");
        Require(RecoveryStep is > 0 and <= 1, nameof(RecoveryStep), RecoveryStep, "above 0 and at most 1");
    }

    private static void Require(bool isMet, string name, double value, string range)
    {
        if (!isMet)
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be {range}.");
        }
    }
}

/// <summary>Where the watched floor stands.</summary>
public enum FloorState : byte
{
    /// <summary>The ceiling is the certified one.</summary>
    Holding = 1,

    /// <summary>The losses were too high: the ceiling has retreated and nothing shows yet that it may rise.</summary>
    Breached = 2,

    /// <summary>The losses are low again: the ceiling rises step by step and is not yet the certified one.</summary>
    Recovering = 3,
}

/// <summary>
/// A change of the price ceiling, with what was seen. Made without allocation; <see cref="Text"/> is for the consumer of events.
/// </summary>
/// <param name="AuditCount">Audits taken in when it happened.</param>
/// <param name="Seen">The losses that led to it, since the moment that fits them best.</param>
/// <param name="AllowedLoss">What the floor allows.</param>
public readonly record struct FloorEvent(FloorState State, long AuditCount, LossRun Seen, double AllowedLoss, int CeilingBefore,
    int CeilingAfter)
{
    /// <summary>One sentence for a person: what was seen, what is allowed, what was done.</summary>
    public string Text
    {
        get
        {
            string seen = $"mean loss {Seen.Mean:0.000} over {Seen.Count} audits, floor allows {AllowedLoss:0.000}";
            return State switch
            {
                FloorState.Breached when CeilingBefore == 0 =>
                    $"quality floor breached at price 0: {seen}; no price is lower: calibrate on footage like this",
                FloorState.Breached => $"quality floor breached: {seen}; price ceiling {CeilingBefore} -> {CeilingAfter}",
                FloorState.Recovering => $"quality floor holds again: {seen}; price ceiling {CeilingBefore} -> {CeilingAfter}",
                _ => $"quality floor holds again: {seen}; price ceiling {CeilingBefore} -> {CeilingAfter}, the certified one",
            };
        }
    }
}
