namespace EdgeRoute.Core.Tracking;

/// <summary>
/// Kalman filter of one coordinate and its velocity, for measurements at irregular instants: the constant-velocity filter of SORT (Bewley
/// et al., ICIP 2016), with a velocity that is remembered for a limited time (<see cref="MotionStep"/>), so that no prediction runs away
/// however long the gap. Positions are fractions of the frame's side; noise and speed scale with the side of the box. In double, because
/// differences of nearly equal terms occur.
/// </summary>
internal struct AxisFilter
{
    /// <summary>
    /// Standard deviation of a coordinate's velocity in box sides per second, before anything is known: walkers and traffic reach about
    /// one.
    /// </summary>
    private const double SpeedPerSide = 1;

    /// <summary>
    /// Standard deviation of a measured coordinate in box sides: detectors differ from themselves by a few per cent on a still scene.
    /// </summary>
    private const double NoisePerSide = 0.05;

    private double _velocity;
    private double _positionVariance, _crossVariance, _velocityVariance;

    public double Position { get; private set; }

    /// <summary>A coordinate measured once: nothing is known of its motion but how fast boxes of this side move.</summary>
    public static AxisFilter At(double measured, double side) => new()
    {
        Position = measured,
        _positionVariance = Square(NoisePerSide * side),
        _velocityVariance = Square(SpeedPerSide * side),
    };

    /// <summary>
    /// Fractions of the frame's side per second, damped by its own uncertainty, v^2 / (v^2 + variance): motion that was never measured, or
    /// that cannot be told from noise, moves nothing.
    /// </summary>
    public readonly double Velocity
    {
        get
        {
            double square = _velocity * _velocity;
            return square > 0 ? square / (square + _velocityVariance) * _velocity : 0;
        }
    }

    /// <summary>Expected position after a step.</summary>
    public readonly double PositionAfter(in MotionStep step) => Position + (Velocity * step.Reach);

    /// <summary>Moves the state ahead in time.</summary>
    public void Advance(in MotionStep step, double side)
    {
        double power = Square(SpeedPerSide * side);
        Position += step.Reach * _velocity;
        _positionVariance += (2 * step.Reach * _crossVariance) + (step.Reach * step.Reach * _velocityVariance)
            + (power * step.PositionVariance);
        _crossVariance = (step.Hold * (_crossVariance + (step.Reach * _velocityVariance))) + (power * step.CrossVariance);
        _velocityVariance = (step.Hold * step.Hold * _velocityVariance) + (power * step.VelocityVariance);
        _velocity *= step.Hold;
    }

    /// <summary>Takes a measurement at the state's instant.</summary>
    public void Correct(double measured, double side)
    {
        double total = _positionVariance + Square(NoisePerSide * side);
        double gain = _positionVariance / total, velocityGain = _crossVariance / total;
        double surprise = measured - Position;
        Position += gain * surprise;
        _velocity += velocityGain * surprise;
        _velocityVariance = Math.Max(_velocityVariance - (velocityGain * _crossVariance), 0);
        _crossVariance *= 1 - gain;
        _positionVariance *= 1 - gain;
    }

    private static double Square(double value) => value * value;
}

/// <summary>
/// What a stretch of time does to a coordinate whose velocity is an Ornstein-Uhlenbeck process of unit deviation: remembered with the time
/// constant T, so that after t seconds the share h = exp(-t / T) of it is left and it has gone T (1 - h). The covariances are exact for any
/// t.
/// </summary>
/// <param name="Hold">Share of a velocity that is left.</param>
/// <param name="Reach">Seconds' worth of a velocity that the coordinate is expected to go.</param>
/// <param name="PositionVariance">Variance that chance adds to the position, per squared speed.</param>
/// <param name="CrossVariance">Covariance that chance adds between position and velocity, per squared speed.</param>
/// <param name="VelocityVariance">Variance that chance adds to the velocity, per squared speed.</param>
internal readonly record struct MotionStep(double Hold, double Reach, double PositionVariance, double CrossVariance,
    double VelocityVariance)
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
