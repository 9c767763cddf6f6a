using System.Globalization;
using System.Text;
using EdgeRoute.Interop.OnnxRuntime;

namespace EdgeRoute.Tests.Interop.OnnxRuntime;

/// <summary>
/// A picture file as an input tensor by the simplest road: djpeg decodes, the nearest pixel is taken, the range is the model's.
/// </summary>
internal static class PictureTensor
{
    /// <summary>RGB, 8 bits, row by row.</summary>
    internal sealed record Picture(int Width, int Height, byte[] Pixels);

    public static Picture Decode(string jpeg)
    {
        byte[] file = Tool.Run("djpeg", "-pnm", "-rgb", jpeg);
        // "P6\n<width> <height>\n255\n", then the pixels.
        string[] header = Encoding.ASCII.GetString(file, 0, 32).Split('\n');
        string[] sizes = header[1].Split(' ');
        int headerBytes = header[0].Length + header[1].Length + header[2].Length + 3;
        return new Picture(int.Parse(sizes[0], CultureInfo.InvariantCulture), int.Parse(sizes[1], CultureInfo.InvariantCulture),
            file[headerBytes..]);
    }

    /// <summary>Planes of [1, channels, height, width]; a free batch size is 1, and one channel is the green one.</summary>
    public static OrtTensor Make(OrtTensorSpec spec, Picture picture, string model)
    {
        long[] shape = [.. spec.Shape.Select(size => Math.Max(size, 1))];
        int channels = (int)shape[1], height = (int)shape[2], width = (int)shape[3];
        (float scale, float mean) = RangeOf(model);
        OrtTensor tensor = OrtTensor.Allocate(spec.ElementType, shape);
        for (int i = 0; i < channels * height * width; i++)
        {
            int channel = channels == 1 ? 1 : i / (height * width), y = i / width % height, x = i % width;
            int pixel = (y * picture.Height / height * picture.Width) + (x * picture.Width / width);
            float value = (picture.Pixels[(pixel * 3) + channel] - mean) * scale;
            Store(tensor, i, value);
        }
        return tensor;
    }

    private static void Store(OrtTensor tensor, int index, float value)
    {
        if (tensor.ElementType == OrtElementType.Float16)
        {
            tensor.Halves[index] = (Half)value;
        }
        else
        {
            tensor.Floats[index] = value;
        }
    }

    /// <summary>Raw grey levels for YOLOX, about -2 to 2 for networks trained with mean and deviation, 0 to 1 for the others.</summary>
    private static (float Scale, float Mean) RangeOf(string model)
    {
        if (model.Contains("yolox", StringComparison.Ordinal))
        {
            return (1, 0);
        }

        if (model.Contains("picodet", StringComparison.Ordinal) || model.Contains("nanodet", StringComparison.Ordinal))
        {
            return (1 / 57f, 114);
        }

        if (model.Contains("vit", StringComparison.Ordinal))
        {
            return (1 / 127.5f, 127.5f);
        }

        return (1 / 255f, 0);
    }
}
