using System.Buffers.Binary;
using MessagePack;

namespace EdgeRoute.Protocol.Framing;

/// <summary>How long a value is by its header: the one thing that the package tells only where the whole value is at hand.</summary>
internal static class ValueHeader
{
    /// <summary>The longest: a first byte and a number of 64 bits.</summary>
    public const int BytesMost = 9;

    /// <summary>Bytes after the first one that belong to the header: a length, an extension's type, or a number itself.</summary>
    public static int BytesAfter(byte code) => code switch
    {
        MessagePackCode.UInt8 or MessagePackCode.Int8 or MessagePackCode.Bin8 or MessagePackCode.Str8 => 1,
        >= MessagePackCode.FixExt1 and <= MessagePackCode.FixExt16 => 1,
        MessagePackCode.UInt16 or MessagePackCode.Int16 or MessagePackCode.Bin16 or MessagePackCode.Str16 => 2,
        MessagePackCode.Array16 or MessagePackCode.Map16 or MessagePackCode.Ext8 => 2,
        MessagePackCode.Ext16 => 3,
        MessagePackCode.UInt32 or MessagePackCode.Int32 or MessagePackCode.Float32 => 4,
        MessagePackCode.Bin32 or MessagePackCode.Str32 or MessagePackCode.Array32 or MessagePackCode.Map32 => 4,
        MessagePackCode.Ext32 => 5,
        MessagePackCode.UInt64 or MessagePackCode.Int64 or MessagePackCode.Float64 => 8,
        _ => 0,
    };

    /// <summary>From a whole header, the bytes of payload that follow it and the values inside it.</summary>
    public static (long PayloadBytes, long ValueCount) Extent(ReadOnlySpan<byte> header)
    {
        byte code = header[0];
        return code switch
        {
            >= MessagePackCode.MinFixMap and <= MessagePackCode.MaxFixMap => (0, 2L * (code & 0x0F)),
            >= MessagePackCode.MinFixArray and <= MessagePackCode.MaxFixArray => (0, code & 0x0F),
            >= MessagePackCode.MinFixStr and <= MessagePackCode.MaxFixStr => (code & 0x1F, 0),
            >= MessagePackCode.FixExt1 and <= MessagePackCode.FixExt16 => (1L << (code - MessagePackCode.FixExt1), 0),
            MessagePackCode.Bin8 or MessagePackCode.Str8 or MessagePackCode.Ext8 => (header[1], 0),
            MessagePackCode.Bin16 or MessagePackCode.Str16 or MessagePackCode.Ext16 => (BigEndian16(header), 0),
            MessagePackCode.Bin32 or MessagePackCode.Str32 or MessagePackCode.Ext32 => (BigEndian32(header), 0),
            MessagePackCode.Array16 => (0, BigEndian16(header)),
            MessagePackCode.Array32 => (0, BigEndian32(header)),
            MessagePackCode.Map16 => (0, 2L * BigEndian16(header)),
            MessagePackCode.Map32 => (0, 2L * BigEndian32(header)),
            _ => (0, 0),
        };
    }

    private static long BigEndian16(ReadOnlySpan<byte> header) => BinaryPrimitives.ReadUInt16BigEndian(header[1..]);

    private static long BigEndian32(ReadOnlySpan<byte> header) => BinaryPrimitives.ReadUInt32BigEndian(header[1..]);
}
