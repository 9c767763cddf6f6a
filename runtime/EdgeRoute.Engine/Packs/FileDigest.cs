using System.Buffers.Binary;
using System.Numerics;

namespace EdgeRoute.Engine.Packs;

/// <summary>
/// SHA-256 (FIPS 180-4) of a file. The framework's own goes through OpenSSL, which a small robot image may lack and which would then end the process;
/// this needs nothing.
/// </summary>
public static class FileDigest
{
    private const int BlockBytes = 64;

    /// <summary>Read in one piece: large enough that the system calls vanish, small enough for the second-level cache.</summary>
    private const int BufferBytes = 64 * 1024;

    private static readonly uint[] RoundConstants = [.. Primes(64).Select(p => FractionBits(Math.Cbrt(p)))];
    private static readonly uint[] InitialState = [.. Primes(8).Select(p => FractionBits(Math.Sqrt(p)))];

    /// <summary>64 lower-case hexadecimal digits.</summary>
    public static string Sha256OfFile(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        return Sha256(stream);
    }

    /// <inheritdoc cref="Sha256OfFile"/>
    public static string Sha256(Stream stream)
    {
        Span<uint> state = stackalloc uint[8];
        InitialState.CopyTo(state);
        byte[] buffer = new byte[BufferBytes];
        long totalBytes = 0;
        int count;
        do
        {
            count = stream.ReadAtLeast(buffer, BufferBytes, throwOnEndOfStream: false);
            totalBytes += count;
            int whole = count / BlockBytes * BlockBytes;
            AddBlocks(state, buffer.AsSpan(0, whole));
            if (count < BufferBytes)
            {
                AddTail(state, buffer.AsSpan(whole, count - whole), totalBytes);
            }
        }
        while (count == BufferBytes);

        Span<byte> digest = stackalloc byte[32];
        for (int i = 0; i < 8; i++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(digest[(4 * i)..], state[i]);
        }

        return Convert.ToHexStringLower(digest);
    }

    /// <summary>The end mark: a one bit, zeros, the length in bits as the last eight bytes of a block.</summary>
    private static void AddTail(Span<uint> state, ReadOnlySpan<byte> rest, long totalBytes)
    {
        Span<byte> tail = stackalloc byte[2 * BlockBytes];
        tail.Clear();
        rest.CopyTo(tail);
        tail[rest.Length] = 0x80;
        int length = rest.Length + 9 <= BlockBytes ? BlockBytes : 2 * BlockBytes;
        BinaryPrimitives.WriteInt64BigEndian(tail[(length - 8)..], totalBytes * 8);
        AddBlocks(state, tail[..length]);
    }

    private static void AddBlocks(Span<uint> state, ReadOnlySpan<byte> blocks)
    {
        Span<uint> w = stackalloc uint[64];
        for (; blocks.Length >= BlockBytes; blocks = blocks[BlockBytes..])
        {
            for (int t = 0; t < 16; t++)
            {
                w[t] = BinaryPrimitives.ReadUInt32BigEndian(blocks[(4 * t)..]);
            }

            for (int t = 16; t < 64; t++)
            {
                uint a = w[t - 15], b = w[t - 2];
                uint small0 = BitOperations.RotateRight(a, 7) ^ BitOperations.RotateRight(a, 18) ^ (a >> 3);
                uint small1 = BitOperations.RotateRight(b, 17) ^ BitOperations.RotateRight(b, 19) ^ (b >> 10);
                w[t] = w[t - 16] + small0 + w[t - 7] + small1;
            }

            AddRounds(state, w);
        }
    }

    private static void AddRounds(Span<uint> state, ReadOnlySpan<uint> w)
    {
        var (a, b, c, d, e, f, g, h) = (state[0], state[1], state[2], state[3], state[4], state[5], state[6], state[7]);
        ReadOnlySpan<uint> k = RoundConstants;
        for (int t = 0; t < 64; t++)
        {
            uint big1 = BitOperations.RotateRight(e, 6) ^ BitOperations.RotateRight(e, 11) ^ BitOperations.RotateRight(e, 25);
            uint t1 = h + big1 + ((e & f) ^ (~e & g)) + k[t] + w[t];
            uint big0 = BitOperations.RotateRight(a, 2) ^ BitOperations.RotateRight(a, 13) ^ BitOperations.RotateRight(a, 22);
            uint t2 = big0 + ((a & b) ^ (a & c) ^ (b & c));
            (h, g, f, e, d, c, b, a) = (g, f, e, d + t1, c, b, a, t1 + t2);
        }

        state[0] += a;
        state[1] += b;
        state[2] += c;
        state[3] += d;
        state[4] += e;
        state[5] += f;
        state[6] += g;
        state[7] += h;
    }

    private static IEnumerable<int> Primes(int count) =>
        Enumerable.Range(2, 310).Where(n => Enumerable.Range(2, n - 2).All(d => n % d != 0)).Take(count);

    /// <summary>The first 32 bits of the fractional part: what the standard defines its constants as. Exact in a double (52 bits) for roots below 8.</summary>
    private static uint FractionBits(double root) => (uint)((root - Math.Floor(root)) * 4294967296.0);
}
