namespace EdgeRoute.Interop.Gstreamer;

/// <summary>Contents of a sample. Raw formats carry GStreamer's own numbers (GstVideoFormat of gst/video/video-format.h, 1.22).</summary>
public enum GstPixels
{
    /// <summary>Anything else: it cannot be used.</summary>
    Other = 0,
    I420 = 2,
    Yuy2 = 4,
    Rgb = 15,
    Bgr = 16,
    Nv12 = 23,
    Gray8 = 25,

    /// <summary>Caps image/jpeg: one whole JPEG file per sample. The number is ours.</summary>
    Jpeg = 1000,
}

/// <summary>How luma and chroma relate to red, green and blue (GstVideoColorMatrix of gst/video/video-color.h, 1.22).</summary>
public enum GstColorMatrix
{
    Unknown = 0,
    Rgb = 1,
    Fcc = 2,
    Bt709 = 3,
    Bt601 = 4,
    Smpte240M = 5,
    Bt2020 = 6,
}

/// <summary>Where a plane starts in the sample's bytes, and how far its rows are apart.</summary>
public readonly record struct GstPlane(long OffsetBytes, int StrideBytes);

/// <summary>
/// What the bytes of a sample are, from its caps and its video meta. Sides are 0 where JPEG caps do not tell them; the rate is 0/1 where it
/// varies.
/// </summary>
public readonly record struct GstSampleShape(
    GstPixels Pixels, int Width, int Height, int RateNumerator, int RateDenominator, GstColorMatrix Matrix, bool IsFullRange,
    GstPlane Plane0, GstPlane Plane1, GstPlane Plane2);
