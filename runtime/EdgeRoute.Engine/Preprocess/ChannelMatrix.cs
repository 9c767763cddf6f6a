using EdgeRoute.Core.Frames;
using EdgeRoute.Documents.Packs;

namespace EdgeRoute.Engine.Preprocess;

/// <summary>
/// Colour conversion, channel order, mean and scale as one step: tensor channel c = clamp(sum over samples s of Weight[c, s] * sample +
/// Bias[c], Low[c], High[c]). The bounds are where a pixel value of 0 and of 255 end up.
/// </summary>
public sealed class ChannelMatrix
{
    private static readonly double[] GrayWeights = [0.299, 0.587, 0.114];

    private ChannelMatrix(int sampleCount, int channelCount)
    {
        (SampleCount, ChannelCount) = (sampleCount, channelCount);
        Weights = new float[channelCount * sampleCount];
        Bias = new float[channelCount];
        Low = new float[channelCount];
        High = new float[channelCount];
    }

    public int SampleCount { get; }

    public int ChannelCount { get; }

    /// <summary>Channel, then sample.</summary>
    public float[] Weights { get; }

    public float[] Bias { get; }

    public float[] Low { get; }

    public float[] High { get; }

    /// <summary>The one sample a channel depends on, or -1 when it mixes several.</summary>
    public int OnlySampleOf(int channel)
    {
        var row = Weights.AsSpan(channel * SampleCount, SampleCount);
        int first = row.IndexOfAnyExcept(0f);
        return first >= 0 && first == row.LastIndexOfAnyExcept(0f) ? first : -1;
    }

    public static ChannelMatrix Create(FrameInputSpec spec, PixelFormat format, ColorSpace colorSpace)
    {
        double[][] toRgb = ToRgb(format, colorSpace, spec.Channels == ChannelOrder.Gray);
        int[] order = spec.Channels switch { ChannelOrder.Rgb => [0, 1, 2], ChannelOrder.Bgr => [2, 1, 0], _ => [0] };
        var matrix = new ChannelMatrix(toRgb[0].Length - 1, order.Length);
        for (int channel = 0; channel < order.Length; channel++)
        {
            matrix.SetChannel(channel, toRgb[order[channel]], spec.Mean[channel], spec.Scale[channel]);
        }

        return matrix;
    }

    private void SetChannel(int channel, double[] row, double mean, double scale)
    {
        for (int sample = 0; sample < SampleCount; sample++)
        {
            Weights[(channel * SampleCount) + sample] = (float)(row[sample] * scale);
        }

        double black = -mean * scale, white = (255 - mean) * scale;
        Bias[channel] = (float)((row[SampleCount] - mean) * scale);
        (Low[channel], High[channel]) = ((float)Math.Min(black, white), (float)Math.Max(black, white));
    }

    /// <summary>Rows R, G, B (or grey alone), columns the samples and last the constant, all in 0..255.</summary>
    private static double[][] ToRgb(PixelFormat format, ColorSpace colorSpace, bool gray) => format switch
    {
        PixelFormat.Rgb or PixelFormat.Bgr => gray
            ? [[.. GrayWeights, 0]]
            : [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]],
        PixelFormat.Gray8 => [[1, 0], [1, 0], [1, 0]],
        _ => gray ? [LumaAlone(colorSpace)] : YuvToRgb(colorSpace),
    };

    private static bool IsLimited(ColorSpace space) => space is ColorSpace.Bt601Limited or ColorSpace.Bt709Limited;

    /// <summary>Grey from luma, spread to the full range, so that a grey tensor does not depend on the source's format.</summary>
    private static double[] LumaAlone(ColorSpace space) => IsLimited(space) ? [255.0 / 219, -16 * 255.0 / 219] : [1, 0];

    /// <summary>From the red and blue luma weights of ITU-R BT.601-7 (section 2.5.1) and BT.709-6 (section 3).</summary>
    private static double[][] YuvToRgb(ColorSpace space)
    {
        var (red, blue) = space is ColorSpace.Bt601Limited or ColorSpace.Bt601Full ? (0.299, 0.114) : (0.2126, 0.0722);
        double green = 1 - red - blue;
        double[] luma = LumaAlone(space);
        double chroma = IsLimited(space) ? 255.0 / 224 : 1;
        double redV = 2 * (1 - red) * chroma, blueU = 2 * (1 - blue) * chroma;
        double greenU = -blueU * blue / green, greenV = -redV * red / green;
        return [Row(0, redV), Row(greenU, greenV), Row(blueU, 0)];

        double[] Row(double u, double v) => [luma[0], u, v, luma[1] - (128 * (u + v))];
    }
}
