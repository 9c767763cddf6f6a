namespace EdgeRoute.Core.Tracking;

/// <summary>
/// How carried boxes have fared lately, which differs by scene and detector: the rates of loss and of the unforeseen per second of source
/// time, taken as Poisson events, and the share of missed tracks that return.
/// </summary>
internal struct CarryRecord
{
    /// <summary>Time constant of forgetting: a scene keeps its character for about a minute.</summary>
    private const double MemorySeconds = 60;

    /// <summary>Belief before any evidence, one event in ten seconds, and the seconds of watching that it is worth.</summary>
    public const double PriorEvents = 0.3, PriorSeconds = 3;

    /// <summary>Belief before any evidence, one return in three misses, and the misses that it is worth.</summary>
    private const double PriorReturns = 1, PriorMisses = 3;

    private HoldRecord _sure, _doubtful;
    private double _unforeseen, _seconds, _returned, _missed;

    /// <summary>Probability that a track which the last answer missed is seen again by the next.</summary>
    public readonly double ReturnShare => (_returned + PriorReturns) / (_missed + PriorMisses);

    public void Add(double seconds, in CarryGrade grade)
    {
        double keep = Math.Exp(-seconds / MemorySeconds);
        _sure.Add(seconds, keep, grade.Sure);
        _doubtful.Add(seconds, keep, grade.Doubtful);
        _unforeseen = (_unforeseen * keep) + grade.Unforeseen;
        _seconds = (_seconds * keep) + seconds;
        _returned = (_returned * keep) + grade.Returned;
        _missed = (_missed * keep) + grade.Returned + grade.Absent;
    }

    /// <summary>Probability that a box of the last answer still fits after so many seconds.</summary>
    public readonly double HoldAfter(double seconds, bool isSure) => isSure ? _sure.After(seconds) : _doubtful.After(seconds);

    /// <summary>Detections expected after so many seconds that no carried box fits.</summary>
    public readonly double UnforeseenAfter(double seconds) => seconds * (_unforeseen + PriorEvents) / (_seconds + PriorSeconds);
}

/// <summary>How one answer grades the boxes that would have been carried in its place.</summary>
/// <param name="Sure">Boxes that the last answer was sure of.</param>
/// <param name="Doubtful">Boxes of the last answer near the detection threshold.</param>
/// <param name="Unforeseen">Detections that no box of the last answer fits.</param>
/// <param name="Returned">Tracks that the last answer missed and this one shows.</param>
/// <param name="Absent">Tracks that both missed.</param>
internal readonly record struct CarryGrade(HoldGrade Sure, HoldGrade Doubtful, int Unforeseen, int Returned, int Absent);

/// <summary>How many boxes fit a detection of the next answer, and how many do not.</summary>
internal readonly record struct HoldGrade(int Held, int Lost)
{
    public HoldGrade With(bool isHeld) => isHeld ? this with { Held = Held + 1 } : this with { Lost = Lost + 1 };
}

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
    public readonly double After(double seconds) =>
        Math.Exp(-seconds * (_lost + CarryRecord.PriorEvents) / (_boxSeconds + CarryRecord.PriorSeconds));
}
