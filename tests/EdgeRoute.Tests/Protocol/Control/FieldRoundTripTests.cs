using System.Buffers;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Framing;
using EdgeRoute.TestBench.Messages;

namespace EdgeRoute.Tests.Protocol.Control;

/// <summary>Every control message with every field set: a field that its Visit forgets, or names twice, is found here.</summary>
public sealed class FieldRoundTripTests
{
    public static TheoryData<string> All => [.. ControlType.All.Select(t => t.Name)];

    [Theory]
    [MemberData(nameof(All))]
    public void Every_field_comes_back(string name)
    {
        var type = ControlType.Named(name);
        for (int seed = 0; seed < 10; seed++)
        {
            var message = MessageFiller.Filled(type, seed);
            byte[] bytes = ControlType.BytesOf(message);
            Assert.Empty(MessageFiller.Differences(message, type.ReadStrict(bytes)));
            Assert.Empty(MessageFiller.Differences(message, type.Read(bytes)));
        }
    }

    /// <summary>What the filler makes differs from the default in every field; without this a forgotten field could pass.</summary>
    [Theory]
    [MemberData(nameof(All))]
    public void Filled_messages_differ_from_default_ones_in_every_field(string name)
    {
        var type = ControlType.Named(name);
        var (filled, empty) = (MessageFiller.Filled(type, 1), type.Make());
        foreach (var field in MessageFiller.Fields(type.Type))
        {
            Assert.NotEmpty(MessageFiller.Differences(field.GetValue(filled), field.GetValue(empty)));
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Defaults_come_back_also_from_an_empty_map(string name)
    {
        var type = ControlType.Named(name);
        Assert.Empty(MessageFiller.Differences(type.Make(), type.Read(ControlType.BytesOf(type.Make()))));
        Assert.Empty(MessageFiller.Differences(type.Make(), type.ReadStrict([0x80])));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Every_truncation_is_refused(string name)
    {
        var type = ControlType.Named(name);
        byte[] bytes = ControlType.BytesOf(MessageFiller.Filled(type, 2));
        for (int length = 0; length < Math.Min(bytes.Length, 600); length++)
        {
            Assert.Throws<MessagePackException>(() => type.ReadStrict(bytes[..length]));
            Assert.Throws<MessagePackException>(() => type.Read(bytes[..length]));
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_key_that_is_not_known_is_refused_in_requests_and_passed_over_in_answers(string name)
    {
        var type = ControlType.Named(name);
        byte[] bytes = [0x82, 0xA4, .. "misp"u8, 0x93, 1, 0x81, 2, 3, 0xC0, 0xA4, .. "misq"u8, 0xC0];
        Assert.Contains("'misp' is not known", Assert.Throws<MessagePackException>(() => type.ReadStrict(bytes)).Message);
        Assert.Empty(MessageFiller.Differences(type.Make(), type.Read(bytes)));
    }

    [Fact]
    public void A_field_that_is_there_twice_is_refused()
    {
        byte[] bytes = [0x82, 0xA4, .. "name"u8, 0xA1, (byte)'a', 0xA4, .. "name"u8, 0xA1, (byte)'b'];
        Assert.Contains("'name' is there twice", Assert.Throws<MessagePackException>(() => FieldReader.Read<NamedRequest>(bytes)).Message);
        Assert.Throws<MessagePackException>(() => FieldReader.ReadStrict<NamedRequest>(bytes));
    }

    [Fact]
    public void Writing_a_message_again_allocates_its_visitor_and_nothing_else()
    {
        var buffer = new ArrayBufferWriter<byte>();
        var status = MessageFiller.Filled(ControlType.Named(nameof(DeviceStatus)), 3);
        long bytes = AllocationWindows.LeastBytesOf(() =>
        {
            buffer.ResetWrittenCount();
            FieldWriter.Write(buffer, status);
        });
        Assert.InRange(bytes, 0, 40L * AllocationWindows.FrameCountMin * 8);
    }
}
