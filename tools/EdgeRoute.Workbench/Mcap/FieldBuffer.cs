using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace EdgeRoute.Workbench.Mcap;

/// <summary>Kinds of MCAP records; the values are the format's.</summary>
internal enum McapOpcode : byte
{
    Header = 0x01,
    Footer = 0x02,
    Schema = 0x03,
    Channel = 0x04,
    Message = 0x05,
    Chunk = 0x06,
    MessageIndex = 0x07,
    ChunkIndex = 0x08,
    Statistics = 0x0B,
    Metadata = 0x0C,
    MetadataIndex = 0x0D,
    SummaryOffset = 0x0E,
    DataEnd = 0x0F,
}

/// <summary>
/// Records and their fields as MCAP lays them out, little-endian, in memory that grows to the most that was needed and is used again.
/// </summary>
internal sealed class FieldBuffer : IBufferWriter<byte>
{
    /// <summary>Enough for every record but chunks and large messages.</summary>
    private const int FirstBytes = 64 << 10;

    private byte[] _bytes = new byte[FirstBytes];

    public int Length { get; private set; }

    /// <summary>Valid until something is added.</summary>
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    public void Clear() => Length = 0;

    /// <summary>Begins a record whose length is not known yet; returns what <see cref="EndRecord"/> is given.</summary>
    public int BeginRecord(McapOpcode opcode)
    {
        U8((byte)opcode);
        U64(0);
        return Length;
    }

    /// <param name="bytesBehind">Of the record's last field, where it is written from elsewhere.</param>
    public void EndRecord(int begun, long bytesBehind = 0) =>
        BinaryPrimitives.WriteUInt64LittleEndian(_bytes.AsSpan(begun - sizeof(ulong)), (ulong)(Length - begun + bytesBehind));

    /// <summary>Begins a map or an array, which are led by their length in bytes.</summary>
    public int BeginList()
    {
        U32(0);
        return Length;
    }

    public void EndList(int begun) => BinaryPrimitives.WriteUInt32LittleEndian(_bytes.AsSpan(begun - sizeof(uint)), (uint)(Length - begun));

    public void U8(byte value)
    {
        GetSpan(1)[0] = value;
        Advance(1);
    }

    public void U16(int value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(GetSpan(sizeof(ushort)), (ushort)value);
        Advance(sizeof(ushort));
    }

    public void U32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(GetSpan(sizeof(uint)), value);
        Advance(sizeof(uint));
    }

    public void U64(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(GetSpan(sizeof(ulong)), value);
        Advance(sizeof(ulong));
    }

    public void Text(string text)
    {
        int begun = BeginList();
        Advance(Encoding.UTF8.GetBytes(text, GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length))));
        EndList(begun);
    }

    public void Texts(IReadOnlyDictionary<string, string> map)
    {
        int begun = BeginList();
        foreach (var (key, value) in map)
        {
            Text(key);
            Text(value);
        }

        EndList(begun);
    }

    public void Bytes(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(GetSpan(bytes.Length));
        Advance(bytes.Length);
    }

    public void Advance(int count) => Length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Grow(Math.Max(1, sizeHint));
        return _bytes.AsMemory(Length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Grow(Math.Max(1, sizeHint));
        return _bytes.AsSpan(Length);
    }

    private void Grow(int count)
    {
        if (_bytes.Length - Length < count)
        {
            Array.Resize(ref _bytes, (int)Math.Min(Array.MaxLength, Math.Max(2L * _bytes.Length, (long)Length + count)));
        }
    }
}
