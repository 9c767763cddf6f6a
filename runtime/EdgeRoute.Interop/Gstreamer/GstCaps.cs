namespace EdgeRoute.Interop.Gstreamer;

/// <summary>Reads caps into a <see cref="GstSampleShape"/>.</summary>
internal static unsafe class GstCaps
{
    private const int FullColorRange = 1;

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

        return HasName(structure, "image/jpeg"u8) ? JpegShape(structure) : RawShape(caps);
    }

    /// <summary>The shape with the strides and offsets that this buffer really has.</summary>
    internal static GstSampleShape WithMeta(in GstSampleShape shape, GstVideoMeta* meta) => shape with
    {
        Plane0 = new((long)meta->Offsets.First, meta->Strides.First),
        Plane1 = new((long)meta->Offsets.Second, meta->Strides.Second),
        Plane2 = new((long)meta->Offsets.Third, meta->Strides.Third),
    };

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

    private static bool HasName(nint structure, ReadOnlySpan<byte> literal)
    {
        fixed (byte* name = literal)
        {
            return GstNative.gst_structure_has_name(structure, name) != 0;
        }
    }
}
