using EdgeRoute.Cli.Output;
using EdgeRoute.Protocol.Framing;
using EdgeRoute.Tests.Protocol.Framing;
using MessagePack;

namespace EdgeRoute.Tests.Cli.Output;

public sealed class MessageJsonTests
{
    [Fact]
    public void Every_type_has_a_form()
    {
        byte[] bytes = MessageValue.BytesOf((ref w) =>
        {
            w.WriteMapHeader(10);
            Pair(ref w, "nil", (ref v) => v.WriteNil());
            Pair(ref w, "yes", (ref v) => v.Write(true));
            Pair(ref w, "least", (ref v) => v.Write(long.MinValue));
            Pair(ref w, "most", (ref v) => v.Write(ulong.MaxValue));
            Pair(ref w, "real", (ref v) => v.Write(0.0075));
            Pair(ref w, "nan", (ref v) => v.Write(double.NaN));
            Pair(ref w, "path", (ref v) => v.Write("light>heavy ü"));
            Pair(ref w, "bytes", (ref v) => v.Write([1, 2, 3]));
            Pair(ref w, "when", MessageValue.OfTime(1_700_000_000, 5).Write);
            Pair(ref w, "other", (ref v) => v.WriteExtensionFormat(new ExtensionResult(5, new byte[] { 9 })));
        });
        string expected =
            "{'nil':null,'yes':true,'least':-9223372036854775808,'most':18446744073709551615,'real':0.0075,'nan':null,'path':'light>heavy "
                + "ü','bytes':'AQID',"
            + "'when':'2023-11-14T22:13:20.000000005Z','other':{'type':5,'data':'CQ=='}}";
        Assert.Equal(expected.Replace('\'', '"'), MessageJson.Of(bytes, isOneLine: true));
    }

    [Fact]
    public void Keys_that_are_no_text_become_text()
    {
        byte[] bytes = MessageValue.BytesOf((ref w) =>
        {
            w.WriteMapHeader(1);
            w.Write(7);
            w.WriteArrayHeader(2);
            w.Write(1);
            w.WriteArrayHeader(0);
        });
        Assert.Equal("""{"7":[1,[]]}""", MessageJson.Of(bytes, isOneLine: true));
    }

    [Fact]
    public void Nothing_is_null() => Assert.Equal("null", MessageJson.Of(Array.Empty<byte>()));

    [Fact]
    public void What_is_cut_or_too_deep_is_refused()
    {
        Assert.Throws<MessagePackException>(() => MessageJson.Of(new byte[] { 0x92, 1 }));
        Assert.Throws<MessagePackException>(() => MessageJson.Of((byte[])[.. Enumerable.Repeat((byte)0x91, 100), 1]));
    }

    [Theory]
    [InlineData("d6ffffffffff", "2106-02-07T06:28:15.000000000Z")]
    [InlineData("d7ffee6b27fc00000000", "1970-01-01T00:00:00.999999999Z")]
    [InlineData("c70cff00000001ffffffffffffffff", "1969-12-31T23:59:59.000000001Z")]
    [InlineData("c70cff000000057fffffffffffffff", "9223372036854775807.000000005")]
    public void Instants_of_every_form_are_told_to_the_nanosecond(string hex, string text) =>
        Assert.Equal($"\"{text}\"", MessageJson.Of(Convert.FromHexString(hex), isOneLine: true));

    [Theory]
    [InlineData("d6ff")]
    [InlineData("d4ff00")]
    [InlineData("d7ffee6b280000000000")]
    [InlineData("c70cff3b9aca000000000000000000")]
    public void What_is_no_timestamp_is_refused(string hex) =>
        Assert.Throws<MessagePackException>(() => MessageJson.Of(Convert.FromHexString(hex)));

    private static void Pair(ref MessagePackWriter writer, string key, WriteValue value)
    {
        writer.Write(key);
        value(ref writer);
    }
}
