using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Framing;
using EdgeRoute.TestBench.Messages;
using EdgeRoute.Tests.Protocol.Framing;
using MessagePack;

namespace EdgeRoute.Tests.Protocol.Control;

/// <summary>What the reader of fields takes for another, and what it refuses with words that say where.</summary>
public sealed class FieldReaderTests
{
    [Fact]
    public void Integers_and_floats_are_taken_for_one_another_where_the_value_fits()
    {
        Assert.Equal(5.0, Read<TrialRequest>((ref w) => w.Write(5), "seconds").Seconds);
        Assert.Equal(5, Read<PairingStepMessage>((ref w) => w.Write(5.0), "round").Round);
        Assert.Equal(-5, Read<TrialRequest>((ref w) => w.Write(-5f), "late_most").LateMost);
        Assert.Equal(0.25, Read<TrialRequest>((ref w) => w.Write(0.25f), "seconds").Seconds);
        Assert.Equal(long.MinValue, Read<EventListRequest>((ref w) => w.Write((double)long.MinValue), "after").After);
    }

    [Theory]
    [InlineData(5.5)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(9.3e18)]
    [InlineData(-9.3e18)]
    [InlineData(9223372036854775808.0)]
    public void Floats_that_are_no_integers_are_refused(double number) => Refused<EventListRequest>((ref w) => w.Write(number),
        "after", "'after'");

