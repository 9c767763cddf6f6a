using EdgeRoute.Core.Frames;
using EdgeRoute.Engine.Drawing;
using EdgeRoute.Interop.TurboJpeg;

namespace EdgeRoute.Tests.Engine.Drawing;

public sealed class FrameAnnotatorTests
{
    private const string LongReason = "escalated: low_confidence_mass 0.42 > 0.30";

    /// <summary>One flat colour in every format comes out as that colour, within rounding.</summary>
    [Theory]
    [InlineData(PixelFormat.Rgb, ColorSpace.Bt601Limited)]
    [InlineData(PixelFormat.Bgr, ColorSpace.Bt601Limited)]
    [InlineData(PixelFormat.Nv12, ColorSpace.Bt601Limited)]
    [InlineData(PixelFormat.Nv12, ColorSpace.Bt709Full)]
    [InlineData(PixelFormat.I420, ColorSpace.Bt601Full)]
    [InlineData(PixelFormat.I420, ColorSpace.Bt709Limited)]
    [InlineData(PixelFormat.Yuy2, ColorSpace.Bt601Limited)]
    public void Every_format_shows_its_colour(PixelFormat format, ColorSpace colorSpace)
    {
        var layout = FrameLayout.Packed(format, 481, 33, colorSpace);
        var picture = Draw(layout, Flat(layout, 200, 90, 40), Annotation(null));
        var color = picture[480, picture.Height - 1];
        Assert.InRange(color.Red, 197, 203);
        Assert.InRange(color.Green, 87, 93);
        Assert.InRange(color.Blue, 37, 43);
    }

    [Fact]
    public void Gray_shows_gray()
    {
        var layout = FrameLayout.Packed(PixelFormat.Gray8, 480, 20);
        var picture = Draw(layout, Enumerable.Repeat((byte)77, layout.SizeBytes).ToArray(), Annotation(null));
        Assert.Equal(new RgbColor(77, 77, 77), picture[479, picture.Height - 1]);
    }

    [Theory]
    [InlineData(640, 480, 640, 480)]
    [InlineData(160, 120, 480, 360)]
    [InlineData(100, 60, 400, 240)]
    [InlineData(1, 1, 4, 4)]
    [InlineData(4000, 3000, 1334, 1000)]
    [InlineData(100, 3000, 50, 1500)]
    public void Size_is_bounded(int width, int height, int expectedWidth, int expectedHeight)
    {
        var layout = FrameLayout.Packed(PixelFormat.Gray8, width, height);
        var picture = Draw(layout, new byte[layout.SizeBytes], Annotation(null));
        Assert.Equal(expectedWidth, picture.Width);
        Assert.InRange(picture.Height - expectedHeight, 10, 120);
    }

    [Fact]
    public void Box_is_drawn_where_the_detection_is()
    {
        var layout = FrameLayout.Packed(PixelFormat.Gray8, 640, 480);
        var answer = Detections(new Detection(0.25f, 0.25f, 0.5f, 0.5f, 0.9f, 1));
        var picture = Draw(layout, new byte[layout.SizeBytes], Annotation(answer));
        int header = picture.Height - 480;
        var color = RgbColor.OfClass(1);
        Assert.All([(160, 200), (479, 200), (300, 120), (300, 359)], p => Assert.Equal(color, picture[p.Item1, p.Item2 + header]));
        Assert.All([(158, 200), (481, 200), (320, 240), (300, 362)], p => Assert.NotEqual(color, picture[p.Item1, p.Item2 + header]));
    }

    [Fact]
    public void Boxes_beyond_the_frame_are_clipped()
    {
        var layout = FrameLayout.Packed(PixelFormat.Gray8, 64, 48);
        var answer = Detections(new Detection(-2, -2, 5, 5, 0.9f, 0), new Detection(0.9f, 0.9f, 3, 3, 0.8f, 700),
            new Detection(float.NaN, 0, 1, 1, 0.1f, -1));
        Assert.NotNull(Draw(layout, new byte[layout.SizeBytes], Annotation(answer)));
    }

    [Fact]
    public void JPEG_comes_back_as_the_drawing()
    {
        var layout = FrameLayout.Packed(PixelFormat.Rgb, 640, 480);
        using var annotator = new FrameAnnotator();
        byte[] jpeg = annotator.DrawJpeg(layout, Flat(layout, 10, 200, 60), Annotation(null));
        using var decoder = JpegDecoder.Create();
        Assert.True(decoder.TryReadHeader(jpeg, out var header));
        Assert.Equal(640, header.Width);
        // A frame that is itself a JPEG is decoded first.
        var again = annotator.Draw(FrameLayout.Compressed(0, 0, jpeg.Length), jpeg, Annotation(null));
        Assert.True(again.Height > header.Height);
        Assert.InRange(again[300, again.Height - 5].Green, 195, 205);
        Assert.Throws<InvalidDataException>(() => annotator.Draw(FrameLayout.Compressed(0, 0, 4), [1, 2, 3, 4], Annotation(null)));
    }

