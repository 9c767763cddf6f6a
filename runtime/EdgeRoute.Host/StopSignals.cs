using System.Runtime.InteropServices;
using EdgeRoute.Engine.Running;

namespace EdgeRoute.Host;

/// <summary>SIGINT and SIGTERM end the run at the next frame boundary; a second one ends the process at once.</summary>
internal sealed class StopSignals : IDisposable
{
    private readonly PosixSignalRegistration _interrupt, _terminate;
    private volatile RunningEngine? _engine;

    public StopSignals()
    {
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
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
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = !IsAsked;
        IsAsked = true;
        _engine?.Stop();
    }

    private sealed record Telling(StopSignals Signals) : IDisposable
    {
        public void Dispose() => Signals._engine = null;
    }
}
