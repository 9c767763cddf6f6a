using System.Buffers.Binary;
using System.IO.Compression;
using EdgeRoute.Engine.Drawing;

namespace EdgeRoute.Tests.Engine.Drawing;

public sealed class PicturesTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(35, 27)]
    [InlineData(300, 200)]
    public void A_PNG_comes_back_bit_for_bit(int width, int height) =>
        Assert.Equal(PictureMaker.Rgb(width, height), Decode(PictureMaker.Png(width, height), (width, height)));

    /// <summary>Transparency is left out, whatever lies below it.</summary>
    [Theory]
    [InlineData(8, 0, "C8", 200, 200, 200)]
    [InlineData(16, 0, "C800", 200, 200, 200)]
    [InlineData(8, 2, "0A14C8", 10, 20, 200)]
    [InlineData(16, 2, "0A0A1414C8C8", 10, 20, 200)]
    [InlineData(8, 6, "0A14C8FF", 10, 20, 200)]
    [InlineData(8, 6, "0A14C800", 10, 20, 200)]
    [InlineData(8, 4, "C8FF", 200, 200, 200)]
    [InlineData(8, 3, "01", 10, 20, 200)]
    [InlineData(1, 0, "80", 255, 255, 255)]
    public void Every_kind_of_PNG_pixel_becomes_RGB(int depth, int colorType, string pixelHex, int red, int green, int blue)
    {
        byte[] rgb = Decode(Png(1, 1, depth, colorType, Convert.FromHexString(pixelHex)), (1, 1));
        Assert.InRange(rgb[0], red - 1, red + 1);
        Assert.InRange(rgb[1], green - 1, green + 1);
        Assert.InRange(rgb[2], blue - 1, blue + 1);
    }

    /// <summary>Never with rows filled up that the file does not hold; only what follows the pixels may lack.</summary>
    [Theory]
    [InlineData(".webp")]
    [InlineData(".bmp")]
    [InlineData(".tif")]
    [InlineData(".gif")]
    public void Files_cut_short_are_refused_in_words_or_read_whole(string extension)
    {
        byte[] whole = PictureMaker.File(PictureMaker.Rgb(64, 48), 64, 48, extension), expected = Decode(whole, (64, 48));
        int refusals = 0;
        for (int length = whole.Length - 1; length >= 0; length -= 7)
        {
            using var picture = Pictures.TryDecode(new MemoryStream(whole[..length]), out string reason);
            Assert.Equal(picture is null, reason.Length > 0);
            refusals += picture is null ? 1 : 0;
            if (picture is not null)
            {
                byte[] rgb = new byte[expected.Length];
                picture.CopyTo(rgb);
                Assert.True(expected.AsSpan().SequenceEqual(rgb), $"{length} of {whole.Length} bytes were read as another picture");
            }
        }

        Assert.InRange(refusals, whole.Length / 7 / 2, int.MaxValue);
    }

    [Fact]
    public void What_is_no_picture_is_named_so()
    {
        Assert.Equal("it is no JPEG, PNG, WebP, BMP, TIFF or GIF", Refusal("text"u8.ToArray()));
        Assert.Equal("it is empty", Refusal([]));
        Assert.StartsWith("it is HEIC", Refusal([0, 0, 0, 24, .. "ftypheicmif1"u8]), StringComparison.Ordinal);
        Assert.StartsWith("it is a text such as HTML", Refusal("<!doctype html>"u8.ToArray()), StringComparison.Ordinal);
        Assert.StartsWith("it is a pointer of Git LFS", Refusal("version https://git-lfs"u8.ToArray()), StringComparison.Ordinal);
        byte[] png = PictureMaker.Png(64, 48);
        png[png.Length / 2] ^= 0x55;
        Assert.StartsWith("this PNG cannot be decoded: ", Refusal(png), StringComparison.Ordinal);
    }

    /// <summary>A few bytes that declare more pixels than there is memory for cost no memory.</summary>
    [Theory]
    [InlineData(30_000, 20_000, "above 16384 a side")]
    [InlineData(16_384, 16_384, "cannot be decoded")]
    public void A_picture_that_declares_too_many_pixels_is_refused(int width, int height, string expected) =>
        Assert.Contains(expected, Refusal(Png(width, height, 8, 2, [1, 2, 3])), StringComparison.Ordinal);

    [Theory]
    [InlineData(".webp")]
    [InlineData(".tif")]
    public void Orientation_is_followed_in_other_types_too(string extension)
    {
        byte[] upright = PictureMaker.Rgb(30, 20);
        var (stored, width, height) = PictureMaker.Held(upright, 30, 20, 6);
        Assert.Equal(upright, Decode(PictureMaker.File(stored, width, height, extension, 6), (30, 20)));
    }

    /// <summary>EXIF may stand before the pixels of a PNG or behind them, in either byte order.</summary>
    [Theory]
    [InlineData(6, true, false)]
    [InlineData(6, false, true)]
    [InlineData(8, false, false)]
    [InlineData(5, true, true)]
    public void Orientation_of_a_PNG_is_followed(int orientation, bool isLittle, bool isLast)
    {
        byte[] upright = PictureMaker.Rgb(31, 20);
        var (stored, width, height) = PictureMaker.Held(upright, 31, 20, orientation);
        byte[] png = Pictures.EncodePng(stored, width, height);
        Assert.Equal(upright, Decode(WithChunk(png, "eXIf"u8, PictureMaker.Exif(orientation, isLittle), isLast), (31, 20)));
    }

    [Fact]
    public void A_file_of_several_pictures_is_known_and_its_first_is_read()
    {
        byte[] rgb = PictureMaker.Rgb(16, 16), png = Pictures.EncodePng(rgb, 16, 16);
        Assert.False(HasMore(png));
        Assert.True(HasMore(WithChunk(png, "acTL"u8, [0, 0, 0, 2, 0, 0, 0, 0], isLast: false)));
        byte[] webp = [.. "RIFF"u8, 0, 0, 0, 0, .. "WEBPVP8X"u8, 10, 0, 0, 0, 2];
        Assert.True(PictureChunks.OfWebp(new MemoryStream(webp)).HasMore);
        foreach (string extension in (string[])[".gif", ".tif", ".webp", ".bmp"])
        {
            Assert.False(HasMore(PictureMaker.File(rgb, 16, 16, extension)));
        }

        Assert.True(HasMore(PictureMaker.File(rgb, 16, 16, ".gif", count: 2)));
        Assert.True(HasMore(PictureMaker.File(rgb, 16, 16, ".tif", count: 2)));
    }

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void Orientation_of_a_JPEG_is_read_in_both_byte_orders_and_never_out_of_bounds(bool isLittle)
    {
        byte[] jpeg = PictureMaker.Jpeg(16, 16), photo = PictureMaker.WithOrientation(jpeg, 8, isLittle);
        Assert.Equal(8, ExifOrientation.Read(photo));
        Assert.Equal(ExifOrientation.Upright, ExifOrientation.Read(jpeg));
        Assert.Equal(ExifOrientation.Upright, ExifOrientation.Read(PictureMaker.WithOrientation(jpeg, 9, isLittle)));
        var random = new Random(5);
        for (int i = 0; i < 5000; i++)
        {
            byte[] damaged = photo[..random.Next(photo.Length)];
            for (int hits = random.Next(4); hits > 0 && damaged.Length > 0; hits--)
            {
                damaged[random.Next(Math.Min(damaged.Length, 60))] = (byte)random.Next(256);
            }

            Assert.InRange(ExifOrientation.Read(damaged), 1, 8);
        }
    }

    private static byte[] Decode(byte[] file, (int Width, int Height) expected)
    {
        using var picture = Pictures.TryDecode(new MemoryStream(file), out string reason);
        Assert.True(picture is not null, reason);
        Assert.Equal(expected, picture.Size);
        byte[] rgb = new byte[expected.Width * expected.Height * 3];
        picture.CopyTo(rgb);
        return rgb;
    }

    private static bool HasMore(byte[] file)
    {
        using var picture = Pictures.TryDecode(new MemoryStream(file), out string reason);
        return picture?.HasMore ?? throw new InvalidDataException(reason);
    }

    /// <summary>A PNG with one chunk more: behind its header, or before its end.</summary>
    private static byte[] WithChunk(byte[] png, ReadOnlySpan<byte> type, byte[] data, bool isLast)
    {
        int at = isLast ? png.Length - 12 : 33;
        var chunk = new MemoryStream();
        Chunk(chunk, type, data);
        return [.. png[..at], .. chunk.ToArray(), .. png[at..]];
    }

    private static string Refusal(byte[] file)
    {
        using var picture = Pictures.TryDecode(new MemoryStream(file), out string reason);
        Assert.Null(picture);
        return reason;
    }

    /// <summary>A PNG with the pixels of its first row alone, written chunk by chunk by the specification.</summary>
    private static byte[] Png(int width, int height, int depth, int colorType, byte[] pixel)
    {
        var png = new MemoryStream();
        png.Write([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]);
        byte[] header = [0, 0, 0, 0, 0, 0, 0, 0, (byte)depth, (byte)colorType, 0, 0, 0];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        Chunk(png, "IHDR"u8, header);
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
