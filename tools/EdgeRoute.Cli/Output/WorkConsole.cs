using System.Diagnostics;
using System.Globalization;
using EdgeRoute.Cli.Connecting;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Interop.Linux;
using EdgeRoute.Workbench.Sweeps;

namespace EdgeRoute.Cli.Output;

/// <summary>
/// Long work on a terminal: progress on standard error, Ctrl-C that keeps what is done, refusals as one clear line and an exit code.
/// </summary>
internal sealed class WorkConsole : IDisposable
{
    /// <summary>
    /// Exit codes: done; something is missing or failed; wrong input; what was to come out the same did not; the device said no; a change
    /// on trial was rolled back; interrupted.
    /// </summary>
    public const int Done = 0, Failed = 1, Refused = 2, Differs = 3, DeviceRefused = 4, RolledBack = 5, Interrupted = 130;

    /// <summary>What sweeps say when they are interrupted.</summary>
    private const string SweepStopped = "stopped; what was swept is kept, and the same command goes on from there";

    /// <summary>Back to the start of the line, and nothing behind.</summary>
    private const string ClearLine = "\r\e[K";

    /// <summary>Seconds between two changes of the line on a terminal, before the first line in a log, and between lines there.</summary>
    private const double TerminalSeconds = 0.2, FirstLogSeconds = 2, LogSeconds = 10;

    private readonly CancellationTokenSource _cancel = new();
    private readonly Stopwatch _sinceShown = Stopwatch.StartNew();
    private readonly bool _isTerminal = !Console.IsErrorRedirected;
    private readonly TextWriter? _output;

    // Work that tells how it stands from a thread of its own may meet a warning.
    private readonly Lock _screen = new();
    private bool _hasOpenLine, _hasLogged;

    public WorkConsole()
    {
        Console.CancelKeyPress += OnCancel;
        if (_isTerminal && !Console.IsOutputRedirected)
        {
            // Progress and results share the screen: what is written there begins on a line of its own.
            _output = Console.Out;
            Console.SetOut(new ScreenWriter(_output, Clear));
        }
    }

    public CancellationToken Cancel => _cancel.Token;

    /// <summary>Runs work and turns what it throws into an exit code.</summary>
    /// <param name="stopped">What to say when it is interrupted.</param>
    public int Run(Func<int> work, string stopped = SweepStopped)
    {
        try
        {
            return work();
        }
        catch (OperationCanceledException)
        {
            Say(stopped);
            return Interrupted;
        }
        catch (DeviceRefusedException refused)
        {
            Say(refused.Message);
            return DeviceRefused;
        }
        catch (EngineRefusedException refused)
        {
            Say(refused.Message);
            return refused.Cause == RefusalCause.Config ? Refused : Failed;
        }
        catch (Exception refused) when (refused is InvalidDataException or ArgumentException or PackRefusedException or TrustException)
        {
            Say(refused.Message);
            return Refused;
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            Say(failed.Message);
            return Failed;
        }
    }

    public void Report(ReportLevel level, string text)
    {
        if (level == ReportLevel.Warning)
        {
            Say("warning: " + text);
        }
    }

    public void Say(string text)
    {
        lock (_screen)
        {
            Clear();
            Console.Error.WriteLine(text);
        }
    }

    /// <summary>The first line of work that is never short: a log gets it at once too, so that nobody takes it for hung.</summary>
    public void Begin(string line)
    {
        if (_isTerminal)
        {
            Show(line);
        }
        else
        {
            Say(ScreenText.LineOf(line));
        }
    }

    /// <summary>Shows how a sweep stands, not too often.</summary>
    public void Show(SweepProgress progress)
    {
        string pace = double.IsNaN(progress.MsPerFrame) ? ""
            : string.Create(CultureInfo.InvariantCulture, $", {progress.MsPerFrame:0.0} ms for all paths of a frame");
        string faults = progress.FaultCount == 0 ? "" : $", {progress.FaultCount} unusable";
        string total = double.IsFinite(progress.TotalCount)
            ? string.Create(CultureInfo.InvariantCulture, $" of about {Math.Max(progress.TotalCount, progress.DoneCount):0}") : "";
        string left = double.IsFinite(progress.SecondsLeft)
            ? string.Create(CultureInfo.InvariantCulture, $", about {progress.SecondsLeft:0} s left") : "";
        Show($"swept {progress.DoneCount}{total} frames{pace}{faults}{left}");
    }

    /// <summary>
    /// Shows how long work stands, not too often: on a terminal one line that is written over, in a log a line now and then.
    /// </summary>
    public void Show(string line)
    {
        lock (_screen)
        {
            ShowInTurn(line);
        }
    }

    private void ShowInTurn(string line)
    {
        // What follows a line may take long without another, so a terminal gets the first at once.
        double logSeconds = _hasLogged ? LogSeconds : FirstLogSeconds;
        double terminalSeconds = _hasOpenLine ? TerminalSeconds : 0;
        if (_sinceShown.Elapsed.TotalSeconds < (_isTerminal ? terminalSeconds : logSeconds))
        {
            return;
        }

        _hasLogged = true;
        _sinceShown.Restart();
        if (_isTerminal)
        {
            ScreenWriter.RawError.Write(ClearLine);
            Console.Error.Write(ScreenText.Fitting(ScreenText.LineOf(line), Console.WindowWidth));
            _hasOpenLine = true;
        }
        else
        {
            Console.Error.WriteLine(ScreenText.LineOf(line));
        }
    }

    public void Dispose()
    {
        Clear();
        if (_output is not null)
        {
            Console.SetOut(_output);
        }

        Console.CancelKeyPress -= OnCancel;
        _cancel.Dispose();
    }

    private void Clear()
    {
        lock (_screen)
        {
            if (_hasOpenLine)
            {
                ScreenWriter.RawError.Write(ClearLine);
                _hasOpenLine = false;
            }
        }
    }

    private void OnCancel(object? sender, ConsoleCancelEventArgs pressed)
    {
        // The first asks the work to end at a frame boundary; the second ends the process.
        pressed.Cancel = !_cancel.IsCancellationRequested;
        _cancel.Cancel();
    }
}
