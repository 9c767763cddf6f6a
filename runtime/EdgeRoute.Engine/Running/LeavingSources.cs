using System.Collections.Concurrent;
using EdgeRoute.Engine.Capture;
using EdgeRoute.Engine.Outputs;

namespace EdgeRoute.Engine.Running;

/// <summary>
/// Sources that go, or were not taken. Their threads are told to end at once, which costs nothing, and are waited for where waiting holds
/// nobody up: at the end of the run at the latest.
/// </summary>
internal sealed class LeavingSources(EngineReports reports)
{
    private readonly ConcurrentDictionary<CaptureThread, bool> _leaving = [];

    /// <summary>The thread is told to end; any thread, the loop's too.</summary>
    public void LetGo(CaptureThread capture)
    {
        _leaving[capture] = true;
        capture.RequestStop();
    }

    /// <summary>
    /// Waits for the thread of a source that the loop knows no more, or never knew, and gives back what its stream holds. A thread that
    /// hangs in its library keeps what it uses.
    /// </summary>
    public void Retire(CaptureThread capture, StreamSetup setup)
    {
        bool hasEnded = capture.Stop(), isHanging = capture.IsHanging;
        capture.Dispose();
        if (setup.Parts.Executor is { } executor)
        {
            Close(executor);
        }

        _leaving.TryRemove(capture, out _);
        if (hasEnded)
        {
            setup.Parts.Pixels.Dispose();
            setup.Parts.Exchange.Dispose();
        }
        else
        {
            reports.TellLeftBehind(setup.Source.Name, isHanging);
        }
    }

    /// <summary>An output whose last bytes find no room is told.</summary>
    public void Close(IDisposable output)
    {
        try
        {
            output.Dispose();
            if (output is AnswerLog { HasFailed: true })
            {
                reports.NoteLostOutput();
            }
        }
        catch (IOException refused)
        {
            reports.Warn($"an output could not be closed in order; its end is missing: {refused.Message}");
        }
    }

    /// <summary>At the end of the run: none is left that could use what is disposed of next.</summary>
    public void StopAll()
    {
        foreach (var capture in _leaving.Keys)
        {
            capture.Stop();
        }
    }
}
