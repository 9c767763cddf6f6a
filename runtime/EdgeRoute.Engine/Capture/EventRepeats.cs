using EdgeRoute.Protocol.Recording;

namespace EdgeRoute.Engine.Capture;

/// <summary>
/// Keeps a dead camera from filling the log: a fault or restart that says the same again is passed on once in a while, with the number left
/// out. Recordings get every event all the same. Not thread-safe.
/// </summary>
internal sealed class EventRepeats
{
    /// <summary>
    /// Between two lines that say the same. A source is tried again every two seconds; who starts to watch sees the cause soon enough.
    /// </summary>
    public const long QuietNs = 30_000_000_000;

    /// <summary>
    /// Different lines remembered: a handful for each of a dozen sources. Of more, the one shown longest ago is forgotten and shown anew.
    /// </summary>
    public const int LineLimit = 64;

    private readonly Dictionary<Key, Shown> _shown = [];

    /// <summary>What to show of an event now; null leaves it out, and counts it.</summary>
    public string? LineOf(int sourceIndex, EventKind kind, string text, long nowNs)
    {
        if (kind is not (EventKind.SourceFault or EventKind.SourceRestarted))
        {
            return text;
        }

        // Restarts are numbered, and GStreamer numbers its elements anew at every start (rtspsrc0, rtspsrc1): digits make no difference.
        var key = new Key(sourceIndex, kind, string.Concat(text.Where(c => !char.IsAsciiDigit(c))));
        var last = _shown.GetValueOrDefault(key);
        if (last is not null && nowNs - last.AtNs < QuietNs)
        {
            _shown[key] = last with { Text = text, LeftOutCount = last.LeftOutCount + 1 };
            return null;
        }

        Forget(isKnown: last is not null);
        _shown[key] = new Shown(nowNs, text, 0);
        return WithCount(text, last?.LeftOutCount ?? 0);
    }

    /// <summary>At the end: the lines of which some were left out since they were last shown.</summary>
    public IEnumerable<(int SourceIndex, EventKind Kind, string Line)> Rest() =>
        _shown.Where(s => s.Value.LeftOutCount > 0).Select(s => (s.Key.SourceIndex, s.Key.Kind,
            $"{s.Value.Text} (the last of {s.Value.LeftOutCount} like it, not shown)"));

    private void Forget(bool isKnown)
    {
        if (!isKnown && _shown.Count == LineLimit)
        {
            _shown.Remove(_shown.MinBy(s => s.Value.AtNs).Key);
        }
    }

    private static string WithCount(string text, long count) => count == 0 ? text : $"{text} (and {count} more like it)";

    private sealed record Key(int SourceIndex, EventKind Kind, string Text);

    private sealed record Shown(long AtNs, string Text, long LeftOutCount);
}
