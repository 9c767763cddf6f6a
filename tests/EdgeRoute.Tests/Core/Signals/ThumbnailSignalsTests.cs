using EdgeRoute.Core.Signals;

namespace EdgeRoute.Tests.Core.Signals;

public sealed class ThumbnailSignalsTests
{
    [Fact]
    public void Motion_is_the_mean_absolute_difference()
    {
        Assert.Equal(0, ThumbnailSignals.Motion([1, 2, 3, 4], [1, 2, 3, 4]));
        Assert.Equal(1, ThumbnailSignals.Motion([0, 255], [255, 0]));
        Assert.Equal(60f / 255 / 4, ThumbnailSignals.Motion([10, 20, 30, 40], [20, 0, 60, 40]), 6);
        Assert.Throws<ArgumentException>(() => ThumbnailSignals.Motion([1, 2], [1]));
    }

    [Fact]
    public void Tone_is_mean_and_standard_deviation()
    {
        Assert.Equal((1f, 0f), ThumbnailSignals.Tone([255, 255, 255]));
        var (exposure, contrast) = ThumbnailSignals.Tone([0, 255, 0, 255]);
        Assert.Equal(0.5f, exposure);
        Assert.Equal(0.5f, contrast);
    }

    [Fact]
    public void Detail_of_a_slope_is_zero_and_of_a_point_is_not()
    {
        byte[] slope = [10, 20, 30, 12, 22, 32, 14, 24, 34];
        Assert.Equal((0f, 0f), ThumbnailSignals.Detail([.. slope, .. slope], 1 / 255.0));
        byte[] point = [0, 0, 0, 0, 255, 0, 0, 0, 0];
        var (sharpness, noise) = ThumbnailSignals.Detail([.. slope, .. point], 1 / 255.0);
        Assert.Equal(4f, sharpness, 5);
        Assert.Equal(2 * Math.Sqrt(Math.PI / 2) / 6, noise, 5);
        Assert.Equal((0f, 0f), ThumbnailSignals.Detail([], 1 / 255.0));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(12)]
    public void Noise_of_gaussian_samples_is_their_standard_deviation(double sigma)
    {
        var random = new Random(1);
        byte[] patches = new byte[2304 * ThumbnailSignals.PatchSize];
        for (int i = 0; i < patches.Length; i++)
        {
            double normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            patches[i] = (byte)Math.Round(128 + (sigma * normal));
        }

        Assert.InRange(ThumbnailSignals.Detail(patches, 1 / 255.0).Noise * 255, sigma * 0.94, sigma * 1.06);
    }

    [Fact]
    public void Age_is_source_time_since_the_answer()
    {
        Assert.Equal(40, ThumbnailSignals.AgeMs(140_000_000, 100_000_000));
        Assert.Equal(float.PositiveInfinity, ThumbnailSignals.AgeMs(140_000_000, null));
    }
}
