using System.Globalization;

namespace EdgeRoute.Engine.Board;

/// <summary>How busy the processor was since the reading before, and this process's part of it.</summary>
internal sealed class CpuShares(SystemFiles files)
{
    /// <summary>
    /// Of the first line of /proc/stat: user, nice, system, idle, waiting for I/O, interrupts, soft interrupts, stolen. What follows is
    /// part of user.
    /// </summary>
    private const int StateCount = 8, IdleState = 3, WaitingState = 4;

    /// <summary>Places of the process's own time in user and kernel mode, after its name in /proc/self/stat.</summary>
    private const int UserField = 11, SystemField = 12;

    private long _total, _busy, _own;
    private bool _hasLast;

    /// <summary>All cores, 0 to 100; null until there are two readings, or where the kernel does not tell.</summary>
    public double? Percent { get; private set; }

    /// <summary>This process, of all cores.</summary>
    public double? ProcessPercent { get; private set; }

    public void Update()
    {
        (Percent, ProcessPercent) = (null, null);
        if (StatesOf(files.TryRead("/proc/stat", out _)) is not { } states)
        {
            _hasLast = false;
            return;
        }

        long total = states.Sum(), busy = total - states[IdleState] - states[WaitingState];
        long? own = OwnOf(files.TryRead("/proc/self/stat", out _));
        if (_hasLast && total > _total)
        {
            Percent = PercentOf(busy - _busy, total - _total);
            ProcessPercent = own is { } ticks ? PercentOf(ticks - _own, total - _total) : null;
        }

        _total = total;
        _busy = busy;
        _own = own ?? _own;
        _hasLast = true;
    }

    /// <summary>The kernel's counts of waiting may fall a little.</summary>
    private static double PercentOf(long part, long total) => Math.Clamp(100.0 * part / total, 0, 100);

    private static long[]? StatesOf(string? text)
    {
        string[] words = (text ?? "").Split('\n', 2)[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words.Length > StateCount && words[0] == "cpu" ? [.. words.Skip(1).Take(StateCount).Select(TicksOf)] : null;
    }

    /// <summary>The name stands in parentheses and may hold anything.</summary>
    private static long? OwnOf(string? text)
    {
        string[] words = text is null ? [] : text[(text.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words.Length > SystemField ? TicksOf(words[UserField]) + TicksOf(words[SystemField]) : null;
    }

    private static long TicksOf(string word) => long.TryParse(word, CultureInfo.InvariantCulture, out long ticks) ? ticks : 0;
}
