using EdgeRoute.Interop.Libpng;

namespace EdgeRoute.Engine.Drawing;

/// <summary>A picture in memory, packed RGB, with the few drawing calls that annotation needs. Everything is clipped to the picture.</summary>
public sealed class RgbPicture(int width, int height)
{
    public int Width { get; } = width;

    public int Height { get; } = height;

    public int StrideBytes => Width * 3;

    /// <summary>Rows from the top without padding.</summary>
    public byte[] Pixels { get; } = new byte[width * height * 3];

    public RgbColor this[int x, int y]
    {
        get
        {
            int at = ((y * Width) + x) * 3;
            return new RgbColor(Pixels[at], Pixels[at + 1], Pixels[at + 2]);
        }

        set
        {
            int at = ((y * Width) + x) * 3;
            (Pixels[at], Pixels[at + 1], Pixels[at + 2]) = (value.Red, value.Green, value.Blue);
        }
    }

    /// <summary>The picture as the bytes of a PNG file.</summary>
    /// <exception cref="DllNotFoundException">libpng is absent; the message names the package.</exception>
    public byte[] ToPng()
    {
        var file = new byte[PngEncoder.SizeLimitBytes(Width, Height)];
        return file[..PngEncoder.EncodeRgb(Pixels, Width, Height, StrideBytes, file)];
    }

    /// <summary>Fills a rectangle; <paramref name="opacity"/> below 1 lets the picture shine through.</summary>
    public void Fill(int left, int top, int fillWidth, int fillHeight, RgbColor color, double opacity = 1)
    {
        int right = Math.Min(Width, left + fillWidth), bottom = Math.Min(Height, top + fillHeight);
        for (int y = Math.Max(0, top); y < bottom; y++)
        {
            for (int x = Math.Max(0, left); x < right; x++)
            {
                this[x, y] = opacity >= 1 ? color : Mix(this[x, y], color, opacity);
            }
        }
    }

    /// <summary>The four sides of a rectangle, drawn inwards.</summary>
    public void Frame(int left, int top, int frameWidth, int frameHeight, int thickness, RgbColor color)
    {
        Fill(left, top, frameWidth, thickness, color);
        Fill(left, top + frameHeight - thickness, frameWidth, thickness, color);
        Fill(left, top, thickness, frameHeight, color);
        Fill(left + frameWidth - thickness, top, thickness, frameHeight, color);
    }

    /// <summary>Text with its cell's top left corner at a place; each pixel of the font becomes a square of <paramref name="scale"/> pixels.</summary>
    public void Text(int left, int top, string text, RgbColor color, int scale)
    {
        for (int i = 0; i < text.Length; i++)
        {
            for (int row = 0; row < PixelFont.CellHeight; row++)
            {
                for (int column = 0; column < PixelFont.CellWidth; column++)
                {
                    if (PixelFont.IsSet(text[i], column, row))
                    {
                        Fill(left + (((i * PixelFont.CellWidth) + column) * scale), top + (row * scale), scale, scale, color);
                    }
                }
            }
        }
    }

    private static RgbColor Mix(RgbColor under, RgbColor over, double opacity) =>
        new(Mix(under.Red, over.Red, opacity), Mix(under.Green, over.Green, opacity), Mix(under.Blue, over.Blue, opacity));

    private static byte Mix(byte under, byte over, double opacity) => (byte)Math.Round((under * (1 - opacity)) + (over * opacity));
}
