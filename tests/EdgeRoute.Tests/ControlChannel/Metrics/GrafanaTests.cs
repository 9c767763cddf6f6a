using System.Text.Json;
using System.Text.RegularExpressions;
using EdgeRoute.ControlChannel.Metrics;
using EdgeRoute.ControlChannel.Watching;
using EdgeRoute.Core.Frames;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Tracing;
using EdgeRoute.Tests.Protocol.Framing;

namespace EdgeRoute.Tests.ControlChannel.Metrics;

/// <summary>The dashboard and the alert rules ask for what a device exports, by its names and labels.</summary>
public sealed partial class GrafanaTests
{
    private static string Folder => Path.Combine(TestPlaces.Repository, "device-configs", "grafana");

    [Fact]
    public void The_dashboard_loads_and_asks_only_for_what_is_there()
    {
        using var dashboard = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "dashboard.json")));
        var panels = dashboard.RootElement.GetProperty("panels").EnumerateArray().ToArray();
        Assert.Equal(panels.Length, panels.Select(p => p.GetProperty("id").GetInt32()).Distinct().Count());
        Assert.All(panels.SelectMany((one, i) => panels.Skip(i + 1).Select(other => (one, other))),
            p => Assert.False(Overlap(p.one.GetProperty("gridPos"), p.other.GetProperty("gridPos")), $"{p.one} lies on {p.other}"));
        string[] asked = [.. panels.Where(p => p.TryGetProperty("targets", out _))
            .SelectMany(p => p.GetProperty("targets").EnumerateArray()).Select(t => t.GetProperty("expr").GetString()!),
            .. dashboard.RootElement.GetProperty("templating").GetProperty("list").EnumerateArray()
                .Select(v => v.GetProperty("query").GetString()!)];
        Assert.InRange(asked.Length, 20, 100);
        Assert.Equal([], asked.SelectMany(Unknown));
    }

    [Fact]
    public void Alerts_ask_only_for_what_is_there() => Assert.Equal([], Unknown(File.ReadAllText(Path.Combine(Folder, "alerts.yml"))));

    [SkippableFact]
    public void Prometheus_finds_no_fault_in_the_metrics() => AssertRight(NeedPromtool(), "check metrics", Page());

    /// <summary>On a device that is well none fires, and on one on which all goes wrong all do.</summary>
    [SkippableFact]
    public void Alerts_fire_in_a_real_Prometheus_on_what_they_are_about()
    {
        string tool = NeedPromtool(), cases = TestPlaces.Fixture("prometheus", "alerts.test.yml");
        var (exitCode, text) = Interpreter.Run(tool, "test", "rules", cases);
        Assert.True(exitCode == 0, text);
        string tested = File.ReadAllText(cases);
        Assert.All(Alerts().Matches(File.ReadAllText(Path.Combine(Folder, "alerts.yml"))),
            a => Assert.Contains($"\"{a.Groups[1].Value}\"", tested, StringComparison.Ordinal));
    }

    [Fact]
    public void Times_are_counted_by_size_and_no_byte_is_allocated_for_a_frame()
    {
        var watch = Watched();
        var totals = watch.TimeTotals();
        var all = totals.Single(t => t.Phase is null);
        Assert.Equal(3, all.Counts.Sum());
        Assert.Equal(0.002 + 0.033 + 20, all.SumSeconds, 6);
        Assert.Equal([1, 1, 1], all.Counts.Where(c => c > 0));
        Assert.Equal(1, all.Counts[^1]);
        Assert.Equal(3, totals.Single(t => t.Phase == "stages").Counts.Sum());
        Assert.Equal(0, totals.Single(t => t.Phase == "heads").Counts.Sum());
        string page = Page();
        Assert.Contains("edgeroute_frame_latency_seconds_bucket{stream=\"front\",le=\"0.033\"} 2\n", page, StringComparison.Ordinal);
        Assert.Contains("edgeroute_frame_latency_seconds_bucket{stream=\"front\",le=\"+Inf\"} 3\n", page, StringComparison.Ordinal);
        Assert.Contains("edgeroute_frame_latency_seconds_count{stream=\"front\"} 3\n", page, StringComparison.Ordinal);
        Assert.Contains("# TYPE edgeroute_frame_phase_seconds histogram\n", page, StringComparison.Ordinal);

        var record = Frame(5, 1);
        var times = new FrameTimes();
        times.Add(record);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            times.Add(record);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static string NeedPromtool()
    {
        string? tool = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(p => Path.Combine(p, "promtool"))
            .FirstOrDefault(File.Exists);
        Skip.If(tool is null, "needs promtool: apt-get install prometheus");
        return tool!;
    }

    private static void AssertRight(string tool, string arguments, string input)
    {
        using var folder = new TemporaryFolder();
        string page = folder.Write("page", input);
        var (exitCode, text) = Interpreter.Run("/bin/sh", "-c", $"'{tool}' {arguments} < '{page}'");
        Assert.True(exitCode == 0 && text.Length == 0, text);
    }

    private static bool Overlap(JsonElement one, JsonElement other)
    {
        static (int From, int To) Range(JsonElement at, string from, string size) =>
            (at.GetProperty(from).GetInt32(), at.GetProperty(from).GetInt32() + at.GetProperty(size).GetInt32());
        var (x, otherX, y, otherY) = (Range(one, "x", "w"), Range(other, "x", "w"), Range(one, "y", "h"), Range(other, "y", "h"));
        return x.From < otherX.To && otherX.From < x.To && y.From < otherY.To && otherY.From < y.To;
    }

    /// <summary>Metrics, labels and words of labels that no device exports.</summary>
    private static IEnumerable<string> Unknown(string text)
    {
        string[] page = Page().Split('\n');
        foreach (Match match in Metrics().Matches(text))
        {
            string metric = match.Groups[1].Value;
            string[] samples = [.. page.Where(l => l.StartsWith(metric + "{", StringComparison.Ordinal)
                || l.StartsWith(metric + " ", StringComparison.Ordinal))];
            if (samples.Length == 0)
            {
                yield return $"{metric}: no such metric";
            }

            foreach (Match label in Labels().Matches(match.Groups[2].Value).Where(l => l.Groups[1].Value is not "instance"))
            {
                string wanted = $"{label.Groups[1].Value}=\"{(label.Groups[2].Value.StartsWith('$') ? "" : label.Groups[2].Value + "\"")}";
                if (!samples.Any(s => s.Contains(wanted, StringComparison.Ordinal)))
                {
                    yield return $"{metric}: no {label.Value}";
                }
            }
        }
    }

    /// <summary>What a device with all its parts serves.</summary>
    private static string Page() => MetricsText.Of(new DeviceStatus
    {
        UptimeS = 1,
        Streams =
        [
            new StreamStatus
            {
                Name = "front", DeadlineMs = 33, Faults = [new FaultStatus { Kind = "NaN", Count = 1 }],
                Freshness = new FreshnessStatus { AgeMs = 5 },
                Window = new WindowStatus { LatencyMsP50 = 1, LatencyMsP95 = 2, LatencyMsP99 = 3, LatencyMsMax = 4, FramesPerSecond = 30,
                    DeviceMsMean = 2, EnergyMillijoulesMean = 7 },
                Price = new PriceStatus { InForce = 0.1, Ceiling = 1, Floor = 0.97,
                    Budgets = [new BudgetStatus { Name = "watts", Measured = 5, Target = 6 }] },
                Audit = new AuditStatus { AuditedCount = 1, AgreementMean = 0.9 },
            },
        ],
        Board = new BoardStatus { Watts = 5, HottestCelsius = 60, GpuPercent = 1, CpuPercent = 1, MemoryAvailableBytes = 1,
            ResidentBytes = 1, ThrottleCount = 0 },
        Outputs = [new OutputStatus { Kind = "mqtt", Name = "home" }],
        Gpio = [new GpioLineStatus { Name = "lamp", Use = "rule", Level = GpioLineStatus.Active }],
    }, [new PathTotal("front", "light", 3)], Watched().TimeTotals());

    private static FrameWatch Watched()
    {
        var watch = new FrameWatch([new WatchedStream("front", ["light"])], 0);
        watch.Publish(Frame(2, 0));
        watch.Publish(Frame(33, 0));
        watch.Pump(0);
        watch.Publish(Frame(20_000, 0));
        watch.Publish(Frame(1, 0) with { End = FrameEnd.Failed });
        watch.Pump(0);
        return watch;
    }

    private static TraceRecord Frame(long latencyMs, long headsNs) => new()
    {
        PublishedNs = 1_000_000 * latencyMs, StagesNs = 900_000 * latencyMs, HeadsNs = headsNs, End = FrameEnd.Completed,
        AuditLoss = float.NaN,
    };

    [GeneratedRegex(@"\b(edgeroute_[a-z_]+)(?:\{([^}]*)\})?")]
    private static partial Regex Metrics();

    [GeneratedRegex(@"([a-z]+)=~?""([^""]*)""")]
    private static partial Regex Labels();

    [GeneratedRegex(@"- alert: (\w+)")]
    private static partial Regex Alerts();
}
