namespace EdgeRoute.Core.Frames;

/// <summary>The one way in which a frame ends. Byte values are part of the trace format.</summary>
public enum FrameEnd : byte
{
    /// <summary>Still on the road; never stored.</summary>
    None = 0,

    /// <summary>The path ran to an answer and no verdict had a costlier option left.</summary>
    Completed = 1,

    /// <summary>A verdict stopped at an exit although costlier options remained.</summary>
    Exited = 2,

    /// <summary>A verdict at an exit sent the frame to a costlier stage.</summary>
    Escalated = 3,

    /// <summary>The previous answer was reused; no stage ran.</summary>
    Skipped = 4,

    /// <summary>A newer frame took its place, or the engine stopped, before it was taken.</summary>
    Dropped = 5,

    /// <summary>No answer: a preprocessing or stage error.</summary>
    Failed = 6,
}
