using System.Diagnostics;
using System.Diagnostics.Tracing;

namespace EdgeRoute.Cli.Export;

/// <summary>Says on the terminal what the exporter only tells its own log: that a collector does not take what it is sent.</summary>
internal sealed class ExportProblems(Action<string> say) : EventListener
{
    /// <summary>A collector that is down fails every export.</summary>
    private const double SecondsBetween = 30;

    private readonly Stopwatch _sinceSaid = new();

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name.StartsWith("OpenTelemetry", StringComparison.Ordinal))
        {
            EnableEvents(eventSource, EventLevel.Error);
        }
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        // The base class calls this from its own constructor, before the fields are set.
        if (_sinceSaid is null || (_sinceSaid.IsRunning && _sinceSaid.Elapsed.TotalSeconds < SecondsBetween))
        {
            return;
        }

        _sinceSaid.Restart();
        string detail = string.Join(" ", eventData.Payload?.Select(p => p?.ToString()?.Split('\n')[0]) ?? []);
        say($"the collector did not take it: {detail}");
    }
}
