namespace EdgeRoute.Engine.Drawing;

/// <summary>
/// A picture in memory, packed RGB, with the few drawing calls that annotation needs. Everything is clipped to the picture.
/// </summary>
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
    public byte[] ToPng() => Pictures.EncodePng(Pixels, Width, Height);

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
    public void Outline(int left, int top, int frameWidth, int frameHeight, int thickness, RgbColor color)
    {
        Fill(left, top, frameWidth, thickness, color);
        Fill(left, top + frameHeight - thickness, frameWidth, thickness, color);
        Fill(left, top, thickness, frameHeight, color);
        Fill(left + frameWidth - thickness, top, thickness, frameHeight, color);
    }

    /// <summary>A straight line with square ends, both of which belong to it.</summary>
    public void Line(int fromX, int fromY, int toX, int toY, int thickness, RgbColor color)
    {
        // Ends far outside the picture would take steps without number.
        int reach = Width + Height;
        fromX = Math.Clamp(fromX, -reach, reach);
        fromY = Math.Clamp(fromY, -reach, reach);
        toX = Math.Clamp(toX, -reach, reach);
        toY = Math.Clamp(toY, -reach, reach);
        int steps = Math.Max(1, Math.Max(Math.Abs(toX - fromX), Math.Abs(toY - fromY)));
        for (int i = 0; i <= steps; i++)
        {
            double share = (double)i / steps;
            int x = (int)Math.Round(fromX + ((toX - fromX) * share)), y = (int)Math.Round(fromY + ((toY - fromY) * share));
            Fill(x - (thickness / 2), y - (thickness / 2), thickness, thickness, color);
        }
    }

    /// <summary>
    /// Text with its cell's top left corner at a place; each pixel of the font becomes a square of <paramref name="scale"/> pixels.
    /// </summary>
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

/// <summary>A colour of 8 bits per channel.</summary>
public readonly record struct RgbColor(byte Red, byte Green, byte Blue)
{
    public static RgbColor Black => new(0, 0, 0);

    public static RgbColor White => new(255, 255, 255);

    /// <summary>Brightness as people see it, 0..255 (ITU-R BT.601 weights).</summary>
    public int Luma => ((299 * Red) + (587 * Green) + (114 * Blue)) / 1000;

    /// <summary>Black or white, whichever reads better on this colour.</summary>
    public RgbColor Ink => Luma > 140 ? Black : White;

    /// <summary>
    /// A colour for a class: steps of the golden ratio around the colour circle keep neighbouring classes far apart, whatever their number.
    /// </summary>
    public static RgbColor OfClass(int classIndex)
    {
        const double GoldenRatioFraction = 0.618033988749895, Start = 0.09;
        return FromHue((Start + (Math.Max(0, classIndex) * GoldenRatioFraction)) % 1);
    }

    private static RgbColor FromHue(double hue)
    {
        return new RgbColor(Channel(0), Channel(4), Channel(2));

        // Saturation 0.75 and value 1 of the HSV model stand out from most pictures.
        byte Channel(double shift)
        {
            double distance = Math.Abs((((hue * 6) + shift) % 6) - 3) - 1;
            return (byte)(255 * (0.25 + (0.75 * Math.Clamp(distance, 0, 1))));
        }
    }
}
