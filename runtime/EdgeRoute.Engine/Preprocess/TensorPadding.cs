using System.Runtime.InteropServices;
using EdgeRoute.Documents.Packs;

namespace EdgeRoute.Engine.Preprocess;

/// <summary>
/// Writes the part of the tensor that the picture leaves free. Done for every frame: the tensor's memory may serve other stages in between.
/// </summary>
internal static class TensorPadding
{
    public static void Fill(SampleMap plan, Span<byte> tensor)
    {
        var picture = plan.Fit.Picture;
        if (picture.Width == plan.TensorWidth && picture.Height == plan.TensorHeight)
        {
            return;
        }

        int channels = plan.Matrix.ChannelCount, area = plan.TensorWidth * plan.TensorHeight;
        bool interleaved = plan.Spec.Layout == TensorLayout.Nhwc;
        for (int channel = 0; channel < channels; channel++)
        {
            float value = (plan.Spec.PadValue - plan.Spec.Mean[channel]) * plan.Spec.Scale[channel];
            var (start, step) = interleaved ? (channel, channels) : (channel * area, 1);
            switch (plan.Spec.Element)
            {
                case TensorElement.Float32:
                    FillChannel(plan, MemoryMarshal.Cast<byte, float>(tensor)[start..], step, value);
                    break;
                case TensorElement.Float16:
                    FillChannel(plan, MemoryMarshal.Cast<byte, Half>(tensor)[start..], step, (Half)value);
                    break;
                default:
                    FillChannel(plan, tensor[start..], step, (byte)(int)(Math.Clamp(value, 0, 255) + 0.5f));
                    break;
            }
        }
    }

    private static void FillChannel<T>(SampleMap plan, Span<T> channel, int step, T value)
    {
        int width = plan.TensorWidth;
        var picture = plan.Fit.Picture;
        FillRun(channel, 0, picture.Top * width, step, value);
        for (int y = picture.Top; y < picture.Bottom; y++)
        {
            FillRun(channel, y * width, (y * width) + picture.Left, step, value);
            FillRun(channel, (y * width) + picture.Right, (y + 1) * width, step, value);
        }

        FillRun(channel, picture.Bottom * width, plan.TensorHeight * width, step, value);
    }

    private static void FillRun<T>(Span<T> channel, int from, int to, int step, T value)
    {
        if (step == 1)
        {
            channel[from..to].Fill(value);
            return;
        }

        for (int pixel = from; pixel < to; pixel++)
        {
            channel[pixel * step] = value;
        }
    }
}
