using System.Buffers;
using System.Text;
using System.Text.Json;
using EdgeRoute.Cli.Commands;
using EdgeRoute.Protocol.Control;
using MessagePack;

namespace EdgeRoute.Cli.Page;

/// <summary>Between the page's JSON and the device's MessagePack. What a message means is the device's business.</summary>
internal static class PageJson
{
    /// <summary>A JSON value as MessagePack.</summary>
    public static byte[] ToMessagePack(JsonElement value)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(buffer);
        Write(ref writer, value);
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <param name="result">As JSON.</param>
    public static string Result(long id, string result) => $"{{\"id\":{id},\"result\":{result}}}";

    public static string Error(long id, string code, string message, string? hint) => Object(writer =>
    {
        writer.WriteNumber("id", id);
        writer.WriteStartObject("error");
        writer.WriteString("code", code);
        writer.WriteString("message", message);
        writer.WriteString("hint", hint);
        writer.WriteEndObject();
    });

    /// <param name="body">As JSON.</param>
    /// <param name="lostCount">Notifications that this page was too slow for.</param>
    public static string Event(string name, string body, long lostCount) =>
        $"{{\"event\":\"{name}\",\"lost\":{lostCount},\"body\":{body}}}";

    public static string Address(string address, string viewerAddress, string device) => Object(writer =>
    {
        writer.WriteString("address", address);
        writer.WriteString("foxglove", viewerAddress);
        writer.WriteString("device", device);
    });

    public static string LinkUp(Welcome welcome, string place) => Object(writer =>
    {
        writer.WriteString("state", "up");
        writer.WriteString("device", welcome.Device);
        writer.WriteString("version", welcome.Version);
        writer.WriteString("role", welcome.Role);
        writer.WriteString("place", place);
    });

    /// <param name="retrySeconds">Until the next attempt; null: there is none.</param>
    public static string LinkDown(string text, double? retrySeconds) => Object(writer =>
    {
        writer.WriteString("state", retrySeconds is null ? "refused" : "down");
        writer.WriteString("text", text);
        if (retrySeconds is { } seconds)
        {
            writer.WriteNumber("retry_s", seconds);
        }
    });

    /// <summary>The length of a JSON head in four bytes, low byte first, the head, and the picture as it is.</summary>
    public static byte[] Picture(long id, PictureReply picture)
    {
        string answer = DeviceCall.JsonOf(picture.Answer, isOneLine: true);
        byte[] head = Encoding.UTF8.GetBytes(Result(id, $"{{\"sequence\":{picture.Sequence},\"answer\":{answer}}}"));
        return [.. BitConverter.GetBytes(head.Length), .. head, .. picture.Jpeg];
    }

    private static string Object(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void Write(ref MessagePackWriter writer, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteMapHeader(value.GetPropertyCount());
                foreach (var property in value.EnumerateObject())
                {
                    writer.Write(property.Name);
                    Write(ref writer, property.Value);
                }

                break;
            case JsonValueKind.Array:
                writer.WriteArrayHeader(value.GetArrayLength());
                foreach (var item in value.EnumerateArray())
                {
                    Write(ref writer, item);
                }

                break;
            case JsonValueKind.String:
                writer.Write(value.GetString());
                break;
            case JsonValueKind.True or JsonValueKind.False:
                writer.Write(value.GetBoolean());
                break;
            case JsonValueKind.Number when value.TryGetInt64(out long integer):
                writer.Write(integer);
                break;
            case JsonValueKind.Number:
                writer.Write(value.GetDouble());
                break;
            default:
                writer.WriteNil();
                break;
        }
    }
}
