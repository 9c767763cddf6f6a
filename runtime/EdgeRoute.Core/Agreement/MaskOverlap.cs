using System.Numerics;
using EdgeRoute.Core.Frames;

namespace EdgeRoute.Core.Agreement;

/// <summary>
/// Intersection over union of two masks in windows of their own: the cells of the smaller window, which are the finer ones, are looked up
/// in the other.
/// </summary>
internal static class MaskOverlap
{
    private const int Side = DetectionDetails.MaskSide;

    public static float Of(DetectionDetails a, int indexA, DetectionDetails b, int indexB)
    {
        var windowA = Window(a.Points(indexA));
        var windowB = Window(b.Points(indexB));
        return windowA.Width * windowA.Height <= windowB.Width * windowB.Height
            ? Of(a.Mask(indexA), windowA, b.Mask(indexB), windowB) : Of(b.Mask(indexB), windowB, a.Mask(indexA), windowA);
    }

    private static float Of(ReadOnlySpan<ulong> fine, in Detection fineWindow, ReadOnlySpan<ulong> other, in Detection otherWindow)
    {
        double fineCell = (double)fineWindow.Width * fineWindow.Height, otherCell = (double)otherWindow.Width * otherWindow.Height;
        double fineArea = Count(fine) * fineCell, otherArea = Count(other) * otherCell;
        double both = Math.Min(CountBoth(fine, fineWindow, other, otherWindow) * fineCell, Math.Min(fineArea, otherArea));
        double either = fineArea + otherArea - both;
        return either > 0 ? (float)(both / either) : 0;
    }

    private static long CountBoth(ReadOnlySpan<ulong> fine, in Detection fineWindow, ReadOnlySpan<ulong> other, in Detection otherWindow)
    {
        Span<int> columns = stackalloc int[Side];
        for (int x = 0; x < Side; x++)
        {
            columns[x] = CellOf(fineWindow.Left, fineWindow.Width, x, otherWindow.Left, otherWindow.Width);
        }

        long count = 0;
        for (int y = 0; y < Side; y++)
        {
            int row = CellOf(fineWindow.Top, fineWindow.Height, y, otherWindow.Top, otherWindow.Height);
            for (int x = 0; row >= 0 && x < Side; x++)
            {
                bool isBoth = columns[x] >= 0 && DetectionDetails.IsSet(fine, x, y) && DetectionDetails.IsSet(other, columns[x], row);
                count += isBoth ? 1 : 0;
            }
        }

        return count;
    }

    /// <summary>The cell of one window's side in which the middle of a cell of another's lies; -1 when it lies in none.</summary>
    private static int CellOf(float start, float length, int cell, float otherStart, float otherLength)
    {
        double at = (start - (double)otherStart + ((cell + 0.5) * length / Side)) / otherLength * Side;
        return at >= 0 && at < Side ? (int)at : -1;
    }

    private static Detection Window(ReadOnlySpan<DetailPoint> corners) =>
        new(corners[0].X, corners[0].Y, corners[1].X - corners[0].X, corners[1].Y - corners[0].Y, 1, 0);

    private static long Count(ReadOnlySpan<ulong> mask)
    {
        long count = 0;
        foreach (ulong word in mask)
        {
            count += BitOperations.PopCount(word);
        }

        return count;
    }
}
