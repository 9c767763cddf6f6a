namespace EdgeRoute.Core.Tracking;

/// <summary>The rate at which boxes of one kind are lost, per second of source time.</summary>
internal struct HoldRecord
{
    private double _lost, _boxSeconds;

    public void Add(double seconds, double keep, HoldGrade grade)
    {
        // When between two answers a box was lost is not known: half way on average.
        _boxSeconds = (_boxSeconds * keep) + (seconds * (grade.Held + (0.5 * grade.Lost)));
        _lost = (_lost * keep) + grade.Lost;
    }

    /// <summary>Probability that a box of the last answer still fits after so many seconds: exp(-rate t).</summary>
    public readonly double After(double seconds) => Math.Exp(-seconds * (_lost + CarryRecord.PriorEvents) / (_boxSeconds + CarryRecord.PriorSeconds));
}
