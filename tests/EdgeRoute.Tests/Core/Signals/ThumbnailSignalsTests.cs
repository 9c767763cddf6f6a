using EdgeRoute.Core.Frames;
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

    /// <summary>Whole vectors, what is left of them, and the largest sums that occur.</summary>
    [Theory]
    [InlineData(64, 36, 4)]
    [InlineData(12, 8, 4)]
    [InlineData(30, 9, 3)]
    [InlineData(44, 44, 22)]
    public void Motion_and_its_peak_equal_the_plain_definition(int width, int height, int side)
    {
        var random = new Random(width);
        byte[] a = new byte[width * height], b = new byte[width * height];
        random.NextBytes(a);
        random.NextBytes(b);
        foreach (var (current, previous) in new[] { (a, b), (b, a), ([.. a.Select(_ => (byte)255)], new byte[a.Length]) })
        {
            int[] differences = [.. current.Zip(previous, (x, y) => Math.Abs(x - y))];
            Assert.Equal((float)(differences.Sum() / (255.0 * a.Length)), ThumbnailSignals.Motion(current, previous));
            var blocks = differences.Select((d, i) => (Difference: d, Row: i / width / side, Column: i % width / side))
                .GroupBy(d => (d.Row, d.Column)).ToDictionary(g => g.Key, g => (float)(g.Sum(d => d.Difference) / (255.0 * side * side)));
            int columns = width / side;
            var left = new Detection(0, 0, 1.0f / columns * (columns / 2), 1, 1, 0);
            Assert.Equal((blocks.Values.Max(), blocks.Where(p => p.Key.Column >= columns / 2).Max(p => p.Value)),
                ThumbnailSignals.PeakMotion(current, previous, width, side, [left]));
        }
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
