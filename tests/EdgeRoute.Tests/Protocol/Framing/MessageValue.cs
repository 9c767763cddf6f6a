using System.Buffers;
using System.Buffers.Binary;
using EdgeRoute.Protocol.Framing;
using MessagePack;

namespace EdgeRoute.Tests.Protocol.Framing;

/// <summary>
/// Any value of MessagePack as a tree, so that tests can make, write, read and compare all of them. Only what the kind needs is set.
/// </summary>
public sealed record MessageValue(MessagePackType Kind)
{
    /// <summary>Integers, and true as 1.</summary>
    public Int128 Integer { get; init; }

    /// <summary>Floats by their bits, so that NaN equals itself and 0 does not equal -0.</summary>
    public long DoubleBits { get; init; }

    /// <summary>Written with 32 bits; what was read does not tell.</summary>
    public bool IsSingle { get; init; }

    public string Text { get; init; } = "";

    /// <summary>Of binary data and extensions.</summary>
    public byte[] Bytes { get; init; } = [];

    public sbyte Type { get; init; }

    /// <summary>Of arrays; of maps keys and values in turn.</summary>
    public IReadOnlyList<MessageValue> Items { get; init; } = [];

    public static MessageValue Nil { get; } = new(MessagePackType.Nil);

    public static MessageValue OfInteger(Int128 value) => new(MessagePackType.Integer) { Integer = value };

    public static MessageValue OfSingle(float value) =>
        new(MessagePackType.Float) { DoubleBits = BitConverter.DoubleToInt64Bits(value), IsSingle = true };

    public static MessageValue OfDouble(double value) => new(MessagePackType.Float) { DoubleBits = BitConverter.DoubleToInt64Bits(value) };

    public static MessageValue OfText(string text) => new(MessagePackType.String) { Text = text };

    /// <summary>A timestamp, as the extension it is, in the shortest of the three forms.</summary>
    public static MessageValue OfTime(long seconds, uint nanoseconds)
    {
        byte[] bytes = new byte[12];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, nanoseconds);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(4), seconds);
        if (seconds is >= 0 and < 1L << 34)
        {
            ulong packed = ((ulong)nanoseconds << 34) | (ulong)seconds;
            BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(4), packed);
            bytes = packed <= uint.MaxValue ? bytes[8..] : bytes[4..];
        }

        return new MessageValue(MessagePackType.Extension) { Type = ReservedMessagePackExtensionTypeCode.DateTime, Bytes = bytes };
    }

    /// <summary>What the package's writer makes of something.</summary>
    public static byte[] BytesOf(WriteValue write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(buffer);
        write(ref writer);
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    public static MessageValue Read(ReadOnlyMemory<byte> bytes)
    {
        var reader = new MessageReader(bytes);
        var value = Read(ref reader);
        Assert.True(reader.IsAtEnd, $"{bytes.Length - reader.Position} bytes are left behind the value");
        return value;
    }

    public static MessageValue Read(ref MessageReader reader)
    {
        var kind = reader.Peek();
        switch (kind)
        {
            case MessagePackType.Nil:
                Assert.True(reader.TryReadNil());
                return Nil;
            case MessagePackType.Boolean:
                return new MessageValue(kind) { Integer = reader.ReadBoolean() ? 1 : 0 };
            case MessagePackType.Integer:
                return OfInteger(ReadInteger(ref reader));
            case MessagePackType.Float:
                return OfDouble(reader.ReadNumber());
            case MessagePackType.String:
                return OfText(reader.ReadText());
            case MessagePackType.Binary:
                return new MessageValue(kind) { Bytes = reader.ReadBinary().ToArray() };
            case MessagePackType.Array:
                return new MessageValue(kind) { Items = ReadItems(reader.ReadArrayHeader(), ref reader) };
            case MessagePackType.Map:
                return new MessageValue(kind) { Items = ReadItems(2 * reader.ReadMapHeader(), ref reader) };
            default:
                var bytes = reader.ReadExtension(out sbyte type);
                return new MessageValue(kind) { Bytes = bytes.ToArray(), Type = type };
        }
    }

    public void Write(ref MessagePackWriter writer)
    {
        switch (Kind)
        {
            case MessagePackType.Nil:
                writer.WriteNil();
                break;
            case MessagePackType.Boolean:
                writer.Write(Integer != 0);
                break;
            case MessagePackType.Integer when Integer < 0:
                writer.Write((long)Integer);
                break;
            case MessagePackType.Integer:
                writer.Write((ulong)Integer);
                break;
            case MessagePackType.Float when IsSingle:
                writer.Write((float)BitConverter.Int64BitsToDouble(DoubleBits));
                break;
            case MessagePackType.Float:
                writer.Write(BitConverter.Int64BitsToDouble(DoubleBits));
                break;
            case MessagePackType.String:
                writer.Write(Text);
                break;
            case MessagePackType.Binary:
                writer.Write(Bytes);
                break;
            case MessagePackType.Array:
                writer.WriteArrayHeader(Items.Count);
                WriteItems(ref writer);
                break;
            case MessagePackType.Map:
                writer.WriteMapHeader(Items.Count / 2);
                WriteItems(ref writer);
                break;
            default:
                writer.WriteExtensionFormat(new ExtensionResult(Type, Bytes));
                break;
        }
    }

    public byte[] ToBytes() => BytesOf(Write);

    public bool Equals(MessageValue? other) => other is not null && Kind == other.Kind && Integer == other.Integer
        && DoubleBits == other.DoubleBits && Text == other.Text
        && Type == other.Type && Bytes.AsSpan().SequenceEqual(other.Bytes) && Items.SequenceEqual(other.Items);

    public override int GetHashCode() => HashCode.Combine(Kind, Integer, DoubleBits, Text, Type, Bytes.Length, Items.Count);

    private static Int128 ReadInteger(ref MessageReader reader)
    {
        var ahead = reader;
        return ahead.ReadNumber() < 0 ? reader.ReadInteger() : reader.ReadUnsigned();
    }

    private static MessageValue[] ReadItems(int count, ref MessageReader reader)
    {
        var items = new MessageValue[count];
        for (int i = 0; i < count; i++)
        {
            items[i] = Read(ref reader);
        }

        return items;
    }

    private void WriteItems(ref MessagePackWriter writer)
    {
        foreach (var item in Items)
        {
            item.Write(ref writer);
        }
    }
}

/// <summary>Writes some values.</summary>
public delegate void WriteValue(ref MessagePackWriter writer);
