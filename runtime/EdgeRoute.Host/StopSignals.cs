using System.Runtime.InteropServices;
using EdgeRoute.Engine;

namespace EdgeRoute.Host;

/// <summary>SIGINT and SIGTERM end the run at the next frame boundary; a second one ends the process at once.</summary>
internal sealed class StopSignals : IDisposable
{
    private readonly List<PosixSignalRegistration> _registrations;
    private bool _isAsked;

    public StopSignals(RunningEngine engine) =>
        _registrations = [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM }.Select(s => PosixSignalRegistration.Create(s, context =>
        {
            context.Cancel = !_isAsked;
            _isAsked = true;
            engine.Stop();
        }))];

    public void Dispose() => _registrations.ForEach(r => r.Dispose());
}
