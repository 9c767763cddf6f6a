using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using EdgeRoute.ControlChannel.Metrics;
using EdgeRoute.ControlChannel.Watching;
using EdgeRoute.ControlChannel.Web;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Tests.ControlChannel.Serving;

namespace EdgeRoute.Tests.ControlChannel.Metrics;

public sealed class MetricsTests
{
    [Fact]
    public void Every_line_is_of_the_format_and_every_family_is_typed()
    {
        var samples = Parse(MetricsText.Of(Status("front"), [new PathTotal("front", "light>heavy@keep=0.5", 12)]));
        Assert.Equal(12, samples["edgeroute_path_frames_total{stream=front,path=light>heavy@keep=0.5}"]);
        Assert.Equal(7, samples["edgeroute_frames_total{stream=front,end=escalated}"]);
        Assert.Equal(0.0125, samples["edgeroute_latency_seconds{stream=front,quantile=0.99}"]);
        Assert.Equal(0.002, samples["edgeroute_price{stream=front,kind=in_force}"]);
        Assert.Equal(9.5, samples["edgeroute_budget_measured{stream=front,budget=device_ms}"]);
        Assert.Equal(0.4, samples["edgeroute_board_gpu_ratio{}"]);
        Assert.Equal(3, samples["edgeroute_channel_connections{}"]);
    }

    [Fact]
    public void What_is_not_there_is_left_out()
    {
        var samples = Parse(MetricsText.Of(new DeviceStatus { Streams = [new StreamStatus { Name = "a" }] }, []));
        Assert.DoesNotContain(samples.Keys, k => k.Contains("latency", StringComparison.Ordinal) || k.Contains("watts",
            StringComparison.Ordinal) || k.Contains("price", StringComparison.Ordinal));
        Assert.Equal(0, samples["edgeroute_frames_captured_total{stream=a}"]);
    }

    [Fact]
    public void Faults_of_frames_are_counted_by_kind()
    {
        var fault = new FaultStatus { Kind = "output of stage 'm'", Count = 4, Reason = "NaN" };
        var stream = new StreamStatus { Name = "front", Faults = [fault] };
        Assert.Equal(4, Parse(MetricsText.Of(new DeviceStatus { Streams = [stream] }, []))[
            "edgeroute_faults_total{stream=front,kind=output of stage 'm'}"]);
    }

    [Fact]
    public void Lines_are_told_with_their_level_where_it_is_known()
    {
        var samples = Parse(MetricsText.Of(new DeviceStatus
        {
            Gpio =
            [
                new GpioLineStatus { Name = "lamp", Use = "rule", Level = GpioLineStatus.Active, EdgeCount = 7, LatencyUsP99 = 250 },
                new GpioLineStatus { Name = "estop", Use = "stop", Fault = "unplugged", FaultCount = 2 },
            ],
        }, []));
        Assert.Equal(1, samples["edgeroute_gpio_active{line=lamp,use=rule}"]);
        Assert.Equal(7, samples["edgeroute_gpio_edges_total{line=lamp,use=rule}"]);
        Assert.Equal(0.00025, samples["edgeroute_gpio_latency_seconds{line=lamp,quantile=0.99}"]);
        Assert.Equal(1, samples["edgeroute_gpio_failed{line=estop,use=stop}"]);
        Assert.DoesNotContain("edgeroute_gpio_active{line=estop,use=stop}", samples.Keys);
    }

    [Fact]
    public void Servers_are_told_with_what_became_of_their_runs()
    {
        var engine = new EngineStatus
        {
            Name = "rack", State = EngineStatus.LeftOut, RequestCount = 9, LateCount = 5, HereCount = 6, BytesOut = 70, RoundTripMs = 12.5,
        };
        var samples = Parse(MetricsText.Of(new DeviceStatus { Engines = [engine] }, []));
        Assert.Equal((0, 9, 5, 6), (samples["edgeroute_engine_ready{engine=rack}"], samples["edgeroute_engine_requests_total{engine=rack}"],
            samples["edgeroute_engine_late_total{engine=rack}"], samples["edgeroute_engine_here_total{engine=rack}"]));
        Assert.Equal((70, 0.0125), (samples["edgeroute_engine_sent_bytes_total{engine=rack}"],
            samples["edgeroute_engine_round_trip_seconds{engine=rack}"]));
    }

    [Fact]
    public void Odd_names_survive()
    {
        string name = "a\"b\\c\nd";
        Assert.Contains($"edgeroute_frames_captured_total{{stream={name}}}", Parse(MetricsText.Of(Status(name), [])).Keys);
    }

