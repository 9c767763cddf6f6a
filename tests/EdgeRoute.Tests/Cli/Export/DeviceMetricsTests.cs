using System.Diagnostics.Metrics;
using EdgeRoute.Cli.Export;
using EdgeRoute.TestBench.Robots;

namespace EdgeRoute.Tests.Cli.Export;

public sealed class DeviceMetricsTests
{
    [Fact]
    public void Telemetry_becomes_metrics_and_a_lost_device_only_says_so()
    {
        using var metrics = new DeviceMetrics("test");
        metrics.Take(new RobotScript().Status(0));
        var seen = Read();
        Assert.Equal(1, seen["edgeroute.up"]);
        Assert.Equal(24_011, seen["edgeroute.frames stream=front end=exited"]);
        Assert.Equal(31.4, seen["edgeroute.frame.latency stream=front quantile=0.99"]);
        Assert.Equal(6, seen["edgeroute.budget.target stream=front budget=device_ms"]);
        Assert.Equal(12.4, seen["edgeroute.board.power"]);
        // The rear stream decides by cascade: it has no price, and none is made up.
        Assert.DoesNotContain("edgeroute.price stream=rear", seen.Keys);
        metrics.Take(null);
        Assert.Equal(["edgeroute.up"], Read().Keys);
    }

    private static Dictionary<string, double> Read()
    {
        var seen = new Dictionary<string, double>();
        void See<T>(Instrument instrument, T value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
            where T : struct => seen[string.Join(' ', tags.ToArray().Select(t => $"{t.Key}={t.Value}").Prepend(instrument.Name))] =
                Convert.ToDouble(value);
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter is { Name: DeviceMetrics.MeterName, Version: "test" })
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<double>((i, v, t, _) => See(i, v, t));
        listener.SetMeasurementEventCallback<int>((i, v, t, _) => See(i, v, t));
        listener.Start();
        listener.RecordObservableInstruments();
        return seen;
    }
}