    [Fact]
    public void Header_text_is_written_in_the_strip()
    {
        var layout = FrameLayout.Packed(PixelFormat.Gray8, 640, 48);
        var one = Draw(layout, new byte[layout.SizeBytes], Annotation(null));
        var other = Draw(layout, new byte[layout.SizeBytes], Annotation(null) with { Sequence = 124 });
        Assert.NotEqual(one.Pixels, other.Pixels);
    }

    [Fact]
    public void Wrapping_keeps_every_part_until_the_limit()
    {
        Assert.Equal(["front #1   light", LongReason], TextWrap.Lines(["front #1", "light", LongReason], "   ", 44, 3));
        Assert.Equal(["abcd", "ef", "gh"], TextWrap.Lines(["abcdef", "", "gh"], "   ", 4, 3));
        Assert.Equal(["abcd", "e..."], TextWrap.Lines(["abcdefghijkl"], "   ", 4, 2));
    }

    [Fact]
    public void Every_glyph_is_drawn_and_its_own()
    {
        string[] glyphs = [.. Enumerable.Range(' ', 95).Select(c => string.Concat(
            from row in Enumerable.Range(0, PixelFont.CellHeight)
            from column in Enumerable.Range(0, PixelFont.CellWidth) select PixelFont.IsSet((char)c, column, row) ? '#' : '.'))];
        Assert.Equal(95, glyphs.Distinct().Count());
        Assert.DoesNotContain('#', glyphs[0]);
        Assert.All(glyphs[1..], g => Assert.Contains('#', g));
        // The last column of a cell is the gap between letters.
        Assert.All(glyphs, g => Assert.DoesNotContain('#', g.Where((_, i) => i % PixelFont.CellWidth == PixelFont.CellWidth - 1)));
    }

    [Fact]
    public void Class_colours_of_one_pack_differ() =>
        Assert.Equal(80, Enumerable.Range(0, 80).Select(RgbColor.OfClass).Distinct().Count());

    private static RgbPicture Draw(in FrameLayout layout, ReadOnlySpan<byte> bytes, FrameAnnotation annotation)
    {
        using var annotator = new FrameAnnotator();
        return annotator.Draw(layout, bytes, annotation);
    }

    private static FrameAnnotation Annotation(Answer? answer) => new(
        "front", 123, "light>heavy", LongReason, 12.34, FrameEnd.Escalated, answer,
        ["person", "bicycle", "car", "motorbike", "aeroplane"]);

    private static Answer Detections(params Detection[] boxes)
    {
        var answer = new Answer(TaskKind.Detection, boxes.Length, 0) { NodeIndex = 1, DetectionCount = boxes.Length };
        boxes.CopyTo(answer.DetectionSlots);
        return answer;
    }

    private static byte[] Flat(in FrameLayout layout, byte red, byte green, byte blue)
    {
        bool is709 = layout.ColorSpace is ColorSpace.Bt709Full or ColorSpace.Bt709Limited,
            isFull = layout.ColorSpace is ColorSpace.Bt601Full or ColorSpace.Bt709Full;
        double kr = is709 ? 0.2126 : 0.299, kb = is709 ? 0.0722 : 0.114;
        double y = (kr * red) + ((1 - kr - kb) * green) + (kb * blue), u = (blue - y) / (2 * (1 - kb)), v = (red - y) / (2 * (1 - kr));
        byte luma = (byte)Math.Round(isFull ? y : 16 + (y * 219 / 255));
        byte cb = (byte)Math.Round(128 + (isFull ? u : u * 224 / 255)), cr = (byte)Math.Round(128 + (isFull ? v : v * 224 / 255));
        var bytes = new byte[layout.SizeBytes];
        byte[] unit = layout.Format switch
        {
            PixelFormat.Rgb => [red, green, blue],
            PixelFormat.Bgr => [blue, green, red],
            PixelFormat.Yuy2 => [luma, cb, luma, cr],
            _ => [luma],
        };
        for (int i = 0; i < bytes.Length; i++)
        {
            bytes[i] = unit[i % unit.Length];
        }

        if (layout.Format == PixelFormat.Nv12)
        {
            for (int i = layout.Plane1.OffsetBytes; i < bytes.Length; i++)
            {
                bytes[i] = (i - layout.Plane1.OffsetBytes) % 2 == 0 ? cb : cr;
            }
        }
        else if (layout.Format == PixelFormat.I420)
        {
            bytes.AsSpan(layout.Plane1.OffsetBytes..layout.Plane2.OffsetBytes).Fill(cb);
            bytes.AsSpan(layout.Plane2.OffsetBytes).Fill(cr);
        }

        return bytes;
    }
}
