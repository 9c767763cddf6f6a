using EdgeRoute.Core.Frames;

namespace EdgeRoute.Engine.Drawing;

/// <summary>Draws key points with their skeleton, oriented boxes and masks into the picture of a frame.</summary>
/// <param name="left">Where the frame lies in the picture, in pixels; the others likewise.</param>
internal sealed class DetailPainter(RgbPicture picture, int left, int top, int width, int height, int lineWidth)
{
    /// <summary>Points less likely to be seen than this are not drawn.</summary>
    private const float VisibleFrom = 0.5f;

    /// <summary>How strongly a mask covers what is under it.</summary>
    private const double MaskOpacity = 0.45;

    /// <summary>Pairs of COCO's seventeen joints that belong together: legs, trunk, arms, face.</summary>
    private static readonly (int From, int To)[] PersonLines =
    [
        (15, 13), (13, 11), (16, 14), (14, 12), (11, 12), (5, 11), (6, 12), (5, 6), (5, 7), (6, 8), (7, 9), (8, 10), (1, 2), (0, 1), (0, 2),
        (1, 3), (2, 4), (3, 5), (4, 6),
    ];

    private const int PersonJoints = 17;

    /// <summary>The part of a detection that lies under its box: the mask.</summary>
    public void DrawUnder(DetectionDetails details, int index, RgbColor color)
    {
        if (details.Form.Kind != DetailKind.Mask)
        {
            return;
        }

        var window = details.Points(index);
        var mask = details.Mask(index);
        var (x0, x1) = PixelsOf(window[0].X, window[1].X, width);
        var (y0, y1) = PixelsOf(window[0].Y, window[1].Y, height);
        for (int y = y0; y < y1; y++)
        {
            int row = CellOf(y, height, window[0].Y, window[1].Y);
            for (int x = x0; x < x1; x++)
            {
                if (DetectionDetails.IsSet(mask, CellOf(x, width, window[0].X, window[1].X), row))
                {
                    picture.Fill(left + x, top + y, 1, 1, color, MaskOpacity);
                }
            }
        }
    }

    /// <summary>An oriented box; false where the detection has only an upright one.</summary>
    public bool TryDrawBox(DetectionDetails details, int index, RgbColor color)
    {
        if (details.Form.Kind != DetailKind.Corners)
        {
            return false;
        }

        var corners = details.Points(index);
        for (int i = 0; i < corners.Length; i++)
        {
            Line(corners[i], corners[(i + 1) % corners.Length], lineWidth, color);
        }

        return true;
    }

    /// <summary>The part of a detection that lies over its box: the skeleton.</summary>
    public void DrawOver(DetectionDetails details, int index, RgbColor color)
    {
        if (details.Form.Kind != DetailKind.Keypoints)
        {
            return;
        }

        var points = details.Points(index);
        foreach (var (from, to) in points.Length == PersonJoints ? PersonLines : [])
        {
            if (points[from].Visibility >= VisibleFrom && points[to].Visibility >= VisibleFrom)
            {
                Line(points[from], points[to], lineWidth, color);
            }
        }

        foreach (ref readonly var point in points)
        {
            if (point.Visibility >= VisibleFrom)
            {
                Dot(point, color);
            }
        }
    }

    /// <summary>A bright square in a dark one, to be seen on any picture.</summary>
    private void Dot(in DetailPoint point, RgbColor color)
    {
        int reach = lineWidth, x = X(point), y = Y(point);
        picture.Fill(x - reach - 1, y - reach - 1, (2 * reach) + 3, (2 * reach) + 3, RgbColor.Black);
        picture.Fill(x - reach, y - reach, (2 * reach) + 1, (2 * reach) + 1, color);
    }

    private void Line(in DetailPoint from, in DetailPoint to, int thickness, RgbColor color) =>
        picture.Line(X(from), Y(from), X(to), Y(to), thickness, color);

    private int X(in DetailPoint point) => left + (int)Math.Round(point.X * width);

    private int Y(in DetailPoint point) => top + (int)Math.Round(point.Y * height);

    /// <summary>The pixels whose middles lie between two fractions of a side.</summary>
    private static (int First, int End) PixelsOf(float from, float to, int pixels) =>
        ((int)Math.Clamp(Math.Ceiling((from * (double)pixels) - 0.5), 0, pixels),
            (int)Math.Clamp(Math.Ceiling((to * (double)pixels) - 0.5), 0, pixels));

    private static int CellOf(int pixel, int pixels, float start, float end) => (int)Math.Clamp(
        (((pixel + 0.5) / pixels) - start) / ((double)end - start) * DetectionDetails.MaskSide, 0, DetectionDetails.MaskSide - 1);
}
