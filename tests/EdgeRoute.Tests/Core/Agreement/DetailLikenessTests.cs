using EdgeRoute.Core.Agreement;
using EdgeRoute.Core.Frames;

namespace EdgeRoute.Tests.Core.Agreement;

public sealed class DetailLikenessTests
{
    private static readonly DetailForm Person = new(DetailKind.Keypoints, 17);

    private static Answer One(DetailForm form, Detection box, params DetailPoint[] points)
    {
        var answer = new Answer(TaskKind.Detection, 4, 0, form) { NodeIndex = 1, DetectionCount = 1 };
        answer.DetectionSlots[0] = box;
        answer.Details.Begin(form, 640, 480);
        points.CopyTo(answer.Details.Points(0));
        return answer;
    }

    private static DetailPoint[] Joints(float shift = 0, int visible = 17) =>
        [.. Enumerable.Range(0, 17).Select(i =>
            new DetailPoint(0.3f + (0.01f * i) + shift, 0.4f + (0.02f * i), i < visible ? 0.9f : 0.1f))];

    private static readonly Detection Body = new(0.25f, 0.35f, 0.3f, 0.4f, 0.9f, 0);

    [Fact]
    public void Key_points_are_alike_by_COCOs_formula()
    {
        var teacher = One(Person, Body, Joints());
        Assert.Equal(1, DetailLikeness.Of(One(Person, Body, Joints()), 0, teacher, 0), 6);
        // 12.8 pixels off everywhere, on a person of 192 x 192 pixels.
        double[] spreads = [.26, .25, .25, .35, .35, .79, .79, .72, .72, .62, .62, 1.07, 1.07, .87, .87, .89, .89];
        double expected = spreads.Average(s => Math.Exp(-(12.8 * 12.8) / (2 * 0.53 * 192 * 192 * Math.Pow(2 * s / 10, 2))));
        Assert.Equal(expected, DetailLikeness.Of(One(Person, Body, Joints(0.02f)), 0, teacher, 0), 1e-4);
        // Where the teacher sees no joint but the first, only that counts.
        var nose = One(Person, Body, Joints(visible: 1));
        DetailPoint[] elsewhere = [.. Joints(0.3f)];
        elsewhere[0] = Joints()[0];
        Assert.Equal(1, DetailLikeness.Of(One(Person, Body, elsewhere), 0, nose, 0), 6);
    }

    [Fact]
    public void Without_a_visible_point_the_boxes_decide() => Assert.Equal(1 / 3f, DetailLikeness.Of(
        One(Person, Body with { Left = Body.Left + 0.15f }, Joints(0.5f)), 0, One(Person, Body, Joints(visible: 0)), 0), 4);

    [Fact]
    public void Points_of_another_set_have_one_spread_for_all()
    {
        var form = new DetailForm(DetailKind.Keypoints, 2);
        var teacher = One(form, Body, new(0.4f, 0.5f, 1), new(0.5f, 0.5f, 1));
        var judged = One(form, Body, new(0.42f, 0.5f, 1), new(0.5f, 0.5f, 1));
        double expected = (1 + Math.Exp(-(12.8 * 12.8) / (2 * 0.53 * 192 * 192 * Math.Pow(2 * 0.067, 2)))) / 2;
        Assert.Equal(expected, DetailLikeness.Of(judged, 0, teacher, 0), 1e-4);
    }

    [Fact]
    public void Answers_with_key_points_agree_by_them_and_not_by_their_boxes()
    {
        var agreement = new AnswerAgreement(new AgreementSettings(4));
        var teacher = One(Person, Body, Joints());
        Assert.Equal(1, agreement.Of(One(Person, Body, Joints(0.002f)), teacher));
        Assert.Equal(0, agreement.Of(One(Person, Body, Joints(0.2f)), teacher));
        Assert.Equal(0, agreement.Of(One(Person, Body, [.. Joints().Select(p => p with { X = float.NaN })]), teacher));
        // Labels are boxes, and are compared as such.
        Assert.Equal(1, agreement.OfTruth(One(Person, Body, Joints(0.2f)), [Body]));
        Assert.Equal(0, AllocationWindows.LeastBytesOf(() => agreement.Of(teacher, teacher)));
    }

    private static DetailPoint[] Turned(double x, double y, double width, double height, double angle) =>
        [.. new[] { (-1, -1), (1, -1), (1, 1), (-1, 1) }.Select(c =>
        {
            double along = c.Item1 * width / 2, across = c.Item2 * height / 2;
            return new DetailPoint((float)(x + (along * Math.Cos(angle)) - (across * Math.Sin(angle))),
                (float)(y + (along * Math.Sin(angle)) + (across * Math.Cos(angle))), 1);
        })];

