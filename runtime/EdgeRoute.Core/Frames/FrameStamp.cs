namespace EdgeRoute.Core.Frames;

/// <summary>
/// Where and when a frame was captured.
/// </summary>
/// <param name="SourceIndex">0-based index of the source in the configuration.</param>
/// <param name="Sequence">0-based count of frames this source captured, without gaps at the source: gaps seen later are drops.</param>
/// <param name="CaptureNs">Monotonic clock of this process when the frame arrived, in nanoseconds. Latency and deadline are measured from
/// it.</param>
/// <param name="SourceNs">The source's own time (presentation time of a file, recorded time of a replay), else
/// <paramref name="CaptureNs"/>. Decisions use this one, so that a replay decides as the recording did.</param>
public readonly record struct FrameStamp(int SourceIndex, long Sequence, long CaptureNs, long SourceNs);
