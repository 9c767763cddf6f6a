using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace EdgeRoute.Engine.Preprocess;

/// <summary>Sums of bytes over rows and cells, in whole numbers, so that the vector width cannot change a result.</summary>
internal static class ByteSums
{
    /// <summary>Copies a row into 16-bit sums.</summary>
    public static void Set(ReadOnlySpan<byte> row, Span<ushort> sums)
    {
        sums = sums[..row.Length];
        ref byte from = ref MemoryMarshal.GetReference(row);
        ref ushort to = ref MemoryMarshal.GetReference(sums);
        int x = 0;
        for (; x <= row.Length - Vector128<byte>.Count; x += Vector128<byte>.Count)
        {
            var bytes = Vector128.LoadUnsafe(ref from, (nuint)x);
            Vector128.WidenLower(bytes).StoreUnsafe(ref to, (nuint)x);
            Vector128.WidenUpper(bytes).StoreUnsafe(ref to, (nuint)x + 8);
        }

        for (; x < row.Length; x++)
        {
            sums[x] = row[x];
        }
    }

    /// <summary>Adds a row to 16-bit sums; the caller keeps the number of rows low enough.</summary>
    public static void Add(ReadOnlySpan<byte> row, Span<ushort> sums)
    {
        sums = sums[..row.Length];
        ref byte from = ref MemoryMarshal.GetReference(row);
        ref ushort to = ref MemoryMarshal.GetReference(sums);
        int x = 0;
        for (; x <= row.Length - Vector128<byte>.Count; x += Vector128<byte>.Count)
        {
            var bytes = Vector128.LoadUnsafe(ref from, (nuint)x);
            (Vector128.LoadUnsafe(ref to, (nuint)x) + Vector128.WidenLower(bytes)).StoreUnsafe(ref to, (nuint)x);
            (Vector128.LoadUnsafe(ref to, (nuint)x + 8) + Vector128.WidenUpper(bytes)).StoreUnsafe(ref to, (nuint)x + 8);
        }

        for (; x < row.Length; x++)
        {
            sums[x] += row[x];
        }
    }

    /// <summary>The total of all sums.</summary>
    public static int Total(ReadOnlySpan<ushort> sums)
    {
        var total = Vector128<uint>.Zero;
        ref ushort from = ref MemoryMarshal.GetReference(sums);
        int x = 0;
        for (; x <= sums.Length - Vector128<ushort>.Count; x += Vector128<ushort>.Count)
        {
            var eight = Vector128.LoadUnsafe(ref from, (nuint)x).AsUInt32();
            total += (eight & Vector128.Create(0xFFFFu)) + (eight >> 16);
        }

        return (int)Vector128.Sum(total) + Rest(sums, x, 1);
    }

    /// <summary>The total of every second sum, from the first on.</summary>
    public static int TotalOfEven(ReadOnlySpan<ushort> sums)
    {
        var total = Vector128<uint>.Zero;
        ref ushort from = ref MemoryMarshal.GetReference(sums);
        int x = 0;
        for (; x <= sums.Length - Vector128<ushort>.Count; x += Vector128<ushort>.Count)
        {
            total += Vector128.LoadUnsafe(ref from, (nuint)x).AsUInt32() & Vector128.Create(0xFFFFu);
        }

        return (int)Vector128.Sum(total) + Rest(sums, x, 2);
    }

    /// <summary>Totals of each of three interleaved channels.</summary>
    public static (int First, int Second, int Third) TotalOfThree(ReadOnlySpan<ushort> sums)
    {
        int first = 0, second = 0, third = 0;
        ref ushort from = ref MemoryMarshal.GetReference(sums);
        for (nint x = 0; x < sums.Length; x += 3)
        {
            first += Unsafe.Add(ref from, x);
            second += Unsafe.Add(ref from, x + 1);
            third += Unsafe.Add(ref from, x + 2);
        }

        return (first, second, third);
    }

    private static int Rest(ReadOnlySpan<ushort> sums, int from, int step)
    {
        int total = 0;
        for (int x = from; x < sums.Length; x += step)
        {
            total += sums[x];
        }

        return total;
    }
}
