using System.Runtime.InteropServices;
using EdgeRoute.Engine.Running;
using EdgeRoute.Interop.Linux;

namespace EdgeRoute.Host;

/// <summary>
/// SIGINT, SIGTERM and SIGHUP (a lost login sends it) end the run at the next frame boundary; a second one ends the process at once, and so
/// does time: a run that hangs must not outlive the signal for long. Where the config writes answers into files, SIGHUP opens them anew
/// instead, unless the terminal has gone.
/// </summary>
internal sealed class StopSignals : IDisposable
{
    /// <summary>Service managers kill after longer; five seconds is what a person waits.</summary>
    private const int EndLimitMs = 4500;

    /// <summary>SIGXFSZ, for which the runtime has no name; its number is the same on all architectures that this runs on.</summary>
    private const PosixSignal FileTooLarge = (PosixSignal)25;

    /// <summary>
    /// Where files may only grow so large (LimitFSIZE of a unit), a write that goes beyond must fail as on a full disk, not end the run.
    /// The runtime hands signals on later than they come: that of the last write would find nobody, and end the process, were this given
    /// up with the others.
    /// </summary>
    private static readonly PosixSignalRegistration IgnoredTooLarge = PosixSignalRegistration.Create(FileTooLarge, c => c.Cancel = true);

    private readonly PosixSignalRegistration _interrupt, _terminate, _hangUp;
    private readonly bool _writesFiles, _hadTerminal = HasTerminal();
    private volatile RunningEngine? _engine;

    /// <param name="writesFiles">What the config says of a time at which no engine runs.</param>
    public StopSignals(bool writesFiles)
    {
        _writesFiles = writesFiles;
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        _hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, OnSignal);
        GC.KeepAlive(IgnoredTooLarge);
    }

    public bool IsAsked { get; private set; }

    /// <summary>Which engine runs, until the result is disposed. One that comes after a signal is stopped at once.</summary>
    public IDisposable Tell(RunningEngine engine)
    {
        _engine = engine;
        if (IsAsked)
        {
            engine.Stop();
        }

        return new Telling(this);
    }

    public void Dispose()
    {
        _interrupt.Dispose();
        _terminate.Dispose();
        _hangUp.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        bool isLostLogin = _hadTerminal && !HasTerminal();
        if (context.Signal == PosixSignal.SIGHUP && !IsAsked && !isLostLogin && (_engine?.ReopenOutputs() ?? _writesFiles))
        {
            return;
        }

        if (IsAsked)
        {
            ProcessEnd.Now(context.Signal == PosixSignal.SIGINT ? ExitCodes.Interrupted : ExitCodes.Terminated);
        }
        else
        {
            ProcessEnd.After(EndLimitMs, ExitCodes.Missing, () => Console.Error.WriteLine(
                $"warning: the run did not come to its end within {EndLimitMs} ms of the signal; the process ends as it is"));
        }

        IsAsked = true;
        _engine?.Stop();
    }

    /// <summary>Whether the process belongs to a terminal; one whose terminal has hung up does not any more.</summary>
    private static bool HasTerminal()
    {
        try
        {
            File.OpenHandle("/dev/tty").Dispose();
            return true;
        }
        catch (Exception none) when (none is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private sealed record Telling(StopSignals Signals) : IDisposable
    {
        public void Dispose() => Signals._engine = null;
    }
}
