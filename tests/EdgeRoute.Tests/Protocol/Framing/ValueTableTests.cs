using EdgeRoute.Cli.Output;
using EdgeRoute.Protocol.Framing;
using MessagePack;

namespace EdgeRoute.Tests.Protocol.Framing;

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
        if (row.Value.Kind == MessagePackType.Extension && row.Value.Type == -1)
        {
            Assert.Equal(MessageJson.Of(row.Value.ToBytes()), MessageJson.Of(row.Bytes));
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
        var reader = new MessageReader(bytes);
        reader.Skip();
        var scanner = new MessageScanner(MessagePackLimits.Replies);
        Assert.True(scanner.TryFinish(bytes, out int taken));
        Assert.Equal((bytes.Length - 1, bytes.Length - 1), (reader.Position, taken));
    }

    private static string Beginning(byte[] bytes) => Convert.ToHexString(bytes.AsSpan(0, Math.Min(bytes.Length, 32)));

    private static ValueRow RowOf(string name) => ValueTable.Rows.Single(r => r.Name == name);
}
