namespace EdgeRoute.ControlChannel;

/// <summary>A stream as it is watched.</summary>
/// <param name="NodeNames">Path names of its route tree's nodes, by index; several nodes may have the same.</param>
public sealed record WatchedStream(string Name, IReadOnlyList<string> NodeNames);

/// <summary>Frames of one path since start.</summary>
public readonly record struct PathTotal(string Stream, string Path, long FrameCount);

/// <summary>Which of the remembered frames is wanted.</summary>
public enum TracePick
{
    Last,

    /// <summary>The latest that was late.</summary>
    Late,

    /// <summary>With the longest latency.</summary>
    Slowest,
}
