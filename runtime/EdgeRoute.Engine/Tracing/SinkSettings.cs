using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.Engine.Tracing;

/// <summary>How a recording is taken.</summary>
public sealed record SinkSettings
{
    /// <summary>Traces that wait for the disk; a power of two.</summary>
    public int TraceCapacity { get; init; } = TraceRing.DefaultCapacity;

    /// <summary>Frames that wait for the disk.</summary>
    public int FrameCapacity { get; init; } = FrameQueue.DefaultCapacity;

    /// <summary>
    /// Length at which traces and frames are no longer written (the session end still is). 16 GiB: 90 minutes of 720p JPEG at 30 frames per second, and
    /// a fraction of the smallest disk that a board's system image leaves free.
    /// </summary>
    public long FileBytesLimit { get; init; } = 16L << 30;

    /// <summary>
    /// The push of a frame waits for a free buffer instead of losing the frame. Only for runs over files, where nothing is late: a loop over a camera
    /// must never wait for a disk.
    /// </summary>
    public bool WaitsForRoom { get; init; }
}

/// <summary>What a recording holds and what it lacks.</summary>
public readonly record struct SinkTotals(
    long TraceWrittenCount, long TraceLostCount, long FrameWrittenCount, long FrameLostCount, long EventWrittenCount, long EventLostCount, long FileBytes);
