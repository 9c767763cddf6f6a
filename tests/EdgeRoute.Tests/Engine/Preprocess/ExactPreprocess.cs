using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Documents.Packs;

namespace EdgeRoute.Tests.Engine.Preprocess;

/// <summary>
/// Preprocessing written out in double precision from its definition, pixel by pixel. It shares nothing with the shipped code but the
/// public types.
/// </summary>
internal static class ExactPreprocess
{
    /// <summary>Tensor values in the spec's order, before rounding to the element type.</summary>
    public static double[] Run(FrameInputSpec spec, int tensorWidth, int tensorHeight, FrameRegion region, byte[] frame, FrameLayout layout)
    {
        int left = (int)Math.Round(region.Left * layout.Width), right = (int)Math.Round((region.Left + region.Width) * layout.Width);
        int top = (int)Math.Round(region.Top * layout.Height), bottom = (int)Math.Round((region.Top + region.Height) * layout.Height);
        left = Math.Min(left, layout.Width - 1);
        top = Math.Min(top, layout.Height - 1);
        right = Math.Clamp(right, left + 1, layout.Width);
        bottom = Math.Clamp(bottom, top + 1, layout.Height);
        int width = right - left, height = bottom - top;

        int pictureX = 0, pictureY = 0, pictureWidth = tensorWidth, pictureHeight = tensorHeight;
        double cutX = left, cutY = top, cutWidth = width, cutHeight = height;
        if (spec.Fit == FitKind.Letterbox)
        {
            if (tensorWidth * (long)height <= tensorHeight * (long)width)
            {
                pictureHeight = Math.Max(1, (int)(height * (long)tensorWidth / width));
            }
            else
            {
                pictureWidth = Math.Max(1, (int)(width * (long)tensorHeight / height));
            }

            if (spec.Placement == PadPlacement.Center)
            {
                (pictureX, pictureY) = ((tensorWidth - pictureWidth) / 2, (tensorHeight - pictureHeight) / 2);
            }
        }
        else if (spec.Fit == FitKind.CenterCrop)
        {
            double ratio = Math.Min(width, height) / (double)spec.ResizeShorter;
            (cutWidth, cutHeight) = (spec.Width * ratio, spec.Height * ratio);
            (cutX, cutY) = (left + (width - cutWidth) / 2, top + (height - cutHeight) / 2);
        }

        int channels = spec.ChannelCount;
        double[] tensor = new double[tensorWidth * tensorHeight * channels];
        for (int y = 0; y < tensorHeight; y++)
        {
            for (int x = 0; x < tensorWidth; x++)
            {
                bool inside = x >= pictureX && x < pictureX + pictureWidth && y >= pictureY && y < pictureY + pictureHeight;
                double sx = Math.Clamp(cutX + ((x - pictureX + 0.5) * cutWidth / pictureWidth) - 0.5, left, right - 1);
                double sy = Math.Clamp(cutY + ((y - pictureY + 0.5) * cutHeight / pictureHeight) - 0.5, top, bottom - 1);
                double[] pixel = inside ? Pixel(frame, layout, sx, sy, left, top, right, bottom)
                    : [spec.PadValue, spec.PadValue, spec.PadValue];
                double[] ordered = spec.Channels switch
                {
                    ChannelOrder.Rgb => pixel,
                    ChannelOrder.Bgr => [pixel[2], pixel[1], pixel[0]],
                    _ => [inside ? Gray(frame, layout, pixel, sx, sy) : spec.PadValue],
                };
                for (int c = 0; c < channels; c++)
                {
                    int index = spec.Layout == TensorLayout.Nchw ? (((c * tensorHeight) + y) * tensorWidth) + x
                        : (((y * tensorWidth) + x) * channels) + c;
                    tensor[index] = (ordered[c] - spec.Mean[c]) * spec.Scale[c];
                }
            }
        }

        return tensor;
    }

