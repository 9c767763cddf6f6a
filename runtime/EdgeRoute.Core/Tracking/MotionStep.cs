namespace EdgeRoute.Core.Tracking;

/// <summary>
/// What a stretch of time does to a coordinate whose velocity is an Ornstein-Uhlenbeck process of unit deviation: remembered with the time constant T, so that after
/// t seconds the share h = exp(-t / T) of it is left and it has gone T (1 - h). The covariances are exact for any t.
/// </summary>
/// <param name="Hold">Share of a velocity that is left.</param>
/// <param name="Reach">Seconds' worth of a velocity that the coordinate is expected to go.</param>
/// <param name="PositionVariance">Variance that chance adds to the position, per squared speed.</param>
/// <param name="CrossVariance">Covariance that chance adds between position and velocity, per squared speed.</param>
/// <param name="VelocityVariance">Variance that chance adds to the velocity, per squared speed.</param>
internal readonly record struct MotionStep(double Hold, double Reach, double PositionVariance, double CrossVariance, double VelocityVariance)
{
    /// <summary>T: people and cars keep their course for about a second; a longer memory runs past turns and stops.</summary>
    private const double PersistenceSeconds = 1;

    /// <param name="seconds">Not negative.</param>
    public static MotionStep Of(double seconds)
    {
        double age = seconds / PersistenceSeconds, hold = Math.Exp(-age), reach = PersistenceSeconds * (1 - hold);
        double position = PersistenceSeconds * PersistenceSeconds * ((2 * age) - 3 + (4 * hold) - (hold * hold));
        return new(hold, reach, Math.Max(position, 0), reach * (1 - hold), 1 - (hold * hold));
    }
}
