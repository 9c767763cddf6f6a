namespace EdgeRoute.Interop.Gstreamer;

/// <summary>Reads caps into a <see cref="GstSampleShape"/>.</summary>
internal static unsafe class GstCaps
{
    private const int FullColorRange = 1;

    /// <summary>Where nobody tells the matrix, pictures of at least so many lines are taken for BT.709, smaller ones for BT.601.</summary>
    private const int Bt709Lines = 720;

    /// <summary>
    /// The shape these caps promise; <see cref="GstPixels.Other"/> where they are neither raw video in a known format nor JPEG.
    /// </summary>
    internal static GstSampleShape ShapeOf(nint caps)
    {
        nint structure = GstNative.gst_caps_get_structure(caps, 0);
        if (structure == 0)
        {
            return default;
        }

        if (HasName(structure, "image/jpeg"u8))
        {
            return JpegShape(structure);
        }

        nint told = WithMatrix(caps);
        var shape = RawShape(told == 0 ? caps : told);
        if (told != 0)
        {
            GstNative.gst_mini_object_unref(told);
        }

        return shape;
    }

    /// <summary>The shape with the strides and offsets that this buffer really has.</summary>
    internal static GstSampleShape WithMeta(in GstSampleShape shape, GstVideoMeta* meta) => shape with
    {
        Plane0 = new((long)meta->Offsets.First, meta->Strides.First),
        Plane1 = new((long)meta->Offsets.Second, meta->Strides.Second),
        Plane2 = new((long)meta->Offsets.Third, meta->Strides.Third),
    };

    /// <summary>
    /// Caps with a matrix by the number of lines, where the stream tells the range of its YUV and no matrix: GStreamer would then take it
    /// for limited, whatever it says. 0 where nothing is to be changed; else the caller owns them.
    /// </summary>
    internal static nint WithMatrix(nint caps)
    {
        nint structure = GstNative.gst_caps_get_structure(caps, 0);
        if (structure == 0 || !HasName(structure, "video/x-raw"u8) || TextOf(structure, "colorimetry"u8) is not { } told)
        {
            return 0;
        }

        // RANGE:MATRIX:TRANSFER:PRIMARIES in numbers; what has all four and a common name is written by that name.
        string[] parts = told.Split(':');
        if (parts.Length != 4 || parts[1] != "0")
        {
            return 0;
        }

        fixed (byte* height = "height"u8)
        {
            _ = GstNative.gst_structure_get_int(structure, height, out int lines);
            parts[1] = $"{(int)(lines < Bt709Lines ? GstColorMatrix.Bt601 : GstColorMatrix.Bt709)}";
        }

        const string Field = "colorimetry=(string)";
        string text = GstNative.TakeText(GstNative.gst_caps_to_string(caps));
        return GstNative.gst_caps_from_string(text.Replace(Field + told, Field + string.Join(':', parts), StringComparison.Ordinal));
    }

    /// <summary>A text field of a structure; null where it has none.</summary>
    internal static string? TextOf(nint structure, ReadOnlySpan<byte> literal)
    {
        fixed (byte* field = literal)
        {
            nint text = GstNative.gst_structure_get_string(structure, field);
            return text == 0 ? null : GstNative.TextOf(text);
        }
    }

    /// <summary>Whether a structure is of this name, a UTF-8 literal.</summary>
    internal static bool HasName(nint structure, ReadOnlySpan<byte> literal)
    {
        fixed (byte* name = literal)
        {
            return GstNative.gst_structure_has_name(structure, name) != 0;
        }
    }

    private static GstSampleShape RawShape(nint caps)
    {
        GstVideoInfo video = default;
        if (GstNative.gst_video_info_from_caps(&video, caps) == 0 || video.FormatDescription == 0)
        {
            return default;
        }

        var pixels = (GstPixels)(*(int*)video.FormatDescription);
        bool isKnown = pixels is GstPixels.I420 or GstPixels.Yuy2 or GstPixels.Rgb or GstPixels.Bgr or GstPixels.Nv12 or GstPixels.Gray8;
        return new GstSampleShape(
            isKnown ? pixels : GstPixels.Other, video.Width, video.Height, video.RateNumerator, video.RateDenominator,
            (GstColorMatrix)video.ColorMatrix, video.ColorRange == FullColorRange,
            new((long)video.Offsets.First, video.Strides.First),
            new((long)video.Offsets.Second, video.Strides.Second),
            new((long)video.Offsets.Third, video.Strides.Third));
    }

    private static GstSampleShape JpegShape(nint structure)
    {
        // UTF-8 literals have a zero behind their last byte, which is what C wants.
        fixed (byte* width = "width"u8, height = "height"u8, rate = "framerate"u8)
        {
            bool hasSides = (GstNative.gst_structure_get_int(structure, width, out int columns) != 0)
                & (GstNative.gst_structure_get_int(structure, height, out int rows) != 0);
            bool hasRate = GstNative.gst_structure_get_fraction(structure, rate, out int numerator, out int denominator) != 0;
            return new GstSampleShape(
                GstPixels.Jpeg, hasSides ? columns : 0, hasSides ? rows : 0, hasRate ? numerator : 0, hasRate ? denominator : 1,
                GstColorMatrix.Bt601, true, default, default, default);
        }
    }
}
