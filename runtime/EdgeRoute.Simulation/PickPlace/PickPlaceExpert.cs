namespace EdgeRoute.Simulation.PickPlace;

/// <summary>Where everything is that a plan depends on, in table units.</summary>
/// <param name="IsHolding">The thing asked for is in the gripper.</param>
public readonly record struct PickPlaceSituation(float GripperX, float GripperY, bool IsHolding, float ThingX, float ThingY,
    float PadX, float PadY)
{
    public static PickPlaceSituation Of(PickPlaceWorld world)
    {
        var (thing, pad) = (world.Scene.Objects[world.TargetIndex], world.Scene.Objects[0]);
        return new(world.GripperX, world.GripperY, world.IsHolding, thing.X, thing.Y, pad.X, pad.Y);
    }
}

/// <summary>
/// The scripted expert: knows where everything lies, goes straight to the thing, closes, goes straight to the pad, opens. It always
/// succeeds, and the networks learn from it.
/// </summary>
public static class PickPlaceExpert
{
    /// <summary>Writes a plan of as many steps as fit, <see cref="PickPlaceRules.ActionLength"/> values each.</summary>
    public static void WritePlan(PickPlaceSituation at, Span<float> plan)
    {
        bool isDone = false;
        for (int i = 0; i + PickPlaceRules.ActionLength <= plan.Length; i += PickPlaceRules.ActionLength)
        {
            var (goalX, goalY) = at.IsHolding ? (at.PadX, at.PadY) : (at.ThingX, at.ThingY);
            var (dx, dy) = isDone ? (0, 0) : (goalX - at.GripperX, goalY - at.GripperY);
            float distance = MathF.Sqrt((dx * dx) + (dy * dy)), scale = MathF.Min(1,
                PickPlaceRules.StepLength / MathF.Max(distance, 1e-9f));
            at = at with { GripperX = at.GripperX + (dx * scale), GripperY = at.GripperY + (dy * scale) };
            bool hasArrived = !isDone && distance * (1 - scale) < PickPlaceRules.ExpertReach;
            isDone |= at.IsHolding && hasArrived;
            at = at with { IsHolding = at.IsHolding ? !hasArrived : hasArrived };
            (plan[i], plan[i + 1], plan[i + 2]) = (dx * scale / PickPlaceRules.StepLength, dy * scale / PickPlaceRules.StepLength,
                at.IsHolding ? 1 : 0);
        }
    }
}
