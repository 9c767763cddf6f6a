using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.MessagePack;
using EdgeRoute.Protocol.Rpc;

namespace EdgeRoute.ControlChannel.Transport;

/// <summary>A telemetry notification around a status that is MessagePack already: it is written once and sent to many.</summary>
internal static class TelemetryEnvelope
{
    public static void Write(MessagePackWriter writer, int subscription, long number, long lostCount, ReadOnlySpan<byte> status)
    {
        NotificationHead.Write(writer, ControlNotification.Telemetry, 4);
        NotificationHead.WriteCounts(writer, subscription, number, lostCount);
        writer.WriteText("status");
        writer.WriteRaw(status);
    }
}

/// <summary>
/// A trace notification around records that lie in a batch: <see cref="TraceMessage"/> would need an array of their exact length.
/// </summary>
internal static class TraceEnvelope
{
    public static void Write(MessagePackWriter writer, int subscription, long number, long lostCount, int recordBytes,
        ReadOnlySpan<byte> records)
    {
        NotificationHead.Write(writer, ControlNotification.Trace, 5);
        NotificationHead.WriteCounts(writer, subscription, number, lostCount);
        writer.WriteText("record_bytes");
        writer.WriteInteger(recordBytes);
        writer.WriteText("records");
        writer.WriteBinary(records);
    }
}

/// <summary>How every notification begins.</summary>
internal static class NotificationHead
{
    public static void Write(MessagePackWriter writer, string method, int fieldCount)
    {
        writer.Clear();
        writer.WriteArrayHeader(3);
        writer.WriteInteger((int)RpcKind.Notification);
        writer.WriteText(method);
        writer.WriteArrayHeader(1);
        writer.WriteMapHeader(fieldCount);
    }

    public static void WriteCounts(MessagePackWriter writer, int subscription, long number, long lostCount)
    {
        writer.WriteText("subscription");
        writer.WriteInteger(subscription);
        writer.WriteText("number");
        writer.WriteInteger(number);
        writer.WriteText("lost");
        writer.WriteInteger(lostCount);
    }
}
