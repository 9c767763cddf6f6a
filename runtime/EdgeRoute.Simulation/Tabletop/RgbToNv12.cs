using EdgeRoute.Core.Frames;

namespace EdgeRoute.Simulation.Tabletop;

/// <summary>
/// Packed RGB to NV12 by BT.601 limited range (ITU-R BT.601-7), chroma from the mean of each two by two pixels; 8-bit fixed point.
/// </summary>
internal static class RgbToNv12
{
    public static void Convert(ReadOnlySpan<byte> rgb, in FrameLayout layout, Span<byte> nv12)
    {
        for (int y = 0; y < layout.Height; y++)
        {
            var luma = nv12.Slice(layout.Plane0.OffsetBytes + (y * layout.Plane0.StrideBytes), layout.Width);
            ConvertLuma(rgb.Slice(y * layout.Width * 3, layout.Width * 3), luma);
        }

        for (int y = 0; y < layout.ChromaHeight; y++)
        {
            int lower = Math.Min((2 * y) + 1, layout.Height - 1);
            var chroma = nv12.Slice(layout.Plane1.OffsetBytes + (y * layout.Plane1.StrideBytes), layout.ChromaWidth * 2);
            ConvertChroma(rgb.Slice(2 * y * layout.Width * 3, layout.Width * 3), rgb.Slice(lower * layout.Width * 3, layout.Width * 3),
                chroma);
        }
    }

    private static void ConvertLuma(ReadOnlySpan<byte> rgb, Span<byte> luma)
    {
        for (int x = 0, i = 0; x < luma.Length; x++, i += 3)
        {
            luma[x] = (byte)(16 + (((66 * rgb[i]) + (129 * rgb[i + 1]) + (25 * rgb[i + 2]) + 128) >> 8));
        }
    }

    private static void ConvertChroma(ReadOnlySpan<byte> upper, ReadOnlySpan<byte> lower, Span<byte> chroma)
    {
        for (int x = 0; x < chroma.Length; x += 2)
        {
            int left = x * 3, right = Math.Min(left + 3, upper.Length - 3);
            int red = upper[left] + upper[right] + lower[left] + lower[right];
            int green = upper[left + 1] + upper[right + 1] + lower[left + 1] + lower[right + 1];
            int blue = upper[left + 2] + upper[right + 2] + lower[left + 2] + lower[right + 2];
            chroma[x] = (byte)(128 + (((-38 * red) - (74 * green) + (112 * blue) + 512) >> 10));
            chroma[x + 1] = (byte)(128 + (((112 * red) - (94 * green) - (18 * blue) + 512) >> 10));
        }
    }
}
