using System.Globalization;
using EdgeRoute.Core.Frames;
using EdgeRoute.Engine.Preprocess;
using EdgeRoute.Interop.Linux;

namespace EdgeRoute.Benchmarks.Preprocess;

/// <summary>All frame signals of a 1080p frame; they are due within 100 microseconds.</summary>
public static class ThumbnailBenchmark
{
    public static string Run(PixelFormat format, double seconds)
    {
        var layout = FrameLayout.Packed(format, 1920, 1080);
        using var frame = AlignedMemory.Allocate(layout.SizeBytes);
        new Random(1).NextBytes(frame.Span);
        var meter = new SignalMeter();
        var (min, median, runs) = Stopclock.Measure(seconds, () => meter.Measure(frame.Span, layout, default, null));
        string name = $"signals {format.ToString().ToLowerInvariant()} 1920x1080";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{{\"case\": \"{name}\", \"kernel\": \"signals\", \"min_us\": {min:F1}, \"p50_us\": {median:F1}, \"runs\": {runs}}}");
    }
}
