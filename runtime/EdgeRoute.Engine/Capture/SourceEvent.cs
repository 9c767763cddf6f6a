using EdgeRoute.Core.Frames;

namespace EdgeRoute.Engine.Capture;

/// <summary>Something that happened to a source, told by its capture thread. <paramref name="AtNs"/> is the monotonic clock.</summary>
public abstract record SourceEvent(int SourceIndex, long AtNs);

/// <summary>The source was opened or re-opened; its first frame is still to come.</summary>
public sealed record SourceOpened(int SourceIndex, long AtNs, string Description) : SourceEvent(SourceIndex, AtNs);

/// <summary>The source broke, or one picture of a folder did.</summary>
public sealed record SourceFaulted(int SourceIndex, long AtNs, SourceFault Fault) : SourceEvent(SourceIndex, AtNs);

/// <summary>The source will be opened again after a pause.</summary>
public sealed record SourceRestarting(int SourceIndex, long AtNs, int AfterMs, int AttemptCount) : SourceEvent(SourceIndex, AtNs);

/// <summary>Frames have another format, size or colour space from now on.</summary>
public sealed record SourceFormatChanged(int SourceIndex, long AtNs, FrameLayout Before, FrameLayout After) : SourceEvent(SourceIndex, AtNs);

/// <summary>No frame will follow: the end of a file, a file that broke (then with its fault), or a stop.</summary>
public sealed record SourceEnded(int SourceIndex, long AtNs, long FrameCount, SourceFault Fault) : SourceEvent(SourceIndex, AtNs);
