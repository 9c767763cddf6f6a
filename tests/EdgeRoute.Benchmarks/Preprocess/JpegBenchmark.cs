using System.Globalization;
using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Engine.Preprocess;
using EdgeRoute.Interop.Linux;

namespace EdgeRoute.Benchmarks.Preprocess;

/// <summary>JPEG bytes to tensor: at full size, and reduced while decoding as the engine does it.</summary>
public static class JpegBenchmark
{
    /// <summary>Rows for every size of the RGB cases; none without a frames folder, since there is no picture to decode.</summary>
    public static IEnumerable<string> Run(string? frames, double seconds, bool writeTensors)
    {
        foreach (var one in PreprocessCase.All().Where(one => frames is not null && one.Format == PixelFormat.Rgb))
        {
            byte[] jpeg = File.ReadAllBytes(Path.Combine(frames!, $"{one.Width}x{one.Height}.jpeg"));
            string name = one.Name.Replace("rgb ", "jpeg ", StringComparison.Ordinal);
            yield return Time(one, name, "full size", jpeg, isReduced: false, seconds, writeTensors ? frames : null);
            yield return Time(one, name, "reduced", jpeg, isReduced: true, seconds, writeTensors ? frames : null);
        }
    }

    private static string Time(PreprocessCase one, string name, string kind, byte[] jpeg, bool isReduced, double seconds, string? tensors)
    {
        using var unpacker = new JpegUnpacker();
        using var slot = new FrameSlot();
        var preprocessor = new Preprocessor(one.Input, 1, FrameRegion.Full);
        var (width, height) = isReduced ? preprocessor.FrameSizeWanted(one.Width, one.Height) : (0, 0);
        using var tensor = AlignedMemory.Allocate(preprocessor.TensorBytes);
        var (min, median, runs) = Stopclock.Measure(seconds, () =>
        {
            if (!unpacker.TryUnpack(jpeg, width, height, slot))
            {
                throw new InvalidDataException(unpacker.ErrorText);
            }

            preprocessor.Run(slot.Bytes, slot.Layout, tensor.Span);
        });
        if (tensors is not null)
        {
            File.WriteAllBytes(Path.Combine(tensors, $"{name} {kind.Replace(' ', '-')}.f32"), tensor.Span.ToArray());
        }

        return string.Create(
            CultureInfo.InvariantCulture,
            $"{{\"case\": \"{name}\", \"kernel\": \"{kind}\", \"min_us\": {min:F1}, \"p50_us\": {median:F1}, \"runs\": {runs}}}");
    }
}
