using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using EdgeRoute.Protocol.Framing;
using MessagePack;

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
    public static string Of(ReadOnlyMemory<byte> value, bool isOneLine = false)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(bytes, isOneLine ? OneLine : Indented))
        {
            var reader = new MessageReader(value);
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

    private static void Write(Utf8JsonWriter writer, ref MessageReader reader, int depthLeft)
    {
        if (depthLeft == 0)
        {
            throw new MessagePackException($"the value is nested deeper than {MessagePackLimits.DepthMost} levels");
        }

        switch (reader.Peek())
        {
            case MessagePackType.Nil:
                reader.TryReadNil();
                writer.WriteNullValue();
                break;
            case MessagePackType.Boolean:
                writer.WriteBooleanValue(reader.ReadBoolean());
                break;
            case MessagePackType.Integer:
                WriteInteger(writer, ref reader);
                break;
            case MessagePackType.Float:
                WriteNumber(writer, reader.ReadNumber());
                break;
            case MessagePackType.String:
                writer.WriteStringValue(reader.ReadText());
                break;
            case MessagePackType.Binary:
                writer.WriteBase64StringValue(reader.ReadBinary());
                break;
            case MessagePackType.Array:
                WriteArray(writer, ref reader, depthLeft);
                break;
            case MessagePackType.Map:
                WriteMap(writer, ref reader, depthLeft);
                break;
            default:
                WriteExtension(writer, ref reader);
                break;
        }
    }

    private static void WriteInteger(Utf8JsonWriter writer, ref MessageReader reader)
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

    private static void WriteArray(Utf8JsonWriter writer, ref MessageReader reader, int depthLeft)
    {
        writer.WriteStartArray();
        for (int left = reader.ReadArrayHeader(); left > 0; left--)
        {
            Write(writer, ref reader, depthLeft - 1);
        }

        writer.WriteEndArray();
    }

    private static void WriteMap(Utf8JsonWriter writer, ref MessageReader reader, int depthLeft)
    {
        writer.WriteStartObject();
        for (int left = reader.ReadMapHeader(); left > 0; left--)
        {
            writer.WritePropertyName(reader.Peek() == MessagePackType.String ? reader.ReadText() : Of(reader.Skip(), isOneLine: true));
            Write(writer, ref reader, depthLeft - 1);
        }

        writer.WriteEndObject();
    }

    private static void WriteExtension(Utf8JsonWriter writer, ref MessageReader reader)
    {
        var data = reader.ReadExtension(out sbyte type);
        if (type == ReservedMessagePackExtensionTypeCode.DateTime)
        {
            writer.WriteStringValue(InstantText(data));
            return;
        }

        writer.WriteStartObject();
        writer.WriteNumber("type", type);
        writer.WriteBase64String("data", data);
        writer.WriteEndObject();
    }

    /// <summary>
    /// An instant to the nanosecond, which the package's reader rounds to 100. Seconds beyond the years that a calendar here knows are
    /// given as a number.
    /// </summary>
    private static string InstantText(ReadOnlySpan<byte> stamp)
    {
        var (seconds, nanoseconds) = stamp.Length switch
        {
            4 => (BinaryPrimitives.ReadUInt32BigEndian(stamp), 0u),
            8 => Packed(BinaryPrimitives.ReadUInt64BigEndian(stamp)),
            12 => (BinaryPrimitives.ReadInt64BigEndian(stamp[4..]), BinaryPrimitives.ReadUInt32BigEndian(stamp)),
            _ => throw new MessagePackException($"a timestamp of {stamp.Length} bytes; there are only those of 4, 8 and 12"),
        };
        if (nanoseconds > 999_999_999)
        {
            throw new MessagePackException($"a timestamp has {nanoseconds} nanoseconds beside its seconds; at most 999999999 are possible");
        }

        bool isDate = seconds >= DateTimeOffset.MinValue.ToUnixTimeSeconds() && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds();
        return isDate ? $"{DateTimeOffset.FromUnixTimeSeconds(seconds):yyyy-MM-ddTHH:mm:ss}.{nanoseconds:000000000}Z"
            : $"{seconds}.{nanoseconds:000000000}";
    }

    /// <summary>34 bits of seconds below 30 of nanoseconds.</summary>
    private static (long Seconds, uint Nanoseconds) Packed(ulong bits) => ((long)(bits & 0x3_FFFF_FFFF), (uint)(bits >> 34));
}
