using EdgeRoute.Cli.Output;
using EdgeRoute.Protocol.MessagePack;

namespace EdgeRoute.Tests.Cli.Output;

public sealed class MessageJsonTests
{
    [Fact]
    public void Every_type_has_a_form()
    {
        var writer = new MessagePackWriter();
        writer.WriteMapHeader(10);
        Pair(writer, "nil", w => w.WriteNil());
        Pair(writer, "yes", w => w.WriteBoolean(true));
        Pair(writer, "least", w => w.WriteInteger(long.MinValue));
        Pair(writer, "most", w => w.WriteUnsigned(ulong.MaxValue));
        Pair(writer, "real", w => w.WriteDouble(0.0075));
        Pair(writer, "nan", w => w.WriteDouble(double.NaN));
        Pair(writer, "path", w => w.WriteText("light>heavy ü"));
        Pair(writer, "bytes", w => w.WriteBinary([1, 2, 3]));
        Pair(writer, "when", w => w.WriteTimestamp(new MessagePackTimestamp(1_700_000_000, 5)));
        Pair(writer, "other", w => w.WriteExtension(5, [9]));
        string expected =
            "{'nil':null,'yes':true,'least':-9223372036854775808,'most':18446744073709551615,'real':0.0075,'nan':null,'path':'light>heavy "
                + "ü','bytes':'AQID',"
            + "'when':'2023-11-14T22:13:20.000000005Z','other':{'type':5,'data':'CQ=='}}";
        Assert.Equal(expected.Replace('\'', '"'), MessageJson.Of(writer.Written, isOneLine: true));
    }

    [Fact]
    public void Keys_that_are_no_text_become_text()
    {
        var writer = new MessagePackWriter();
        writer.WriteMapHeader(1);
        writer.WriteInteger(7);
        writer.WriteArrayHeader(2);
        writer.WriteInteger(1);
        writer.WriteArrayHeader(0);
        Assert.Equal("""{"7":[1,[]]}""", MessageJson.Of(writer.Written, isOneLine: true));
    }

    [Fact]
    public void Nothing_is_null() => Assert.Equal("null", MessageJson.Of([]));

    [Fact]
    public void What_is_cut_or_too_deep_is_refused()
    {
        Assert.Throws<MessagePackException>(() => MessageJson.Of([0x92, 1]));
        Assert.Throws<MessagePackException>(() => MessageJson.Of([.. Enumerable.Repeat((byte)0x91, 100), 1]));
    }

    private static void Pair(MessagePackWriter writer, string key, Action<MessagePackWriter> value)
    {
        writer.WriteText(key);
        value(writer);
    }
}