    [Fact]
    public void Oriented_boxes_overlap_as_by_hand()
    {
        var upright = Turned(0.5, 0.5, 0.4, 0.2, 0);
        Assert.Equal(1, ConvexOverlap.Of(upright, upright), 5);
        Assert.Equal(1, ConvexOverlap.Of(upright, Turned(0.5, 0.5, 0.4, 0.2, Math.PI)), 5);
        Assert.Equal(1 / 3f, ConvexOverlap.Of(upright, Turned(0.7, 0.5, 0.4, 0.2, 0)), 5);
        // A cross of two bars has the square in their middle in common.
        Assert.Equal(0.04 / 0.12, ConvexOverlap.Of(upright, Turned(0.5, 0.5, 0.4, 0.2, Math.PI / 2)), 1e-5);
        Assert.Equal(0, ConvexOverlap.Of(upright, Turned(0.9, 0.9, 0.1, 0.1, 0.3)));
        Assert.Equal(0, ConvexOverlap.Of(upright, Turned(0.5, 0.5, 0, 0, 0)));
        Assert.Equal(0, ConvexOverlap.Of([.. upright.Reverse()], [new(float.NaN, 0, 1), upright[1], upright[2], upright[3]]));
        // The other way round, as a mirrored picture has its corners.
        Assert.Equal(1, ConvexOverlap.Of(upright, [.. upright.Reverse()]), 5);
    }

    [Fact]
    public void Turned_boxes_overlap_as_counted_point_by_point()
    {
        for (int seed = 0; seed < 10; seed++)
        {
            var random = new Random(seed);
            double[] Draw() => [0.4 + (0.2 * random.NextDouble()), 0.4 + (0.2 * random.NextDouble()), 0.1 + (0.4 * random.NextDouble()),
                0.1 + (0.4 * random.NextDouble()), Math.PI * random.NextDouble()];
            double[] a = Draw(), b = Draw();
            int both = 0, either = 0;
            for (int i = 0; i < 400 * 400; i++)
            {
                double x = ((i % 400) + 0.5) / 400, y = ((i / 400) + 0.5) / 400;
                bool inA = IsInside(a, x, y), inB = IsInside(b, x, y);
                both += inA && inB ? 1 : 0;
                either += inA || inB ? 1 : 0;
            }

            float found = ConvexOverlap.Of(Turned(a[0], a[1], a[2], a[3], a[4]), Turned(b[0], b[1], b[2], b[3], b[4]));
            Assert.Equal((double)both / either, found, 0.01);
        }
    }

    private static bool IsInside(double[] box, double x, double y)
    {
        double dx = x - box[0], dy = y - box[1], cos = Math.Cos(box[4]), sin = Math.Sin(box[4]);
        return Math.Abs((dx * cos) + (dy * sin)) <= box[2] / 2 && Math.Abs((dy * cos) - (dx * sin)) <= box[3] / 2;
    }

    /// <summary>A disc in frame coordinates, as the mask of a window.</summary>
    private static Answer Disc(Detection window, double x, double y, double radius)
    {
        var answer = One(DetailForm.Mask, window, new(window.Left, window.Top, 1), new(window.Right, window.Bottom, 1));
        for (int cell = 0; cell < DetectionDetails.MaskSide * DetectionDetails.MaskSide; cell++)
        {
            double cx = window.Left + (((cell % DetectionDetails.MaskSide) + 0.5) / DetectionDetails.MaskSide * window.Width) - x;
            double cy = window.Top + (((cell / DetectionDetails.MaskSide) + 0.5) / DetectionDetails.MaskSide * window.Height) - y;
            answer.Details.Mask(0)[cell / 64] |= (cx * cx) + (cy * cy) <= radius * radius ? 1UL << (cell % 64) : 0;
        }

        return answer;
    }

    [Fact]
    public void Masks_overlap_by_their_areas_whatever_their_windows()
    {
        var tight = Disc(new(0.3f, 0.3f, 0.4f, 0.4f, 0.9f, 0), 0.5, 0.5, 0.2);
        var loose = Disc(new(0.1f, 0.2f, 0.8f, 0.7f, 0.9f, 0), 0.5, 0.5, 0.2);
        var small = Disc(new(0.3f, 0.3f, 0.4f, 0.4f, 0.9f, 0), 0.5, 0.5, 0.1);
        var none = One(DetailForm.Mask, Body, new(0.3f, 0.3f, 1), new(0.7f, 0.7f, 1));
        Assert.Equal(1, DetailLikeness.Of(tight, 0, tight, 0));
        Assert.Equal(1, DetailLikeness.Of(tight, 0, loose, 0), 0.03);
        Assert.Equal(DetailLikeness.Of(loose, 0, tight, 0), DetailLikeness.Of(tight, 0, loose, 0));
        Assert.Equal(0.25, DetailLikeness.Of(small, 0, tight, 0), 0.01);
        Assert.Equal(0, DetailLikeness.Of(none, 0, tight, 0));
        Assert.Equal(0, DetailLikeness.Of(none, 0, none, 0));
        Assert.Equal(0, DetailLikeness.Of(Disc(new(0.75f, 0.75f, 0.2f, 0.2f, 0.9f, 0), 0.85, 0.85, 0.1), 0, tight, 0));
    }

    [Fact]
    public void Answers_with_other_details_agree_on_no_object()
    {
        var agreement = new AnswerAgreement(new AgreementSettings(4));
        var boxes = new Answer(TaskKind.Detection, 4, 0) { NodeIndex = 1, DetectionCount = 1 };
        boxes.DetectionSlots[0] = Body;
        Assert.Equal(0, agreement.Of(boxes, One(Person, Body, Joints())));
    }
}
