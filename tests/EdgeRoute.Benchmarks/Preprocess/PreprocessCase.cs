using EdgeRoute.Core.Frames;
using EdgeRoute.Documents.Packs;

namespace EdgeRoute.Benchmarks.Preprocess;

/// <summary>A frame and the tensor made of it; <c>opencv.py</c> has the same list under the same names.</summary>
public sealed record PreprocessCase(string Name, PixelFormat Format, int Width, int Height, FrameInputSpec Input)
{
    public static IEnumerable<PreprocessCase> All()
    {
        foreach (var format in (PixelFormat[])[PixelFormat.Nv12, PixelFormat.I420, PixelFormat.Yuy2, PixelFormat.Rgb, PixelFormat.Bgr,
            PixelFormat.Gray8])
        {
            yield return Of(format, 1280, 720, 224, FitKind.Stretch);
            yield return Of(format, 768, 432, 352, FitKind.Stretch);
            yield return Of(format, 768, 432, 416, FitKind.Letterbox);
        }
    }

    /// <summary>The generated frame of this case in the frames folder.</summary>
    public string FileName => $"{Width}x{Height}.{Format.ToString().ToLowerInvariant()}";

    private static PreprocessCase Of(PixelFormat format, int width, int height, int side, FitKind fit)
    {
        bool gray = format == PixelFormat.Gray8;
        float[] mean = gray ? [116.28f] : [123.675f, 116.28f, 103.53f], scale = gray ? [1 / 58f] : [1 / 58f, 1 / 58f, 1 / 58f];
        var input = new FrameInputSpec(
            side, side, 1, gray ? ChannelOrder.Gray : ChannelOrder.Rgb, TensorLayout.Nchw, TensorElement.Float32, fit, PadPlacement.TopLeft,
            0, 114, mean, scale);
        string name = $"{format.ToString().ToLowerInvariant()} {width}x{height} {fit.ToString().ToLowerInvariant()} {side}";
        return new PreprocessCase(name, format, width, height, input);
    }
}
