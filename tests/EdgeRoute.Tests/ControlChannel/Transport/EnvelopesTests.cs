using System.Buffers;
using EdgeRoute.ControlChannel.Transport;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Rpc;
using EdgeRoute.TestBench.Messages;

namespace EdgeRoute.Tests.ControlChannel.Transport;

/// <summary>The notifications that are written again and again, around what is there already.</summary>
public sealed class EnvelopesTests
{
    private static readonly byte[] Status = ControlType.BytesOf(MessageFiller.Filled(ControlType.Named(nameof(DeviceStatus)), 3));

    [Fact]
    public void Telemetry_is_read_as_the_message_it_stands_for()
    {
        var buffer = new ArrayBufferWriter<byte>();
        TelemetryEnvelope.Write(buffer, 5, 70_000, 3, Status);
        var message = RpcMessage.Read(buffer.WrittenMemory);
        var telemetry = FieldReader.ReadStrict<TelemetryMessage>(buffer.WrittenMemory[message.BodyStart..]);
        Assert.Equal((RpcKind.Notification, ControlNotification.Telemetry), (message.Kind, message.Method));
        Assert.Equal((5, 70_000L, 3L), (telemetry.Subscription, telemetry.Number, telemetry.LostCount));
        Assert.Equal(Status, ControlType.BytesOf(telemetry.Status));
    }

    [Fact]
    public void Traces_are_read_as_the_message_they_stand_for()
    {
        var buffer = new ArrayBufferWriter<byte>();
        byte[] records = [.. Enumerable.Range(0, 1024 * 64).Select(i => (byte)i)];
        TraceEnvelope.Write(buffer, 5, 1, 0, 64, records);
        var message = RpcMessage.Read(buffer.WrittenMemory);
        var trace = FieldReader.ReadStrict<TraceMessage>(buffer.WrittenMemory[message.BodyStart..]);
        Assert.Equal((ControlNotification.Trace, 64), (message.Method, trace.RecordBytes));
        Assert.Equal(records, trace.Records);
    }

    [Fact]
    public void Writing_them_allocates_nothing_once_the_buffer_has_grown()
    {
        var buffer = new ArrayBufferWriter<byte>();
        byte[] records = new byte[1024 * 64];
        Assert.Equal(0, AllocationWindows.LeastBytesOf(() =>
        {
            TelemetryEnvelope.Write(buffer, 5, 9, 1, Status);
            TraceEnvelope.Write(buffer, 5, 9, 1, 64, records);
        }));
    }
}
