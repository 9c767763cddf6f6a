using System.Globalization;
using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Engine.Preprocess;
using EdgeRoute.Interop.Linux;

namespace EdgeRoute.Benchmarks.Preprocess;

/// <summary>
/// Times every kernel on every format and size, one thread. Frames come from the folder that <c>opencv.py make</c> filled, else are noise.
/// </summary>
public static class PreprocessBenchmark
{
    public static int Run(string[] args)
    {
        string? frames = Option(args, "--frames"), kernelName = Option(args, "--kernel");
        double seconds = double.Parse(Option(args, "--seconds") ?? "0.2", CultureInfo.InvariantCulture);
        var rows = new List<string>();
        foreach (var one in PreprocessCase.All())
        {
            foreach (var kernel in PreprocessKernels.All.Where(kernel => kernelName is null || kernel.Name == kernelName))
            {
                rows.Add(Time(one, kernel, frames, seconds));
            }
        }

        rows.AddRange(JpegBenchmark.Run(frames, seconds, writeTensors: true));
        rows.Add(ThumbnailBenchmark.Run(PixelFormat.Nv12, seconds));
        rows.Add(ThumbnailBenchmark.Run(PixelFormat.Rgb, seconds));
        Console.WriteLine(args.Contains("--json") ? $"[{string.Join(",\n ", rows)}]" : string.Join('\n', rows));
        return 0;
    }

    private static string Time(PreprocessCase one, IPreprocessKernel kernel, string? frames, double seconds)
    {
        var layout = FrameLayout.Packed(one.Format, one.Width, one.Height);
        using var frame = AlignedMemory.Allocate(layout.SizeBytes);
        Load(frame, frames is null ? null : Path.Combine(frames, one.FileName));
        var preprocessor = new Preprocessor(one.Input, 1, FrameRegion.Full, kernel);
        using var tensor = AlignedMemory.Allocate(preprocessor.TensorBytes);
        var (min, median, runs) = Stopclock.Measure(seconds, () => preprocessor.Run(frame.Span, layout, tensor.Span));
        if (frames is not null)
        {
            File.WriteAllBytes(Path.Combine(frames, $"{one.Name} {kernel.Name}.f32"), tensor.Span.ToArray());
        }

        return string.Create(
            CultureInfo.InvariantCulture,
            $"{{\"case\": \"{one.Name}\", \"kernel\": \"{kernel.Name}\", \"min_us\": {min:F1}, \"p50_us\": {median:F1}, "
                + $"\"runs\": {runs}}}");
    }

    private static void Load(AlignedMemory frame, string? path)
    {
        if (path is null)
        {
            new Random(1).NextBytes(frame.Span);
            return;
        }

        File.ReadAllBytes(path).CopyTo(frame.Span);
    }

    private static string? Option(string[] args, string name)
    {
        int at = Array.IndexOf(args, name);
        return at >= 0 && at + 1 < args.Length ? args[at + 1] : null;
    }
}
