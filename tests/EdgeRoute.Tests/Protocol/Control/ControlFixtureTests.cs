using System.Buffers;
using System.Globalization;
using System.Text.Json;
using EdgeRoute.Core.Frames;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Rpc;
using EdgeRoute.Protocol.Tracing;
using EdgeRoute.TestBench.Messages;
using EdgeRoute.Tests.Protocol.Framing;
using MessagePack;

namespace EdgeRoute.Tests.Protocol.Control;

/// <summary>
/// Whole messages and brief traces as bytes with their meaning beside them, worked out from CHANNEL.md; control.py reads the same file
/// with Python.
/// </summary>
public sealed class ControlFixtureTests
{
    private static readonly JsonElement Fixtures = JsonDocument.Parse(File.ReadAllText(TestPlaces.Fixture("protocol",
        "control.json"))).RootElement;

    private static readonly Dictionary<string, JsonElement> Messages = Fixtures.GetProperty("messages").EnumerateArray()
        .ToDictionary(m => m.GetProperty("name").GetString()!);

    public static TheoryData<string> All => [.. Messages.Keys];

    [Theory]
    [MemberData(nameof(All))]
    public void The_bytes_mean_what_stands_beside_them(string name) =>
        Assert.Equal(Meaning(Messages[name].GetProperty("message")), MessageValue.Read(Bytes(name)));

    /// <summary>Every field of the body is known, and comes out again as it came.</summary>
    [Theory]
    [MemberData(nameof(All))]
    public void The_body_is_read_and_written_again_as_the_same_bytes(string name)
    {
        byte[] bytes = Bytes(name);
        var message = RpcMessage.Read(bytes);
        var buffer = new ArrayBufferWriter<byte>();
        var body = message.BodyStart < 0 ? null : BodyType(message, name).Read(bytes[message.BodyStart..]);
        switch (message.Kind)
        {
            case RpcKind.Request:
                RpcMessage.WriteRequest(buffer, message.Id, message.Method, body);
                break;
            case RpcKind.Response when message.Error is { } error:
                RpcMessage.WriteError(buffer, message.Id, error);
                break;
            case RpcKind.Response:
                RpcMessage.WriteResult(buffer, message.Id, body);
                break;
            default:
                RpcMessage.WriteNotification(buffer, message.Method, body);
                break;
        }

        Assert.Equal(Convert.ToHexString(bytes), Convert.ToHexString(buffer.WrittenSpan));
    }

    [Fact]
    public void A_change_is_read_field_by_field()
    {
        byte[] bytes = Bytes("change request");
        var change = FieldReader.ReadStrict<ChangeRequest>(bytes.AsMemory(RpcMessage.Read(bytes).BodyStart));
        var wanted = new ChangeRequest
        {
            Stream = "front",
            Set = new SettingSet { Price = SettingValue.Of(0.02), Floor = SettingValue.None, Policy = SettingValue.Of("value"),
                DeviceMs = SettingValue.Of(6.5) },
            Trial = new TrialRequest { Seconds = 30, LatencyMsP99 = 40, FailedMost = 0, NeedsConfirmation = true },
            Reason = "heat",
        };
        Assert.Empty(MessageFiller.Differences(wanted, change));
    }

    [Fact]
    public void Telemetry_has_no_figures_where_there_is_nil()
    {
        byte[] bytes = Bytes("telemetry notification");
        var telemetry = FieldReader.Read<TelemetryMessage>(bytes.AsMemory(RpcMessage.Read(bytes).BodyStart));
        var stream = telemetry.Status.Streams.Single();
        Assert.Equal((5, 9L, 1L, 1_700_000_000_123_456_789),
            (telemetry.Subscription, telemetry.Number, telemetry.LostCount, telemetry.Status.NowUtcNs));
        Assert.Equal((12.5, 20.25, double.NaN, 0.25),
            (stream.Window.LatencyMsP50, stream.Window.LatencyMsP95, stream.Window.LatencyMsP99, stream.Price!.Ceiling));
        Assert.Equal((double.NaN, null, 61.5), (stream.Audit!.AgreementMean, telemetry.Status.Board.GpuPercent,
            telemetry.Status.Board.HottestCelsius));
        Assert.Equal([0, 9, 4, -1], stream.RecentNodes);
        Assert.Equal(("decide", 3L, "none"), (stream.Faults[0].Kind, stream.Faults[0].Count, stream.Faults[0].Reason));
    }

