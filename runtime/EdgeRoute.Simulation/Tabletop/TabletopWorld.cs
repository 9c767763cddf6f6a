namespace EdgeRoute.Simulation.Tabletop;

/// <summary>
/// A table seen from above, tick by tick. A table stays for an episode; within it the things rest, then some of them glide to other spots,
/// then all rest again; then the next table is laid. The same seed and clutter give the same world, tick by tick, on every run. Allocates
/// nothing after construction.
/// </summary>
public sealed class TabletopWorld
{
    /// <summary>Ticks per second of the table's own time.</summary>
    public const int TickRate = 30;

    private const int EpisodeTicksLeast = 120;
    private const int EpisodeTicksMost = 270;
    private const int RestTicksLeast = 15;
    private const int RestTicksMost = 60;
    private const int GlideTicksLeast = 18;
    private const int GlideTicksMost = 40;

    private readonly record struct Glide(bool IsMoving, float FromX, float FromY, float ToX, float ToY, float FromAngle, float Turn);

    private readonly Glide[] _glides = new Glide[TabletopScene.ObjectLimit];
    private readonly TabletopClutter _clutter;
    private SeededRandom _random;
    private int _episodeTicksLeft;
    private int _phaseTick;
    private int _phaseTicks;
    private bool _isGliding;

    /// <param name="seed">Any number.</param>
    /// <param name="clutter">How hard the tables are; used by this world alone.</param>
    /// <param name="aspect">Width of the frame divided by its height.</param>
    public TabletopWorld(ulong seed, TabletopClutter clutter, float aspect)
    {
        _random = new SeededRandom(seed);
        _clutter = clutter;
        Scene = new TabletopScene { Aspect = aspect };
        LayNextTable();
    }

    /// <summary>The table at this tick; one object that changes in place.</summary>
    public TabletopScene Scene { get; }

    /// <summary>Tables laid so far, this one included.</summary>
    public long EpisodeCount { get; private set; }

    /// <summary>One tick later.</summary>
    public void Advance()
    {
        if (--_episodeTicksLeft <= 0)
        {
            LayNextTable();
            return;
        }

        if (++_phaseTick > _phaseTicks)
        {
            StartPhase(!_isGliding);
        }

        if (_isGliding)
        {
            MoveThings(_phaseTick / (float)_phaseTicks);
        }
    }

    /// <summary>Clears the table and lays another, at a clutter level of its own.</summary>
    public void LayNextTable()
    {
        EpisodeCount++;
        TableLayer.Lay(Scene, _clutter.NextLevel(ref _random), ref _random);
        _episodeTicksLeft = EpisodeTicksLeast + _random.NextIndex(EpisodeTicksMost - EpisodeTicksLeast);
        StartPhase(false);
    }

    private void StartPhase(bool isGliding)
    {
        _isGliding = isGliding;
        _phaseTick = isGliding ? 1 : 0;
        _phaseTicks = isGliding ? Between(GlideTicksLeast, GlideTicksMost) : Between(RestTicksLeast, RestTicksMost);
        Array.Clear(_glides);
        for (int i = isGliding ? 1 + (int)(3 * Scene.Clutter) : 0; i > 0 && Scene.Count > 0; i--)
        {
            PlanGlide(_random.NextIndex(Scene.Count));
        }
    }

    private int Between(int least, int most) => least + _random.NextIndex(most - least);

    private void PlanGlide(int index)
    {
        ref var thing = ref Scene.Slots[index];
        if (!_glides[index].IsMoving && TableLayer.FindSpot(Scene, index, thing.Radius, ref _random, out float x, out float y))
        {
            _glides[index] = new Glide(true, thing.X, thing.Y, x, y, thing.AngleRadians, _random.NextBetween(-1.5f, 1.5f));
        }
    }

    /// <summary>Speeds up and slows down smoothly: the cubic with level ends.</summary>
    private void MoveThings(float part)
    {
        float way = part * part * (3 - (2 * part));
        for (int i = 0; i < Scene.Count; i++)
        {
            ref readonly var glide = ref _glides[i];
            if (glide.IsMoving)
            {
                ref var thing = ref Scene.Slots[i];
                thing.X = glide.FromX + ((glide.ToX - glide.FromX) * way);
                thing.Y = glide.FromY + ((glide.ToY - glide.FromY) * way);
                thing.AngleRadians = glide.FromAngle + (glide.Turn * way);
            }
        }
    }
}
