using EdgeRoute.Core.Frames;
using EdgeRoute.Documents;
using EdgeRoute.Protocol.Recording;

namespace EdgeRoute.Engine.Capture;

/// <summary>Something that happened to a source, told by its capture thread or by the one that watches it.</summary>
/// <param name="AtNs">On the monotonic clock.</param>
internal abstract record SourceEvent(int SourceIndex, long AtNs);

/// <summary>The source was opened or re-opened; its first frame is still to come.</summary>
internal sealed record SourceOpened(int SourceIndex, long AtNs, string Description) : SourceEvent(SourceIndex, AtNs);

/// <summary>Something about the source that is no fault and should be known.</summary>
internal sealed record SourceNoted(int SourceIndex, long AtNs, string Text) : SourceEvent(SourceIndex, AtNs);

/// <summary>The source broke, or one picture of a folder did.</summary>
internal sealed record SourceFaulted(int SourceIndex, long AtNs, SourceFault Fault) : SourceEvent(SourceIndex, AtNs);

/// <summary>The source will be opened again after a pause.</summary>
internal sealed record SourceRestarting(int SourceIndex, long AtNs, int AfterMs, int AttemptCount) : SourceEvent(SourceIndex, AtNs);

/// <summary>After a fault it delivers again, or its thread has come back from a call that did not return.</summary>
/// <param name="WasThere">It had delivered before.</param>
internal sealed record SourceBack(int SourceIndex, long AtNs, long AwayMs, bool WasThere) : SourceEvent(SourceIndex, AtNs);

/// <summary>Its thread hangs and is left behind; a new source goes on in its place.</summary>
internal sealed record SourceReplaced(int SourceIndex, long AtNs) : SourceEvent(SourceIndex, AtNs);

/// <summary>Frames have another format, size or colour space from now on.</summary>
internal sealed record SourceFormatChanged(int SourceIndex, long AtNs, FrameLayout Before, FrameLayout After)
    : SourceEvent(SourceIndex, AtNs);

/// <summary>No frame will follow: the end of a file, a file that broke (then with its fault), or a stop.</summary>
internal sealed record SourceEnded(int SourceIndex, long AtNs, long FrameCount, SourceFault Fault) : SourceEvent(SourceIndex, AtNs);

/// <summary>Source events in words, for the log and for recordings.</summary>
internal static class SourceEventText
{
    public static (ReportLevel Level, EventKind Kind, string Text) Of(SourceEvent happened) => happened switch
    {
        SourceOpened opened => (ReportLevel.Detail, EventKind.Note, $"opened {KnownSecrets.Hide(opened.Description)}"),
        SourceNoted noted => (ReportLevel.Notice, EventKind.Note, noted.Text),
        SourceFaulted faulted => (ReportLevel.Warning, EventKind.SourceFault, $"{NameOf(faulted.Fault.Kind)}: {faulted.Fault.Detail}"),
        SourceRestarting restart => (ReportLevel.Notice, EventKind.SourceRestarted, $"restart {restart.AttemptCount} in "
            + $"{restart.AfterMs} ms"),
        SourceBack back => (ReportLevel.Notice, EventKind.SourceRestarted,
            $"{(back.WasThere ? "is back" : "is there")} after {back.AwayMs} ms"),
        SourceReplaced => (ReportLevel.Notice, EventKind.SourceRestarted, "is replaced by a new one; the one that hangs is left behind"),
        SourceFormatChanged changed => (ReportLevel.Notice, EventKind.Note,
            $"frames change from {changed.Before.Width}x{changed.Before.Height} {changed.Before.Format} to "
                + $"{changed.After.Width}x{changed.After.Height} {changed.After.Format}"),
        SourceEnded { Fault.Kind: SourceFaultKind.None } ended =>
            (ReportLevel.Detail, EventKind.SourceEnded, $"ended after {ended.FrameCount} frames"),
        SourceEnded ended => (ReportLevel.Warning, EventKind.SourceEnded, $"given up after {ended.FrameCount} frames: "
            + $"{ended.Fault.Detail}"),
        _ => (ReportLevel.Detail, EventKind.Note, happened.ToString()),
    };

    private static string NameOf(SourceFaultKind kind) => kind switch
    {
        SourceFaultKind.OpenFailed => "cannot be opened",
        SourceFaultKind.EndOfLive => "went away",
        SourceFaultKind.StreamError => "broke",
        SourceFaultKind.Stall => "stalled",
        SourceFaultKind.UnusableFormat => "delivers an unusable format",
        SourceFaultKind.UnreadablePicture => "has an unreadable picture",
        SourceFaultKind.ClockJump => "has a clock that jumps",
        SourceFaultKind.OtherWay => "is opened another way",
        SourceFaultKind.CannotWork => "cannot be opened",
        _ => kind.ToString(),
    };
}
