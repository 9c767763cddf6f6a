using EdgeRoute.Documents.Packs;

namespace EdgeRoute.Tests.Engine.Stages.Heads;

/// <summary>
/// Key points, oriented boxes and masks decoded a second time, the plain way: row by row in double precision, everything in frame
/// fractions, suppression by its definition.
/// </summary>
internal static class SlowDetails
{
    /// <param name="Row">All numbers of the candidate.</param>
    public sealed record Found(SlowDecoding.Box Box, double[] Row);

    /// <param name="detailCount">Numbers after the classes.</param>
    public static List<Found> Rows(float[] values, int classes, int detailCount, DetectionSettings settings, FrameMapping mapping,
        bool isOriented = false)
    {
        int length = 4 + classes + detailCount;
        var open = Enumerable.Range(0, values.Length / length).Select(i =>
        {
            double[] row = [.. values.AsSpan(i * length, length).ToArray().Select(v => (double)v)];
            double angle = isOriented ? row[^1] : 0;
            double reachX = (Math.Abs(row[2] * Math.Cos(angle)) + Math.Abs(row[3] * Math.Sin(angle))) / 2;
            double reachY = (Math.Abs(row[2] * Math.Sin(angle)) + Math.Abs(row[3] * Math.Cos(angle))) / 2;
            var (left, top) = Place(row[0] - reachX, row[1] - reachY, mapping);
            var (right, bottom) = Place(row[0] + reachX, row[1] + reachY, mapping);
            int best = Enumerable.Range(0, classes).MaxBy(c => row[4 + c]);
            return new Found(new(Cut(left), Cut(top), Cut(right), Cut(bottom), row[4 + best], best), row);
        }).Where(f => f.Box.Confidence >= settings.DoubtFloor && f.Box.Right > f.Box.Left && f.Box.Bottom > f.Box.Top)
            .OrderByDescending(f => f.Box.Confidence).ToList();
        var kept = new List<Found>();
        while (open.Count > 0)
        {
            var sure = open[0];
            kept.Add(sure);
            open.RemoveAll(f => ReferenceEquals(f, sure) || (f.Box.ClassIndex == sure.Box.ClassIndex
                && (isOriented ? Likeness(f.Row, sure.Row) : Overlap(f.Box, sure.Box)) > settings.NmsOverlap));
        }

        return kept.FindAll(f => f.Box.Confidence >= settings.Threshold);
    }

    public static (double X, double Y) Place(double x, double y, FrameMapping mapping) =>
        (((x * mapping.ScaleX) + mapping.OffsetX) / mapping.FrameWidth, ((y * mapping.ScaleY) + mapping.OffsetY) / mapping.FrameHeight);

    /// <summary>Corners of an oriented box, by turning each about the centre.</summary>
    public static (double X, double Y)[] Corners(double[] row, FrameMapping mapping)
    {
        double angle = row[^1];
        return [.. new[] { (-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5) }.Select(c =>
        {
            double x = c.Item1 * row[2], y = c.Item2 * row[3];
            return Place(row[0] + (x * Math.Cos(angle)) - (y * Math.Sin(angle)), row[1] + (x * Math.Sin(angle)) + (y * Math.Cos(angle)),
                mapping);
        })];
    }

    /// <summary>The sum of prototypes at a place of the frame, linear between the middles of their cells.</summary>
    public static double MaskAt(double frameX, double frameY, double[] coefficients, float[] prototypes, int width, int height,
        FrameMapping mapping)
    {
        double x = ((frameX * mapping.FrameWidth) - mapping.OffsetX) / mapping.ScaleX * width / mapping.TensorWidth;
        double y = ((frameY * mapping.FrameHeight) - mapping.OffsetY) / mapping.ScaleY * height / mapping.TensorHeight;
        (x, y) = (Math.Clamp(x - 0.5, 0, width - 1), Math.Clamp(y - 0.5, 0, height - 1));
        int left = (int)x, top = (int)y, right = Math.Min(left + 1, width - 1), bottom = Math.Min(top + 1, height - 1);
        double Sum(int column, int row) =>
            coefficients.Select((c, m) => c * prototypes[(((m * height) + row) * width) + column]).Sum();
        double above = Sum(left, top) + ((x - left) * (Sum(right, top) - Sum(left, top)));
        double below = Sum(left, bottom) + ((x - left) * (Sum(right, bottom) - Sum(left, bottom)));
        return above + ((y - top) * (below - above));
    }

    /// <summary>1 minus the Hellinger distance of the Gaussians, by the Bhattacharyya distance with the mean covariance.</summary>
    public static double Likeness(double[] a, double[] b)
    {
        var (p, q, r) = Covariance(a);
        var (s, t, u) = Covariance(b);
        double xx = (p + s) / 2, yy = (q + t) / 2, xy = (r + u) / 2, determinant = (xx * yy) - (xy * xy);
        double dx = a[0] - b[0], dy = a[1] - b[1];
        double squared = ((yy * dx * dx) - (2 * xy * dx * dy) + (xx * dy * dy)) / determinant;
        double distance = (squared / 8) + (Math.Log(determinant / Math.Sqrt(((p * q) - (r * r)) * ((s * t) - (u * u)))) / 2);
        return 1 - Math.Sqrt(1 - Math.Exp(-distance));
    }

    private static (double XX, double YY, double XY) Covariance(double[] box)
    {
        double cos = Math.Cos(box[^1]), sin = Math.Sin(box[^1]), w = box[2] * box[2] / 12, h = box[3] * box[3] / 12;
        return ((w * cos * cos) + (h * sin * sin), (w * sin * sin) + (h * cos * cos), (w - h) * cos * sin);
    }

    private static double Cut(double value) => Math.Clamp(value, 0, 1);

    private static double Overlap(SlowDecoding.Box a, SlowDecoding.Box b)
    {
        double w = Math.Max(0, Math.Min(a.Right, b.Right) - Math.Max(a.Left, b.Left));
        double h = Math.Max(0, Math.Min(a.Bottom, b.Bottom) - Math.Max(a.Top, b.Top));
        return w * h / (((a.Right - a.Left) * (a.Bottom - a.Top)) + ((b.Right - b.Left) * (b.Bottom - b.Top)) - (w * h));
    }
}
