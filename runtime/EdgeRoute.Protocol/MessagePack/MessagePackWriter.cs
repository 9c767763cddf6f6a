using System.Buffers.Binary;
using System.Text;

namespace EdgeRoute.Protocol.MessagePack;

/// <summary>
/// Writes MessagePack in its shortest forms into a buffer that grows to the largest message and is kept, so that messages of one size
/// allocate nothing. Not thread-safe.
/// </summary>
public sealed class MessagePackWriter
{
    private const int FirstBytes = 256;

    private byte[] _bytes = new byte[FirstBytes];

    public int Length { get; private set; }

    /// <summary>All that was written since <see cref="Clear"/>; valid until the next write.</summary>
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    public void Clear() => Length = 0;

    public void WriteNil() => Room(1)[0] = MessagePackCode.Nil;

    public void WriteBoolean(bool value) => Room(1)[0] = value ? MessagePackCode.True : MessagePackCode.False;

    public void WriteInteger(long value)
    {
        switch (value)
        {
            case >= 0:
                WriteUnsigned((ulong)value);
                break;
            case >= -32:
                Room(1)[0] = (byte)value;
                break;
            case >= sbyte.MinValue:
                var one = Room(2);
                (one[0], one[1]) = (MessagePackCode.Int8, (byte)value);
                break;
            case >= short.MinValue:
                BinaryPrimitives.WriteInt16BigEndian(Coded(MessagePackCode.Int16, 2), (short)value);
                break;
            case >= int.MinValue:
                BinaryPrimitives.WriteInt32BigEndian(Coded(MessagePackCode.Int32, 4), (int)value);
                break;
            default:
                BinaryPrimitives.WriteInt64BigEndian(Coded(MessagePackCode.Int64, 8), value);
                break;
        }
    }

    public void WriteUnsigned(ulong value)
    {
        switch (value)
        {
            case <= 0x7F:
                Room(1)[0] = (byte)value;
                break;
            case <= byte.MaxValue:
                var one = Room(2);
                (one[0], one[1]) = (MessagePackCode.UInt8, (byte)value);
                break;
            case <= ushort.MaxValue:
                BinaryPrimitives.WriteUInt16BigEndian(Coded(MessagePackCode.UInt16, 2), (ushort)value);
                break;
            case <= uint.MaxValue:
                BinaryPrimitives.WriteUInt32BigEndian(Coded(MessagePackCode.UInt32, 4), (uint)value);
                break;
            default:
                BinaryPrimitives.WriteUInt64BigEndian(Coded(MessagePackCode.UInt64, 8), value);
                break;
        }
    }

    public void WriteFloat(float value) => BinaryPrimitives.WriteSingleBigEndian(Coded(MessagePackCode.Float32, 4), value);

    public void WriteDouble(double value) => BinaryPrimitives.WriteDoubleBigEndian(Coded(MessagePackCode.Float64, 8), value);

    public void WriteText(ReadOnlySpan<char> text)
    {
        int count = Encoding.UTF8.GetByteCount(text);
        WriteTextHeader(count);
        Encoding.UTF8.GetBytes(text, Room(count));
    }

    /// <param name="utf8">UTF-8 that the caller vouches for.</param>
    public void WriteUtf8(ReadOnlySpan<byte> utf8)
    {
        WriteTextHeader(utf8.Length);
        utf8.CopyTo(Room(utf8.Length));
    }

    public void WriteBinary(ReadOnlySpan<byte> bytes)
    {
        WriteLength(bytes.Length, MessagePackCode.Binary8, MessagePackCode.Binary16, MessagePackCode.Binary32);
        bytes.CopyTo(Room(bytes.Length));
    }

    /// <summary>The values follow.</summary>
    public void WriteArrayHeader(int count) => WriteCount(count, MessagePackCode.FixArray, MessagePackCode.Array16,
        MessagePackCode.Array32);

    /// <summary>Keys and values follow in turn.</summary>
    public void WriteMapHeader(int count) => WriteCount(count, MessagePackCode.FixMap, MessagePackCode.Map16, MessagePackCode.Map32);

