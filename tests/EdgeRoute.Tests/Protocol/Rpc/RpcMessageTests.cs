using System.Buffers;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Framing;
using EdgeRoute.Protocol.Rpc;

namespace EdgeRoute.Tests.Protocol.Rpc;

/// <summary>The three envelopes.</summary>
public sealed class RpcMessageTests
{
    [Theory]
    [InlineData(0u)]
    [InlineData(127u)]
    [InlineData(uint.MaxValue)]
    public void A_request_comes_back(uint id)
    {
        byte[] bytes = Written(w => RpcMessage.WriteRequest(w, id, "config.get", new ConfigRequest { IsEffective = true }));
        var message = RpcMessage.Read(bytes);
        Assert.Equal((RpcKind.Request, id, "config.get", null), (message.Kind, message.Id, message.Method, message.Error));
        Assert.True(FieldReader.ReadStrict<ConfigRequest>(bytes.AsMemory(message.BodyStart)).IsEffective);
    }

    [Fact]
    public void A_request_without_a_parameter_has_no_body()
    {
        byte[] bytes = Written(w => RpcMessage.WriteRequest(w, 5, "ping", null));
        Assert.Equal(Convert.FromHexString("940005a470696e6790"), bytes);
        Assert.Equal(-1, RpcMessage.Read(bytes).BodyStart);
    }

    [Fact]
    public void A_result_comes_back()
    {
        byte[] bytes = Written(w => RpcMessage.WriteResult(w, 7, new DoneReply { Text = "pong" }));
        var message = RpcMessage.Read(bytes);
        Assert.Equal((RpcKind.Response, 7u, "", null), (message.Kind, message.Id, message.Method, message.Error));
        Assert.Equal("pong", FieldReader.Read<DoneReply>(bytes.AsMemory(message.BodyStart)).Text);
        Assert.Equal(-1, RpcMessage.Read(Written(w => RpcMessage.WriteResult(w, 7, null))).BodyStart);
    }

    [Fact]
    public void An_error_comes_back()
    {
        byte[] bytes = Written(w => RpcMessage.WriteError(w, 9, new RpcError { Code = RpcErrorCode.Limit, Message = "too much",
            Hint = "wait" }));
        var message = RpcMessage.Read(bytes);
        Assert.Equal((9u, -1, "limit", "too much", "wait"),
            (message.Id, message.BodyStart, message.Error!.Code, message.Error.Message, message.Error.Hint));
    }

    [Fact]
    public void A_notification_comes_back()
    {
        byte[] bytes = Written(w => RpcMessage.WriteNotification(w, "event", new EventEntry { Number = 3, Text = "late" }));
        var message = RpcMessage.Read(bytes);
        Assert.Equal((RpcKind.Notification, 0u, "event"), (message.Kind, message.Id, message.Method));
        Assert.Equal("late", FieldReader.Read<EventEntry>(bytes.AsMemory(message.BodyStart)).Text);
    }

    [Theory]
    [InlineData("c0", "no array")]
    [InlineData("90", "an empty array")]
    [InlineData("9400", "cut")]
    [InlineData("940305a470696e6790", "an unknown kind")]
    [InlineData("930005a470696e67", "a request of three")]
    [InlineData("9402a470696e679090", "a notification of four")]
    [InlineData("9400ffa470696e6790", "a negative number")]
    [InlineData("9400cf0000000100000000a470696e6790", "a number of 33 bits")]
    [InlineData("940005a090", "an empty name")]
    [InlineData("940005a2c32890", "a name that is no UTF-8")]
    [InlineData("940005a470696e67928080", "two parameters")]
    [InlineData("940005a470696e67c0", "nil for the parameters")]
    [InlineData("940105a3626164c0", "an error that is no map")]
    public void What_is_no_message_is_refused(string hex, string what)
    {
        Assert.NotEmpty(what);
        Assert.Throws<MessagePackException>(() => RpcMessage.Read(Convert.FromHexString(hex)));
    }

    [Fact]
    public void A_name_has_64_bytes_at_most()
    {
        Assert.Equal(64, RpcMessage.Read(Written(w => RpcMessage.WriteRequest(w, 5, new string('a', 64), null))).Method.Length);
        Assert.Throws<MessagePackException>(() => RpcMessage.Read(Written(w => RpcMessage.WriteRequest(w, 5, new string('a', 65), null))));
    }

    private static byte[] Written(Action<ArrayBufferWriter<byte>> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        write(buffer);
        return buffer.WrittenSpan.ToArray();
    }
}
