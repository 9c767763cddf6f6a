namespace EdgeRoute.Engine.Drawing;

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
