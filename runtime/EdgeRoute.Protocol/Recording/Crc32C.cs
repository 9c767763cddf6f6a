using System.Buffers.Binary;
using System.Numerics;

namespace EdgeRoute.Protocol.Recording;

/// <summary>
/// CRC-32C (Castagnoli, reflected polynomial 0x82F63B78, initial value and final XOR 0xFFFFFFFF), by the processor's instruction where it
/// has one.
/// </summary>
internal static class Crc32C
{
    /// <summary>State before the first byte.</summary>
    public const uint Start = 0xFFFFFFFF;

    /// <summary>Takes in more bytes; <see cref="Finish"/> makes the checksum of the last state.</summary>
    public static uint Append(uint state, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length >= sizeof(ulong))
        {
            state = BitOperations.Crc32C(state, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        foreach (byte value in bytes)
        {
            state = BitOperations.Crc32C(state, value);
        }

        return state;
    }

    public static uint Finish(uint state) => ~state;

    public static uint Of(ReadOnlySpan<byte> bytes) => Finish(Append(Start, bytes));
}
