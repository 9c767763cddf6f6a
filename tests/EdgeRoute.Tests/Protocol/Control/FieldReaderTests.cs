using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.MessagePack;
using EdgeRoute.TestBench.Messages;

namespace EdgeRoute.Tests.Protocol.Control;

/// <summary>What the reader of fields takes for another, and what it refuses with words that say where.</summary>
public sealed class FieldReaderTests
{
    [Fact]
    public void Integers_and_floats_are_taken_for_one_another_where_the_value_fits()
    {
        Assert.Equal(5.0, Read<TrialRequest>(w => w.WriteInteger(5), "seconds").Seconds);
        Assert.Equal(5, Read<PairingStepMessage>(w => w.WriteDouble(5), "round").Round);
        Assert.Equal(-5, Read<TrialRequest>(w => w.WriteFloat(-5), "late_most").LateMost);
        Assert.Equal(0.25, Read<TrialRequest>(w => w.WriteFloat(0.25f), "seconds").Seconds);
        Assert.Equal(long.MinValue, Read<EventListRequest>(w => w.WriteDouble(long.MinValue), "after").After);
    }

    [Theory]
    [InlineData(5.5)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(9.3e18)]
    [InlineData(-9.3e18)]
    [InlineData(9223372036854775808.0)]
    public void Floats_that_are_no_integers_are_refused(double number) => Refused<EventListRequest>(w => w.WriteDouble(number),
        "after", "'after'");

    [Fact]
    public void An_integer_beyond_32_bits_is_refused_where_32_are_kept() => Refused<PairingStepMessage>(w => w.WriteInteger(1L << 40),
        "round", "32 bits");

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.NegativeInfinity)]
    public void Numbers_that_are_not_finite_are_refused_in_requests_and_read_in_answers(double number)
    {
        Refused<TrialRequest>(w => w.WriteDouble(number), "seconds", "'seconds' is not a finite number");
        Refused<TrialRequest>(w => w.WriteDouble(number), "watts", "'watts' is not a finite number");
        Refused<SettingSet>(w => w.WriteDouble(number), "price", "'price' is not a finite number");
        Assert.Equal(number, FieldReader.Read<TrialRequest>(MapOf("watts", w => w.WriteDouble(number))).Watts);
        Assert.Equal(SettingValue.None, FieldReader.Read<SettingSet>(MapOf("price", w => w.WriteDouble(number))).Price);
        Assert.Throws<ArgumentOutOfRangeException>(() => SettingValue.Of(number));
    }

    [Fact]
    public void Nil_is_no_figure_in_answers_and_refused_for_a_figure_in_requests()
    {
        Assert.Equal(double.NaN, FieldReader.Read<WindowStatus>(MapOf("latency_ms_p50", w => w.WriteNil())).LatencyMsP50);
        Assert.Equal(double.NaN,
            FieldReader.Read<CurvePoint>(ControlType.BytesOf(new CurvePoint { Price = double.PositiveInfinity })).Price);
        Refused<TrialRequest>(w => w.WriteNil(), "seconds", "'seconds'");
        Assert.Null(Read<TrialRequest>(w => w.WriteNil(), "watts").Watts);
    }

    [Fact]
    public void A_setting_is_unchanged_none_a_number_or_a_word()
    {
        Assert.False(FieldReader.ReadStrict<SettingSet>([0x80]).Price.IsGiven);
        Assert.True(Read<SettingSet>(w => w.WriteNil(), "price").Price.IsNone);
        Assert.Equal(SettingValue.Of(3), Read<SettingSet>(w => w.WriteInteger(3), "price").Price);
        Assert.Equal(SettingValue.Of("value"), Read<SettingSet>(w => w.WriteText("value"), "policy").Policy);
        Refused<SettingSet>(w => w.WriteBoolean(true), "price", "'price'");
    }

    [Fact]
    public void A_wrong_field_is_named_with_its_place()
    {
        Refused<ChangeRequest>(w => Put(w, "prize", v => v.WriteInteger(1)), "set", "'set.prize' is not known; known here: price, floor");
        Refused<ChangeRequest>(w => w.WriteText("now"), "set", "'set'");
        Refused<EventList>(w => List(w, "level", v => v.WriteInteger(1)), "events", "'events[0].level'");
    }

    [Fact]
    public void A_long_foreign_word_is_not_repeated_in_full()
    {
        string word = new('x', 100_000);
        string message = Assert.Throws<MessagePackException>(() =>
            FieldReader.ReadStrict<NamedRequest>(MapOf(word, w => w.WriteNil()))).Message;
        Assert.InRange(message.Length, 60, 200);
    }

    [Fact]
    public void Lists_and_maps_beyond_the_limits_are_refused()
    {
        var many = MapOf("effects", w =>
        {
            w.WriteArrayHeader(5000);
            Enumerable.Range(0, 5000).ToList().ForEach(_ => w.WriteText(""));
        });
        Assert.Contains("5000 items", Assert.Throws<MessagePackException>(() => FieldReader.Read<ChangeReply>(many)).Message);
        Assert.Contains("fields",
            Assert.Throws<MessagePackException>(() => FieldReader.Read<ChangeReply>(new MessageMapMaker(5000).Bytes)).Message);
    }

    /// <summary>Lists inside lists of empty maps: a megabyte would become a gigabyte.</summary>
    [Fact]
    public void Maps_of_a_whole_message_are_counted_together()
    {
        byte[] options = [.. MapOf("options", w => Repeat(w, 4000, [0x80]))];
        byte[] nodes = MapOf("nodes", w => Repeat(w, 100, options));
        byte[] whole = MapOf("streams", w => Repeat(w, 1, nodes));
        Assert.Contains("more than 262144 maps",
            Assert.Throws<MessagePackException>(() => FieldReader.Read<DeviceDescription>(whole)).Message);
    }

    private static T Read<T>(Action<MessagePackWriter> value, string name) where T : IControlMessage,
        new() => FieldReader.ReadStrict<T>(MapOf(name, value));

    private static void Refused<T>(Action<MessagePackWriter> value, string name, string words) where T : IControlMessage, new() =>
        Assert.Contains(words, Assert.Throws<MessagePackException>(() => FieldReader.ReadStrict<T>(MapOf(name, value))).Message);

    private static byte[] MapOf(string name, Action<MessagePackWriter> value)
    {
        var writer = new MessagePackWriter();
        Put(writer, name, value);
        return writer.Written.ToArray();
    }

    private static void Put(MessagePackWriter writer, string name, Action<MessagePackWriter> value)
    {
        writer.WriteMapHeader(1);
        writer.WriteText(name);
        value(writer);
    }

    private static void List(MessagePackWriter writer, string name, Action<MessagePackWriter> value)
    {
        writer.WriteArrayHeader(1);
        Put(writer, name, value);
    }

    private static void Repeat(MessagePackWriter writer, int count, byte[] value)
    {
        writer.WriteArrayHeader(count);
        for (int i = 0; i < count; i++)
        {
            writer.WriteRaw(value);
        }
    }

    /// <summary>A map of so many different keys.</summary>
    private sealed class MessageMapMaker(int count)
    {
        public byte[] Bytes
        {
            get
            {
                var writer = new MessagePackWriter();
                writer.WriteMapHeader(count);
                for (int i = 0; i < count; i++)
                {
                    writer.WriteText($"{i}");
                    writer.WriteNil();
                }

                return writer.Written.ToArray();
            }
        }
    }
}
