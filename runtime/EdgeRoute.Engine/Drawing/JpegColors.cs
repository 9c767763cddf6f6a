using EdgeRoute.Core.Frames;

namespace EdgeRoute.Engine.Drawing;

/// <summary>
/// Brings the planes of a camera's YUV formats to those of a JPEG: 4:2:0, full-range BT.601. That is linear (no way over RGB is needed):
/// luma is scaled and, for BT.709, takes a part of chroma. Whole numbers with 16 fraction bits.
/// </summary>
internal readonly struct JpegColors
{
    private const int One = 1 << 16;

    private readonly int _lumaBlack, _luma, _lumaOfU, _lumaOfV, _uOfU, _uOfV, _vOfU, _vOfV;

    public JpegColors(ColorSpace space)
    {
        bool isLimited = space is ColorSpace.Bt601Limited or ColorSpace.Bt709Limited, isBt709 = space is ColorSpace.Bt709Limited
            or ColorSpace.Bt709Full;
        double kr = isBt709 ? 0.2126 : 0.299, kb = isBt709 ? 0.0722 : 0.114, kg = 1 - kr - kb, scale = isLimited ? 255.0 / 224 : 1;
        double redOfV = 2 * (1 - kr) * scale, blueOfU = 2 * (1 - kb) * scale;
        (_lumaBlack, _luma) = (isLimited ? 16 : 0, Fixed(isLimited ? 255.0 / 219 : 1));
        (_lumaOfU, _uOfU, _vOfU) = FromRgb(0, -kb / kg * blueOfU, blueOfU);
        (_lumaOfV, _uOfV, _vOfV) = FromRgb(redOfV, -kr / kg * redOfV, 0);
    }

    /// <summary>
    /// Writes the planes, without padding: luma, then U, then V, with chroma sides rounded up. The frame is NV12, I420 or YUY2.
    /// </summary>
    public void Convert(in FrameLayout layout, ReadOnlySpan<byte> bytes, Span<byte> planes)
    {
        int chromaCount = layout.ChromaWidth * layout.ChromaHeight, lumaCount = layout.Width * layout.Height;
        var luma = planes[..lumaCount];
        var us = planes.Slice(lumaCount, chromaCount);
        var vs = planes.Slice(lumaCount + chromaCount, chromaCount);
        for (int y = 0; y < layout.ChromaHeight; y++)
        {
            for (int x = 0; x < layout.ChromaWidth; x++)
            {
                var (u, v) = Chroma(layout, bytes, x, y);
                int at = (y * layout.ChromaWidth) + x;
                us[at] = Clamp((128 * One) + (u * _uOfU) + (v * _uOfV));
                vs[at] = Clamp((128 * One) + (u * _vOfU) + (v * _vOfV));
                ConvertLuma(layout, bytes, x * 2, y * 2, (u * _lumaOfU) + (v * _lumaOfV), luma);
            }
        }
    }

    private void ConvertLuma(in FrameLayout layout, ReadOnlySpan<byte> bytes, int left, int top, int ofChroma, Span<byte> luma)
    {
        int step = layout.Format == PixelFormat.Yuy2 ? 2 : 1;
        for (int y = top; y < Math.Min(top + 2, layout.Height); y++)
        {
            int row = layout.Plane0.OffsetBytes + (y * layout.Plane0.StrideBytes);
            for (int x = left; x < Math.Min(left + 2, layout.Width); x++)
            {
                luma[(y * layout.Width) + x] = Clamp(((bytes[row + (x * step)] - _lumaBlack) * _luma) + ofChroma);
            }
        }
    }

    /// <summary>The chroma of a square of four pixels, around zero. YUY2 has one for each row; the JPEG has their mean.</summary>
    private static (int U, int V) Chroma(in FrameLayout layout, ReadOnlySpan<byte> bytes, int x, int y)
    {
        switch (layout.Format)
        {
            case PixelFormat.Nv12:
                int both = layout.Plane1.OffsetBytes + (y * layout.Plane1.StrideBytes) + (x * 2);
                return (bytes[both] - 128, bytes[both + 1] - 128);
            case PixelFormat.I420:
                int u = layout.Plane1.OffsetBytes + (y * layout.Plane1.StrideBytes) + x, v = layout.Plane2.OffsetBytes
                    + (y * layout.Plane2.StrideBytes) + x;
                return (bytes[u] - 128, bytes[v] - 128);
            default:
                int first = layout.Plane0.OffsetBytes + (y * 2 * layout.Plane0.StrideBytes) + (x * 4);
                int second = (y * 2) + 1 < layout.Height ? first + layout.Plane0.StrideBytes : first;
                return (((bytes[first + 1] + bytes[second + 1] + 1) / 2) - 128, ((bytes[first + 3] + bytes[second + 3] + 1) / 2) - 128);
        }
    }

    /// <summary>Luma, U and V of a colour by the JPEG convention (ITU-T T.871).</summary>
    private static (int Luma, int U, int V) FromRgb(double red, double green, double blue)
    {
        double luma = (0.299 * red) + (0.587 * green) + (0.114 * blue);
        return (Fixed(luma), Fixed((blue - luma) / 1.772), Fixed((red - luma) / 1.402));
    }

    private static int Fixed(double value) => (int)Math.Round(value * One);

    private static byte Clamp(int value) => (byte)Math.Clamp((value + (One / 2)) >> 16, 0, 255);
}
