using EdgeRoute.Core.Frames;
using EdgeRoute.Engine.Drawing;
using EdgeRoute.Interop.TurboJpeg;

namespace EdgeRoute.Tests.Engine.Drawing;

public sealed class FrameCompressorTests
{
    /// <summary>Odd, so that the last column and row have chroma of their own.</summary>
    private const int Width = 65, Height = 33;

    [Theory]
    [InlineData(PixelFormat.Nv12, ColorSpace.Bt601Limited)]
    [InlineData(PixelFormat.Nv12, ColorSpace.Bt709Limited)]
    [InlineData(PixelFormat.I420, ColorSpace.Bt709Full)]
    [InlineData(PixelFormat.I420, ColorSpace.Bt601Full)]
    [InlineData(PixelFormat.Yuy2, ColorSpace.Bt601Limited)]
    [InlineData(PixelFormat.Yuy2, ColorSpace.Bt709Limited)]
    [InlineData(PixelFormat.Rgb, ColorSpace.Bt601Full)]
    [InlineData(PixelFormat.Bgr, ColorSpace.Bt601Full)]
    [InlineData(PixelFormat.Gray8, ColorSpace.Bt601Full)]
    public void Colours_survive_in_every_format(PixelFormat format, ColorSpace space)
    {
        var layout = FrameLayout.Packed(format, Width, Height, space);
        var bytes = new byte[layout.SizeBytes];
        Paint(layout, bytes);
        using var compressor = new FrameCompressor();
        byte[] rgb = Decode(compressor.Compress(layout, bytes));
        var wanted = new FrameColors(layout, bytes);
        foreach (var (x, y) in new[] { (4, 4), (24, 28), (44, 8), (64, 32) })
        {
            int at = ((y * Width) + x) * 3;
            var color = wanted.At(x, y);
            Assert.InRange(rgb[at] - color.Red, -4, 4);
            Assert.InRange(rgb[at + 1] - color.Green, -4, 4);
            Assert.InRange(rgb[at + 2] - color.Blue, -4, 4);
        }
    }

    [Fact]
    public void A_JPEG_stays_as_it_came()
    {
        byte[] jpeg = [0xFF, 0xD8, 1, 2, 3, 0];
        using var compressor = new FrameCompressor();
        Assert.Equal(jpeg[..5], compressor.Compress(FrameLayout.Compressed(0, 0, 5), jpeg).ToArray());
    }

    [Fact]
    public void More_frames_of_a_size_allocate_nothing()
    {
        var layout = FrameLayout.Packed(PixelFormat.Nv12, Width, Height);
        var bytes = new byte[layout.SizeBytes];
        using var compressor = new FrameCompressor();
        Assert.Equal(0, AllocationWindows.LeastBytesOf(() => compressor.Compress(layout, bytes)));
    }

    /// <summary>Two halves, left and right of column 32, of colours that lie inside the RGB cube whatever the standard.</summary>
    private static void Paint(in FrameLayout layout, byte[] bytes)
    {
        for (int y = 0; y < Height; y++)
        {
            for (int x = 0; x < Width; x++)
            {
                var (luma, u, v) = x < 32 ? ((byte)120, (byte)110, (byte)150) : ((byte)90, (byte)140, (byte)118);
                int row = y * layout.Plane0.StrideBytes;
                switch (layout.Format)
                {
                    case PixelFormat.Rgb or PixelFormat.Bgr:
                        (bytes[row + (x * 3)], bytes[row + (x * 3) + 1], bytes[row + (x * 3) + 2]) = (luma, u, v);
                        break;
                    case PixelFormat.Yuy2:
                        (bytes[row + (x * 2)], bytes[row + (x / 2 * 4) + 1], bytes[row + (x / 2 * 4) + 3]) = (luma, u, v);
                        break;
                    case PixelFormat.Nv12:
                        int both = layout.Plane1.OffsetBytes + (y / 2 * layout.Plane1.StrideBytes) + (x / 2 * 2);
                        (bytes[row + x], bytes[both], bytes[both + 1]) = (luma, u, v);
                        break;
                    case PixelFormat.I420:
                        int chroma = (y / 2 * layout.Plane1.StrideBytes) + (x / 2);
                        (bytes[row + x], bytes[layout.Plane1.OffsetBytes + chroma], bytes[layout.Plane2.OffsetBytes + chroma]) =
                            (luma, u, v);
                        break;
                    default:
                        bytes[row + x] = luma;
                        break;
                }
            }
        }
    }

    private static byte[] Decode(ReadOnlySpan<byte> jpeg)
    {
        using var decoder = JpegDecoder.Create();
        Assert.True(decoder.TryReadHeader(jpeg, out var header));
        Assert.Equal((Width, Height), (header.Width, header.Height));
        var rgb = new byte[Width * Height * 3];
        Assert.True(decoder.TryDecodeRgb(jpeg, header, 1, rgb, Width * 3), decoder.ErrorText);
        return rgb;
    }
}
