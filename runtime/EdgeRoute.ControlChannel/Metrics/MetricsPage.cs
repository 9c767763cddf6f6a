using System.Net;
using EdgeRoute.ControlChannel.Journal;
using EdgeRoute.ControlChannel.Transport;
using EdgeRoute.ControlChannel.Web;

namespace EdgeRoute.ControlChannel.Metrics;

/// <summary>Metrics for Prometheus: the page <c>/metrics</c>.</summary>
public static class MetricsPage
{
    public const string Path = "/metrics";

    /// <param name="text">The metrics, now; any thread.</param>
    /// <exception cref="ChannelException">The address cannot be bound.</exception>
    public static WebDoor Open(WebHosts web, IPEndPoint address, Func<string> text) =>
        web.Open(address, Path, (_, _) => Answer(text), ("metrics", "Set control.metrics to another address or 'none'."));

    private static HttpPage Answer(Func<string> text)
    {
        try
        {
            return new HttpPage("200 OK", text());
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            // Whatever the status missed: the scraper is told, the device goes on.
            return new HttpPage("500 Internal Server Error", EventLog.OneLine(fault.Message, EventLog.TextLength) + "\n");
        }
    }
}