    /// <param name="type">0 to 127 are the application's; negative ones are the specification's.</param>
    public void WriteExtension(sbyte type, ReadOnlySpan<byte> bytes)
    {
        switch (bytes.Length)
        {
            case 1 or 2 or 4 or 8 or 16:
                Room(1)[0] = (byte)(MessagePackCode.FixExtension1 + System.Numerics.BitOperations.Log2((uint)bytes.Length));
                break;
            default:
                WriteLength(bytes.Length, MessagePackCode.Extension8, MessagePackCode.Extension16, MessagePackCode.Extension32);
                break;
        }

        Room(1)[0] = (byte)type;
        bytes.CopyTo(Room(bytes.Length));
    }

    /// <summary>An instant in the shortest of the three timestamp forms.</summary>
    public void WriteTimestamp(MessagePackTimestamp value)
    {
        Span<byte> bytes = stackalloc byte[12];
        if (value.Seconds is >= 0 and <= 0x3_FFFF_FFFF)
        {
            ulong packed = ((ulong)value.Nanoseconds << 34) | (ulong)value.Seconds;
            bool isShort = packed <= uint.MaxValue;
            BinaryPrimitives.WriteUInt64BigEndian(bytes, packed);
            WriteExtension(MessagePackCode.TimestampType, isShort ? bytes[4..8] : bytes[..8]);
            return;
        }

        BinaryPrimitives.WriteUInt32BigEndian(bytes, value.Nanoseconds);
        BinaryPrimitives.WriteInt64BigEndian(bytes[4..], value.Seconds);
        WriteExtension(MessagePackCode.TimestampType, bytes);
    }

    /// <summary>Values that are MessagePack already.</summary>
    public void WriteRaw(ReadOnlySpan<byte> values) => values.CopyTo(Room(values.Length));

    /// <summary>Room for a map header whose count is not known yet: three bytes, to be filled in by <see cref="CloseMap"/>.</summary>
    public int OpenMap()
    {
        int at = Length;
        Coded(MessagePackCode.Map16, 2);
        return at;
    }

    public void CloseMap(int at, int count) => BinaryPrimitives.WriteUInt16BigEndian(_bytes.AsSpan(at + 1, 2), checked((ushort)count));

    private void WriteTextHeader(int count)
    {
        if (count < 32)
        {
            Room(1)[0] = (byte)(MessagePackCode.FixText | count);
            return;
        }

        WriteLength(count, MessagePackCode.Text8, MessagePackCode.Text16, MessagePackCode.Text32);
    }

    private void WriteLength(int count, byte code8, byte code16, byte code32)
    {
        switch (count)
        {
            case <= byte.MaxValue:
                var one = Room(2);
                (one[0], one[1]) = (code8, (byte)count);
                break;
            case <= ushort.MaxValue:
                BinaryPrimitives.WriteUInt16BigEndian(Coded(code16, 2), (ushort)count);
                break;
            default:
                BinaryPrimitives.WriteUInt32BigEndian(Coded(code32, 4), (uint)count);
                break;
        }
    }

    private void WriteCount(int count, byte fix, byte code16, byte code32)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        switch (count)
        {
            case < 16:
                Room(1)[0] = (byte)(fix | count);
                break;
            case <= ushort.MaxValue:
                BinaryPrimitives.WriteUInt16BigEndian(Coded(code16, 2), (ushort)count);
                break;
            default:
                BinaryPrimitives.WriteUInt32BigEndian(Coded(code32, 4), (uint)count);
                break;
        }
    }

    private Span<byte> Coded(byte code, int payloadBytes)
    {
        var room = Room(1 + payloadBytes);
        room[0] = code;
        return room[1..];
    }

    private Span<byte> Room(int count)
    {
        int wanted = checked(Length + count);
        if (wanted > _bytes.Length)
        {
            Array.Resize(ref _bytes, (int)Math.Min(Math.Max((long)_bytes.Length * 2, wanted), Array.MaxLength));
        }

        var room = _bytes.AsSpan(Length, count);
        Length = wanted;
        return room;
    }
}
