using EdgeRoute.Documents;
using EdgeRoute.Engine.Capture;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Protocol;
using EdgeRoute.Protocol.Recording;

namespace EdgeRoute.Engine.Running;

/// <summary>What happens in a running engine, told to people and kept in its recordings; any thread.</summary>
internal sealed class EngineEvents(EngineReports reports, RecordingControl recordings, TimeProvider clock)
{
    /// <summary>What a stream has to say.</summary>
    public void OfStream(int sourceIndex, EventKind kind, string text)
    {
        reports.Tell(sourceIndex, kind, text);
        recordings.PushEvent(new RecordedEvent(clock.NowNs(), sourceIndex, kind, text));
    }

    /// <summary>What happened at a source, of which the stream may be still to come, or gone.</summary>
    public void OfSource(string source, SourceEvent happened)
    {
        var (level, kind, text) = SourceEventText.Of(happened);
        reports.Tell(source, happened, level, kind, text);
        recordings.PushEvent(new RecordedEvent(happened.AtNs, happened.SourceIndex, kind, text));
    }

    /// <summary>What a GPIO line has to say.</summary>
    public void OfLine(ReportLevel level, string text)
    {
        reports.Say(level, text);
        recordings.PushEvent(new RecordedEvent(clock.NowNs(), -1, EventKind.Note, text));
    }

    /// <summary>The emergency stop was pressed or released.</summary>
    public void OfStop(StopChange change)
    {
        reports.Warn(change.Words);
        recordings.PushEvent(new RecordedEvent(clock.NowNs(), -1, EventKind.Note, change.Words));
    }
}
