using EdgeRoute.Documents;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Faults;
using EdgeRoute.Engine.Reports;
using EdgeRoute.Engine.Running;
using EdgeRoute.Interop.Linux;
using EdgeRoute.Protocol;

namespace EdgeRoute.Host;

/// <summary>
/// What a person, or a program, sees of a run. Nothing here waits for whoever reads it; at the end what was said last is given two seconds.
/// </summary>
/// <param name="hasOutput">Standard output is free for the report; else that goes to standard error.</param>
internal sealed class RunConsole(bool isJson, bool isQuiet, bool hasOutput = true) : IDisposable
{
    private const int TickMs = 100;
    private const int PlainWidth = 160;

    /// <summary>Levels as sd-daemon(3) has them, in front of a line: error, warning.</summary>
    private const string ErrorLevel = "<3>", WarningLevel = "<4>";

    /// <summary>The journal reads what is said here: it takes levels, and a line of figures now and then would bury the rest.</summary>
    private readonly bool _isJournal = Console.IsErrorRedirected
        && Environment.GetEnvironmentVariable("JOURNAL_STREAM") is { Length: > 0 };

    private readonly Lock _gate = new();
    private readonly OutputQueue? _out = hasOutput ? QueueOf(1, Console.OpenStandardOutput, "standard output") : null;
    private readonly OutputQueue _error = QueueOf(2, Console.OpenStandardError, "standard error");
    private string? _lastFault;
    private StatusLine? _status;

    private OutputQueue Out => _out ?? _error;

    public void ShowConfig(DeviceConfig config)
    {
        if (!isQuiet)
        {
            Report(ReportLevel.Notice, $"config {config.FilePath}, sha256 {config.HashText()}, with every default filled "
                + $"in:\n{config.Printable().TrimEnd()}");
        }
    }

    public void Report(ReportLevel level, string text)
    {
        if (level == ReportLevel.Detail || (isQuiet && level != ReportLevel.Warning))
        {
            return;
        }

        lock (_gate)
        {
            _status?.Clear();
            _error.WriteLine(level == ReportLevel.Warning ? Leveled(WarningLevel, "warning: " + Shown(text)) : Shown(text));
        }
    }

    /// <summary>Redraws the status line until disposed.</summary>
    public IDisposable Watch(RunningEngine engine)
    {
        lock (_gate)
        {
            // Rates are those of this engine: another counts from nothing.
            _status?.Clear();
            _status = new StatusLine(_error, !Console.IsErrorRedirected, WidthOf());
        }

        bool hasFrame = false;
        return new StatusTimer(this, isQuiet, _ =>
        {
            lock (_gate)
            {
                var statuses = engine.Statuses();
                if (!hasFrame && statuses.Any(s => s.Ends.Ended > 0))
                {
                    hasFrame = true;
                    Note("first frame done");
                }

                if (!isQuiet && !_isJournal)
                {
                    _status?.Update(engine.Clock.NowNs(), statuses, engine.Board);
                }
            }
        });
    }

    /// <summary>Redraws the line now and then, and clears it when the engine has ended.</summary>
    private sealed class StatusTimer(RunConsole console, bool isQuiet, TimerCallback draw) : IDisposable
    {
        private readonly Timer? _timer = isQuiet ? null : new(_ => Draw(console, draw), null, 0, TickMs);

        /// <summary>What a drawing throws ends the drawing, not the process: a terminal may be closed, a stream may be changing.</summary>
        private static void Draw(RunConsole console, TimerCallback draw)
        {
            try
            {
                draw(null);
            }
            catch (Exception fault) when (fault is not BrokenInvariantException)
            {
                console.TellOnce($"the status line failed: {fault.GetType().Name}: {fault.Message}");
            }
        }

        public void Dispose()
        {
            _timer?.Dispose();
            lock (console._gate)
            {
                console._status?.Clear();
            }
        }
    }

    /// <summary>What is going on, beside what the engine reports.</summary>
    public void Say(string text) => Report(ReportLevel.Notice, text);

    /// <summary>Why there is no run, quiet or not.</summary>
    public void Refuse(string text)
    {
        lock (_gate)
        {
            _status?.Clear();
            _error.WriteLine(Leveled(ErrorLevel, Shown(text)));
        }
    }

    /// <summary>What came of a run.</summary>
    public void Print(string text) => Out.WriteLine(text);

    public void Dispose()
    {
        _out?.Dispose();
        _error.Dispose();
    }

    /// <summary>Names of files and words of servers stand in what is told, and must not steer the terminal.</summary>
    private static string Shown(string text) => text.Any(Steers)
        ? string.Concat(text.Select(c => Steers(c) ? $"\\x{(int)c:x2}" : c.ToString()))
        : text;

    private static bool Steers(char c) => char.IsControl(c) && c is not ('\n' or '\t');

    /// <summary>For the journal each line carries its level.</summary>
    private string Leveled(string level, string text) =>
        _isJournal ? level + text.Replace("\n", "\n" + level, StringComparison.Ordinal) : text;

    private void TellOnce(string fault)
    {
        if (fault != _lastFault)
        {
            _lastFault = fault;
            Report(ReportLevel.Warning, fault);
        }
    }

    /// <summary>
    /// Shows the closing report. False when a source gave no answer at all, answers found no room where they go, or the law is broken.
    /// </summary>
    public bool Close(RunReport report)
    {
        lock (_gate)
        {
            _status?.Clear();
            Out.WriteLine(isJson ? report.ToJson() : RunReportText.Of(report));
        }

        return report is { LostReason: null, HasLostOutput: false } && report.Total.IsLawKept
            && report.Sources.All(s => s.AnsweredCount > 0 || s.Ends.Captured == 0 && s.FaultCount == 0);
    }

    private void Note(string text)
    {
        if (!isQuiet)
        {
            _error.WriteLine(text);
        }
    }

    private static OutputQueue QueueOf(int descriptor, Func<Stream> open, string name)
    {
        OutputPipe.NeverWait(descriptor);
        return new OutputQueue(open(), name);
    }

    private static int WidthOf() => Console.IsErrorRedirected ? PlainWidth : Console.WindowWidth;
}
