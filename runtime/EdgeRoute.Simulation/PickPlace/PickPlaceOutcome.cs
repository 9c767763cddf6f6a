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

/// <summary>One episode that has ended.</summary>
/// <param name="Index">0-based count of episodes of this source.</param>
/// <param name="FirstFrame">0-based number of the first frame that showed it; frames are counted as the source delivers them.</param>
/// <param name="FrameCount">Frames that showed it.</param>
/// <param name="WaitCount">Ticks in which no action had come, so that the arm stayed where it was.</param>
public sealed record PickPlaceEpisode(
    long Index, float Clutter, string Instruction, PickPlaceOutcome Outcome, long FirstFrame, int FrameCount, int TickCount, int WaitCount);
