using EdgeRoute.Documents;

namespace EdgeRoute.Engine.Gpio;

/// <summary>How far a source has come.</summary>
/// <param name="AnsweredCount">Frames that were looked at or reused an answer: neither dropped nor failed.</param>
internal readonly record struct StreamProgress(string Source, long AnsweredCount);

/// <summary>
/// An output line that toggles while every source it is about has its frames answered, and has its safe level otherwise. What stands
/// outside, a relay that waits for edges for one, so learns of everything that keeps this program from seeing.
/// </summary>
internal sealed class HeartbeatLine(DrivenLine line, Func<IReadOnlyList<StreamProgress>> progress, Action<ReportLevel, string> tell)
{
    private const long NsPerMs = 1_000_000;

    private readonly Dictionary<string, (long Count, long SinceNs)> _seen = new(StringComparer.Ordinal);
    private readonly long _halfNs = line.Held.Config.PeriodMs * NsPerMs / 2, _withinNs = line.Held.Config.WithinMs * NsPerMs;
    private long _dueNs = long.MinValue;
    private bool _isBeating;

    public DrivenLine Line => line;

    /// <inheritdoc cref="OutputLine.Step"/>
    public long Step(long nowNs, bool isAlive)
    {
        if (nowNs < _dueNs)
        {
            return _dueNs;
        }

        _dueNs = nowNs + _halfNs;
        if (!line.TryHold(nowNs))
        {
            return _dueNs;
        }

        string? silent = FindSilent(nowNs);
        bool beats = isAlive && silent is null;
        line.TryWrite(beats ? line.IsActive != true : line.IsSafeActive, nowNs);
        if (beats != _isBeating)
        {
            _isBeating = beats;
            Tell(beats, silent);
        }

        return _dueNs;
    }

    /// <summary>A source none of whose frames was answered lately; null where there is none.</summary>
    private string? FindSilent(long nowNs)
    {
        string? silent = null;
        bool hasAny = false;
        foreach (var source in progress())
        {
            if (!line.Held.Config.IsAbout(source.Source))
            {
                continue;
            }

            hasAny = true;
            bool isKnown = _seen.TryGetValue(source.Source, out var seen);
            bool hasMoved = source.AnsweredCount > (isKnown ? seen.Count : 0);
            long sinceNs = hasMoved ? nowNs : seen.SinceNs;
            _seen[source.Source] = (source.AnsweredCount, sinceNs);
            silent = hasMoved || (isKnown && sinceNs > 0 && nowNs - sinceNs <= _withinNs) ? silent : source.Source;
        }

        return hasAny ? silent : line.Held.Config.Source ?? "(there is none)";
    }

    private void Tell(bool beats, string? silent)
    {
        string name = line.Held.Config.Name;
        if (beats)
        {
            tell(ReportLevel.Notice, $"heartbeat '{name}' beats: frames are answered");
            return;
        }

        tell(ReportLevel.Warning, $"heartbeat '{name}' has stopped: " + (silent is null ? "the frame loop does not come round"
            : $"no frame of source {silent} was answered within {line.Held.Config.WithinMs} ms"));
    }
}
