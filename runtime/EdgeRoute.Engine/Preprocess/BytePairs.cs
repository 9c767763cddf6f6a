using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace EdgeRoute.Engine.Preprocess;

/// <summary>
/// Collecting the two bytes that each output blends, and blending them. Tap 0 of output j is byte 2j, tap 1 is byte 2j + 1.
/// </summary>
internal static class BytePairs
{
    /// <summary>Bytes read per output by <see cref="GatherPixels"/>: six are used, two more are touched.</summary>
    public const int PixelLoadBytes = 8;

    /// <summary>Sums of neighbouring products: result j = a[2j] * b[2j] + a[2j + 1] * b[2j + 1].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Dot(Vector128<short> a, Vector128<short> b)
    {
        if (Sse2.IsSupported)
        {
            return Sse2.MultiplyAddAdjacent(a, b);
        }

        if (AdvSimd.Arm64.IsSupported)
        {
            return AdvSimd.Arm64.AddPairwise(
                AdvSimd.MultiplyWideningLower(a.GetLower(), b.GetLower()), AdvSimd.MultiplyWideningUpper(a, b));
        }

        return DotPortable(a, b);
    }

    public static Vector128<int> DotPortable(Vector128<short> a, Vector128<short> b)
    {
        var even = ((a.AsInt32() << 16) >> 16) * ((b.AsInt32() << 16) >> 16);
        return even + ((a.AsInt32() >> 16) * (b.AsInt32() >> 16));
    }

    /// <summary>Byte j of the result is byte mask[j] of the source, or zero where the mask's top bit is set.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Shuffle(Vector128<byte> source, Vector128<byte> mask)
    {
        if (Ssse3.IsSupported)
        {
            return Ssse3.Shuffle(source, mask);
        }

        if (AdvSimd.Arm64.IsSupported)
        {
            return AdvSimd.Arm64.VectorTableLookup(source, mask);
        }

        return Vector128.Shuffle(source, mask);
    }

    /// <summary>
    /// The tap pairs of a block of eight outputs, by one to four windows without a loop, since that covers most reductions.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Gather(ref byte row, ref int offsets, ref byte masks, int windowCount)
    {
        var pairs = Window(ref row, ref offsets, ref masks, 0);
        if (windowCount > 1)
        {
            pairs |= Window(ref row, ref offsets, ref masks, 1);
        }

        if (windowCount > 2)
        {
            pairs |= Window(ref row, ref offsets, ref masks, 2);
        }

        for (int window = 3; window < windowCount; window++)
        {
            pairs |= Window(ref row, ref offsets, ref masks, window);
        }

        return pairs;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Window(ref byte row, ref int offsets, ref byte masks, int window) => Shuffle(
        Vector128.LoadUnsafe(ref row, (nuint)Unsafe.Add(ref offsets, window)), Vector128.LoadUnsafe(ref masks, (nuint)(window * 16)));

    /// <summary>
    /// The tap pairs of eight three-byte pixels, per byte of the pixel. Reads <see cref="PixelLoadBytes"/> bytes from each.
    /// </summary>
    /// <param name="first">Pixel index of each output's first tap; the second is the next pixel.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector128<byte> Byte0, Vector128<byte> Byte1, Vector128<byte> Byte2) GatherPixels(ref byte row, ref int first)
    {
        var a = TwoPixels(ref row, ref first, 0);
        var b = TwoPixels(ref row, ref first, 2);
        var c = TwoPixels(ref row, ref first, 4);
        var d = TwoPixels(ref row, ref first, 6);
        var (abLow, cdLow) = (ZipLower(a, b).AsUInt64(), ZipLower(c, d).AsUInt64());
        var (abHigh, cdHigh) = (ZipUpper(a, b).AsUInt64(), ZipUpper(c, d).AsUInt64());
        return (LowerHalves(abLow, cdLow), UpperHalves(abLow, cdLow), LowerHalves(abHigh, cdHigh));
    }

    /// <summary>Two outputs as 32-bit groups: pairs of byte 0, of byte 1, of byte 2, and nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> TwoPixels(ref byte row, ref int first, int output)
    {
        var both = Vector128.Create(Pixel(ref row, ref first, output), Pixel(ref row, ref first, output + 1)).AsByte();
        var mask = Vector128.Create(0, 3, 8, 11, 1, 4, 9, 12, 2, 5, 10, 13, 128, 128, 128, 128);
        return Shuffle(both, mask).AsUInt32();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Pixel(ref byte row, ref int first, int output) =>
        Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref row, (nint)Unsafe.Add(ref first, output) * 3));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> ZipLower(Vector128<uint> a, Vector128<uint> b)
    {
        if (Sse2.IsSupported)
        {
            return Sse2.UnpackLow(a, b);
        }

        if (AdvSimd.Arm64.IsSupported)
        {
            return AdvSimd.Arm64.ZipLow(a, b);
        }

        return Vector128.Create(a[0], b[0], a[1], b[1]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> ZipUpper(Vector128<uint> a, Vector128<uint> b)
    {
        if (Sse2.IsSupported)
        {
            return Sse2.UnpackHigh(a, b);
        }

        if (AdvSimd.Arm64.IsSupported)
        {
            return AdvSimd.Arm64.ZipHigh(a, b);
        }

        return Vector128.Create(a[2], b[2], a[3], b[3]);
    }

    // Written with the instructions: joining 64-bit halves through Vector64 goes by way of memory and stalls on it.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> LowerHalves(Vector128<ulong> a, Vector128<ulong> b)
    {
        if (Sse2.IsSupported)
        {
            return Sse2.UnpackLow(a, b).AsByte();
        }

        if (AdvSimd.Arm64.IsSupported)
        {
            return AdvSimd.Arm64.ZipLow(a, b).AsByte();
        }

        return Vector128.Create(a[0], b[0]).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> UpperHalves(Vector128<ulong> a, Vector128<ulong> b)
    {
        if (Sse2.IsSupported)
        {
            return Sse2.UnpackHigh(a, b).AsByte();
        }

        if (AdvSimd.Arm64.IsSupported)
        {
            return AdvSimd.Arm64.ZipHigh(a, b).AsByte();
        }

        return Vector128.Create(a[1], b[1]).AsByte();
    }
}
