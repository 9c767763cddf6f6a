using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using EdgeRoute.Cli.Export;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;

namespace EdgeRoute.Tests.Cli.Export;

/// <summary>Collectors that are not there, or come back: told once, whichever the protocol.</summary>
public sealed class WatchedExporterTests : IDisposable
{
    private readonly Meter _meter = new($"edgeroute-test-{Guid.NewGuid():N}");
    private readonly List<(bool IsTaken, string Words)> _told = [];

    public WatchedExporterTests() => _meter.CreateObservableGauge("one", () => 1);

    public void Dispose() => _meter.Dispose();

    [Theory]
    [InlineData(OtlpExportProtocol.Grpc)]
    [InlineData(OtlpExportProtocol.HttpProtobuf)]
    public void A_dead_collector_is_told_once_with_the_reason(OtlpExportProtocol protocol)
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        int port = ((IPEndPoint)taken.LocalEndpoint).Port;
        taken.Stop();
        var exporter = ExporterOf(port, protocol);
        using var provider = ProviderOf(exporter);
        Assert.False(provider.ForceFlush());
        Assert.False(provider.ForceFlush());
        var (isTaken, words) = Assert.Single(_told);
        Assert.False(isTaken);
        Assert.StartsWith($"the collector did not take it: http://127.0.0.1:{port}/", words, StringComparison.Ordinal);
        Assert.Contains("Connection refused", words, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", words, StringComparison.Ordinal);
        Assert.True(exporter.IsRefused);
    }

    [Fact]
    public void One_that_takes_it_again_is_told_too()
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        string[] answers = ["503 Service Unavailable", "503 Service Unavailable", "200 OK", "200 OK", "200 OK"];
        var serving = Task.Run(() => Array.ForEach(answers, a => Answer(server, a)));
        var exporter = ExporterOf(((IPEndPoint)server.LocalEndpoint).Port, OtlpExportProtocol.HttpProtobuf);
        using (var provider = ProviderOf(exporter))
        {
            Array.ForEach(answers[..^1], _ => provider.ForceFlush());
        }

        Assert.Equal([false, true], _told.Select(t => t.IsTaken));
        Assert.Contains("503", _told[0].Words, StringComparison.Ordinal);
        Assert.Equal("the collector took it again, after 2 exports that it did not take", _told[1].Words);
        Assert.False(exporter.IsRefused);
        server.Stop();
        Assert.True(serving.IsCompleted || serving.ContinueWith(_ => { }).Wait(TimeSpan.FromMinutes(1)));
    }

    private static void Answer(TcpListener server, string status)
    {
        using var client = server.AcceptTcpClient();
        using var stream = client.GetStream();
        using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
        int length = 0;
        for (string? line = reader.ReadLine(); line is { Length: > 0 }; line = reader.ReadLine())
        {
            length = line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase) ? int.Parse(line.Split(':')[1]) : length;
        }

        // What the reader took ahead counts as read; the rest of the body is not looked at.
        stream.Write(Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
        client.Client.Shutdown(SocketShutdown.Send);
        byte[] rest = new byte[Math.Max(1, length)];
        while (stream.Read(rest) > 0)
        {
        }
    }

    private WatchedExporter ExporterOf(int port, OtlpExportProtocol protocol) => new(
        new OtlpExporterOptions { Endpoint = new Uri($"http://127.0.0.1:{port}/"), Protocol = protocol },
        (isTaken, words) => _told.Add((isTaken, words)));

    private MeterProvider ProviderOf(WatchedExporter exporter) => Sdk.CreateMeterProviderBuilder().AddMeter(_meter.Name)
        .AddReader(new PeriodicExportingMetricReader(exporter, Timeout.Infinite)).Build();
}
