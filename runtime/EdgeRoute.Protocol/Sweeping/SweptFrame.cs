using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Signals;

namespace EdgeRoute.Protocol.Sweeping;

/// <summary>One frame with every stage variant run on it once: from these, any policy can be played through afterwards.</summary>
/// <param name="Stamp">Where and when it was captured.</param>
/// <param name="Signals">Signals of the frame alone; motion is to the frame before, age and drift are not known here.</param>
/// <param name="Luma">Its thumbnail, so that drift from any earlier frame can be computed.</param>
/// <param name="Variants">By variant index of the route tree.</param>
public sealed record SweptFrame(FrameStamp Stamp, FrameSignals Signals, byte[] Luma, IReadOnlyList<SweptVariant> Variants)
{
    /// <summary>
    /// The frame as boxes of earlier answers are found again in it, grey, row by row; empty where they are not followed.
    /// </summary>
    public byte[] Picture { get; init; } = [];
}

/// <summary>What one stage variant did with one frame.</summary>
/// <param name="Ms">Device time of preprocessing, stage and head, in milliseconds; NaN where it failed.</param>
/// <param name="Exit">Signals of its answer; those that compare with other answers are 0 here.</param>
/// <param name="Answer">Its answer; null where the stage has no exit or failed.</param>
public sealed record SweptVariant(float Ms, ExitSignals Exit, Answer? Answer);
