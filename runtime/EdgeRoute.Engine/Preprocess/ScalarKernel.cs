using System.Runtime.InteropServices;
using EdgeRoute.Documents.Packs;

namespace EdgeRoute.Engine.Preprocess;

/// <summary>The reference: one output at a time, no tables but the taps, no caching, every index checked.</summary>
internal sealed class ScalarKernel : IPreprocessKernel
{
    public const string KernelName = "scalar";

    public string Name => KernelName;

    public void Run(SampleMap plan, ReadOnlySpan<byte> frame, Span<byte> tensor)
    {
        Span<float> samples = stackalloc float[3];
        for (int y = 0; y < plan.Fit.Picture.Height; y++)
        {
            for (int x = 0; x < plan.Fit.Picture.Width; x++)
            {
                for (int s = 0; s < plan.Samples.Length; s++)
                {
                    samples[s] = Blend(plan.Groups[plan.Samples[s].GroupIndex], plan.Samples[s].ChannelIndex, frame, x, y);
                }

                Write(plan, tensor, x, y, samples);
            }
        }
    }

    private static float Blend(SampleGroup group, int channel, ReadOnlySpan<byte> frame, int x, int y)
    {
        int upper = group.Plane.OffsetBytes + (group.Rows.First[y] * group.Plane.StrideBytes);
        int lower = upper + (group.Rows.Reach * group.Plane.StrideBytes);
        int left = (group.Columns.First[x] * group.PixelBytes) + group.ChannelOffsets[channel];
        int right = left + (group.Columns.Reach * group.PixelBytes);
        float across = group.Columns.Fraction[x], down = group.Rows.Fraction[y];
        float top = frame[upper + left] + ((frame[upper + right] - frame[upper + left]) * across);
        float bottom = frame[lower + left] + ((frame[lower + right] - frame[lower + left]) * across);
        return top + ((bottom - top) * down);
    }

    private static void Write(SampleMap plan, Span<byte> tensor, int x, int y, ReadOnlySpan<float> samples)
    {
        var matrix = plan.Matrix;
        int pixel = ((plan.Fit.Picture.Top + y) * plan.TensorWidth) + plan.Fit.Picture.Left + x;
        for (int channel = 0; channel < matrix.ChannelCount; channel++)
        {
            float value = matrix.Bias[channel];
            for (int s = 0; s < matrix.SampleCount; s++)
            {
                value += matrix.Weights[(channel * matrix.SampleCount) + s] * samples[s];
            }

            int index = plan.Spec.Layout == TensorLayout.Nhwc
                ? (pixel * matrix.ChannelCount) + channel
                : (channel * plan.TensorWidth * plan.TensorHeight) + pixel;
            Put(tensor, index, plan.Spec.Element, Math.Clamp(value, matrix.Low[channel], matrix.High[channel]));
        }
    }

    private static void Put(Span<byte> tensor, int index, TensorElement element, float value)
    {
        switch (element)
        {
            case TensorElement.Float32:
                MemoryMarshal.Cast<byte, float>(tensor)[index] = value;
                break;
            case TensorElement.Float16:
                MemoryMarshal.Cast<byte, Half>(tensor)[index] = (Half)value;
                break;
            default:
                tensor[index] = (byte)Math.Clamp(MathF.Floor(value + 0.5f), 0, 255);
                break;
        }
    }
}
