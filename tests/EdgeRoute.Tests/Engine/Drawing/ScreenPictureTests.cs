using EdgeRoute.Core.Frames;
using EdgeRoute.Engine.Drawing;
using EdgeRoute.Interop.TurboJpeg;

namespace EdgeRoute.Tests.Engine.Drawing;

public sealed class ScreenPictureTests
{
    /// <summary>Left half dark, right half bright: so it is on the screen, at a whole step below the width asked for.</summary>
    [SkippableTheory]
    [InlineData(PixelFormat.Rgb, 100, 100)]
    [InlineData(PixelFormat.Bgr, 70, 66)]
    [InlineData(PixelFormat.Gray8, 64, 50)]
    [InlineData(PixelFormat.Gray8, 640, 200)]
    public void A_frame_is_made_smaller_and_stays_what_it_is(PixelFormat format, int width, int widthMade)
    {
        Skip.IfNot(JpegLibrary.TryLoad(out string reason), reason);
        var layout = FrameLayout.Packed(format, 200, 80);
        byte[] frame = Halves(layout, 200);
        using var picture = new ScreenPicture();
        byte[] jpeg = picture.Encode(layout, frame, width);
        CheckHalves(jpeg, widthMade);
        // The same again from the JPEG of the whole frame.
        byte[] whole = picture.Encode(layout, frame, 200);
        var layoutOfJpeg = FrameLayout.Compressed(200, 80, whole.Length);
        CheckHalves(picture.Encode(layoutOfJpeg, whole, 100), 100);
        Assert.Equal(whole, picture.Encode(layoutOfJpeg, whole, 200));
    }

    private static byte[] Halves(FrameLayout layout, int width)
    {
        int pixelBytes = layout.Plane0.StrideBytes / width;
        byte[] frame = new byte[layout.SizeBytes];
        for (int i = 0; i < frame.Length; i++)
        {
            frame[i] = (byte)(i % layout.Plane0.StrideBytes / pixelBytes < width / 2 ? 30 : 220);
        }

        return frame;
    }

    private static void CheckHalves(byte[] jpeg, int width)
    {
        using var decoder = JpegDecoder.Create();
        Assert.True(decoder.TryReadHeader(jpeg, out var header), decoder.ErrorText);
        Assert.Equal(width, header.Width);
        byte[] rgb = new byte[header.Width * header.Height * 3];
        Assert.True(decoder.TryDecodeRgb(jpeg, header, 1, rgb, header.Width * 3), decoder.ErrorText);
        int row = header.Height / 2 * header.Width * 3;
        Assert.InRange(rgb[row + (header.Width / 4 * 3)], 15, 45);
        Assert.InRange(rgb[row + (header.Width * 3 / 4 * 3)], 205, 235);
    }
}
