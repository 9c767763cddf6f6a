using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using EdgeRoute.Workbench.Exporting;

namespace EdgeRoute.Cli.Page;

/// <summary>Messages of the published protocol <c>foxglove.websocket.v1</c>: JSON with an <c>op</c>, and binary message data.</summary>
internal static class FoxgloveOps
{
    public const string Subprotocol = "foxglove.websocket.v1";

    /// <summary>Levels of a status.</summary>
    public const int Notice = 0, Warning = 1, Error = 2;

    /// <summary>Of message data before the message: opcode, subscription and time.</summary>
    private const int HeadBytes = 1 + sizeof(uint) + sizeof(ulong);

    private const byte MessageData = 1;

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The first message. No capability: a viewer sees, and changes nothing.</summary>
    public static PageMessage ServerInfo(string name) => Of("serverInfo", json =>
    {
        json.WriteString("name", name);
        json.WriteStartArray("capabilities");
        json.WriteEndArray();
    });

    public static PageMessage Advertise(IEnumerable<ViewerChannel> channels) => Of("advertise", json =>
    {
        json.WriteStartArray("channels");
        foreach (var channel in channels)
        {
            json.WriteStartObject();
            json.WriteNumber("id", channel.Id);
            json.WriteString("topic", channel.Topic.Name);
            json.WriteString("encoding", "json");
            json.WriteString("schemaName", channel.Topic.SchemaName);
            json.WriteString("schemaEncoding", "jsonschema");
            json.WriteString("schema", channel.Topic.Schema());
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    public static PageMessage Unadvertise(IEnumerable<ViewerChannel> channels) => Of("unadvertise", json =>
    {
        json.WriteStartArray("channelIds");
        foreach (var channel in channels)
        {
            json.WriteNumberValue(channel.Id);
        }

        json.WriteEndArray();
    });

    /// <param name="id">A later status of the same takes its place.</param>
    public static PageMessage Status(int level, string message, string id) => Of("status", json =>
    {
        json.WriteNumber("level", level);
        json.WriteString("message", message);
        json.WriteString("id", id);
    });

    /// <param name="timeNs">Since 1970.</param>
    public static byte[] Data(uint subscription, ulong timeNs, byte[] message)
    {
        byte[] bytes = new byte[HeadBytes + message.Length];
        bytes[0] = MessageData;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(1), subscription);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(1 + sizeof(uint)), timeNs);
        message.CopyTo(bytes.AsSpan(HeadBytes));
        return bytes;
    }

    private static PageMessage Of(string op, Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteString("op", op);
            write(json);
            json.WriteEndObject();
        }

        return PageMessage.Of(Encoding.UTF8.GetString(buffer.WrittenSpan));
    }
}

/// <summary>A topic under the number that this viewer knows it by.</summary>
internal sealed record ViewerChannel(uint Id, PlannedTopic Topic, string Source);

/// <summary>What a viewer asks for.</summary>
/// <param name="Op">As <c>subscribe</c>.</param>
/// <param name="Begun">Its own number of each subscription, and the channel's.</param>
/// <param name="Ended">Numbers of subscriptions.</param>
internal sealed record ViewerRequest(string Op, IReadOnlyList<(uint Subscription, uint Channel)> Begun, IReadOnlyList<uint> Ended)
{
    /// <exception cref="JsonException">It is none; likewise the others.</exception>
    /// <exception cref="KeyNotFoundException">It lacks something.</exception>
    /// <exception cref="InvalidOperationException">Something is of another kind.</exception>
    /// <exception cref="FormatException">A number is none of 32 bits.</exception>
    public static ViewerRequest Read(byte[] bytes)
    {
        using var document = JsonDocument.Parse(bytes);
        var root = document.RootElement;
        string op = root.GetProperty("op").GetString() ?? "";
        return new ViewerRequest(op,
            op != "subscribe" ? [] : [.. root.GetProperty("subscriptions").EnumerateArray()
                .Select(s => (s.GetProperty("id").GetUInt32(), s.GetProperty("channelId").GetUInt32()))],
            op != "unsubscribe" ? [] : [.. root.GetProperty("subscriptionIds").EnumerateArray().Select(s => s.GetUInt32())]);
    }
}
