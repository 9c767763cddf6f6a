namespace EdgeRoute.Core.Frames;

/// <summary>Pixel formats a source may deliver. Byte values are part of the recording format.</summary>
public enum PixelFormat : byte
{
    /// <summary>8-bit luma plane, then interleaved U and V at half size in both directions.</summary>
    Nv12 = 1,

    /// <summary>8-bit luma plane, then a U plane and a V plane at half size in both directions.</summary>
    I420 = 2,

    /// <summary>Packed Y0 U Y1 V, chroma at half width.</summary>
    Yuy2 = 3,

    /// <summary>Packed 8-bit red, green, blue.</summary>
    Rgb = 4,

    /// <summary>Packed 8-bit blue, green, red.</summary>
    Bgr = 5,

    /// <summary>8-bit luma only, full range.</summary>
    Gray8 = 6,

    /// <summary>A whole JPEG file; unpacked to <see cref="I420"/> or <see cref="Gray8"/> before preprocessing.</summary>
    Jpeg = 7,
}

/// <summary>How luma and chroma map to red, green and blue (ITU-R BT.601 and BT.709; limited = 16..235, full = 0..255).</summary>
public enum ColorSpace : byte
{
    Bt601Limited = 0,
    Bt601Full = 1,
    Bt709Limited = 2,
    Bt709Full = 3,
}
