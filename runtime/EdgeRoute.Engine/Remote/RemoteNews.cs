using EdgeRoute.Documents;
using EdgeRoute.Engine.Faults;

namespace EdgeRoute.Engine.Remote;

/// <summary>What people are told of a server: each trouble once, and once that it is over. Any thread.</summary>
/// <param name="say">Told each line.</param>
internal sealed class RemoteNews(string engine, Action<ReportLevel, string> say)
{
    private readonly FaultCounts _faults = new();

    /// <summary>What was told and is not over.</summary>
    private readonly HashSet<(string Stage, string Words)> _told = [];

    private long _hereCount;

    /// <summary>A stage ran here instead.</summary>
    public void NoteHere() => Interlocked.Increment(ref _hereCount);

    /// <summary>A frame was let down: told at the first, the tenth, the hundredth.</summary>
    public void TellFault(string stage, RemoteFaultException fault)
    {
        if (_faults.Add($"engine {engine}, stage '{stage}' {(fault.IsLate ? "late" : "failed")}", fault.Message) is { } line)
        {
            say(ReportLevel.Warning, $"{line}; the stage ran here");
        }
    }

    /// <param name="words">Behind the engine's name.</param>
    /// <param name="stage">Whose trouble it is; empty for the whole server's.</param>
    public void TellOnce(string words, string stage = "")
    {
        bool isNews;
        lock (_told)
        {
            isNews = _told.Add((stage, words));
        }

        if (isNews)
        {
            say(ReportLevel.Warning, $"engine {engine}{words}");
        }
    }

    /// <summary>Where something was told of the stage, or of the whole server, that it is over.</summary>
    public void TellBack(string words, string stage = "")
    {
        bool wasAway;
        lock (_told)
        {
            wasAway = _told.RemoveWhere(t => t.Stage == stage) > 0;
        }

        if (wasAway)
        {
            long here = Interlocked.Exchange(ref _hereCount, 0);
            say(ReportLevel.Notice, $"engine {engine} {words}; {here} runs of its stages were done here");
        }
    }
}
