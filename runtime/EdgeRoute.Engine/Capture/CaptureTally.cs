namespace EdgeRoute.Engine.Capture;

/// <summary>What a capture thread counted so far. Written by that thread alone, read by any.</summary>
public sealed class CaptureTally
{
    private readonly long[] _faults = new long[Enum.GetValues<SourceFaultKind>().Length];
    private long _frames, _restarts, _formatChanges, _lastProgressNs;

    public long FrameCount => Interlocked.Read(ref _frames);

    public long RestartCount => Interlocked.Read(ref _restarts);

    public long FormatChangeCount => Interlocked.Read(ref _formatChanges);

    /// <summary>When the source last showed life, on the monotonic clock: lets others see a thread that hangs inside a native call.</summary>
    public long LastProgressNs => Interlocked.Read(ref _lastProgressNs);

    public long FaultCount(SourceFaultKind kind) => Interlocked.Read(ref _faults[(int)kind]);

    internal void NoteFrame() => Interlocked.Increment(ref _frames);

    internal void NoteRestart() => Interlocked.Increment(ref _restarts);

    internal void NoteFormatChange() => Interlocked.Increment(ref _formatChanges);

    internal void NoteFault(SourceFaultKind kind) => Interlocked.Increment(ref _faults[(int)kind]);

    internal void NoteProgress(long nowNs) => Interlocked.Exchange(ref _lastProgressNs, nowNs);
}
