using EdgeRoute.Simulation.Tabletop;

namespace EdgeRoute.Simulation.PickPlace;

/// <summary>
/// Puts the robot anywhere in an episode: searching, about to grasp, carrying. Training pictures must show every moment, not only the
/// first.
/// </summary>
public static class PickPlaceScatter
{
    private const float NearDeviation = 0.05f;
    private const float FreeShare = 0.3f;
    private const float NearThingShare = 0.28f;
    private const float NearPadShare = 0.05f;

    public static void Arrange(PickPlaceWorld world, ref SeededRandom random)
    {
        float kind = random.NextUnit();
        var (x, y) = (random.NextUnit(), random.NextUnit());
        int thing = world.PadCount + random.NextIndex(world.Scene.Count - 1 - world.PadCount), pad = random.NextIndex(world.PadCount);
        if (kind < FreeShare)
        {
            world.Arrange(x, y, -1);
            return;
        }

        bool isNearThing = kind < FreeShare + NearThingShare, isHolding = kind >= FreeShare + NearThingShare + NearPadShare;
        ref readonly var near = ref world.Scene.Objects[isNearThing ? thing : pad];
        if (!isHolding || random.NextUnit() < 0.5f)
        {
            (x, y) = (near.X + (NearDeviation * random.NextGaussian()), near.Y + (NearDeviation * random.NextGaussian()));
        }

        world.Arrange(x, y, isHolding ? thing : -1);
    }
}
