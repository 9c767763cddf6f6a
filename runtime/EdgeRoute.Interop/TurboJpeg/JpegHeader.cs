namespace EdgeRoute.Interop.TurboJpeg;

/// <summary>How chroma is sampled (TJSAMP of turbojpeg.h 2.1).</summary>
public enum JpegSampling
{
    /// <summary>4:4:4: chroma at full size.</summary>
    Full = 0,

    /// <summary>4:2:2: chroma at half width.</summary>
    HalfWidth = 1,

    /// <summary>4:2:0: chroma at half size in both directions.</summary>
    HalfBoth = 2,

    /// <summary>No chroma.</summary>
    Gray = 3,

    /// <summary>4:4:0: chroma at half height.</summary>
    HalfHeight = 4,

    /// <summary>4:1:1: chroma at a quarter of the width.</summary>
    QuarterWidth = 5,
}

/// <summary>How colours are coded (TJCS of turbojpeg.h 2.1).</summary>
public enum JpegCoding
{
    Rgb = 0,
    Yuv = 1,
    Gray = 2,
    Cmyk = 3,
    Ycck = 4,
}

/// <summary>What a JPEG's header says.</summary>
public readonly record struct JpegHeader(int Width, int Height, JpegSampling Sampling, JpegCoding Coding)
{
    /// <summary>Whether the picture decodes to I420 planes without resampling chroma.</summary>
    public bool IsI420 => Coding == JpegCoding.Yuv && Sampling == JpegSampling.HalfBoth;

    /// <summary>Whether the picture has luma only.</summary>
    public bool IsGray => Sampling == JpegSampling.Gray;

    /// <summary>Width of a picture decoded at 1/<paramref name="denominator"/>: rounded up, as the library does.</summary>
    public int WidthAt(int denominator) => (Width + denominator - 1) / denominator;

    /// <summary>Height of a picture decoded at 1/<paramref name="denominator"/>.</summary>
    public int HeightAt(int denominator) => (Height + denominator - 1) / denominator;
}
