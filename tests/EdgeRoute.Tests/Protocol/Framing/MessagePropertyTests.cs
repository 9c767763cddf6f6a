using EdgeRoute.Protocol.Framing;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using MessagePack;

namespace EdgeRoute.Tests.Protocol.Framing;

/// <summary>Random trees of values of every type.</summary>
public sealed class MessagePropertyTests
{
    private static readonly Gen<long> Seconds = Gen.OneOf(
        ArbMap.Default.GeneratorFor<long>(), Gen.Choose(0, int.MaxValue).Select(s => 8L * s), Gen.Choose(0, 1000).Select(s => (long)s));

    public static Arbitrary<MessageValue> Values() => Gen.Sized(size => Tree(Math.Min(size, 40))).ToArbitrary();

    [Property(Arbitrary = [typeof(MessagePropertyTests)])]
    public void What_is_written_is_read(MessageValue value)
    {
        byte[] bytes = value.ToBytes();
        Assert.Equal(value, MessageValue.Read(bytes));
        if (!HasSingles(value))
        {
            Assert.Equal(bytes, MessageValue.Read(bytes).ToBytes());
        }
    }

    [Property(Arbitrary = [typeof(MessagePropertyTests)])]
    public void Skipping_ends_where_reading_does(MessageValue value, byte[] rest)
    {
        byte[] bytes = value.ToBytes();
        var reader = new MessageReader((byte[])[.. bytes, .. rest]);
        Assert.Equal(bytes, reader.Skip().ToArray());
        Assert.Equal(bytes.Length, reader.Position);
    }

    [Property(Arbitrary = [typeof(MessagePropertyTests)])]
    public void The_scanner_finds_the_same_ends_in_pieces_of_any_size(MessageValue[] values, int seed)
    {
        byte[][] messages = [.. values.Select(v => v.ToBytes())];
        byte[] stream = [.. messages.SelectMany(m => m)];
        var random = new Random(seed);
        var scanner = new MessageScanner(new MessagePackLimits(MessagePackLimits.DepthMost, 1 << 20));
        var ends = new List<int>();
        for (int at = 0; at < stream.Length;)
        {
            int piece = Math.Min(random.Next(1, 20), stream.Length - at);
            bool isWhole = scanner.TryFinish(stream.AsSpan(at, piece), out int taken);
            Assert.True(isWhole ? taken is > 0 : taken == piece);
            at += taken;
            if (isWhole)
            {
                ends.Add(at);
            }
        }

        Assert.Equal(messages.Select((_, i) => messages.Take(i + 1).Sum(m => m.Length)), ends);
    }

    [Property(Arbitrary = [typeof(MessagePropertyTests)])]
    public void Every_truncation_is_refused(MessageValue value)
    {
        byte[] bytes = value.ToBytes();
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.Throws<MessagePackException>(() => MessageValue.Read(bytes.AsMemory(0, length)));
            Assert.Throws<MessagePackException>(() => new MessageReader(bytes.AsMemory(0, length)).Skip().Length);
        }
    }

    [Property]
    public void Random_bytes_are_read_or_refused_the_same_by_reader_and_scanner(byte[] bytes)
    {
        int? read = TrySkip(bytes), scanned = TryScan(bytes);
        Assert.True(read == scanned || (read is not null && scanned is null),
            $"the reader ends at {read}, the scanner at {scanned}: {Convert.ToHexString(bytes)}");
    }

    [Fact]
    public void Scanning_and_reading_spans_allocate_nothing()
    {
        byte[] stream = [.. ValueTable.Rows.Where(r => r.Bytes.Length < 1000).SelectMany(r => r.Bytes)];
        var scanner = new MessageScanner(MessagePackLimits.Replies);
        Assert.Equal(0, AllocationWindows.LeastBytesOf(() => ScanAll(scanner, stream)));
    }

    private static void ScanAll(MessageScanner scanner, byte[] stream)
    {
        var reader = new MessageReader(stream);
        while (!reader.IsAtEnd)
        {
            var one = reader.Skip();
            Assert.True(scanner.TryFinish(one.Span, out int taken) && taken == one.Length);
        }
    }

    private static int? TrySkip(byte[] bytes)
    {
        try
        {
            return new MessageReader(bytes).Skip().Length;
        }
        catch (MessagePackException)
        {
            return null;
        }
    }

    private static int? TryScan(byte[] bytes)
    {
        try
        {
            return new MessageScanner(new MessagePackLimits(MessagePackLimits.DepthMost, 1 << 20)).TryFinish(bytes, out int taken)
                ? taken : null;
        }
        catch (MessagePackException)
        {
            return null;
        }
    }

    private static bool HasSingles(MessageValue value) => value.IsSingle || value.Items.Any(HasSingles);

    private static Gen<MessageValue> Tree(int size) => size <= 1 ? Leaf() : Gen.Frequency(
        (3, Leaf()),
        (1, Tree(size / 2).ArrayOf().Where(a => a.Length <= 40).Select(items => new MessageValue(MessagePackType.Array) { Items = items })),
        (1, Pairs(size / 2)));

    private static Gen<MessageValue> Pairs(int size) =>
        (from key in Leaf() from item in Tree(size) select new[] { key, item }).ArrayOf().Where(a => a.Length <= 40)
        .Select(pairs => new MessageValue(MessagePackType.Map) { Items = [.. pairs.SelectMany(p => p)] });

    private static Gen<MessageValue> Leaf() => Gen.OneOf(
        Gen.Constant(MessageValue.Nil),
        ArbMap.Default.GeneratorFor<bool>().Select(b => new MessageValue(MessagePackType.Boolean) { Integer = b ? 1 : 0 }),
        from bits in ArbMap.Default.GeneratorFor<long>() from shift in Gen.Choose(0, 63) select MessageValue.OfInteger(bits >> shift),
        from bits in ArbMap.Default.GeneratorFor<ulong>() from shift in Gen.Choose(0, 63) select MessageValue.OfInteger(bits >> shift),
        ArbMap.Default.GeneratorFor<float>().Select(MessageValue.OfSingle),
        ArbMap.Default.GeneratorFor<double>().Select(MessageValue.OfDouble),
        ArbMap.Default.GeneratorFor<string>().Select(t => MessageValue.OfText(WholeText(t))),
        from length in Gen.Choose(0, 300) from letter in Gen.Elements('a', 'é', '中')
        select MessageValue.OfText(new string(letter, length)),
        from length in Gen.Choose(0, 300) from b in ArbMap.Default.GeneratorFor<byte>()
        select new MessageValue(MessagePackType.Binary) { Bytes = [.. Enumerable.Repeat(b, length)] },
        from length in Gen.Choose(0, 40) from type in Gen.Choose(-128, 127) from b in ArbMap.Default.GeneratorFor<byte>()
        select new MessageValue(MessagePackType.Extension) { Type = (sbyte)type, Bytes = [.. Enumerable.Repeat(b, length)] },
        from seconds in Seconds from ns in Gen.Choose(0, 999_999_999) select MessageValue.OfTime(seconds, (uint)ns));

    /// <summary>Half a surrogate pair has no UTF-8 and travels as a question mark of its own; everything else as it is.</summary>
    private static string WholeText(string? text) => new([.. (text ?? "").Where(c => !char.IsSurrogate(c))]);
}
