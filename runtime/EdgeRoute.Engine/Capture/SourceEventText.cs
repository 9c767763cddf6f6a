using EdgeRoute.Documents;
using EdgeRoute.Protocol.Recording;

namespace EdgeRoute.Engine.Capture;

/// <summary>Source events in words, for the log and for recordings.</summary>
public static class SourceEventText
{
    public static (ReportLevel Level, EventKind Kind, string Text) Of(SourceEvent happened) => happened switch
    {
        SourceOpened opened => (ReportLevel.Detail, EventKind.Note, $"opened {opened.Description}"),
        SourceFaulted faulted => (ReportLevel.Warning, EventKind.SourceFault, $"{NameOf(faulted.Fault.Kind)}: {faulted.Fault.Detail}"),
        SourceRestarting restart => (ReportLevel.Notice, EventKind.SourceRestarted, $"restart {restart.AttemptCount} in {restart.AfterMs} ms"),
        SourceFormatChanged changed => (ReportLevel.Notice, EventKind.Note,
            $"frames change from {changed.Before.Width}x{changed.Before.Height} {changed.Before.Format} to {changed.After.Width}x{changed.After.Height} {changed.After.Format}"),
        SourceEnded { Fault.Kind: SourceFaultKind.None } ended => (ReportLevel.Detail, EventKind.SourceEnded, $"ended after {ended.FrameCount} frames"),
        SourceEnded ended => (ReportLevel.Warning, EventKind.SourceEnded, $"given up after {ended.FrameCount} frames: {ended.Fault.Detail}"),
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
        _ => kind.ToString(),
    };
}
