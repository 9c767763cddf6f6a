using EdgeRoute.Core.Frames;

namespace EdgeRoute.Engine.Drawing;

/// <summary>Lays a map of classes or depths over the picture of a frame.</summary>
internal static class MapPainter
{
    /// <summary>How strongly the map covers the picture.</summary>
    private const double Opacity = 0.5;

    public static void Draw(RgbPicture picture, int top, int width, int height, Answer answer)
    {
        var map = answer.Values;
        var (least, most) = RangeOf(map);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                float value = map[(y * Answer.MapSide / height * Answer.MapSide) + (x * Answer.MapSide / width)];
                if (answer.Task == TaskKind.Depth ? float.IsFinite(value) : value >= 0)
                {
                    var color = answer.Task == TaskKind.Depth ? OfDepth((value - least) / (most - least)) : RgbColor.OfClass((int)value);
                    picture.Fill(x, top + y, 1, 1, color, Opacity);
                }
            }
        }
    }

    /// <summary>The least and the largest number; never the same.</summary>
    public static (float Least, float Most) RangeOf(ReadOnlySpan<float> map)
    {
        float least = float.PositiveInfinity, most = float.NegativeInfinity;
        foreach (float value in map)
        {
            least = MathF.Min(least, float.IsFinite(value) ? value : least);
            most = MathF.Max(most, float.IsFinite(value) ? value : most);
        }

        return most > least ? (least, most) : (most, most + 1);
    }

    /// <summary>From blue over purple to yellow as the number grows.</summary>
    private static RgbColor OfDepth(float share) =>
        new((byte)(255 * share), (byte)(255 * Math.Max(0, (2 * share) - 1)), (byte)(255 * (1 - share)));
}
