namespace EdgeRoute.Core.Tracking;

/// <summary>
/// What plans of movements counted on and the robot was not moved by. A plan is made of where the robot was when its frame was captured;
/// its first steps pass while it is computed, and meanwhile the robot is moved by the plan before. The difference of the two is made up in
/// the steps that follow, so that the robot comes to where the plan means it to be. No step moves an axis faster than a step of the plan
/// itself does, so that a robot is not asked for more than its policy asks for. Pure; allocates nothing once made. One thread at a time.
/// </summary>
public sealed class MovementDebt
{
    /// <summary>Steps given out that are remembered: two seconds of the usual rates.</summary>
    public const int StepsKept = 64;

    private readonly int _dimension;
    private readonly IReadOnlyList<int> _switches;
    private readonly bool[] _isMovement;
    private readonly float[] _given, _owed, _most;
    private long _givenCount;

    /// <param name="dimension">Values of a step.</param>
    /// <param name="switches">
    /// Indices of those that are no movements, such as a gripper that is open or closed: they are left as they are.
    /// </param>
    public MovementDebt(int dimension, IReadOnlyList<int> switches)
    {
        (_dimension, _switches) = (dimension, switches);
        _isMovement = [.. Enumerable.Range(0, dimension).Select(i => !switches.Contains(i))];
        (_given, _owed, _most) = (new float[StepsKept * dimension], new float[dimension], new float[dimension]);
    }

    /// <summary>It is for steps of that kind.</summary>
    public bool Fits(int dimension, IReadOnlyList<int> switches) => dimension == _dimension && ReferenceEquals(switches, _switches);

    /// <summary>A plan is taken up.</summary>
    /// <param name="plan">Step after step.</param>
    /// <param name="skipped">Its steps that passed, at each of which a step of the plan before was given out.</param>
    public void Begin(ReadOnlySpan<float> plan, int skipped)
    {
        // A step that nobody gave before this was forgotten is no step that the plan could have counted on.
        skipped = (int)Math.Min(Math.Min(skipped, StepsKept), _givenCount);
        for (int d = 0; d < _dimension; d++)
        {
            if (_isMovement[d])
            {
                Begin(plan, skipped, d);
            }
        }
    }

    /// <summary>A step is about to be given out: as much of what is owed is added as the plan's own range allows.</summary>
    public void Give(Span<float> step)
    {
        for (int d = 0; d < _dimension; d++)
        {
            if (_isMovement[d])
            {
                float wanted = step[d] + _owed[d], given = Math.Clamp(wanted, -_most[d], _most[d]);
                _owed[d] = float.IsFinite(wanted) ? wanted - given : 0;
                step[d] = float.IsFinite(wanted) ? given : step[d];
            }
        }

        step.CopyTo(_given.AsSpan(PlaceOf(_givenCount++), _dimension));
    }

    /// <summary>What was given out so far is no part of what comes.</summary>
    public void Forget()
    {
        _givenCount = 0;
        Array.Clear(_owed);
    }

    private void Begin(ReadOnlySpan<float> plan, int skipped, int dimension)
    {
        float owed = 0, most = 0;
        for (int at = dimension; at < plan.Length; at += _dimension)
        {
            most = float.IsFinite(plan[at]) ? Math.Max(most, Math.Abs(plan[at])) : most;
            owed += at / _dimension < skipped ? plan[at] : 0;
        }

        for (int i = 1; i <= skipped; i++)
        {
            owed -= _given[PlaceOf(_givenCount - i) + dimension];
        }

        (_owed[dimension], _most[dimension]) = (float.IsFinite(owed) ? owed : 0, most);
    }

    private int PlaceOf(long number) => (int)(number % StepsKept) * _dimension;
}
