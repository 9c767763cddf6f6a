using EdgeRoute.Protocol.MessagePack;

namespace EdgeRoute.Tests.Protocol.MessagePack;

/// <summary>
/// Any value of MessagePack as a tree, so that tests can make, write, read and compare all of them. Only what the kind needs is set.
/// </summary>
public sealed record MessageValue(MessagePackKind Kind)
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

    public static MessageValue Nil { get; } = new(MessagePackKind.Nil);

    public static MessageValue OfInteger(Int128 value) => new(MessagePackKind.Integer) { Integer = value };

    public static MessageValue OfSingle(float value) =>
        new(MessagePackKind.Float) { DoubleBits = BitConverter.DoubleToInt64Bits(value), IsSingle = true };

    public static MessageValue OfDouble(double value) => new(MessagePackKind.Float) { DoubleBits = BitConverter.DoubleToInt64Bits(value) };

    public static MessageValue OfText(string text) => new(MessagePackKind.Text) { Text = text };

    /// <summary>A timestamp, as the extension it is.</summary>
    public static MessageValue OfTime(long seconds, uint nanoseconds)
    {
        var writer = new MessagePackWriter();
        writer.WriteTimestamp(new MessagePackTimestamp(seconds, nanoseconds));
        return Read(writer.Written);
    }

    public static MessageValue Read(ReadOnlySpan<byte> bytes)
    {
        var reader = new MessagePackReader(bytes);
        var value = Read(ref reader);
        Assert.True(reader.IsAtEnd, $"{bytes.Length - reader.Position} bytes are left behind the value");
        return value;
    }

    public static MessageValue Read(ref MessagePackReader reader)
    {
        var kind = reader.Peek();
        switch (kind)
        {
            case MessagePackKind.Nil:
                Assert.True(reader.TryReadNil());
                return Nil;
            case MessagePackKind.Boolean:
                return new MessageValue(kind) { Integer = reader.ReadBoolean() ? 1 : 0 };
            case MessagePackKind.Integer:
                return OfInteger(ReadInteger(ref reader));
            case MessagePackKind.Float:
                return OfDouble(reader.ReadNumber());
            case MessagePackKind.Text:
                return OfText(reader.ReadText());
            case MessagePackKind.Binary:
                return new MessageValue(kind) { Bytes = reader.ReadBinary().ToArray() };
            case MessagePackKind.Array:
                return new MessageValue(kind) { Items = ReadItems(reader.ReadArrayHeader(), ref reader) };
            case MessagePackKind.Map:
                return new MessageValue(kind) { Items = ReadItems(2 * reader.ReadMapHeader(), ref reader) };
            default:
                var bytes = reader.ReadExtension(out sbyte type);
                return new MessageValue(kind) { Bytes = bytes.ToArray(), Type = type };
        }
    }

    public void Write(MessagePackWriter writer)
    {
        switch (Kind)
        {
            case MessagePackKind.Nil:
                writer.WriteNil();
                break;
            case MessagePackKind.Boolean:
                writer.WriteBoolean(Integer != 0);
                break;
            case MessagePackKind.Integer when Integer < 0:
                writer.WriteInteger((long)Integer);
                break;
            case MessagePackKind.Integer:
                writer.WriteUnsigned((ulong)Integer);
                break;
            case MessagePackKind.Float when IsSingle:
                writer.WriteFloat((float)BitConverter.Int64BitsToDouble(DoubleBits));
                break;
            case MessagePackKind.Float:
                writer.WriteDouble(BitConverter.Int64BitsToDouble(DoubleBits));
                break;
            case MessagePackKind.Text:
                writer.WriteText(Text);
                break;
            case MessagePackKind.Binary:
                writer.WriteBinary(Bytes);
                break;
            case MessagePackKind.Array:
                writer.WriteArrayHeader(Items.Count);
                WriteItems(writer);
                break;
            case MessagePackKind.Map:
                writer.WriteMapHeader(Items.Count / 2);
                WriteItems(writer);
                break;
            default:
                writer.WriteExtension(Type, Bytes);
                break;
        }
    }

    public byte[] ToBytes()
    {
        var writer = new MessagePackWriter();
        Write(writer);
        return writer.Written.ToArray();
    }

    public bool Equals(MessageValue? other) => other is not null && Kind == other.Kind && Integer == other.Integer
        && DoubleBits == other.DoubleBits && Text == other.Text
        && Type == other.Type && Bytes.AsSpan().SequenceEqual(other.Bytes) && Items.SequenceEqual(other.Items);

    public override int GetHashCode() => HashCode.Combine(Kind, Integer, DoubleBits, Text, Type, Bytes.Length, Items.Count);

    private static Int128 ReadInteger(ref MessagePackReader reader)
    {
        // A fixed negative number is 0xE0 and above; the four signed forms are 0xD0 to 0xD3.
        byte code = reader.Rest[0];
        return code is >= 0xE0 or (>= 0xD0 and <= 0xD3) ? reader.ReadInteger() : reader.ReadUnsigned();
    }

    private static MessageValue[] ReadItems(int count, ref MessagePackReader reader)
    {
        var items = new MessageValue[count];
        for (int i = 0; i < count; i++)
        {
            items[i] = Read(ref reader);
        }

        return items;
    }

    private void WriteItems(MessagePackWriter writer)
    {
        foreach (var item in Items)
        {
            item.Write(writer);
        }
    }
}
