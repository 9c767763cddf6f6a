using EdgeRoute.Core.Frames;
using EdgeRoute.Protocol.Recording;
using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.Workbench.Replaying;

/// <summary>
/// What went wrong on a frame: the trace has its kind, and the events the words of the first, the tenth and so on of that kind.
/// </summary>
/// <param name="Text">In words.</param>
/// <param name="Told">The event that they come from; null where none tells of it.</param>
internal sealed record FaultPhrases(string Text, RecordedEvent? Told)
{
    /// <summary>Null where nothing went wrong.</summary>
    public static FaultPhrases? Of(in TraceRecord record, IReadOnlyList<RecordedEvent> events)
    {
        if (record.Fault == FrameFault.None)
        {
            return record.End == FrameEnd.Failed ? new FaultPhrases("the recording does not say why", null) : null;
        }

        var told = ToldOf(record.Fault, record.PublishedNs, events);
        string words = WordsOf(record.Fault);
        if (told is null)
        {
            return new FaultPhrases(words, null);
        }

        string reason = told.Text[(told.Text.IndexOf(": ", StringComparison.Ordinal) + 2)..];
        string whose = told.TimeNs >= record.Stamp.CaptureNs ? "" : "what was told of the last one like it: ";
        return new FaultPhrases($"{words} ({whose}{reason})", told);
    }

    private static RecordedEvent? ToldOf(FrameFault fault, long untilNs, IReadOnlyList<RecordedEvent> events)
    {
        string[] beginnings = BeginningsOf(fault);
        return events.LastOrDefault(e => e.TimeNs <= untilNs && e.Text.Contains(": ", StringComparison.Ordinal)
            && Array.Exists(beginnings, b => e.Text.StartsWith(b, StringComparison.Ordinal)));
    }

    private static string WordsOf(FrameFault fault) => fault switch
    {
        FrameFault.Pixels => "its pixels could not be decoded or used, so no stage ran on them",
        FrameFault.Stage => "a stage failed on it",
        FrameFault.Output => "what a stage yielded makes no answer",
        FrameFault.NoOption => "every stage was left out, and no answer was young enough to reuse",
        FrameFault.Task => "the stages could not be told their task",
        FrameFault.Program => "a step of the program failed",
        _ => "a fault that this program does not know",
    };

    /// <summary>How the engine begins the events of a kind.</summary>
    private static string[] BeginningsOf(FrameFault fault) => fault switch
    {
        FrameFault.Pixels => ["signals (", "preprocess ("],
        FrameFault.Stage => ["stage '", "tell ("],
        FrameFault.Output => ["output of stage '"],
        FrameFault.NoOption => ["decide"],
        FrameFault.Task => ["frames fail"],
        _ => ["take (", "signals (", "end (", "publish (", "trace (", "act (", "settle (", "audit ("],
    };
}
