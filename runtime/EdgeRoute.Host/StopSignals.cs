using System.Runtime.InteropServices;
using EdgeRoute.Engine;

namespace EdgeRoute.Host;

/// <summary>SIGINT and SIGTERM end the run at the next frame boundary; a second one ends the process at once.</summary>
internal sealed class StopSignals : IDisposable
{
    private readonly RunningEngine _engine;
    private readonly PosixSignalRegistration _interrupt, _terminate;
    private bool _isAsked;

    public StopSignals(RunningEngine engine)
    {
        _engine = engine;
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
    }

    public void Dispose()
    {
        _interrupt.Dispose();
        _terminate.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = !_isAsked;
        _isAsked = true;
        _engine.Stop();
    }
}
