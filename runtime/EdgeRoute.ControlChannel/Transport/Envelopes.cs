using System.Buffers;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Rpc;
using MessagePack;

namespace EdgeRoute.ControlChannel.Transport;

/// <summary>A telemetry notification around a status that is MessagePack already: it is written once and sent to many.</summary>
internal static class TelemetryEnvelope
{
    public static void Write(ArrayBufferWriter<byte> buffer, int subscription, long number, long lostCount, ReadOnlySpan<byte> status)
    {
        var writer = NotificationHead.Write(buffer, ControlNotification.Telemetry, 4);
        NotificationHead.WriteCounts(ref writer, subscription, number, lostCount);
        writer.WriteString("status"u8);
        writer.WriteRaw(status);
        writer.Flush();
    }
}

/// <summary>
/// A trace notification around records that lie in a batch: <see cref="TraceMessage"/> would need an array of their exact length.
/// </summary>
internal static class TraceEnvelope
{
    public static void Write(ArrayBufferWriter<byte> buffer, int subscription, long number, long lostCount, int recordBytes,
        ReadOnlySpan<byte> records)
    {
        var writer = NotificationHead.Write(buffer, ControlNotification.Trace, 5);
        NotificationHead.WriteCounts(ref writer, subscription, number, lostCount);
        writer.WriteString("record_bytes"u8);
        writer.Write(recordBytes);
        writer.WriteString("records"u8);
        writer.Write(records);
        writer.Flush();
    }
}

/// <summary>How every notification begins.</summary>
internal static class NotificationHead
{
    /// <summary>A writer that goes on behind the head, in a buffer that has nothing else.</summary>
    public static MessagePackWriter Write(ArrayBufferWriter<byte> buffer, string method, int fieldCount)
    {
        buffer.ResetWrittenCount();
        var writer = new MessagePackWriter(buffer);
        writer.WriteArrayHeader(3);
        writer.Write((int)RpcKind.Notification);
        writer.Write(method);
        writer.WriteArrayHeader(1);
        writer.WriteMapHeader(fieldCount);
        return writer;
    }

    public static void WriteCounts(ref MessagePackWriter writer, int subscription, long number, long lostCount)
    {
        writer.WriteString("subscription"u8);
        writer.Write(subscription);
        writer.WriteString("number"u8);
        writer.Write(number);
        writer.WriteString("lost"u8);
        writer.Write(lostCount);
    }
}