    [Fact]
    public void An_integer_beyond_32_bits_is_refused_where_32_are_kept() => Refused<PairingStepMessage>((ref w) => w.Write(1L << 40),
        "round", "32 bits");

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.NegativeInfinity)]
    public void Numbers_that_are_not_finite_are_refused_in_requests_and_read_in_answers(double number)
    {
        Refused<TrialRequest>((ref w) => w.Write(number), "seconds", "'seconds' is not a finite number");
        Refused<TrialRequest>((ref w) => w.Write(number), "watts", "'watts' is not a finite number");
        Refused<SettingSet>((ref w) => w.Write(number), "price", "'price' is not a finite number");
        Assert.Equal(number, FieldReader.Read<TrialRequest>(MapOf("watts", (ref w) => w.Write(number))).Watts);
        Assert.Equal(SettingValue.None, FieldReader.Read<SettingSet>(MapOf("price", (ref w) => w.Write(number))).Price);
        Assert.Throws<ArgumentOutOfRangeException>(() => SettingValue.Of(number));
    }

    [Fact]
    public void Nil_is_no_figure_in_answers_and_refused_for_a_figure_in_requests()
    {
        Assert.Equal(double.NaN, FieldReader.Read<WindowStatus>(MapOf("latency_ms_p50", (ref w) => w.WriteNil())).LatencyMsP50);
        Assert.Equal(double.NaN,
            FieldReader.Read<CurvePoint>(ControlType.BytesOf(new CurvePoint { Price = double.PositiveInfinity })).Price);
        Refused<TrialRequest>((ref w) => w.WriteNil(), "seconds", "'seconds'");
        Assert.Null(Read<TrialRequest>((ref w) => w.WriteNil(), "watts").Watts);
    }

    [Fact]
    public void A_setting_is_unchanged_none_a_number_or_a_word()
    {
        Assert.False(FieldReader.ReadStrict<SettingSet>(new byte[] { 0x80 }).Price.IsGiven);
        Assert.True(Read<SettingSet>((ref w) => w.WriteNil(), "price").Price.IsNone);
        Assert.Equal(SettingValue.Of(3), Read<SettingSet>((ref w) => w.Write(3), "price").Price);
        Assert.Equal(SettingValue.Of("value"), Read<SettingSet>((ref w) => w.Write("value"), "policy").Policy);
        Refused<SettingSet>((ref w) => w.Write(true), "price", "'price'");
    }

    [Fact]
    public void A_wrong_field_is_named_with_its_place()
    {
        Refused<ChangeRequest>((ref w) => Put(ref w, "prize", (ref v) => v.Write(1)), "set",
            "'set.prize' is not known; known here: price, floor");
        Refused<ChangeRequest>((ref w) => w.Write("now"), "set", "'set'");
        Refused<EventList>((ref w) => List(ref w, "level", (ref v) => v.Write(1)), "events", "'events[0].level'");
    }

    [Fact]
    public void A_value_of_another_type_is_named_with_its_field_and_its_byte_in_the_message()
    {
        Refused<TrialRequest>((ref w) => w.Write("soon"), "seconds", "the field 'seconds': at byte 9 there is text; a number is wanted");
        Refused<NamedRequest>((ref w) => w.Write(7), "name", "the field 'name': at byte 6 there is integer; text is wanted");
        Refused<NamedRequest>((ref w) => w.WriteRaw([0xA2, 0xC3, 0x28]), "name", "the field 'name': the text at byte 6 is not UTF-8");
        Refused<EventListRequest>((ref w) => w.Write(ulong.MaxValue), "after",
            "the field 'after': the integer 18446744073709551615 at byte 7 does not fit into 64 bits with a sign");
    }

    [Fact]
    public void A_long_foreign_word_is_not_repeated_in_full()
    {
        string word = new('x', 100_000);
        string message = Assert.Throws<MessagePackException>(() =>
            FieldReader.ReadStrict<NamedRequest>(MapOf(word, (ref w) => w.WriteNil()))).Message;
        Assert.InRange(message.Length, 60, 200);
    }

    [Fact]
    public void Lists_and_maps_beyond_the_limits_are_refused()
    {
        var many = MapOf("effects", (ref w) => Repeat(ref w, 5000, [0xA0]));
        Assert.Contains("5000 items", Assert.Throws<MessagePackException>(() => FieldReader.Read<ChangeReply>(many)).Message);
        Assert.Contains("fields",
            Assert.Throws<MessagePackException>(() => FieldReader.Read<ChangeReply>(MapOfKeys(5000))).Message);
    }

    /// <summary>Lists inside lists of empty maps: a megabyte would become a gigabyte.</summary>
    [Fact]
    public void Maps_of_a_whole_message_are_counted_together()
    {
        byte[] options = [.. MapOf("options", (ref w) => Repeat(ref w, 4000, [0x80]))];
        byte[] nodes = MapOf("nodes", (ref w) => Repeat(ref w, 100, options));
        byte[] whole = MapOf("streams", (ref w) => Repeat(ref w, 1, nodes));
        Assert.Contains("more than 262144 maps",
            Assert.Throws<MessagePackException>(() => FieldReader.Read<DeviceDescription>(whole)).Message);
    }

    private static T Read<T>(WriteValue value, string name) where T : IControlMessage, new() =>
        FieldReader.ReadStrict<T>(MapOf(name, value));

    private static void Refused<T>(WriteValue value, string name, string words) where T : IControlMessage, new() =>
        Assert.Contains(words, Assert.Throws<MessagePackException>(() => FieldReader.ReadStrict<T>(MapOf(name, value))).Message);

    private static byte[] MapOf(string name, WriteValue value) => MessageValue.BytesOf((ref w) => Put(ref w, name, value));

    private static void Put(ref MessagePackWriter writer, string name, WriteValue value)
    {
        writer.WriteMapHeader(1);
        writer.Write(name);
        value(ref writer);
    }

    private static void List(ref MessagePackWriter writer, string name, WriteValue value)
    {
        writer.WriteArrayHeader(1);
        Put(ref writer, name, value);
    }

    private static void Repeat(ref MessagePackWriter writer, int count, byte[] value)
    {
        writer.WriteArrayHeader(count);
        for (int i = 0; i < count; i++)
        {
            writer.WriteRaw(value);
        }
    }

    /// <summary>A map of so many different keys.</summary>
    private static byte[] MapOfKeys(int count) => MessageValue.BytesOf((ref w) =>
    {
        w.WriteMapHeader(count);
        for (int i = 0; i < count; i++)
        {
            w.Write($"{i}");
            w.WriteNil();
        }
    });
}
