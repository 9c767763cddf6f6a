using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using EdgeRoute.Core.Frames;

namespace EdgeRoute.Core.Signals;

/// <summary>
/// Frame signals from luma samples. Sums are whole numbers, so the same bytes give the same bits on every machine and in every replay.
/// </summary>
public static class ThumbnailSignals
{
    /// <summary>Samples of a patch: three rows of three, row by row.</summary>
    public const int PatchSize = 9;

    /// <summary>Side of a block that is one vector.</summary>
    private const int SquareSide = 4;

    /// <summary>Mean absolute difference of two thumbnails of equal length, as a fraction of full scale.</summary>
    public static float Motion(ReadOnlySpan<byte> current, ReadOnlySpan<byte> previous)
    {
        if (current.Length != previous.Length || current.IsEmpty)
        {
            throw new ArgumentException($"Thumbnails of {current.Length} and {previous.Length} pixels cannot be compared.");
        }

        return (float)(Difference(current, previous) / (255.0 * current.Length));
    }

    /// <summary>Sum of absolute differences, a vector at a time; a whole number, in whatever order.</summary>
    private static long Difference(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        var sums = Vector128<uint>.Zero;
        int i = 0;
        for (; i <= a.Length - Vector128<byte>.Count; i += Vector128<byte>.Count)
        {
            var (low, high) = Vector128.Widen(Distance(Vector128.Create(a[i..]), Vector128.Create(b[i..])));
            var (even, odd) = Vector128.Widen(low + high);
            sums += even + odd;
        }

        long sum = Vector128.Sum(sums);
        for (; i < a.Length; i++)
        {
            sum += Math.Abs(a[i] - b[i]);
        }

        return sum;
    }

    private static Vector128<byte> Distance(Vector128<byte> a, Vector128<byte> b) => Vector128.Max(a, b) - Vector128.Min(a, b);

    /// <summary>
    /// The largest mean absolute difference of any block of two thumbnails, and of any block that no box touches, as fractions of full
    /// scale: a small thing that moves changes its block much and the whole picture hardly.
    /// </summary>
    /// <param name="current">Luma of <paramref name="width"/> pixels per row.</param>
    /// <param name="previous">Another of the same size.</param>
    /// <param name="width">A multiple of <paramref name="blockSide"/>, as is the height.</param>
    /// <param name="blockSide">Pixels of a block's side.</param>
    /// <param name="boxes">Where change is expected.</param>
    public static (float Peak, float Outside) PeakMotion(
        ReadOnlySpan<byte> current, ReadOnlySpan<byte> previous, int width, int blockSide, ReadOnlySpan<Detection> boxes)
    {
        if (current.Length != previous.Length || current.IsEmpty || width % blockSide != 0 || current.Length % (width * blockSide) != 0)
        {
            throw new ArgumentException($"Thumbnails of {current.Length} and {previous.Length} pixels, {width} wide, have no blocks of "
                + $"{blockSide} in common.");
        }

        int peak = 0, outside = 0, rows = current.Length / (width * blockSide), columns = width / blockSide;
        for (int i = 0; i < rows * columns; i++)
        {
            var (row, column) = Math.DivRem(i, columns);
            int offset = (row * blockSide * width) + (column * blockSide);
            int difference = BlockDifference(current[offset..], previous[offset..], width, blockSide);
            peak = Math.Max(peak, difference);
            bool isNew = difference > outside && !IsTouched(boxes, (float)column / columns, (float)row / rows, 1f / columns, 1f / rows);
            outside = isNew ? difference : outside;
        }

        double full = 255.0 * blockSide * blockSide;
        return ((float)(peak / full), (float)(outside / full));
    }

    private static bool IsTouched(ReadOnlySpan<Detection> boxes, float left, float top, float width, float height)
    {
        foreach (ref readonly var box in boxes)
        {
            if (box.Left < left + width && left < box.Right && box.Top < top + height && top < box.Bottom)
            {
                return true;
            }
        }

        return false;
    }

    private static int BlockDifference(ReadOnlySpan<byte> current, ReadOnlySpan<byte> previous, int width, int blockSide)
    {
        if (blockSide == SquareSide)
        {
            var (low, high) = Vector128.Widen(Distance(Square(current, width), Square(previous, width)));
            return Vector128.Sum(low + high);
        }

        int sum = 0;
        for (int row = 0; row < blockSide; row++)
        {
            sum += (int)Difference(current.Slice(row * width, blockSide), previous.Slice(row * width, blockSide));
        }

        return sum;
    }

    private static Vector128<byte> Square(ReadOnlySpan<byte> luma, int width) => Vector128.Create(
        Row(luma, 0), Row(luma, width), Row(luma, 2 * width), Row(luma, 3 * width)).AsByte();

    private static uint Row(ReadOnlySpan<byte> luma, int at) => MemoryMarshal.Read<uint>(luma[at..]);

    /// <summary>Mean luma, and the standard deviation of luma, both as fractions of full scale.</summary>
    public static (float Exposure, float Contrast) Tone(ReadOnlySpan<byte> luma)
    {
        long sum = 0, squares = 0;
        foreach (byte value in luma)
        {
            sum += value;
            squares += value * value;
        }

        double mean = sum / (double)luma.Length;
        double variance = ((squares * (double)luma.Length) - ((double)sum * sum)) / ((double)luma.Length * luma.Length);
        return ((float)(mean / 255), (float)(Math.Sqrt(variance) / 255));
    }

    /// <summary>
    /// Sharpness and noise from patches of neighbouring pixels taken at full resolution: averaging would hide both.
    /// Sharpness: variance over the patches of the 4-neighbour Laplacian (Pech-Pacheco et al., ICPR 2000). Noise: Immerkaer's estimate
    /// (CVIU 64(2), 1996), the mean absolute response to the mask 1 -2 1, -2 4 -2, 1 -2 1 times sqrt(pi / 2) / 6, with the mean over the
    /// patches in place of the whole picture's. Both in units of full scale; 0 without patches. Fine texture reads as noise, and noise adds
    /// 20 times its variance to sharpness.
    /// </summary>
    /// <param name="patches"><see cref="PatchSize"/> samples per patch.</param>
    /// <param name="gain">Full scale per step of the samples: 1/255 for full-range luma, 1/219 for limited.</param>
    public static (float Sharpness, float Noise) Detail(ReadOnlySpan<byte> patches, double gain)
    {
        long sum = 0, squares = 0, responses = 0;
        int count = patches.Length / PatchSize;
        for (int i = 0; i < count; i++)
        {
            var p = patches.Slice(i * PatchSize, PatchSize);
            int cross = p[1] + p[3] + p[5] + p[7], corners = p[0] + p[2] + p[6] + p[8];
            int laplacian = cross - (4 * p[4]);
            sum += laplacian;
            squares += (long)laplacian * laplacian;
            responses += Math.Abs(corners - (2 * cross) + (4 * p[4]));
        }

        if (count == 0)
        {
            return (0, 0);
        }

        double variance = ((squares * (double)count) - ((double)sum * sum)) / ((double)count * count);
        double noise = responses / (double)count * Math.Sqrt(Math.PI / 2) / 6;
        return ((float)(variance * gain * gain), (float)(noise * gain));
    }

    /// <summary>Milliseconds of source time from the last answer's frame to this one; infinite without an answer.</summary>
    public static float AgeMs(long sourceNs, long? answerSourceNs) =>
        answerSourceNs is { } answer ? (float)((sourceNs - answer) / 1e6) : float.PositiveInfinity;
}
