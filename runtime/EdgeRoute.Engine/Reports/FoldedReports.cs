using EdgeRoute.Documents;
using EdgeRoute.Protocol;

namespace EdgeRoute.Engine.Reports;

/// <summary>
/// Passes on what the engine has to say, and folds a warning that is said again and again: the first at once, the rest as a count now and
/// then. A library that complains of every frame must not push everything else out of the log. Any thread.
/// </summary>
public sealed class FoldedReports : IDisposable
{
    /// <summary>Between two lines that say the same: soon enough for who begins to watch, and a page of log in ten minutes.</summary>
    public const long QuietNs = 10_000_000_000;

    /// <summary>Different warnings remembered: a dozen faults at once. Of more, the oldest is told and forgotten.</summary>
    public const int LineLimit = 64;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Shown> _shown = new(StringComparer.Ordinal);
    private readonly EngineReporter _next;
    private readonly TimeProvider _clock;
    private ITimer? _timer;
    private bool _isOver;

    public FoldedReports(EngineReporter next, TimeProvider clock)
    {
        (_next, _clock) = (next, clock);
    }

    public void Report(ReportLevel level, string text)
    {
        List<string> before = [];
        if (level == ReportLevel.Warning && !IsNew(text, before))
        {
            return;
        }

        before.ForEach(line => _next(ReportLevel.Warning, line));
        _next(level, text);
    }

    /// <summary>Tells what was folded and has waited long enough.</summary>
    public void TellDue() => Tell(isEnd: false);

    /// <summary>Tells what was folded and not told yet.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isOver = true;
            _timer?.Dispose();
        }

        Tell(isEnd: true);
    }

    private void Tell(bool isEnd)
    {
        List<string> lines = [];
        lock (_gate)
        {
            long now = _clock.NowNs();
            foreach (var (key, shown) in _shown.Where(s => isEnd || now - s.Value.AtNs >= QuietNs).ToList())
            {
                if (shown.MoreCount == 0)
                {
                    _shown.Remove(key);
                    continue;
                }

                lines.Add(MoreOf(shown));
                _shown[key] = new Shown(now, shown.Text, 0);
            }
        }

        lines.ForEach(line => _next(ReportLevel.Warning, line));
    }

    private bool IsNew(string text, List<string> before)
    {
        string key = KeyOf(text);
        lock (_gate)
        {
            if (_shown.TryGetValue(key, out var shown))
            {
                _shown[key] = shown with { Text = text, MoreCount = shown.MoreCount + 1 };
                return false;
            }

            if (_shown.Count == LineLimit)
            {
                var oldest = _shown.MinBy(s => s.Value.AtNs);
                _shown.Remove(oldest.Key);
                before.AddRange(oldest.Value.MoreCount > 0 ? [MoreOf(oldest.Value)] : []);
            }

            _shown[key] = new Shown(_clock.NowNs(), text, 0);
            _timer ??= _isOver ? null : _clock.CreateTimer(_ => TellDue(), null, Period, Period);
            return true;
        }
    }

    /// <summary>Numbers that stand alone make no difference, such as a frame's; those within a name do, such as a camera's.</summary>
    private static string KeyOf(string text) => string.Concat(text.Where((c, i) => !char.IsAsciiDigit(c) || IsInName(text, i)));

    private static bool IsInName(string text, int at)
    {
        while (at > 0 && char.IsAsciiDigit(text[at]))
        {
            at--;
        }

        return char.IsAsciiLetter(text[at]) || text[at] is '_' or '-';
    }

    private static string MoreOf(Shown shown) => $"{shown.MoreCount} more of: {shown.Text}";

    private sealed record Shown(long AtNs, string Text, long MoreCount);
}
