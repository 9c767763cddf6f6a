using EdgeRoute.Interop.TurboJpeg;

namespace EdgeRoute.Tests.Interop.TurboJpeg;

public sealed class JpegTests
{
    [SkippableTheory]
    [InlineData(64, 48, JpegSampling.HalfBoth)]
    [InlineData(35, 27, JpegSampling.HalfBoth)]
    [InlineData(1, 1, JpegSampling.HalfBoth)]
    [InlineData(35, 27, JpegSampling.HalfWidth)]
    [InlineData(35, 27, JpegSampling.HalfHeight)]
    [InlineData(35, 27, JpegSampling.QuarterWidth)]
    [InlineData(35, 27, JpegSampling.Full)]
    public void Rgb_comes_back_as_it_went_in(int width, int height, JpegSampling sampling)
    {
        byte[] jpeg = PictureMaker.Jpeg(width, height, sampling);
        using var decoder = JpegDecoder.Create();
        Assert.True(decoder.TryReadHeader(jpeg, out var header), decoder.ErrorText);
        Assert.Equal(new JpegHeader(width, height, sampling, JpegCoding.Yuv), header);
        byte[] rgb = new byte[width * height * 3];
        Assert.True(decoder.TryDecodeRgb(jpeg, header, 1, rgb, width * 3), decoder.ErrorText);
        Assert.InRange(PictureMaker.MeanDifference(PictureMaker.Rgb(width, height), rgb), 0, 3);
    }

    [SkippableTheory]
    [InlineData(2, 128, 96)]
    [InlineData(4, 128, 96)]
    [InlineData(8, 128, 96)]
    [InlineData(2, 131, 97)]
    [InlineData(4, 131, 97)]
    [InlineData(8, 131, 97)]
    public void Scaled_planes_are_close_to_full_planes_averaged(int denominator, int width, int height)
    {
        byte[] jpeg = PictureMaker.Jpeg(width, height);
        var full = Planes(jpeg, 1);
        var scaled = Planes(jpeg, denominator);
        Assert.Equal(((width + denominator - 1) / denominator, (height + denominator - 1) / denominator), (scaled.Width, scaled.Height));
        for (int plane = 0; plane < 3; plane++)
        {
            int shift = plane == 0 ? 0 : 1;
            int columns = (scaled.Width + shift) >> shift, rows = (scaled.Height + shift) >> shift;
            double sum = 0;
            for (int y = 0; y < rows - 1; y++)
            {
                for (int x = 0; x < columns - 1; x++)
                {
                    sum += Math.Abs(full.Mean(plane, x * denominator, y * denominator, denominator) - scaled.At(plane, x, y));
                }
            }

            Assert.InRange(sum / ((rows - 1) * (columns - 1)), 0, 2);
        }
    }

    [SkippableFact]
    public void Gray_decodes_to_the_luma_plane_alone()
    {
        Skip.IfNot(JpegLibrary.TryLoad(out string reason), reason);
        byte[] luma = [.. Enumerable.Range(0, 35 * 27).Select(i => (byte)(50 + (i % 35 * 4)))];
        byte[] target = new byte[JpegEncoder.SizeLimitBytes(35, 27, JpegSampling.Gray)];
        using var encoder = JpegEncoder.Create();
        using var decoder = JpegDecoder.Create();
        byte[] jpeg = target[..encoder.EncodeGray(luma, 35, 27, 35, 95, target)];
        Assert.True(decoder.TryReadHeader(jpeg, out var header));
        Assert.True(header.IsGray);
        byte[] back = new byte[35 * 27];
        Assert.True(decoder.TryDecodePlanes(jpeg, header, 1, back, 35, default, default, 0), decoder.ErrorText);
        Assert.InRange(PictureMaker.MeanDifference(luma, back), 0, 2);
    }

