using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Signals;
using EdgeRoute.Engine.Preprocess;

namespace EdgeRoute.Tests.Engine.Preprocess;

public sealed class ThumbnailTests
{
    public static TheoryData<PixelFormat> Formats() => [.. FrameMaker.Formats];

    [Theory]
    [MemberData(nameof(Formats))]
    public void Cells_are_the_averages_of_their_rows(PixelFormat format)
    {
        var random = new Random(21);
        var thumbnail = new Thumbnail();
        (int, int)[] sizes = [(1, 1), (2, 3), (3, 3), (63, 35), (64, 36), (65, 37), (131, 77), (640, 359), (1280, 720), (977, 301)];
        foreach (var (width, height) in sizes)
        {
            var layout = FrameMaker.Layout(format, width, height, (ColorSpace)random.Next(4), random);
            byte[] frame = FrameMaker.Noise(layout, random);
            thumbnail.Update(frame, layout);
            for (int y = 0; y < Thumbnail.Height; y++)
            {
                for (int x = 0; x < Thumbnail.Width; x++)
                {
                    Assert.InRange(thumbnail.Luma[(y * Thumbnail.Width) + x] - ExactCell(frame, layout, x, y), -0.51, 0.51);
                }
            }
        }
    }

    [Fact]
    public void A_picture_of_another_size_is_averaged_alike()
    {
        var layout = FrameMaker.Layout(PixelFormat.Rgb, 2 * Thumbnail.Width, 2 * Thumbnail.Height, ColorSpace.Bt709Full, new Random(8));
        byte[] frame = FrameMaker.Noise(layout, new Random(9));
        var (small, large) = (new Thumbnail(), new Thumbnail(2 * Thumbnail.Width, 2 * Thumbnail.Height, takesPatches: false));
        small.Update(frame, layout);
        large.Update(frame, layout);
        Assert.Equal(4 * small.Luma.Length, large.Luma.Length);
        for (int i = 0; i < small.Luma.Length; i++)
        {
            int at = (2 * (i / Thumbnail.Width) * 2 * Thumbnail.Width) + (2 * (i % Thumbnail.Width)), below = at + (2 * Thumbnail.Width);
            double mean = (large.Luma[at] + large.Luma[at + 1] + large.Luma[below] + large.Luma[below + 1]) / 4.0;
            Assert.InRange(small.Luma[i] - mean, -1.1, 1.1);
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Patches_are_full_resolution_luma_around_the_cell_centres(PixelFormat format)
    {
        var layout = FrameMaker.Layout(format, 200, 111, ColorSpace.Bt709Full, new Random(4));
        byte[] frame = FrameMaker.Noise(layout, new Random(5));
        var thumbnail = new Thumbnail();
        thumbnail.Update(frame, layout);
        for (int cell = 0; cell < Thumbnail.Width * Thumbnail.Height; cell++)
        {
            int cellX = cell % Thumbnail.Width, cellY = cell / Thumbnail.Width;
            int x = Math.Clamp(((cellX * 200 / Thumbnail.Width) + ((cellX + 1) * 200 / Thumbnail.Width)) / 2, 1, 198);
            int y = Math.Clamp(((cellY * 111 / Thumbnail.Height) + ((cellY + 1) * 111 / Thumbnail.Height)) / 2, 1, 109);
            for (int i = 0; i < ThumbnailSignals.PatchSize; i++)
            {
                double luma = ExactLuma(frame, layout, x - 1 + (i % 3), y - 1 + (i / 3), spread: false);
                Assert.InRange(thumbnail.Patches[(cell * ThumbnailSignals.PatchSize) + i] - luma, -0.9, 0.9);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void The_same_frames_give_the_same_signals_again_and_allocate_nothing(PixelFormat format)
    {
        var layout = FrameMaker.Layout(format, 133, 81, ColorSpace.Bt601Limited, new Random(2));
        byte[] first = FrameMaker.Noise(layout, new Random(3)), second = FrameMaker.Noise(layout, new Random(4));
        var answer = new Answer(TaskKind.Classification, 0, 1) { NodeIndex = 0, Stamp = new FrameStamp(0, 0, 0, 1_000_000) };
        FrameSignals[] runs = [.. Enumerable.Range(0, 2).Select(_ =>
        {
            var meter = new SignalMeter();
            meter.Measure(first, layout, default, null);
            return meter.Measure(second, layout, new FrameStamp(0, 1, 77, 6_000_000), answer);
        })];
        Assert.Equal(runs[0], runs[1]);
        Assert.Equal(5, runs[0].AgeMs);
        Assert.InRange(runs[0].Motion, 1e-4f, 0.5f);

        var warm = new SignalMeter();
        bool odd = false;
        Assert.Equal(0, AllocationWindows.LeastBytesOf(() => warm.Measure((odd = !odd) ? first : second, layout, default, answer)));
    }

    [Fact]
    public void A_first_frame_has_moved_fully_and_a_still_one_not_at_all()
    {
        var layout = FrameLayout.Packed(PixelFormat.Nv12, 320, 240);
        byte[] frame = FrameMaker.Noise(layout, new Random(3));
        var meter = new SignalMeter();
        Assert.Equal((1f, float.PositiveInfinity), (meter.Measure(frame, layout, default, null).Motion, meter.Measure(frame, layout,
            default, null).AgeMs));
        Assert.Equal(0, meter.Measure(frame, layout, default, null).Motion);
        meter.Reset();
        Assert.Equal(1, meter.Measure(frame, layout, default, null).Motion);
    }

    [Fact]
    public void A_frame_that_cannot_be_measured_leaves_no_half_of_itself_behind()
    {
        var layout = FrameLayout.Packed(PixelFormat.Gray8, 320, 240);
        byte[] frame = FrameMaker.Noise(layout, new Random(3));
        var meter = new SignalMeter();
        meter.Measure(frame, layout, default, null);
        Assert.ThrowsAny<ArgumentException>(() => meter.Measure(frame.AsSpan(0, 5000), layout, default, null));
        Assert.ThrowsAny<ArgumentException>(() => meter.Measure(frame, FrameLayout.Compressed(320, 240, 5000), default, null));
        Assert.Equal(1, meter.Measure(frame, layout, default, null).Motion);
    }

    [Fact]
    public void A_blurred_picture_is_less_sharp_and_a_moving_square_moves()
    {
        var layout = FrameLayout.Packed(PixelFormat.Gray8, 640, 360);
        byte[] sharp = Squares(layout, 0), blurred = [.. sharp], moved = Squares(layout, 6);
        for (int i = 8; i < blurred.Length - 8; i++)
        {
            blurred[i] = (byte)sharp.AsSpan(i - 8, 17).ToArray().Average(value => value);
        }

        var meter = new SignalMeter();
        var first = meter.Measure(sharp, layout, default, null);
        Assert.True(meter.Measure(blurred, layout, default, null).Sharpness < first.Sharpness / 4);
        meter.Measure(sharp, layout, default, null);
        Assert.True(meter.Measure(moved, layout, default, null).Motion > 0.01f);
    }

    [Fact]
    public void A_limited_range_source_has_the_exposure_of_a_full_range_one()
    {
        var limited = FrameLayout.Packed(PixelFormat.I420, 100, 100);
        byte[] white = new byte[limited.SizeBytes], black = new byte[limited.SizeBytes];
        white.AsSpan().Fill(235);
        black.AsSpan().Fill(16);
        var meter = new SignalMeter();
        Assert.Equal(1, meter.Measure(white, limited, default, null).Exposure);
        Assert.Equal(0, meter.Measure(black, limited, default, null).Exposure);
    }

    /// <summary>Sums of every width and alignment equal a plain loop.</summary>
    [Fact]
    public void Byte_sums_equal_a_plain_loop()
    {
        var random = new Random(6);
        for (int length = 0; length < 100; length++)
        {
            byte[] row = new byte[length];
            random.NextBytes(row);
            ushort[] sums = new ushort[length];
            ByteSums.Set(row, sums);
            ByteSums.Add(row, sums);
            Assert.Equal(row.Select(value => (ushort)(value * 2)), sums);
            Assert.Equal(sums.Sum(value => value), ByteSums.Total(sums));
            Assert.Equal(sums.Where((_, i) => i % 2 == 0).Sum(value => value), ByteSums.TotalOfEven(sums));
            var triples = sums.AsSpan(0, length / 3 * 3);
            var (first, second, third) = ByteSums.TotalOfThree(triples);
            Assert.Equal(ByteSums.Total(triples), first + second + third);
            Assert.Equal(triples.ToArray().Where((_, i) => i % 3 == 1).Sum(value => value), second);
        }
    }

    private static byte[] Squares(FrameLayout layout, int shift)
    {
        byte[] frame = new byte[layout.SizeBytes];
        for (int i = 0; i < frame.Length; i++)
        {
            int x = (i % layout.Width) + shift, y = i / layout.Width;
            frame[i] = (byte)(((x / 9) + (y / 9)) % 2 == 0 ? 40 : 200);
        }

        return frame;
    }

    private static double ExactCell(byte[] frame, FrameLayout layout, int cellX, int cellY)
    {
        int left = Math.Min(cellX * layout.Width / Thumbnail.Width, layout.Width - 1),
            right = Math.Max((cellX + 1) * layout.Width / Thumbnail.Width, left + 1);
        int top = Math.Min(cellY * layout.Height / Thumbnail.Height, layout.Height - 1),
            bottom = Math.Max((cellY + 1) * layout.Height / Thumbnail.Height, top + 1);
        int rows = Math.Min(bottom - top, Thumbnail.RowLimit);
        double sum = 0;
        for (int i = 0; i < rows; i++)
        {
            int y = top + (int)((i + 0.5) * (bottom - top) / rows);
            for (int x = left; x < right; x++)
            {
                sum += ExactLuma(frame, layout, x, y, spread: true);
            }
        }

        return Math.Clamp(sum / (rows * (right - left)), 0, 255);
    }

    private static double ExactLuma(byte[] frame, FrameLayout layout, int x, int y, bool spread)
    {
        int row = layout.Plane0.OffsetBytes + (y * layout.Plane0.StrideBytes);
        if (layout.Format is PixelFormat.Rgb or PixelFormat.Bgr)
        {
            var (red, blue) = layout.Format == PixelFormat.Rgb ? (0, 2) : (2, 0);
            return ((77 * frame[row + (3 * x) + red]) + (150 * frame[row + (3 * x) + 1]) + (29 * frame[row + (3 * x) + blue])) / 256.0;
        }

        double luma = frame[row + (layout.Format == PixelFormat.Yuy2 ? 2 * x : x)];
        bool limited = layout.Format != PixelFormat.Gray8 && layout.ColorSpace is ColorSpace.Bt601Limited or ColorSpace.Bt709Limited;
        return spread && limited && layout.Format != PixelFormat.Gray8 ? (luma - 16) * 255 / 219 : luma;
    }
}
