using EdgeRoute.Engine.Frames;

namespace EdgeRoute.Engine.Capture;

/// <summary>What a call for the next frame came back with.</summary>
public enum ReadOutcome
{
    /// <summary>The slot holds a frame.</summary>
    Frame,

    /// <summary>Nothing arrived within the wait; ask again. The watchdog counts these.</summary>
    Nothing,

    /// <summary>
    /// A file, folder or recording is at its end. For a live source the end is a fault (<see cref="SourceFaultKind.EndOfLive"/>) instead.
    /// </summary>
    End,

    /// <summary>The source broke; <see cref="IFrameSource.Fault"/> says how.</summary>
    Fault,
}

/// <summary>
/// The ways a source breaks. A live source and a file that repeats are restarted with back-off, another file is at its end; the frame loop
/// never stops for it.
/// </summary>
public enum SourceFaultKind
{
    None,

    /// <summary>It could not be opened: missing file, device or element, refused connection.</summary>
    OpenFailed,

    /// <summary>A live source ended: the camera or the server went away.</summary>
    EndOfLive,

    /// <summary>An error while streaming.</summary>
    StreamError,

    /// <summary>No frame for longer than the stall limit although nothing reported an error.</summary>
    Stall,

    /// <summary>The pixel format or size is not one that can be used.</summary>
    UnusableFormat,

    /// <summary>
    /// One picture of a folder could not be read. Nothing restarts: the read says <see cref="ReadOutcome.Nothing"/> and the next picture
    /// follows.
    /// </summary>
    UnreadablePicture,

    /// <summary>A live source's own time jumped, stood still or ran at another speed. Nothing restarts.</summary>
    ClockJump,

    /// <summary>
    /// It could not be opened in its usual way and is opened in another. Nothing restarts: the read says <see cref="ReadOutcome.Nothing"/>.
    /// </summary>
    OtherWay,

    /// <summary>
    /// It cannot be opened on this machine, whatever happens outside: a pipeline that cannot be built, a library that is missing. Not tried
    /// again where it never worked before.
    /// </summary>
    CannotWork,
}

/// <summary>A fault with what the source's own library said.</summary>
public sealed record SourceFault(SourceFaultKind Kind, string Detail)
{
    public static SourceFault None { get; } = new(SourceFaultKind.None, "");
}

/// <summary>
/// Something that delivers frames: opened, read and closed by one capture thread only. Implementations need not be thread-safe.
/// </summary>
public interface IFrameSource : IDisposable
{
    /// <summary>What it reads, for people: a path, an address, a pipeline.</summary>
    string Description { get; }

    /// <summary>Live sources cannot wait: newest wins, and an end is a fault. Files can.</summary>
    bool IsLive { get; }

    /// <summary>Whether its end is followed by its beginning, so that one that broke is opened again as a live one is.</summary>
    bool Repeats => false;

    /// <summary>
    /// Whether each frame may have a size and format of its own, as pictures of a folder have; a change is then no event.
    /// </summary>
    bool SizesVary => false;

    /// <summary>
    /// Whether frames come with the robot's state (<see cref="FrameSlot.TellState"/>), which some packs cannot do without.
    /// </summary>
    bool TellsState => false;

    /// <summary>Whether frames come with the task in words (<see cref="FrameSlot.Instruction"/>), or may.</summary>
    bool TellsInstruction => false;

    /// <summary>
    /// What the source itself has to say for the status line, such as how a simulated task goes; null for nothing. Read by any thread.
    /// </summary>
    string? StatusText => null;

    /// <summary>
    /// What it found that is no fault and should be known, such as files left out; null for nothing. Asked after it was opened or read;
    /// each is told once.
    /// </summary>
    string? TakeNote() => null;

    /// <summary>Share of a file or folder that was read, 0 to 1; NaN where its length is not known.</summary>
    double ReadShare => double.NaN;

    /// <summary>The last fault; <see cref="SourceFault.None"/> while healthy.</summary>
    SourceFault Fault { get; }

    /// <summary>What would keep every opening from working, as far as this machine shows it; null for nothing. Opens nothing.</summary>
    string? FindProblem() => null;

    /// <summary>Opens or re-opens it. False: see <see cref="Fault"/>.</summary>
    bool Open();

    /// <summary>
    /// Fills <paramref name="slot"/> with the next frame by <see cref="FrameSlot.Prepare"/> (not Commit: the capture thread stamps).
    /// Waits at most <paramref name="waitMs"/> milliseconds. <paramref name="sourceNs"/> is the source's own time of the frame, or -1 where
    /// it has none. Allocates nothing in steady state.
    /// </summary>
    ReadOutcome Read(FrameSlot slot, int waitMs, out long sourceNs);

    /// <summary>Stops and frees everything; <see cref="Open"/> may follow.</summary>
    void Close();
}
