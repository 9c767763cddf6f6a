namespace EdgeRoute.Simulation.PickPlace;

/// <summary>What the simulated arm can do and what counts. Lengths in table units (the table's side is 1).</summary>
public static class PickPlaceRules
{
    /// <summary>
    /// Values of one action: movement in x and y as fractions of <see cref="StepLength"/>, and the gripper (closed above 0.5).
    /// </summary>
    public const int ActionLength = 3;

    /// <summary>Values the robot knows of itself: gripper x and y in [-1, 1], and 1 while it holds something, else -1.</summary>
    public const int StateLength = 3;

    /// <summary>Steps of the plans that the expert shows and the networks learn: from anywhere, most of the way to the thing.</summary>
    public const int PlanSteps = 16;

    /// <summary>Farthest movement of one tick.</summary>
    public const float StepLength = 0.05f;

    /// <summary>A closing gripper takes the nearest thing whose centre is within this.</summary>
    public const float GraspReach = 0.045f;

    /// <summary>A thing lies on a pad when their centres are within this.</summary>
    public const float PlaceReach = 0.06f;

    public const float PadRadius = 0.12f;

    public const float GripperRadius = 0.075f;

    /// <summary>Ticks after which an episode has failed; the expert needs 20 to 45.</summary>
    public const int EpisodeTickLimit = 90;

    /// <summary>The gripper stays this far inside the table.</summary>
    public const float Edge = 0.02f;

    /// <summary>
    /// Where the expert opens and closes the gripper: nearer than <see cref="GraspReach"/>, so that its plans forgive small errors of who
    /// follows them.
    /// </summary>
    public const float ExpertReach = 0.01f;
}
