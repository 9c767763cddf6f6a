namespace EdgeRoute.Simulation.PickPlace;

/// <summary>One episode that has ended.</summary>
/// <param name="Index">0-based count of episodes of this source.</param>
/// <param name="FirstFrame">0-based number of the first frame that showed it; frames are counted as the source delivers them.</param>
/// <param name="FrameCount">Frames that showed it.</param>
/// <param name="WaitCount">Ticks in which no action had come, so that the arm stayed where it was.</param>
public sealed record PickPlaceEpisode(
    long Index, float Clutter, string Instruction, PickPlaceOutcome Outcome, long FirstFrame, int FrameCount, int TickCount, int WaitCount);
