using EdgeRoute.Simulation.Tabletop;

namespace EdgeRoute.Simulation.PickPlace;

/// <summary>
/// A robot arm over a table, seen from above, and an instruction: "put the red star on the blue pad". Tick by tick it takes one action; an
/// episode ends when the thing lies on the pad, when another thing was put down, or when time is up. The same seed, clutter and actions
/// give the same world on every run. Allocates nothing but one instruction text per episode.
/// </summary>
public sealed class PickPlaceWorld
{
    private readonly TabletopClutter _clutter;
    private SeededRandom _random;
    private int _padCount;
    private int _heldIndex = -1;

    /// <param name="seed">Any number.</param>
    /// <param name="clutter">How hard the tables are; used by this world alone.</param>
    public PickPlaceWorld(ulong seed, TabletopClutter clutter)
    {
        (_random, _clutter) = (new SeededRandom(seed), clutter);
        Scene = new TabletopScene { Aspect = 1 };
        LayNextTable();
    }

    /// <summary>The table at this tick: pads, things, and the gripper last. One object that changes in place.</summary>
    public TabletopScene Scene { get; }

    /// <summary>Episodes begun so far, this one included.</summary>
    public long EpisodeCount { get; private set; }

    public string Instruction { get; private set; } = "";

    public PickPlaceOutcome Outcome { get; private set; }

    /// <summary>Ticks of this episode so far.</summary>
    public int TickCount { get; private set; }

    public float GripperX { get; private set; }

    public float GripperY { get; private set; }

    public bool IsHolding => _heldIndex >= 0;

    /// <summary>Pads lie at 0 .. PadCount - 1 of the scene, the one asked for at 0.</summary>
    public int PadCount => _padCount;

    /// <summary>Where the thing asked for stands among the scene's objects.</summary>
    public int TargetIndex { get; private set; }

    /// <summary>Which thing is held, or -1.</summary>
    public int HeldIndex => _heldIndex;

    /// <summary>Clears the table and begins the next episode.</summary>
    public void LayNextTable()
    {
        do
        {
            _padCount = PickPlaceLayer.Lay(Scene, _clutter.NextLevel(ref _random), ref _random);
        }
        while (Scene.Count <= _padCount);

        TargetIndex = _padCount;
        _heldIndex = -1;
        TickCount = 0;
        Outcome = PickPlaceOutcome.Running;
        Instruction = PickPlaceInstruction.TextOf(Scene.Objects[TargetIndex], Scene.Objects[0], ref _random);
        Scene.Slots[Scene.Count++] = new TabletopObject
        {
            Shape = ShapeKind.Gripper, ColorIndex = TabletopPalette.SteelIndex, Radius = PickPlaceRules.GripperRadius,
        };
        MoveGripper(_random.NextBetween(0.05f, 0.95f), _random.NextBetween(0.05f, 0.95f));
        EpisodeCount++;
    }

    /// <summary>One tick: moves, closes or opens the gripper, and judges. Nothing changes once the episode has ended.</summary>
    /// <param name="action">See <see cref="PickPlaceRules.ActionLength"/>; what is not a number moves nothing and opens nothing.</param>
    public void Act(ReadOnlySpan<float> action)
    {
        if (Outcome != PickPlaceOutcome.Running)
        {
            return;
        }

        var (dx, dy) = (Finite(action[0]), Finite(action[1]));
        float length = MathF.Sqrt((dx * dx) + (dy * dy)), scale = PickPlaceRules.StepLength / MathF.Max(1, length);
        MoveGripper(GripperX + (dx * scale), GripperY + (dy * scale));
        bool closes = float.IsFinite(action[2]) ? action[2] > 0.5f : IsHolding;
        if (closes && !IsHolding)
        {
            Grasp();
        }
        else if (!closes && IsHolding)
        {
            PutDown();
        }

        TickCount++;
        if (Outcome == PickPlaceOutcome.Running && TickCount >= PickPlaceRules.EpisodeTickLimit)
        {
            Outcome = PickPlaceOutcome.OutOfTime;
        }
    }

    /// <summary>A tick without an action: the arm stays as it is.</summary>
    public void Wait()
    {
        Span<float> stay = stackalloc float[PickPlaceRules.ActionLength];
        stay[2] = IsHolding ? 1 : 0;
        Act(stay);
    }

    /// <summary>The robot's own state, see <see cref="PickPlaceRules.StateLength"/>.</summary>
    public void WriteState(Span<float> state) =>
        (state[0], state[1], state[2]) = ((2 * GripperX) - 1, (2 * GripperY) - 1, IsHolding ? 1 : -1);

    /// <summary>Puts gripper and, where one is held, a thing anywhere: for the states that training frames show.</summary>
    internal void Arrange(float x, float y, int heldIndex)
    {
        _heldIndex = heldIndex < 0 ? -1 : Raise(heldIndex);
        MoveGripper(x, y);
    }

    private static float Finite(float value) => float.IsFinite(value) ? value : 0;

    private void MoveGripper(float x, float y)
    {
        (GripperX, GripperY) = (Math.Clamp(x, PickPlaceRules.Edge, 1 - PickPlaceRules.Edge), Math.Clamp(y, PickPlaceRules.Edge,
            1 - PickPlaceRules.Edge));
        Place(Scene.Count - 1);
        if (IsHolding)
        {
            Place(_heldIndex);
        }
    }

    private void Place(int index) => (Scene.Slots[index].X, Scene.Slots[index].Y) = (GripperX, GripperY);

    private void Grasp()
    {
        int nearest = -1;
        float least = PickPlaceRules.GraspReach;
        for (int i = _padCount; i < Scene.Count - 1; i++)
        {
            float distance = Distance(Scene.Slots[i], GripperX, GripperY);
            (nearest, least) = distance <= least ? (i, distance) : (nearest, least);
        }

        if (nearest >= 0)
        {
            _heldIndex = Raise(nearest);
            Place(_heldIndex);
        }
    }

    /// <summary>What is held hangs over all other things: it changes places with the uppermost of them.</summary>
    private int Raise(int index)
    {
        int top = Scene.Count - 2;
        (Scene.Slots[index], Scene.Slots[top]) = (Scene.Slots[top], Scene.Slots[index]);
        if (TargetIndex == index)
        {
            TargetIndex = top;
        }
        else if (TargetIndex == top)
        {
            TargetIndex = index;
        }

        return top;
    }

    private void PutDown()
    {
        bool isTarget = _heldIndex == TargetIndex;
        int pad = PadUnder(GripperX, GripperY);
        _heldIndex = -1;
        Outcome = (isTarget, pad) switch
        {
            (false, _) => PickPlaceOutcome.WrongThing,
            (true, 0) => PickPlaceOutcome.Placed,
            (true, > 0) => PickPlaceOutcome.WrongPad,
            _ => PickPlaceOutcome.Running,
        };
    }

    private int PadUnder(float x, float y)
    {
        for (int i = 0; i < _padCount; i++)
        {
            if (Distance(Scene.Slots[i], x, y) <= PickPlaceRules.PlaceReach)
            {
                return i;
            }
        }

        return -1;
    }

    private static float Distance(in TabletopObject thing, float x, float y) =>
        MathF.Sqrt(((thing.X - x) * (thing.X - x)) + ((thing.Y - y) * (thing.Y - y)));
}
