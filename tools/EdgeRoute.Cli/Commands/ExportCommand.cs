using System.CommandLine;
using System.Text.Json;
using EdgeRoute.Cli.Connecting;
using EdgeRoute.Cli.Export;
using EdgeRoute.Cli.Output;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Recording;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace EdgeRoute.Cli.Commands;

/// <summary><c>edgeroute export otlp</c>: a device's telemetry as metrics for a collector.</summary>
internal static class ExportCommand
{
    private static readonly Option<string> Endpoint = new("--endpoint")
    {
        Description = "the collector, such as http://localhost:4317 (gRPC) or http://localhost:4318/v1/metrics",
        HelpName = "URL", Required = true,
    };
    private static readonly Option<string> Protocol = new("--protocol") { Description = "grpc or http", HelpName = "KIND",
        DefaultValueFactory = _ => "grpc" };
    private static readonly Option<string> Every = new("--every") { Description = "how often metrics are sent", HelpName = "10s",
        DefaultValueFactory = _ => "10s" };

    public static Command Create()
    {
        Protocol.AcceptOnlyFromAmong("grpc", "http");
        return DeviceVerb.Group("export", """
            Hands recordings, and a device's telemetry as long as it runs, to other systems.

            Examples:
              edgeroute export mcap run.erec
              edgeroute export otlp --endpoint http://localhost:4317
            """, ExportMcapCommand.Create(), DeviceVerb.Create("otlp", """
                Sends metrics to an OpenTelemetry collector until Ctrl-C: frames by end, latency quantiles, paths, prices, budgets, audits,
                heat and power. A lost device is dialled again; meanwhile edgeroute.up is 0. When the collector takes nothing any more, and
                when it does again, that is told once; with --json also as a line on standard output. Exit code 1: at the end it took
                nothing.

                Examples:
                  edgeroute export otlp --endpoint http://localhost:4317
                  edgeroute export otlp --device robot3 --endpoint http://collector:4318/v1/metrics --protocol http --every 30s
                """, RunAsync, Endpoint, Protocol, Every));
    }

    private static async Task<int> RunAsync(DeviceCall call)
    {
        var endpoint = Uri.TryCreate(call.Get(Endpoint), UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            ? uri
            : throw new ArgumentException($"'{call.Get(Endpoint)}' is no address of a collector; write such as http://localhost:4317");
        double seconds = DurationText.Seconds(call.Get(Every)!);
        var dial = call.Dial;
        using var metrics = new DeviceMetrics(ProgramVersion.Text);
        // The device's name is part of every metric, so it is asked before the first is made.
        string device;
        await using (var client = await dial(call.Cancel))
        {
            device = client.Welcome.Device;
        }

        var exporter = new WatchedExporter(Options(call, endpoint), (isTaken, words) => Tell(call, isTaken, words));
        using var provider = Build(exporter, device, seconds);
        string shown = AddressText.WithoutSecrets(endpoint.ToString());
        call.Console.Say($"sending metrics of '{device}' to {shown} every {seconds:0.#} s; Ctrl-C ends it");
        var watch = new DeviceWatch(dial)
        {
            OnConnected = (client, cancel) => client.RequestAsync(
                ControlMethod.Subscribe, new SubscribeRequest { Kind = ControlNotification.Telemetry,
                    RateHz = Math.Clamp(1 / seconds, 0.1, 20) }, null, cancel),
            OnNotification = notification =>
            {
                if (notification.Method == ControlNotification.Telemetry)
                {
                    metrics.Take(notification.Read<TelemetryMessage>().Status);
                }
            },
            OnLost = (reason, wait) =>
            {
                metrics.Take(null);
                call.Console.Say($"{reason}; connecting again in {wait.TotalSeconds:0.#} s");
            },
        };
        try
        {
            await watch.RunAsync(isPatient: true, call.Cancel);
        }
        catch (OperationCanceledException)
        {
            // Ctrl-C is how it is meant to end.
        }

        return exporter.IsRefused ? WorkConsole.Failed : WorkConsole.Done;
    }

    private static OtlpExporterOptions Options(DeviceCall call, Uri endpoint) => new()
    {
        Endpoint = endpoint,
        Protocol = call.Get(Protocol) == "http" ? OtlpExportProtocol.HttpProtobuf : OtlpExportProtocol.Grpc,
    };

    private static MeterProvider Build(WatchedExporter exporter, string device, double seconds) => Sdk.CreateMeterProviderBuilder()
        .SetResourceBuilder(ResourceBuilder.CreateEmpty().AddService("edgeroute", serviceVersion: ProgramVersion.Text,
            serviceInstanceId: device))
        .AddMeter(DeviceMetrics.MeterName)
        .AddReader(new PeriodicExportingMetricReader(exporter, (int)(seconds * 1000)))
        .Build();

    private static void Tell(DeviceCall call, bool isTaken, string words)
    {
        call.Console.Say(words);
        if (call.WantsJson)
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(new { utc = DateTime.UtcNow, taken = isTaken, text = words }));
        }
    }
}