    [Theory]
    [InlineData("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", "200 OK")]
    [InlineData("GET /metrics?x=1 HTTP/1.0\r\n\r\n", "200 OK")]
    [InlineData("GET / HTTP/1.1\r\n\r\n", "404 Not Found")]
    [InlineData("POST /metrics HTTP/1.1\r\n\r\n", "405 Method Not Allowed")]
    [InlineData("hello\r\n\r\n", "400 Bad Request")]
    public void One_page_is_served(string request, string status)
    {
        using var endpoint = Open(() => "edgeroute_x 1\n");
        string answer = Exchange(endpoint.LocalEndPoint, request);
        Assert.StartsWith($"HTTP/1.1 {status}\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("version=0.0.4", answer, StringComparison.Ordinal);
        Assert.Equal(status == "200 OK", answer.EndsWith("\r\n\r\nedgeroute_x 1\n", StringComparison.Ordinal));
    }

    [Fact]
    public void An_endless_head_is_refused_and_a_fault_is_told()
    {
        using var endpoint = Open(() => throw new InvalidOperationException("no status"));
        Assert.StartsWith("HTTP/1.1 431", Exchange(endpoint.LocalEndPoint, new string('x', HttpHead.BytesMost)),
            StringComparison.Ordinal);
        Assert.Contains("no status", Exchange(endpoint.LocalEndPoint, "GET /metrics HTTP/1.1\r\n\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public void Connections_are_limited()
    {
        using var endpoint = Open(() => "");
        var sockets = Enumerable.Range(0, WebHost.ConnectionCount + 20).Select(_ => ConnectIfLet(endpoint.LocalEndPoint)).ToList();
        ChannelRig.WaitUntil(() => endpoint.RefusedCount == 20, "the others were refused");
        sockets.ForEach(s => s.Dispose());
    }

    private static WebDoor Open(Func<string> text) => MetricsPage.Open(new WebHosts(), new IPEndPoint(IPAddress.Loopback, 0), text);

    private static Socket Connect(IPEndPoint address)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 30_000 };
        socket.Connect(address);
        return socket;
    }

    /// <summary>One that is refused may be so soon that connecting has seen it.</summary>
    private static Socket ConnectIfLet(IPEndPoint address)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Connect(address);
        }
        catch (SocketException)
        {
            // Counted by the endpoint all the same.
        }

        return socket;
    }

    private static string Exchange(IPEndPoint address, string request)
    {
        using var socket = Connect(address);
        socket.Send(Encoding.ASCII.GetBytes(request));
        using var reader = new StreamReader(new NetworkStream(socket), Encoding.UTF8);
        return reader.ReadToEnd();
    }

    private static DeviceStatus Status(string name) => new()
    {
        UptimeS = 12.5,
        Streams =
        [
            new StreamStatus
            {
                Name = name, Captured = 100, Escalated = 7, DeadlineMs = 33,
                Window = new WindowStatus { LatencyMsP99 = 12.5, FramesPerSecond = 30 },
                Price = new PriceStatus { InForce = 0.002, Ceiling = double.PositiveInfinity,
                    Budgets = [new BudgetStatus { Name = "device_ms", Measured = 9.5, Target = 10 }] },
                Audit = new AuditStatus { AuditedCount = 5, AgreementMean = 0.97 },
            },
        ],
        Board = new BoardStatus { GpuPercent = 40, HottestCelsius = 61, HottestZone = "gpu", ResidentBytes = 1 << 30 },
        Channel = new ChannelStatus { ConnectionCount = 3 },
    };

    /// <summary>A strict reader of the format: names, labels, escapes, one HELP and TYPE before the samples of each family.</summary>
    private static Dictionary<string, double> Parse(string text)
    {
        var samples = new Dictionary<string, double>(StringComparer.Ordinal);
        var families = new HashSet<string>(StringComparer.Ordinal);
        string family = "", type = "";
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        string[] lines = text[..^1].Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            if (lines[i].StartsWith("# HELP ", StringComparison.Ordinal))
            {
                family = lines[i].Split(' ')[2];
                Assert.True(families.Add(family), $"{family} is there twice");
                string[] typed = lines[++i].Split(' ');
                Assert.Equal(("#", "TYPE", family), (typed[0], typed[1], typed[2]));
                type = typed[3];
                string usual = family.EndsWith("_latency_seconds", StringComparison.Ordinal) ? "summary" : "gauge";
                Assert.True(type == (family.EndsWith("_total", StringComparison.Ordinal) ? "counter" : usual), $"{family} is a {type}");
                continue;
            }

            var (key, value) = ParseSample(lines[i], family);
            samples.Add(key, value);
        }

        return samples;
    }

    private static (string Key, double Value) ParseSample(string line, string family)
    {
        Assert.StartsWith(family, line, StringComparison.Ordinal);
        int at = family.Length;
        var labels = new List<string>();
        if (line[at] == '{')
        {
            do
            {
                int equals = line.IndexOf('=', ++at);
                Assert.Matches("^[a-z_]+$", line[at..equals]);
                Assert.Equal('"', line[equals + 1]);
                var value = new StringBuilder();
                int from = at;
                for (at = equals + 2; line[at] != '"'; at++)
                {
                    value.Append(line[at] != '\\' ? line[at] : line[++at] switch { 'n' => '\n', '"' => '"', '\\' => '\\',
                        _ => throw new FormatException(line) });
                }

                labels.Add($"{line[from..equals]}={value}");
            }
            while (line[++at] == ',');
            Assert.Equal('}', line[at++]);
        }

        Assert.Equal(' ', line[at]);
        string number = line[(at + 1)..];
        double parsed = number == "+Inf" ? double.PositiveInfinity : double.Parse(number, NumberStyles.Float, CultureInfo.InvariantCulture);
        return ($"{family}{{{string.Join(',', labels)}}}", parsed);
    }
}
