namespace EdgeRoute.Protocol.MessagePack;

/// <summary>First bytes of values, as the MessagePack specification names its formats (github.com/msgpack/msgpack, spec.md).</summary>
internal static class MessagePackCode
{
    public const byte FixMap = 0x80, FixArray = 0x90, FixText = 0xA0, Nil = 0xC0, Unused = 0xC1, False = 0xC2, True = 0xC3;
    public const byte Binary8 = 0xC4, Binary16 = 0xC5, Binary32 = 0xC6, Extension8 = 0xC7, Extension16 = 0xC8, Extension32 = 0xC9;
    public const byte Float32 = 0xCA, Float64 = 0xCB, UInt8 = 0xCC, UInt16 = 0xCD, UInt32 = 0xCE, UInt64 = 0xCF;
    public const byte Int8 = 0xD0, Int16 = 0xD1, Int32 = 0xD2, Int64 = 0xD3;
    public const byte FixExtension1 = 0xD4, FixExtension2 = 0xD5, FixExtension4 = 0xD6, FixExtension8 = 0xD7, FixExtension16 = 0xD8;
    public const byte Text8 = 0xD9, Text16 = 0xDA, Text32 = 0xDB, Array16 = 0xDC, Array32 = 0xDD, Map16 = 0xDE, Map32 = 0xDF;
    public const byte FixNegative = 0xE0;

    /// <summary>Extension type of a timestamp.</summary>
    public const sbyte TimestampType = -1;

    /// <summary>The type that a first byte announces.</summary>
    /// <exception cref="MessagePackException">The one byte that is never used.</exception>
    public static MessagePackKind KindOf(byte code) => code switch
    {
        < FixMap or >= FixNegative or (>= UInt8 and <= Int64) => MessagePackKind.Integer,
        < FixArray or Map16 or Map32 => MessagePackKind.Map,
        < FixText or Array16 or Array32 => MessagePackKind.Array,
        < Nil or Text8 or Text16 or Text32 => MessagePackKind.Text,
        Nil => MessagePackKind.Nil,
        False or True => MessagePackKind.Boolean,
        Binary8 or Binary16 or Binary32 => MessagePackKind.Binary,
        Float32 or Float64 => MessagePackKind.Float,
        Unused => throw new MessagePackException("the byte 0xC1 is never used in MessagePack"),
        _ => MessagePackKind.Extension,
    };

    /// <summary>Bytes of the header after its first byte: lengths, an extension's type, or a number itself.</summary>
    public static int HeaderBytes(byte code) => code switch
    {
        UInt8 or Int8 or Binary8 or Text8 => 1,
        UInt16 or Int16 or Binary16 or Text16 or Array16 or Map16 or Extension8 => 2,
        Extension16 => 3,
        UInt32 or Int32 or Float32 or Binary32 or Text32 or Array32 or Map32 => 4,
        Extension32 => 5,
        UInt64 or Int64 or Float64 => 8,
        FixExtension1 or FixExtension2 or FixExtension4 or FixExtension8 or FixExtension16 => 1,
        _ => 0,
    };

    /// <summary>From a whole header, the bytes of payload that follow it and the values inside it.</summary>
    /// <param name="header">The first byte and its <see cref="HeaderBytes"/>.</param>
    public static (long PayloadBytes, long ValueCount) Extent(ReadOnlySpan<byte> header)
    {
        byte code = header[0];
        return code switch
        {
            >= FixMap and < FixArray => (0, 2L * (code & 0x0F)),
            >= FixArray and < FixText => (0, code & 0x0F),
            >= FixText and < Nil => (code & 0x1F, 0),
            Binary8 or Text8 or Extension8 => (header[1], 0),
            Binary16 or Text16 or Extension16 => (BigEndian16(header), 0),
            Binary32 or Text32 or Extension32 => (BigEndian32(header), 0),
            Array16 => (0, BigEndian16(header)),
            Array32 => (0, BigEndian32(header)),
            Map16 => (0, 2L * BigEndian16(header)),
            Map32 => (0, 2L * BigEndian32(header)),
            >= FixExtension1 and <= FixExtension16 => (1L << (code - FixExtension1), 0),
            _ => (0, 0),
        };
    }

    private static long BigEndian16(ReadOnlySpan<byte> header) => System.Buffers.Binary.BinaryPrimitives.ReadUInt16BigEndian(header[1..]);

    private static long BigEndian32(ReadOnlySpan<byte> header) => System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(header[1..]);
}
