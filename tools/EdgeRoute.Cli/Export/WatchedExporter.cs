using System.Diagnostics.Tracing;
using System.Text.RegularExpressions;
using EdgeRoute.Protocol.Recording;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;

namespace EdgeRoute.Cli.Export;

/// <summary>
/// The exporter of the package, which keeps to itself whether a collector takes what it is sent: here each change is told, once, and with
/// the reason, over whichever protocol.
/// </summary>
/// <param name="tell">Told whether the collector takes metrics, and in words what has changed.</param>
internal sealed class WatchedExporter(OtlpExporterOptions options, Action<bool, string> tell) : OtlpMetricExporter(options)
{
    private readonly ExporterLog _log = new();
    private string? _told;
    private int _lostCount;

    /// <summary>The last export was refused.</summary>
    public bool IsRefused => Volatile.Read(ref _lostCount) > 0;

    /// <inheritdoc/>
    public override ExportResult Export(in Batch<Metric> metrics)
    {
        _log.Forget();
        var result = base.Export(metrics);
        Note(result == ExportResult.Success ? null : _log.Reason ?? "it gives no reason");
        return result;
    }

    protected override void Dispose(bool disposing)
    {
        _log.Dispose();
        base.Dispose(disposing);
    }

    private void Note(string? reason)
    {
        if (reason is not null)
        {
            Interlocked.Increment(ref _lostCount);
            if (reason != _told)
            {
                tell(false, $"the collector did not take it: {reason}");
            }
        }
        else if (_told is not null)
        {
            int lostCount = Interlocked.Exchange(ref _lostCount, 0);
            tell(true, $"the collector took it again, after {lostCount} {(lostCount == 1 ? "export" : "exports")} that it did not take");
        }

        _told = reason;
    }
}

/// <summary>What the package writes into its own log: the only place where it says why an export failed.</summary>
internal sealed partial class ExporterLog : EventListener
{
    private volatile string? _reason;

    /// <summary>Of what went wrong last; null for nothing.</summary>
    public string? Reason => _reason;

    public void Forget() => _reason = null;

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name.StartsWith("OpenTelemetry-Exporter", StringComparison.Ordinal))
        {
            // A collector that cannot be reached by gRPC is a warning there.
            EnableEvents(eventSource, EventLevel.Warning);
        }
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        string words = string.Join(' ', eventData.Payload?.Select(p => p?.ToString()?.Split('\n')[0].Trim()) ?? []);
        _reason = AddressText.WithoutSecrets(TypeName().Replace(words, "").Trim());
    }

    [GeneratedRegex(@"\b(?:\w+\.)+\w*Exception: ")]
    private static partial Regex TypeName();
}
