using EdgeRoute.Protocol.MessagePack;

namespace EdgeRoute.Tests.Protocol.MessagePack;

/// <summary>Every format of the specification at the edges of its size, byte for byte.</summary>
public sealed class ValueTableTests
{
    /// <summary>Every first byte of the specification but the one never used; ranges count by one of theirs.</summary>
    private static readonly int[] FirstBytes = [0x00, 0x7F, 0x80, 0x90, 0xA0, .. Enumerable.Range(0xC0, 32).Where(b => b != 0xC1),
        0xE0, 0xFF];

    public static TheoryData<string> All => [.. ValueTable.Rows.Select(r => r.Name)];

    [Fact]
    public void The_table_has_every_format_once_or_more()
    {
        var missing = FirstBytes.Except(ValueTable.Rows.Select(r => (int)r.Bytes[0])).Select(b => $"0x{b:X2}");
        Assert.Empty(missing);
        Assert.Equal(ValueTable.Rows.Count, ValueTable.Rows.Select(r => r.Name).Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Bytes_are_read_as_the_value(string name)
    {
        var row = RowOf(name);
        var value = MessageValue.Read(row.Bytes);
        if (row.Value.Kind == MessagePackKind.Extension && row.Value.Type == -1)
        {
            Assert.Equal(TimeOf(row.Value.ToBytes()), TimeOf(row.Bytes));
            return;
        }

        Assert.Equal(row.Value, value);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void The_value_is_written_in_its_shortest_bytes(string name)
    {
        var row = RowOf(name);
        byte[] written = row.Value.ToBytes();
        Assert.True(row.Bytes.AsSpan().SequenceEqual(written) == row.IsShortest && written.Length <= row.Bytes.Length,
            $"wrote {Beginning(written)}, the table has {Beginning(row.Bytes)}");
    }

    [Theory]
    [MemberData(nameof(All))]
    public void The_scanner_ends_where_the_reader_does(string name)
    {
        byte[] bytes = [.. RowOf(name).Bytes, 0xC0];
        var reader = new MessagePackReader(bytes);
        reader.Skip();
        var scanner = new MessageScanner(MessagePackLimits.Replies);
        Assert.True(scanner.TryFinish(bytes, out int taken));
        Assert.Equal((bytes.Length - 1, bytes.Length - 1), (reader.Position, taken));
    }

    [Fact]
    public void Nanoseconds_since_1970_become_whole_seconds_and_a_rest_that_is_never_negative()
    {
        Assert.Equal(new MessagePackTimestamp(-1, 999_999_999), MessagePackTimestamp.OfUtcNs(-1));
        Assert.Equal(new MessagePackTimestamp(-1, 0), MessagePackTimestamp.OfUtcNs(-1_000_000_000));
        Assert.Equal(new MessagePackTimestamp(0, 1), MessagePackTimestamp.OfUtcNs(1));
        Assert.Equal(new MessagePackTimestamp(-9_223_372_037, 145_224_192), MessagePackTimestamp.OfUtcNs(long.MinValue));
    }

    [Theory]
    [InlineData("d6ff")]
    [InlineData("d4ff00")]
    [InlineData("d60500000000")]
    [InlineData("d7ffee6b280000000000")]
    [InlineData("c70cff3b9aca000000000000000000")]
    [InlineData("00")]
    public void What_is_no_timestamp_is_refused(string hex) =>
    Assert.Throws<MessagePackException>(() => TimeOf(Convert.FromHexString(hex)));

    private static string Beginning(byte[] bytes) => Convert.ToHexString(bytes.AsSpan(0, Math.Min(bytes.Length, 32)));

    private static MessagePackTimestamp TimeOf(byte[] bytes) => new MessagePackReader(bytes).ReadTimestamp();

    private static ValueRow RowOf(string name) => ValueTable.Rows.Single(r => r.Name == name);
}
