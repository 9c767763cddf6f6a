namespace EdgeRoute.Simulation.PickPlace;

/// <summary>How an episode stands.</summary>
public enum PickPlaceOutcome : byte
{
    Running = 0,

    /// <summary>The thing asked for lies on the pad asked for.</summary>
    Placed = 1,

    /// <summary>Another thing was taken and put down, on a pad or elsewhere.</summary>
    WrongThing = 2,

    /// <summary>The thing asked for was put on another pad.</summary>
    WrongPad = 3,

    /// <summary>Nothing of this happened within <see cref="PickPlaceRules.EpisodeTickLimit"/> ticks.</summary>
    OutOfTime = 4,
}
