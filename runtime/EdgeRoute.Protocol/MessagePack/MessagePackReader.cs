using System.Buffers.Binary;
using System.Text;

namespace EdgeRoute.Protocol.MessagePack;

/// <summary>
/// Reads MessagePack from a span. Every read checks type and length first, and no count is believed that the bytes at hand could not hold,
/// so that a hostile message can cause a <see cref="MessagePackException"/> and nothing else. Reading into spans allocates nothing.
/// </summary>
public ref struct MessagePackReader(ReadOnlySpan<byte> bytes)
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Bytes read so far.</summary>
    public int Position { get; private set; }

    public readonly bool IsAtEnd => Position == _bytes.Length;

    /// <summary>All that has not been read.</summary>
    public readonly ReadOnlySpan<byte> Rest => _bytes[Position..];

    /// <summary>The type of the next value.</summary>
    public readonly MessagePackKind Peek() => MessagePackCode.KindOf(First());

    /// <summary>Reads a nil where there is one.</summary>
    public bool TryReadNil()
    {
        bool isNil = First() == MessagePackCode.Nil;
        Position += isNil ? 1 : 0;
        return isNil;
    }

    public bool ReadBoolean()
    {
        byte code = First();
        bool value = code == MessagePackCode.True || (code == MessagePackCode.False ? false : throw Wrong("true or false"));
        Position++;
        return value;
    }

    /// <exception cref="MessagePackException">No integer, or one above 2^63 - 1.</exception>
    public long ReadInteger()
    {
        var (value, isUnsigned) = ReadBits();
        return isUnsigned && value > long.MaxValue ? throw new MessagePackException($"the integer {value} does not fit into 64 bits with "
            + "a sign") : (long)value;
    }

    /// <exception cref="MessagePackException">No integer, or a negative one.</exception>
    public ulong ReadUnsigned()
    {
        var (value, isUnsigned) = ReadBits();
        return !isUnsigned && (long)value < 0 ? throw new MessagePackException($"the integer {(long)value} is negative; 0 or more is "
            + "wanted") : value;
    }

    /// <summary>A float of either size, or an integer.</summary>
    public double ReadNumber()
    {
        byte code = First();
        if (code is not (MessagePackCode.Float32 or MessagePackCode.Float64))
        {
            if (MessagePackCode.KindOf(code) != MessagePackKind.Integer)
            {
                throw Wrong("a number");
            }

            var (value, isUnsigned) = ReadBits();
            return isUnsigned ? value : (long)value;
        }

        var header = Header(code);
        return code == MessagePackCode.Float32 ? BinaryPrimitives.ReadSingleBigEndian(header[1..])
            : BinaryPrimitives.ReadDoubleBigEndian(header[1..]);
    }

    /// <exception cref="MessagePackException">No text, or its bytes are not UTF-8.</exception>
    public string ReadText()
    {
        int at = Position;
        var utf8 = ReadUtf8();
        try
        {
            return StrictUtf8.GetString(utf8);
        }
        catch (DecoderFallbackException)
        {
            throw new MessagePackException($"the text at byte {at} is not UTF-8");
        }
    }

    /// <summary>A text's bytes as they are, in the message itself.</summary>
    public ReadOnlySpan<byte> ReadUtf8() => ReadPayload(MessagePackKind.Text, "text");

    /// <summary>The bytes in the message itself.</summary>
    public ReadOnlySpan<byte> ReadBinary() => ReadPayload(MessagePackKind.Binary, "binary data");

    /// <summary>Number of values that follow.</summary>
    public int ReadArrayHeader() => ReadCount(MessagePackKind.Array, "an array", 1);

    /// <summary>Number of pairs that follow.</summary>
    public int ReadMapHeader() => ReadCount(MessagePackKind.Map, "a map", 2);

    /// <summary>The bytes in the message itself.</summary>
    public ReadOnlySpan<byte> ReadExtension(out sbyte type)
    {
        byte code = First();
        if (MessagePackCode.KindOf(code) != MessagePackKind.Extension)
        {
            throw Wrong("an extension");
        }

        var header = Header(code);
        type = (sbyte)header[^1];
        return Payload(MessagePackCode.Extent(header).PayloadBytes);
    }

    /// <exception cref="MessagePackException">No timestamp of 32, 64 or 96 bits.</exception>
    public MessagePackTimestamp ReadTimestamp()
    {
        var bytes = ReadExtension(out sbyte type);
        if (type != MessagePackCode.TimestampType)
        {
            throw new MessagePackException($"an extension of type {type} is no timestamp; that is type {MessagePackCode.TimestampType}");
        }

        switch (bytes.Length)
        {
            case 4:
                return new MessagePackTimestamp(BinaryPrimitives.ReadUInt32BigEndian(bytes), 0);
            case 8:
                ulong packed = BinaryPrimitives.ReadUInt64BigEndian(bytes);
                return new MessagePackTimestamp((long)(packed & 0x3_FFFF_FFFF), (uint)(packed >> 34));
            case 12:
                return new MessagePackTimestamp(BinaryPrimitives.ReadInt64BigEndian(bytes[4..]),
                    BinaryPrimitives.ReadUInt32BigEndian(bytes));
            default:
                throw new MessagePackException($"a timestamp of {bytes.Length} bytes; there are only those of 4, 8 and 12");
        }
    }

    /// <summary>Passes over one value and all that is in it; returns its bytes. Needs no stack for values inside each other.</summary>
    public ReadOnlySpan<byte> Skip()
    {
        int start = Position;
        for (long left = 1; left > 0; left--)
        {
            byte code = First();
            _ = MessagePackCode.KindOf(code);
            var (payload, values) = MessagePackCode.Extent(Header(code));
            Payload(payload);
            left += values;
            if (left - 1 > _bytes.Length - Position)
            {
                throw Short();
            }
        }

        return _bytes[start..Position];
    }

    /// <summary>The bytes from a place that was read before up to here.</summary>
    public readonly ReadOnlySpan<byte> ReadSince(int position) => _bytes[position..Position];

    /// <summary>The next value's bytes up to a sign that fits 64 bits: unsigned, or two's complement.</summary>
    private (ulong Value, bool IsUnsigned) ReadBits()
    {
        byte code = First();
        if (MessagePackCode.KindOf(code) != MessagePackKind.Integer)
        {
            throw Wrong("an integer");
        }

        var number = Header(code)[1..];
        return code switch
        {
            < MessagePackCode.FixMap => (code, true),
            >= MessagePackCode.FixNegative => ((ulong)(sbyte)code, false),
            MessagePackCode.UInt8 => (number[0], true),
            MessagePackCode.UInt16 => (BinaryPrimitives.ReadUInt16BigEndian(number), true),
            MessagePackCode.UInt32 => (BinaryPrimitives.ReadUInt32BigEndian(number), true),
            MessagePackCode.UInt64 => (BinaryPrimitives.ReadUInt64BigEndian(number), true),
            MessagePackCode.Int8 => ((ulong)(sbyte)number[0], false),
            MessagePackCode.Int16 => ((ulong)BinaryPrimitives.ReadInt16BigEndian(number), false),
            MessagePackCode.Int32 => ((ulong)BinaryPrimitives.ReadInt32BigEndian(number), false),
            _ => ((ulong)BinaryPrimitives.ReadInt64BigEndian(number), false),
        };
    }

    private ReadOnlySpan<byte> ReadPayload(MessagePackKind kind, string what)
    {
        byte code = First();
        return MessagePackCode.KindOf(code) == kind ? Payload(MessagePackCode.Extent(Header(code)).PayloadBytes) : throw Wrong(what);
    }

    private int ReadCount(MessagePackKind kind, string what, int valuesEach)
    {
        byte code = First();
        if (MessagePackCode.KindOf(code) != kind)
        {
            throw Wrong(what);
        }

        // Every value takes a byte at least: a count beyond the bytes at hand is a lie, and is not handed on to whoever makes room for it.
        long values = MessagePackCode.Extent(Header(code)).ValueCount;
        return values <= _bytes.Length - Position ? (int)(values / valuesEach) : throw Short();
    }

    private readonly byte First() => Position < _bytes.Length ? _bytes[Position] : throw Short();

    private ReadOnlySpan<byte> Header(byte code) => Payload(1 + MessagePackCode.HeaderBytes(code));

    private ReadOnlySpan<byte> Payload(long count)
    {
        if (count > _bytes.Length - Position)
        {
            throw Short();
        }

        var payload = _bytes.Slice(Position, (int)count);
        Position += (int)count;
        return payload;
    }

    private readonly MessagePackException Wrong(string wanted) =>
        new($"at byte {Position} there is {MessagePackCode.KindOf(First()).ToString().ToLowerInvariant()}; {wanted} is wanted");

    private readonly MessagePackException Short() => new($"the message ends at byte {_bytes.Length}, inside a value");
}

/// <summary>The types of the specification, by the first byte of a value.</summary>
public enum MessagePackKind
{
    Nil,
    Boolean,
    Integer,
    Float,
    Text,
    Binary,
    Array,
    Map,
    Extension,
}