    [Fact]
    public void Brief_traces_have_their_64_bytes()
    {
        byte[] all = [.. Fixtures.GetProperty("brief").EnumerateArray()
            .SelectMany(b => Convert.FromHexString(b.GetProperty("hex").GetString()!))];
        var first = new BriefTrace(123_456_789_012, 987_654_321_098_765, 33_000, 12_500, 400, 1, -1, FrameEnd.Escalated, 2,
            TraceFlags.Late | TraceFlags.Fallback, 7,
            0.75f, 0.015625f, QuietNaN, -2.5f, QuietNaN, 0.125f);
        var second = first with
        {
            Sequence = 123_456_789_013, SourceIndex = 0, NodeIndex = 4, End = FrameEnd.Completed, DecisionCount = 0,
            Flags = TraceFlags.None, PricePerMs = QuietNaN, Gain = 0.5f,
            SlackMs = float.PositiveInfinity, EnergyMillijoules = 1.5f, AuditLoss = QuietNaN,
        };
        byte[] written = new byte[2 * BriefTrace.Bytes];
        first.Write(written);
        second.Write(written.AsSpan(BriefTrace.Bytes));
        Assert.Equal(Convert.ToHexString(all), Convert.ToHexString(written));
        Assert.Equal((first, second), (BriefTrace.Read(all), BriefTrace.Read(all.AsSpan(BriefTrace.Bytes))));
        byte[] notification = Bytes("trace notification");
        Assert.Equal(all, FieldReader.Read<TraceMessage>(notification.AsMemory(RpcMessage.Read(notification).BodyStart)).Records);
    }

    [SkippableFact]
    public void Python_reads_the_same_meaning()
    {
        var (exitCode, text) = Interpreter.Run(Interpreter.NeedPython(), TestPlaces.Fixture("protocol", "control.py"));
        Assert.True(exitCode == 0, text);
        Assert.Contains($"{Messages.Count} messages, 2 brief traces, wrong: none", text);
    }

    /// <summary>NaN without a sign, as Python writes it; .NET's own has one.</summary>
    private static float QuietNaN => BitConverter.Int32BitsToSingle(0x7FC0_0000);

    private static byte[] Bytes(string name) => Convert.FromHexString(Messages[name].GetProperty("hex").GetString()!);

    private static ControlType BodyType(RpcMessage message, string name) => message.Kind switch
    {
        RpcKind.Request => ControlCalls.ParameterOf(message.Method)!,
        RpcKind.Notification => ControlCalls.Notifications.Single(n => n.Method == message.Method).Type,
        _ => ControlCalls.All.Single(c => c.Method == name.Split(' ')[0]).Result,
    };

    private static MessageValue Meaning(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Null => MessageValue.Nil,
        JsonValueKind.True or JsonValueKind.False => new MessageValue(MessagePackType.Boolean) { Integer = json.GetBoolean() ? 1 : 0 },
        JsonValueKind.String => MessageValue.OfText(json.GetString()!),
        JsonValueKind.Array => new MessageValue(MessagePackType.Array) { Items = [.. json.EnumerateArray().Select(Meaning)] },
        JsonValueKind.Number when json.GetRawText().Contains('.', StringComparison.Ordinal) => MessageValue.OfDouble(json.GetDouble()),
        JsonValueKind.Number => MessageValue.OfInteger(Int128.Parse(json.GetRawText(), CultureInfo.InvariantCulture)),
        _ when json.TryGetProperty("hex", out var hex) =>
            new MessageValue(MessagePackType.Binary) { Bytes = Convert.FromHexString(hex.GetString()!) },
        _ => new MessageValue(MessagePackType.Map) { Items =
            [.. json.EnumerateObject().SelectMany(p => new[] { MessageValue.OfText(p.Name), Meaning(p.Value) })] },
    };
}
