using EdgeRoute.Core.Frames;
using EdgeRoute.Engine.Drawing;

namespace EdgeRoute.Tests.Engine.Drawing;

public sealed class DetailPainterTests
{
    private const int Width = 640, Height = 480;

    private static readonly RgbColor Color = RgbColor.OfClass(0);

    /// <summary>The frame of an annotated picture of a black frame; the strip on top is left out.</summary>
    private static Func<int, int, RgbColor> Draw(DetailForm form, Action<DetectionDetails> fill)
    {
        var answer = new Answer(TaskKind.Detection, 1, 0, form) { NodeIndex = 1, DetectionCount = 1 };
        answer.DetectionSlots[0] = new Detection(0.25f, 0.25f, 0.5f, 0.5f, 0.9f, 0);
        answer.Details.Begin(form, Width, Height);
        fill(answer.Details);
        var layout = FrameLayout.Packed(PixelFormat.Gray8, Width, Height);
        using var annotator = new FrameAnnotator();
        var picture = annotator.Draw(layout, new byte[layout.SizeBytes],
            new FrameAnnotation("front", 1, "light", "first", 1, FrameEnd.Exited, answer, ["person"]));
        int header = picture.Height - Height;
        return (x, y) => picture[x, y + header];
    }

    [Fact]
    public void A_person_is_a_skeleton_of_what_is_seen()
    {
        var at = Draw(new DetailForm(DetailKind.Keypoints, 17), details =>
        {
            var points = details.Points(0);
            points.Fill(new(0.5f, 0.5f, 0.1f));
            (points[5], points[6]) = (new(0.3f, 0.4f, 0.9f), new(0.6f, 0.4f, 0.9f));
        });
        Assert.Equal(Color, at(192, 192));
        Assert.Equal(Color, at(384, 192));
        // Between the shoulders runs a line; to the hips, which are not seen, none does.
        Assert.Equal(Color, at(300, 192));
        Assert.Equal(RgbColor.Black, at(320, 240));
    }

    [Fact]
    public void Points_of_another_set_have_no_lines()
    {
        var at = Draw(new DetailForm(DetailKind.Keypoints, 2), details =>
            (details.Points(0)[0], details.Points(0)[1]) = (new(0.3f, 0.4f, 1), new(0.6f, 0.4f, 1)));
        Assert.Equal((Color, RgbColor.Black), (at(192, 192), at(300, 192)));
    }

    [Fact]
    public void An_oriented_box_takes_the_place_of_the_upright_one()
    {
        var at = Draw(DetailForm.Corners, details =>
        {
            DetailPoint[] corners = [new(0.5f, 0.25f, 1), new(0.75f, 0.5f, 1), new(0.5f, 0.75f, 1), new(0.25f, 0.5f, 1)];
            corners.CopyTo(details.Points(0));
        });
        Assert.Equal((Color, Color), (at(400, 180), at(240, 300)));
        Assert.Equal(RgbColor.Black, at(479, 300));
    }

    [Fact]
    public void A_mask_tints_what_it_covers()
    {
        var at = Draw(DetailForm.Mask, details =>
        {
            (details.Points(0)[0], details.Points(0)[1]) = (new(0.25f, 0.25f, 1), new(0.75f, 0.75f, 1));
            details.Mask(0)[..(DetectionDetails.MaskWords / 2)].Fill(ulong.MaxValue);
        });
        Assert.True(at(320, 200).Luma > 20);
        Assert.Equal(RgbColor.Black, at(320, 300));
        Assert.Equal(RgbColor.Black, at(100, 200));
    }

    [Theory]
    [InlineData(TaskKind.Segmentation)]
    [InlineData(TaskKind.Depth)]
    public void A_map_lies_over_the_frame_where_it_says_something(TaskKind task)
    {
        var answer = new Answer(task, 0, Answer.MapSide * Answer.MapSide) { NodeIndex = 1, ValueCount = Answer.MapSide * Answer.MapSide };
        answer.ValueSlots.Fill(task == TaskKind.Depth ? float.NaN : -1);
        answer.ValueSlots[..(Answer.MapSide * Answer.MapSide / 4)].Fill(0);
        answer.ValueSlots[0] = 1;
        var layout = FrameLayout.Packed(PixelFormat.Gray8, Width, Height);
        using var annotator = new FrameAnnotator();
        var picture = annotator.Draw(layout, new byte[layout.SizeBytes],
            new FrameAnnotation("front", 1, "light", "first", 1, FrameEnd.Exited, answer, ["road", "sky"]));
        int header = picture.Height - Height;
        Assert.NotEqual(RgbColor.Black, picture[320, header + 60]);
        Assert.NotEqual(picture[0, header], picture[320, header + 60]);
        Assert.Equal(RgbColor.Black, picture[320, header + 240]);
    }

    [Fact]
    public void A_line_of_text_is_written_under_the_frame()
    {
        int Lit(params float[] values)
        {
            var answer = new Answer(TaskKind.Text, 0, 64) { NodeIndex = 1, ValueCount = values.Length };
            values.CopyTo(answer.ValueSlots);
            var layout = FrameLayout.Packed(PixelFormat.Gray8, Width, Height);
            using var annotator = new FrameAnnotator();
            var picture = annotator.Draw(layout, new byte[layout.SizeBytes],
                new FrameAnnotation("front", 1, "light", "first", 1, FrameEnd.Exited, answer, ["E", "X"]));
            return Enumerable.Range(0, picture.Width * 40).Count(i =>
                picture[i % picture.Width, picture.Height - 1 - (i / picture.Width)].Luma > 100);
        }

        Assert.True(Lit() > 20);
        Assert.True(Lit(0, 0.9f, 1, 0.9f, 0, 0.9f, 1, 0.9f) > Lit(0, 0.9f) + 20);
    }

    /// <summary>A network may put a point anywhere.</summary>
    [Fact]
    public void Lines_to_far_outside_end_at_the_edge()
    {
        var picture = new RgbPicture(20, 10);
        picture.Line(10, 5, int.MaxValue, 5, 1, Color);
        Assert.Equal((Color, RgbColor.Black), (picture[19, 5], picture[5, 5]));
        picture.Line(int.MinValue, int.MinValue, int.MinValue, int.MaxValue, 3, Color);
        Assert.Equal(RgbColor.Black, picture[0, 0]);
    }
}