    [SkippableTheory]
    [InlineData(64, 48)]
    [InlineData(35, 27)]
    public void I420_planes_survive_encoding_and_decoding(int width, int height)
    {
        var planes = Planes(PictureMaker.Jpeg(width, height), 1);
        byte[] target = new byte[JpegEncoder.SizeLimitBytes(width, height, JpegSampling.HalfBoth)];
        using var encoder = JpegEncoder.Create();

        // Tight odd strides, as a packed I420 frame has them.
        int chroma = (width + 1) / 2, chromaRows = (height + 1) / 2;
        byte[] luma = planes.Tight(0, width, height), u = planes.Tight(1, chroma, chromaRows), v = planes.Tight(2, chroma, chromaRows);
        int length = encoder.EncodeI420(luma, width, u, v, chroma, width, height, 95, target);
        var back = Planes(target[..length], 1);
        Assert.InRange(PictureMaker.MeanDifference(luma, back.Tight(0, width, height)), 0, 2);
        Assert.InRange(PictureMaker.MeanDifference(u, back.Tight(1, chroma, chromaRows)), 0, 2);
        Assert.InRange(PictureMaker.MeanDifference(v, back.Tight(2, chroma, chromaRows)), 0, 2);
    }

    [SkippableFact]
    public void Cmyk_becomes_rgb()
    {
        Skip.IfNot(JpegLibrary.TryLoad(out string reason), reason);
        byte[] jpeg = File.ReadAllBytes(TestPlaces.Fixture("jpeg", "ycck-red-and-dark-blue-16x16.jpg"));
        using var decoder = JpegDecoder.Create();
        Assert.True(decoder.TryReadHeader(jpeg, out var header), decoder.ErrorText);
        Assert.Equal(JpegCoding.Ycck, header.Coding);
        byte[] rgb = new byte[16 * 16 * 3];
        Assert.True(decoder.TryDecodeRgb(jpeg, header, 1, rgb, 48), decoder.ErrorText);
        AssertNear([255, 0, 0], rgb.AsSpan((8 * 48) + (3 * 3), 3));
        AssertNear([0, 0, 128], rgb.AsSpan((8 * 48) + (12 * 3), 3));
    }

