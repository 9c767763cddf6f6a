using System.Buffers.Binary;
using System.IO.Compression;
using EdgeRoute.Interop.Libpng;

namespace EdgeRoute.Tests.Interop.Libpng;

public sealed class PngTests
{
    [SkippableTheory]
    [InlineData(1, 1)]
    [InlineData(35, 27)]
    [InlineData(300, 200)]
    public void Rgb_comes_back_bit_for_bit(int width, int height)
    {
        byte[] png = PictureMaker.Png(width, height);
        Assert.True(PngDecoder.TryReadSize(png, out int foundWidth, out int foundHeight, out string error), error);
        Assert.Equal((width, height), (foundWidth, foundHeight));
        byte[] rgb = new byte[width * height * 3];
        Assert.True(PngDecoder.TryDecodeRgb(png, rgb, width * 3, out error), error);
        Assert.Equal(PictureMaker.Rgb(width, height), rgb);
    }

    [SkippableTheory]
    [InlineData(8, 0, "C8", 200, 200, 200)]
    [InlineData(16, 0, "C800", 200, 200, 200)]
    [InlineData(8, 2, "0A14C8", 10, 20, 200)]
    [InlineData(16, 2, "0A0A1414C8C8", 10, 20, 200)]
    [InlineData(8, 6, "0A14C8FF", 10, 20, 200)]
    [InlineData(8, 6, "0A14C800", 0, 0, 0)]
    [InlineData(8, 4, "C8FF", 200, 200, 200)]
    [InlineData(8, 3, "01", 10, 20, 200)]
    [InlineData(1, 0, "80", 255, 255, 255)]
    public void Every_kind_of_pixel_becomes_rgb(int depth, int colorType, string pixelHex, int red, int green, int blue)
    {
        Skip.IfNot(PngLibrary.TryLoad(out string reason), reason);
        byte[] png = OnePixel(depth, colorType, Convert.FromHexString(pixelHex));
        byte[] rgb = [77, 77, 77];
        Assert.True(PngDecoder.TryDecodeRgb(png, rgb, 3, out string error), error);
        Assert.InRange(rgb[0], red - 1, red + 1);
        Assert.InRange(rgb[1], green - 1, green + 1);
        Assert.InRange(rgb[2], blue - 1, blue + 1);
    }

    [SkippableFact]
    public void Broken_files_are_refused_in_words()
    {
        byte[] png = PictureMaker.Png(64, 48);
        byte[] rgb = new byte[64 * 48 * 3];
        Assert.False(PngDecoder.TryReadSize("no png"u8, out _, out _, out string error));
        Assert.Contains("cannot be decoded", error, StringComparison.Ordinal);
        Assert.False(PngDecoder.TryReadSize([], out _, out _, out _));
        Assert.False(PngDecoder.TryDecodeRgb(png[..(png.Length / 2)], rgb, 64 * 3, out _));
        png[png.Length / 2] ^= 0x55;
        Assert.False(PngDecoder.TryDecodeRgb(png, rgb, 64 * 3, out _));
        Assert.Throws<ArgumentException>(() => PngDecoder.TryDecodeRgb(PictureMaker.Png(64, 48), new byte[100], 64 * 3, out _));
    }

    /// <summary>A PNG of one pixel, written chunk by chunk by the specification.</summary>
    private static byte[] OnePixel(int depth, int colorType, byte[] pixel)
    {
        var png = new MemoryStream();
        png.Write([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]);
        Chunk(png, "IHDR"u8, [0, 0, 0, 1, 0, 0, 0, 1, (byte)depth, (byte)colorType, 0, 0, 0]);
        if (colorType == 3)
        {
            Chunk(png, "PLTE"u8, [1, 2, 3, 10, 20, 200]);
        }

        var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            zlib.Write([0, .. pixel]);
        }

        Chunk(png, "IDAT"u8, packed.ToArray());
        Chunk(png, "IEND"u8, []);
        return png.ToArray();
    }

    private static void Chunk(MemoryStream png, ReadOnlySpan<byte> type, byte[] data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        png.Write(number);
        byte[] body = [.. type, .. data];
        png.Write(body);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc(body));
        png.Write(number);
    }

    private static uint Crc(byte[] bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in bytes)
        {
            crc ^= value;
            for (int i = 0; i < 8; i++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320);
            }
        }

        return ~crc;
    }
}
