namespace EdgeRoute.Simulation.Tabletop;

/// <summary>
/// How hard the next table is: a fixed level, or calm and busy stretches in turn. Stretches last several tables, as a robot's day does, so
/// that a controller has something to adapt to.
/// </summary>
public sealed class TabletopClutter
{
    /// <summary>Chance that the next table is of the same kind as the last one.</summary>
    private const float StayChance = 0.4f;

    private static readonly (float Low, float High, float Share)[] Stretches = [(0, 0.2f, 0.45f), (0.3f, 0.6f, 0.3f), (0.7f, 1, 0.25f)];

    private readonly float _low;
    private readonly float _high;
    private readonly bool _isAuto;
    private int _stretchIndex = -1;

    private TabletopClutter(float low, float high, bool isAuto) => (_low, _high, _isAuto) = (low, high, isAuto);

    /// <summary>Calm, middling and busy stretches.</summary>
    public static TabletopClutter Auto() => new(0, 1, true);

    /// <summary>Every table at a level of its own, evenly over [0, 1].</summary>
    public static TabletopClutter Uniform() => new(0, 1, false);

    /// <summary>Every table the same.</summary>
    /// <param name="level">In [0, 1].</param>
    public static TabletopClutter Fixed(float level) =>
        level is >= 0 and <= 1 ? new(level, level, false)
            : throw new ArgumentOutOfRangeException(nameof(level), level, "Clutter is a level in 0..1.");

    internal float NextLevel(ref SeededRandom random)
    {
        if (!_isAuto)
        {
            return random.NextBetween(_low, _high);
        }

        if (_stretchIndex < 0 || random.NextUnit() >= StayChance)
        {
            _stretchIndex = PickStretch(random.NextUnit());
        }

        return random.NextBetween(Stretches[_stretchIndex].Low, Stretches[_stretchIndex].High);
    }

    private static int PickStretch(float at)
    {
        int index = 0;
        while (index < Stretches.Length - 1 && at >= Stretches[index].Share)
        {
            at -= Stretches[index++].Share;
        }

        return index;
    }
}