    [SkippableFact]
    public void Planes_of_another_sampling_are_refused_in_words()
    {
        byte[] jpeg = PictureMaker.Jpeg(32, 32, JpegSampling.Full);
        using var decoder = JpegDecoder.Create();
        Assert.True(decoder.TryReadHeader(jpeg, out var header));
        Assert.False(decoder.TryDecodePlanes(jpeg, header, 1, new byte[1024], 32, new byte[256], new byte[256], 16));
        Assert.Contains("decode it to RGB", decoder.ErrorText, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("stray", JpegSampling.HalfBoth)]
    [InlineData("stray", JpegSampling.Full)]
    [InlineData("stray", JpegSampling.Gray)]
    [InlineData("no end", JpegSampling.HalfBoth)]
    [InlineData("no end", JpegSampling.Full)]
    [InlineData("cut", JpegSampling.HalfBoth)]
    [InlineData("cut", JpegSampling.Full)]
    [InlineData("cut", JpegSampling.Gray)]
    public void A_picture_with_stray_bytes_or_without_its_end_is_decoded_and_called_damaged(string damage, JpegSampling sampling)
    {
        byte[] sound = PictureMaker.Jpeg(256, 192, sampling);
        byte[] jpeg = damage switch
        {
            "stray" => PictureMaker.WithStrayBytes(sound),
            "no end" => sound[..^2],
            _ => sound[..^(sound.Length / 12)],
        };
        using var decoder = JpegDecoder.Create();
        byte[] wanted = new byte[256 * 192 * 3], found = new byte[wanted.Length];
        Assert.True(decoder.TryReadHeader(sound, out var header) && decoder.TryDecodeRgb(sound, header, 1, wanted, 256 * 3));
        Assert.False(decoder.IsDamaged);
        Assert.True(decoder.TryReadHeader(jpeg, out header), decoder.ErrorText);
        Assert.True(decoder.TryDecodeRgb(jpeg, header, 1, found, 256 * 3), decoder.ErrorText);
        Assert.True(decoder.IsDamaged);
        Assert.Matches("extraneous|Premature end", decoder.DamageText);
        Assert.Equal(wanted[..(256 * 128 * 3)], found[..(256 * 128 * 3)]);
        if (sampling != JpegSampling.Full)
        {
            byte[] luma = new byte[256 * 192], chroma = new byte[128 * 96 * 2];
            Assert.True(decoder.TryDecodePlanes(jpeg, header, 1, luma, 256, chroma.AsSpan(0, 128 * 96), chroma.AsSpan(128 * 96), 128),
                decoder.ErrorText);
            Assert.True(decoder.IsDamaged);
        }
    }

    [SkippableTheory]
    [InlineData(JpegSampling.HalfBoth, 1)]
    [InlineData(JpegSampling.HalfBoth, 4)]
    [InlineData(JpegSampling.Gray, 1)]
    [InlineData(JpegSampling.Full, 1)]
    public void A_picture_cut_in_half_is_an_error_unless_damage_is_accepted(JpegSampling sampling, int denominator)
    {
        byte[] sound = PictureMaker.Jpeg(256, 192, sampling);
        // Tables and headers come first, and say nothing of the picture.
        byte[] jpeg = sound[..(sound.Length * 5 / 8)];
        int width = 256 / denominator, height = 192 / denominator;
        using JpegDecoder strict = JpegDecoder.Create(), tolerant = JpegDecoder.Create(acceptsDamaged: true);
        Assert.True(strict.TryReadHeader(jpeg, out var header), strict.ErrorText);
        byte[] luma = new byte[width * height * 3], chroma = new byte[width * height];
        bool Decode(JpegDecoder decoder) => sampling == JpegSampling.Full
            ? decoder.TryDecodeRgb(jpeg, header, denominator, luma, width * 3)
            : decoder.TryDecodePlanes(jpeg, header, denominator, luma, width, chroma.AsSpan(0, chroma.Length / 2),
                chroma.AsSpan(chroma.Length / 2), width / 2);
        Assert.False(Decode(strict));
        Assert.False(strict.IsDamaged);
        Assert.Matches("Premature end of JPEG file; [3-9][0-9] % of its rows are missing", strict.ErrorText);
        Assert.True(tolerant.TryReadHeader(jpeg, out header) && Decode(tolerant), tolerant.ErrorText);
    }

    [SkippableFact]
    public void A_damaged_picture_is_decoded_without_allocating()
    {
        byte[] jpeg = PictureMaker.WithStrayBytes(PictureMaker.Jpeg(64, 48)), rgb = new byte[64 * 48 * 3];
        using var decoder = JpegDecoder.Create();
        Assert.Equal(0, AllocationWindows.LeastBytesOf(
            () => Assert.True(decoder.TryReadHeader(jpeg, out var header) && decoder.TryDecodeRgb(jpeg, header, 1, rgb, 64 * 3))));
    }

    [SkippableFact]
    public void Random_damage_never_crashes_and_the_decoder_stays_usable()
    {
        byte[] good = PictureMaker.Jpeg(64, 48);
        using var decoder = JpegDecoder.Create();
        byte[] rgb = new byte[64 * 48 * 3];
        var random = new Random(7);
        int refused = 0;
        for (int i = 0; i < 500; i++)
        {
            byte[] bad = [.. good];
            for (int k = 0; k < 8; k++)
            {
                bad[random.Next(bad.Length)] = (byte)random.Next(256);
            }

            bool isFine = decoder.TryReadHeader(bad, out var header) && header.Width <= 64 && header.Height <= 48
                && decoder.TryDecodeRgb(bad, header, 1, rgb, 64 * 3);
            refused += isFine ? 0 : 1;

            // The picture behind a broken one is read from its own start.
            Assert.True(decoder.TryReadHeader(good, out var next) && decoder.TryDecodeRgb(good, next, 1, rgb, 64 * 3), decoder.ErrorText);
        }

        Assert.InRange(refused, 100, 500);
        Assert.False(decoder.TryReadHeader([], out _));
        Assert.False(decoder.TryReadHeader("no picture at all"u8, out _));
        Assert.Contains("Not a JPEG", decoder.ErrorText, StringComparison.Ordinal);    }

    [SkippableFact]
    public void Too_little_room_is_refused_before_the_library_writes()
    {
        byte[] jpeg = PictureMaker.Jpeg(64, 48);
        using var decoder = JpegDecoder.Create();
        Assert.True(decoder.TryReadHeader(jpeg, out var header));
        Assert.Throws<ArgumentException>(() => decoder.TryDecodeRgb(jpeg, header, 1, new byte[(64 * 48 * 3) - 1], 64 * 3));
        Assert.Throws<ArgumentException>(() => decoder.TryDecodePlanes(jpeg, header, 1, new byte[64 * 48], 64, new byte[31 * 24],
            new byte[32 * 24], 32));
        Assert.Throws<ArgumentOutOfRangeException>(() => decoder.TryDecodeRgb(jpeg, header, 3, new byte[64 * 48 * 3], 64 * 3));
        using var encoder = JpegEncoder.Create();
        Assert.Throws<ArgumentException>(() => encoder.EncodeRgb(new byte[300], 10, 10, 30, 90, new byte[100]));
        Assert.Throws<ArgumentOutOfRangeException>(() => encoder.EncodeRgb(new byte[300], 10, 10, 30, 0, new byte[10_000]));
    }

    [SkippableFact]
    public void Decoding_and_encoding_allocate_nothing()
    {
        byte[] jpeg = PictureMaker.Jpeg(64, 48);
        byte[] rgb = new byte[64 * 48 * 3], target = new byte[JpegEncoder.SizeLimitBytes(64, 48, JpegSampling.HalfBoth)];
        using var decoder = JpegDecoder.Create();
        using var encoder = JpegEncoder.Create();
        Assert.Equal(0, AllocationWindows.LeastBytesOf(() =>
        {
            _ = decoder.TryReadHeader(jpeg, out var header) && decoder.TryDecodeRgb(jpeg, header, 2, rgb, 32 * 3);
            encoder.EncodeRgb(rgb, 64, 48, 64 * 3, 80, target);
        }));
    }

    private static PlanePicture Planes(byte[] jpeg, int denominator)
    {
        using var decoder = JpegDecoder.Create();
        Assert.True(decoder.TryReadHeader(jpeg, out var header), decoder.ErrorText);
        int width = header.WidthAt(denominator), height = header.HeightAt(denominator), stride = (width + 1) & ~1, rows = (height + 1) & ~1;
        byte[][] planes = [new byte[stride * rows], new byte[stride * rows / 4], new byte[stride * rows / 4]];
        Assert.True(
            decoder.TryDecodePlanes(jpeg, header, denominator, planes[0], stride, planes[1], planes[2], stride / 2), decoder.ErrorText);
        return new PlanePicture(width, height, stride, planes);
    }

    private static void AssertNear(byte[] wanted, ReadOnlySpan<byte> found)
    {
        for (int i = 0; i < wanted.Length; i++)
        {
            Assert.InRange(found[i], Math.Max(0, wanted[i] - 6), Math.Min(255, wanted[i] + 6));
        }
    }

    private sealed record PlanePicture(int Width, int Height, int Stride, byte[][] Bytes)
    {
        public byte At(int plane, int x, int y) => Bytes[plane][(y * (plane == 0 ? Stride : Stride / 2)) + x];

        public double Mean(int plane, int left, int top, int side)
        {
            int sum = 0;
            for (int i = 0; i < side * side; i++)
            {
                sum += At(plane, left + (i % side), top + (i / side));
            }

            return (double)sum / (side * side);
        }

        public byte[] Tight(int plane, int width, int height) =>
            [.. Enumerable.Range(0, height).SelectMany(y => Enumerable.Range(0, width).Select(x => At(plane, x, y)))];
    }
}