    private static double Gray(byte[] frame, FrameLayout layout, double[] rgb, double x, double y)
    {
        if (layout.Format is PixelFormat.Rgb or PixelFormat.Bgr)
        {
            return (0.299 * rgb[0]) + (0.587 * rgb[1]) + (0.114 * rgb[2]);
        }

        int step = layout.Format == PixelFormat.Yuy2 ? 2 : 1;
        double luma = Bilinear(frame, layout.Plane0, step, 0, x, y);
        return layout.Format == PixelFormat.Gray8 ? luma : Math.Clamp(Spread(luma, layout.ColorSpace), 0, 255);
    }

    private static double Spread(double luma, ColorSpace space) =>
        space is ColorSpace.Bt601Limited or ColorSpace.Bt709Limited ? (luma - 16) * 255 / 219 : luma;

    private static double[] Pixel(byte[] frame, FrameLayout layout, double x, double y, int left, int top, int right, int bottom)
    {
        double cx = Math.Clamp((x - 0.5) / 2, left / 2, (right - 1) / 2);
        double cy = Math.Clamp((y - 0.5) / 2, top / 2, (bottom - 1) / 2);
        switch (layout.Format)
        {
            case PixelFormat.Rgb:
            case PixelFormat.Bgr:
                double[] bytes = [.. Enumerable.Range(0, 3).Select(c => Bilinear(frame, layout.Plane0, 3, c, x, y))];
                return layout.Format == PixelFormat.Rgb ? bytes : [bytes[2], bytes[1], bytes[0]];
            case PixelFormat.Gray8:
                double gray = Bilinear(frame, layout.Plane0, 1, 0, x, y);
                return [gray, gray, gray];
            case PixelFormat.Nv12:
                return ToRgb(Bilinear(frame, layout.Plane0, 1, 0, x, y), Bilinear(frame, layout.Plane1, 2, 0, cx, cy),
                    Bilinear(frame, layout.Plane1, 2, 1, cx, cy), layout.ColorSpace);
            case PixelFormat.I420:
                return ToRgb(Bilinear(frame, layout.Plane0, 1, 0, x, y), Bilinear(frame, layout.Plane1, 1, 0, cx, cy),
                    Bilinear(frame, layout.Plane2, 1, 0, cx, cy), layout.ColorSpace);
            default:
                return ToRgb(Bilinear(frame, layout.Plane0, 2, 0, x, y), Bilinear(frame, layout.Plane0, 4, 1, cx, y),
                    Bilinear(frame, layout.Plane0, 4, 3, cx, y), layout.ColorSpace);
        }
    }

    private static double[] ToRgb(double y, double u, double v, ColorSpace space)
    {
        bool limited = space is ColorSpace.Bt601Limited or ColorSpace.Bt709Limited;
        var (kr, kb) = space is ColorSpace.Bt601Limited or ColorSpace.Bt601Full ? (0.299, 0.114) : (0.2126, 0.0722);
        double luma = Spread(y, space), chroma = limited ? 255.0 / 224 : 1;
        double red = luma + (2 * (1 - kr) * (v - 128) * chroma);
        double blue = luma + (2 * (1 - kb) * (u - 128) * chroma);
        double green = (luma - (kr * red) - (kb * blue)) / (1 - kr - kb);
        return [Math.Clamp(red, 0, 255), Math.Clamp(green, 0, 255), Math.Clamp(blue, 0, 255)];
    }

    private static double Bilinear(byte[] frame, PlaneLayout plane, int step, int offset, double x, double y)
    {
        int x0 = (int)Math.Floor(x), y0 = (int)Math.Floor(y), x1 = x > x0 ? x0 + 1 : x0, y1 = y > y0 ? y0 + 1 : y0;
        double At(int column, int row) => frame[plane.OffsetBytes + (row * plane.StrideBytes) + (column * step) + offset];
        double fx = x - x0, fy = y - y0;
        double upper = (At(x0, y0) * (1 - fx)) + (At(x1, y0) * fx), lower = (At(x0, y1) * (1 - fx)) + (At(x1, y1) * fx);
        return (upper * (1 - fy)) + (lower * fy);
    }
}
