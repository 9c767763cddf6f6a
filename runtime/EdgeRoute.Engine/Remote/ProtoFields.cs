using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace EdgeRoute.Engine.Remote;

/// <summary>How a field of a protobuf message is written.</summary>
internal enum ProtoWire
{
    Varint = 0,
    Fixed64 = 1,
    Bytes = 2,
    Fixed32 = 5,
}

/// <summary>Reads the fields of a protobuf message, one after the other, where they lie.</summary>
/// <param name="message">Without a length before it.</param>
internal ref struct ProtoReader(ReadOnlySpan<byte> message)
{
    private ReadOnlySpan<byte> _rest = message;

    public int Field { get; private set; }

    public ProtoWire Wire { get; private set; }

    /// <summary>Of a varint or fixed number, its bits.</summary>
    public ulong Number { get; private set; }

    /// <summary>Of a field that is text, bytes, a message or a packed list.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>False at the message's end.</summary>
    /// <exception cref="FormatException">It is no message.</exception>
    public bool Next()
    {
        if (_rest.Length == 0)
        {
            return false;
        }

        ulong tag = ReadVarint(ref _rest);
        (Field, Wire) = ((int)Math.Min(tag >> 3, int.MaxValue), (ProtoWire)(tag & 7));
        Number = 0;
        Bytes = default;
        switch (Wire)
        {
            case ProtoWire.Varint:
                Number = ReadVarint(ref _rest);
                return true;
            case ProtoWire.Fixed64:
                Number = BinaryPrimitives.ReadUInt64LittleEndian(Take(sizeof(ulong)));
                return true;
            case ProtoWire.Fixed32:
                Number = BinaryPrimitives.ReadUInt32LittleEndian(Take(sizeof(uint)));
                return true;
            case ProtoWire.Bytes:
                Bytes = Take(ReadVarint(ref _rest));
                return true;
            default:
                throw new FormatException($"a field of wire type {(int)Wire}");
        }
    }

    /// <exception cref="FormatException">It is cut off or too long.</exception>
    public static ulong ReadVarint(ref ReadOnlySpan<byte> from)
    {
        ulong value = 0;
        for (int i = 0; i < ProtoWriter.VarintBytesMost; i++)
        {
            if (i >= from.Length)
            {
                throw new FormatException("a number that is cut off");
            }

            value |= (ulong)(from[i] & 0x7f) << (7 * i);
            if (from[i] < 0x80)
            {
                from = from[(i + 1)..];
                return value;
            }
        }

        throw new FormatException("a number of more than 64 bits");
    }

    private ReadOnlySpan<byte> Take(ulong count)
    {
        if (count > (ulong)_rest.Length)
        {
            throw new FormatException("a field that is cut off");
        }

        var taken = _rest[..(int)count];
        _rest = _rest[(int)count..];
        return taken;
    }
}

/// <summary>Writes fields of a protobuf message. Empty text is left out, as the format has it.</summary>
internal sealed class ProtoWriter
{
    public const int VarintBytesMost = 10;

    private readonly ArrayBufferWriter<byte> _bytes = new();

    public ReadOnlySpan<byte> Written => _bytes.WrittenSpan;

    public void Text(int field, string text)
    {
        if (text.Length > 0)
        {
            Bytes(field, Encoding.UTF8.GetBytes(text));
        }
    }

    public void Bytes(int field, ReadOnlySpan<byte> bytes)
    {
        _bytes.Advance(WriteHead(_bytes.GetSpan(2 * VarintBytesMost), field, bytes.Length));
        _bytes.Write(bytes);
    }

    public void Message(int field, ProtoWriter message) => Bytes(field, message.Written);

    /// <summary>A packed list.</summary>
    public void Numbers(int field, ReadOnlySpan<long> numbers)
    {
        var packed = new ProtoWriter();
        foreach (long number in numbers)
        {
            packed._bytes.Advance(WriteVarint(packed._bytes.GetSpan(VarintBytesMost), (ulong)number));
        }

        Message(field, packed);
    }

    /// <summary>What stands before so many bytes of a field; returns its length.</summary>
    public static int WriteHead(Span<byte> into, int field, int length)
    {
        int tag = WriteVarint(into, ((ulong)field << 3) | (uint)ProtoWire.Bytes);
        return tag + WriteVarint(into[tag..], (ulong)length);
    }

    private static int WriteVarint(Span<byte> into, ulong value)
    {
        int count = 0;
        for (; value >= 0x80; value >>= 7)
        {
            into[count++] = (byte)(value | 0x80);
        }

        into[count++] = (byte)value;
        return count;
    }
}
