using EdgeRoute.Protocol.Framing;
using MessagePack;

namespace EdgeRoute.Tests.Protocol.Framing;

/// <summary>Bytes that lie, end early or go too deep cost no memory, and come out as one kind of exception.</summary>
public sealed class HostileMessageTests
{
    /// <summary>An exception with its text and its stack is a few kilobytes; what a lie asks for is megabytes.</summary>
    private const long RefusalBytes = 32 << 10;

    private delegate void ReadAny(ref MessageReader reader);

    private static readonly (string Name, ReadAny Read)[] Reads =
    [
        ("Peek", (ref MessageReader r) => r.Peek()),
        ("TryReadNil", (ref MessageReader r) => r.TryReadNil()),
        ("ReadBoolean", (ref MessageReader r) => r.ReadBoolean()),
        ("ReadInteger", (ref MessageReader r) => r.ReadInteger()),
        ("ReadUnsigned", (ref MessageReader r) => r.ReadUnsigned()),
        ("ReadNumber", (ref MessageReader r) => r.ReadNumber()),
        ("ReadText", (ref MessageReader r) => r.ReadText()),
        ("ReadUtf8", (ref MessageReader r) => r.ReadUtf8()),
        ("ReadBinary", (ref MessageReader r) => r.ReadBinary()),
        ("ReadArrayHeader", (ref MessageReader r) => r.ReadArrayHeader()),
        ("ReadMapHeader", (ref MessageReader r) => r.ReadMapHeader()),
        ("ReadExtension", (ref MessageReader r) => r.ReadExtension(out _)),
        ("Skip", (ref MessageReader r) => r.Skip()),
    ];

    [Fact]
    public void Every_truncation_of_every_value_is_refused_and_by_one_exception()
    {
        foreach (var row in ValueTable.Rows)
        {
            // Big values: the header byte by byte, then places spread over the payload.
            foreach (int length in Enumerable.Range(0, Math.Min(row.Bytes.Length, 40))
                .Concat(Enumerable.Range(1, 8).Select(i => (int)((long)row.Bytes.Length * i / 9))))
            {
                if (length < row.Bytes.Length)
                {
                    Assert.Throws<MessagePackException>(() => MessageValue.Read(row.Bytes.AsMemory(0, length)));
                    Assert.False(new MessageScanner(MessagePackLimits.Replies).TryFinish(row.Bytes.AsSpan(0, length), out int taken));
                    Assert.Equal(length, taken);
                }
            }
        }
    }

    [Fact]
    public void Every_read_of_every_value_and_truncation_returns_or_throws_the_one_exception()
    {
        foreach (var row in ValueTable.Rows.Where(r => r.Bytes.Length < 300))
        {
            for (int length = 0; length <= row.Bytes.Length; length++)
            {
                foreach (var (name, read) in Reads)
                {
                    Expect(row.Bytes.AsMemory(0, length), read, $"{name} of {length} bytes of {row.Name}");
                }
            }
        }
    }

    [Fact]
    public void The_byte_that_is_never_used_is_refused_everywhere()
    {
        foreach (var (_, read) in Reads)
        {
            Assert.Throws<MessagePackException>(() =>
            {
                var reader = new MessageReader(new byte[] { 0xC1 });
                read(ref reader);
            });
        }

        Assert.Throws<MessagePackException>(() => new MessageScanner(MessagePackLimits.Requests).TryFinish([0xC1], out _));
    }

