using System.Globalization;
using EdgeRoute.Core.Frames;
using EdgeRoute.Documents.Packs;

namespace EdgeRoute.Engine.Stages.Heads;

/// <summary>
/// Oriented boxes: centre, width, height and an angle in radians, clockwise on the picture. Two candidates are one thing by the
/// probabilistic intersection over union of their Gaussians (Llerena et al., arXiv 2106.06072), which these models are published with.
/// </summary>
internal sealed class OrientedBoxes(BoxUnit unit) : CandidateDetails(DetailForm.Corners, 1)
{
    /// <summary>Radians. Ultralytics 26 leaves the angle free, so it may be some turns off; a number of pixels is no angle.</summary>
    private const float AngleMost = 100;

    /// <summary>Keeps divisions and logarithms of boxes without width finite.</summary>
    private const double Least = 1e-7;

    /// <summary>By candidate; grows with the largest tensor seen.</summary>
    private OrientedBox[] _boxes = [];

    /// <summary>Room for all candidates of a tensor.</summary>
    public void Reserve(int count)
    {
        if (_boxes.Length < count)
        {
            _boxes = new OrientedBox[count];
        }
    }

    /// <summary>Takes a candidate's box; returns the upright one around it as left, top, right, bottom in pixels of the tensor.</summary>
    /// <exception cref="InvalidDataException">The angle makes no answer.</exception>
    public (float Left, float Top, float Right, float Bottom) Take(int candidate, ReadOnlySpan<float> box, float angle)
    {
        if (!(MathF.Abs(angle) <= AngleMost))
        {
            throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture,
                $"a candidate's angle is {angle}, which is no number of radians; the angle is the last number of a candidate"));
        }

        bool isFraction = unit == BoxUnit.Fraction;
        float unitX = isFraction ? Mapping.TensorWidth : 1, unitY = isFraction ? Mapping.TensorHeight : 1;
        var taken = new OrientedBox(box[0] * unitX, box[1] * unitY, box[2] * unitX, box[3] * unitY, MathF.Cos(angle), MathF.Sin(angle));
        _boxes[candidate] = taken;
        float reachX = (Math.Abs(taken.Width * taken.Cos) + Math.Abs(taken.Height * taken.Sin)) / 2;
        float reachY = (Math.Abs(taken.Width * taken.Sin) + Math.Abs(taken.Height * taken.Cos)) / 2;
        return (taken.X - reachX, taken.Y - reachY, taken.X + reachX, taken.Y + reachY);
    }

    public override float Overlap(in Detection a, int candidateA, in Detection b, int candidateB) =>
        Overlap(_boxes[candidateA], _boxes[candidateB]);

    public override void Fill(ReadOnlySpan<float> values, int candidate, in Detection detection, DetectionDetails into, int index)
    {
        ref readonly var box = ref _boxes[candidate];
        var corners = into.Points(index);
        corners[0] = Corner(box, -1, -1);
        corners[1] = Corner(box, 1, -1);
        corners[2] = Corner(box, 1, 1);
        corners[3] = Corner(box, -1, 1);
    }

    private DetailPoint Corner(in OrientedBox box, float right, float down)
    {
        float along = right * box.Width / 2, across = down * box.Height / 2;
        return PointAt(box.X + (along * box.Cos) - (across * box.Sin), box.Y + (along * box.Sin) + (across * box.Cos), 1);
    }

    private static float Overlap(in OrientedBox a, in OrientedBox b)
    {
        var (xxA, yyA, xyA) = Spread(a);
        var (xxB, yyB, xyB) = Spread(b);
        double xx = xxA + xxB, yy = yyA + yyB, xy = xyA + xyB, dx = (double)b.X - a.X, dy = (double)a.Y - b.Y;
        double determinant = (xx * yy) - (xy * xy) + Least;
        double apart = (((xx * dy * dy) + (yy * dx * dx)) / determinant / 4) + (xy * dx * dy / determinant / 2);
        double sizes = Math.Sqrt(Math.Max((xxA * yyA) - (xyA * xyA), 0) * Math.Max((xxB * yyB) - (xyB * xyB), 0));
        double unlike = Math.Log((((xx * yy) - (xy * xy)) / ((4 * sizes) + Least)) + Least) / 2;
        double bhattacharyya = Math.Clamp(apart + unlike, Least, 100);
        return (float)(1 - Math.Sqrt(1 - Math.Exp(-bhattacharyya) + Least));
    }

    /// <summary>Covariance of the box taken for a Gaussian.</summary>
    private static (double XX, double YY, double XY) Spread(in OrientedBox box)
    {
        double along = (double)box.Width * box.Width / 12, across = (double)box.Height * box.Height / 12;
        double cos = box.Cos, sin = box.Sin;
        return ((along * cos * cos) + (across * sin * sin), (along * sin * sin) + (across * cos * cos), (along - across) * cos * sin);
    }

    private readonly record struct OrientedBox(float X, float Y, float Width, float Height, float Cos, float Sin);
}
