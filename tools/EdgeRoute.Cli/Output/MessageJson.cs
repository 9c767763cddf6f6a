using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using EdgeRoute.Protocol.MessagePack;

namespace EdgeRoute.Cli.Output;

/// <summary>
/// Any MessagePack value as JSON, without knowing what it means, so that a reply is shown with all the device said. Binary data become
/// base64, timestamps ISO 8601 text, other extensions an object of type and base64, numbers that are not finite null; keys that are not
/// text are written as their JSON.
/// </summary>
internal static class MessageJson
{
    /// <summary>The document is for terminals and files, not for web pages: text stays readable.</summary>
    private static readonly JsonWriterOptions Indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly JsonWriterOptions OneLine = Indented with { Indented = false };

    /// <param name="value">One value; empty is taken as nil.</param>
    /// <param name="isOneLine">For streams of values, one to a line.</param>
    /// <exception cref="MessagePackException">It is none.</exception>
    public static string Of(ReadOnlySpan<byte> value, bool isOneLine = false)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(bytes, isOneLine ? OneLine : Indented))
        {
            var reader = new MessagePackReader(value);
            if (value.Length == 0)
            {
                writer.WriteNullValue();
            }
            else
            {
                Write(writer, ref reader, MessagePackLimits.DepthMost);
            }
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter writer, ref MessagePackReader reader, int depthLeft)
    {
        if (depthLeft == 0)
        {
            throw new MessagePackException($"the value is nested deeper than {MessagePackLimits.DepthMost} levels");
        }

        switch (reader.Peek())
        {
            case MessagePackKind.Nil:
                reader.TryReadNil();
                writer.WriteNullValue();
                break;
            case MessagePackKind.Boolean:
                writer.WriteBooleanValue(reader.ReadBoolean());
                break;
            case MessagePackKind.Integer:
                WriteInteger(writer, ref reader);
                break;
            case MessagePackKind.Float:
                WriteNumber(writer, reader.ReadNumber());
                break;
            case MessagePackKind.Text:
                writer.WriteStringValue(reader.ReadText());
                break;
            case MessagePackKind.Binary:
                writer.WriteBase64StringValue(reader.ReadBinary());
                break;
            case MessagePackKind.Array:
                WriteArray(writer, ref reader, depthLeft);
                break;
            case MessagePackKind.Map:
                WriteMap(writer, ref reader, depthLeft);
                break;
            default:
                WriteExtension(writer, ref reader);
                break;
        }
    }

    private static void WriteInteger(Utf8JsonWriter writer, ref MessagePackReader reader)
    {
        var copy = reader;
        bool isNegative = copy.ReadNumber() < 0;
        if (isNegative)
        {
            writer.WriteNumberValue(reader.ReadInteger());
            return;
        }

        writer.WriteNumberValue(reader.ReadUnsigned());
    }

    private static void WriteNumber(Utf8JsonWriter writer, double value)
    {
        if (!double.IsFinite(value))
        {
            writer.WriteNullValue();
            return;
        }

        writer.WriteNumberValue(value);
    }

    private static void WriteArray(Utf8JsonWriter writer, ref MessagePackReader reader, int depthLeft)
    {
        writer.WriteStartArray();
        for (int left = reader.ReadArrayHeader(); left > 0; left--)
        {
            Write(writer, ref reader, depthLeft - 1);
        }

        writer.WriteEndArray();
    }

    private static void WriteMap(Utf8JsonWriter writer, ref MessagePackReader reader, int depthLeft)
    {
        writer.WriteStartObject();
        for (int left = reader.ReadMapHeader(); left > 0; left--)
        {
            writer.WritePropertyName(reader.Peek() == MessagePackKind.Text ? reader.ReadText() : Of(reader.Skip(), isOneLine: true));
            Write(writer, ref reader, depthLeft - 1);
        }

        writer.WriteEndObject();
    }

    private static void WriteExtension(Utf8JsonWriter writer, ref MessagePackReader reader)
    {
        var copy = reader;
        copy.ReadExtension(out sbyte type);
        if (type == -1)
        {
            var stamp = reader.ReadTimestamp();
            writer.WriteStringValue(InstantText(stamp));
            return;
        }

        writer.WriteStartObject();
        writer.WriteNumber("type", type);
        writer.WriteBase64String("data", reader.ReadExtension(out _));
        writer.WriteEndObject();
    }

    /// <summary>Seconds beyond the years that a calendar here knows are given as a number.</summary>
    private static string InstantText(MessagePackTimestamp stamp)
    {
        bool isDate = stamp.Seconds >= DateTimeOffset.MinValue.ToUnixTimeSeconds()
            && stamp.Seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds();
        return isDate ? $"{DateTimeOffset.FromUnixTimeSeconds(stamp.Seconds):yyyy-MM-ddTHH:mm:ss}.{stamp.Nanoseconds:000000000}Z"
            : $"{stamp.Seconds}.{stamp.Nanoseconds:000000000}";
    }
}