    [Theory]
    [InlineData("dd7fffffff00")]
    [InlineData("ddffffffff00")]
    [InlineData("dfffffffff0000")]
    [InlineData("df800000000000")]
    [InlineData("dbffffffff61")]
    [InlineData("c6ffffffff61")]
    [InlineData("c9ffffffff0561")]
    [InlineData("dc000300c0")]
    [InlineData("de00020000c0")]
    public void A_count_beyond_the_bytes_is_refused_before_anything_is_allocated(string hex)
    {
        byte[] bytes = Convert.FromHexString(hex);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<MessagePackException>(() => MessageValue.Read(bytes));
        Assert.Throws<MessagePackException>(() => new MessageReader(bytes).Skip().Length);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2 * RefusalBytes);
    }

    [Theory]
    [InlineData("ddffffffff")]
    [InlineData("df00100000")]
    [InlineData("dbffffffff")]
    [InlineData("c600050001")]
    public void A_length_beyond_the_limit_is_refused_at_its_header(string hex) =>
        Assert.Throws<MessagePackException>(() => new MessageScanner(MessagePackLimits.Requests).TryFinish(Convert.FromHexString(hex),
            out _));

    [Fact]
    public void A_message_of_the_largest_size_passes_and_one_byte_more_does_not()
    {
        var limits = new MessagePackLimits(16, 1000);
        var exact = new MessageValue(MessagePackType.Binary) { Bytes = new byte[997] };
        Assert.True(new MessageScanner(limits).TryFinish(exact.ToBytes(), out _));
        Assert.Throws<MessagePackException>(() => new MessageScanner(limits).TryFinish((exact with { Bytes = new byte[998] }).ToBytes(),
            out _));
        byte[] ones = [0xDC, 0x03, 0xE6, .. new byte[998]];
        Assert.Throws<MessagePackException>(() => new MessageScanner(limits).TryFinish(ones, out _));
    }

    [Theory]
    [InlineData(0x91)]
    [InlineData(0x81)]
    public void A_depth_bomb_is_refused_at_the_limit_and_not_below(byte code)
    {
        var limits = new MessagePackLimits(16, 1 << 20);
        // In a map the key is the one that goes deeper; its value never comes.
        byte[] bomb = [.. Enumerable.Repeat(code, 17)];
        Assert.False(new MessageScanner(limits).TryFinish(bomb.AsSpan(0, 16), out _));
        Assert.Throws<MessagePackException>(() => new MessageScanner(limits).TryFinish(bomb, out _));
        byte[] deepBomb = [.. Enumerable.Repeat(code, 1000)];
        var deepLimits = new MessagePackLimits(1000, 1 << 20);
        Assert.Throws<MessagePackException>(() => new MessageScanner(deepLimits).TryFinish(deepBomb, out _));
    }

    [Fact]
    public void Skipping_a_million_levels_needs_no_stack()
    {
        byte[] bomb = [.. Enumerable.Repeat((byte)0x91, 1_000_000), 0xC0];
        Assert.Equal(bomb.Length, new MessageReader(bomb).Skip().Length);
    }

    [Fact]
    public void Text_that_is_no_UTF8_is_refused_and_its_bytes_can_still_be_had()
    {
        byte[] bytes = [0xA2, 0xC3, 0x28];
        Assert.Throws<MessagePackException>(() => new MessageReader(bytes).ReadText());
        Assert.Equal(2, new MessageReader(bytes).ReadUtf8().Length);
    }

    [Theory]
    [InlineData("a161", "at byte 1 there is text; binary data is wanted")]
    [InlineData("c40161", "at byte 1 there is binary; text is wanted")]
    [InlineData("c0", "at byte 1 there is nil; text is wanted")]
    [InlineData("c1", "at byte 1 there is 0xC1, which is never used in MessagePack")]
    [InlineData("a3c32861", "the text at byte 1 is not UTF-8")]
    [InlineData("a461", "the message ends at byte 3, inside a value")]
    [InlineData("db8000000061", "the message ends at byte 7, inside a value")]
    [InlineData("", "the message ends at byte 1, inside a value")]
    public void What_is_no_text_is_refused_with_what_is_there_and_at_which_byte(string hex, string words)
    {
        byte[] bytes = [0xC0, .. Convert.FromHexString(hex)];
        bool isBinary = words.Contains("binary data", StringComparison.Ordinal);
        Assert.Equal(words, Assert.Throws<MessagePackException>(() => isBinary ? new MessageReader(bytes, 1).ReadBinary().Length
            : new MessageReader(bytes, 1).ReadText().Length).Message);
    }

    [Theory]
    [InlineData("dd80000000c0")]
    [InlineData("df80000001c0c0")]
    [InlineData("db80000000")]
    [InlineData("c6ffffffff")]
    [InlineData("c9ffffffff05")]
    public void A_count_beyond_31_bits_is_not_passed_over(string hex) =>
        Assert.Throws<MessagePackException>(() => new MessageReader(Convert.FromHexString(hex)).Skip().Length);

    [Fact]
    public void Integers_that_do_not_fit_are_refused()
    {
        Assert.Throws<MessagePackException>(() => new MessageReader(Convert.FromHexString("cf8000000000000000")).ReadInteger());
        Assert.Throws<MessagePackException>(() => new MessageReader(Convert.FromHexString("ff")).ReadUnsigned());
        Assert.Equal(18446744073709551615.0, new MessageReader(Convert.FromHexString("cfffffffffffffffff")).ReadNumber());
    }

    private static void Expect(ReadOnlyMemory<byte> bytes, ReadAny read, string what)
    {
        try
        {
            var reader = new MessageReader(bytes);
            read(ref reader);
        }
        catch (MessagePackException)
        {
        }
        catch (Exception other)
        {
            Assert.Fail($"{what}: {other}");
        }
    }
}
