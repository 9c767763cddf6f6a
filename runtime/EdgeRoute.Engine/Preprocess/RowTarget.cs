using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using EdgeRoute.Documents.Packs;

namespace EdgeRoute.Engine.Preprocess;

/// <summary>
/// Where a finished row goes: straight into a planar float tensor, else through a scratch row into the tensor's element and order.
/// </summary>
internal static class RowTarget
{
    /// <summary>The floats a kernel finishes row y into, one channel every <paramref name="channelStride"/> values.</summary>
    /// <param name="vectorWidth">A row narrower than a vector would be written past its end, so it takes the scratch row too.</param>
    /// <param name="direct">The floats are the tensor itself; otherwise call <see cref="Write"/> afterwards.</param>
    public static Span<float> Planar(SampleMap plan, Span<byte> tensor, int y, int vectorWidth, out int channelStride, out bool direct)
    {
        direct = plan.Spec is { Element: TensorElement.Float32, Layout: TensorLayout.Nchw } && plan.Fit.Picture.Width >= vectorWidth;
        channelStride = direct ? plan.TensorWidth * plan.TensorHeight : plan.PaddedPictureWidth;
        return direct ? MemoryMarshal.Cast<byte, float>(tensor)[FirstPixel(plan, y)..] : plan.Finished;
    }

    /// <summary>Writes the scratch row as row y of the picture.</summary>
    public static void Write(SampleMap plan, Span<byte> tensor, int y, int channelStride)
    {
        int channels = plan.Matrix.ChannelCount;
        bool interleaved = plan.Spec.Layout == TensorLayout.Nhwc;
        for (int channel = 0; channel < channels; channel++)
        {
            var row = plan.Finished.AsSpan(channel * channelStride, plan.Fit.Picture.Width);
            int start = interleaved ? (FirstPixel(plan, y) * channels) + channel
                : (channel * plan.TensorWidth * plan.TensorHeight) + FirstPixel(plan, y);
            Store(plan, row, tensor, start, interleaved ? channels : 1);
        }
    }

    private static int FirstPixel(SampleMap plan, int y) => ((plan.Fit.Picture.Top + y) * plan.TensorWidth) + plan.Fit.Picture.Left;

    private static void Store(SampleMap plan, ReadOnlySpan<float> row, Span<byte> tensor, int start, int step)
    {
        switch (plan.Spec.Element)
        {
            case TensorElement.Float32:
                Scatter(row, MemoryMarshal.Cast<byte, float>(tensor)[start..], step);
                break;
            case TensorElement.Float16:
                var halves = plan.Halves.AsSpan(0, row.Length);
                TensorPrimitives.ConvertToHalf(row, halves);
                Scatter<Half>(halves, MemoryMarshal.Cast<byte, Half>(tensor)[start..], step);
                break;
            default:
                ScatterBytes(row, tensor[start..], step);
                break;
        }
    }

    private static void Scatter<T>(ReadOnlySpan<T> row, Span<T> target, int step)
    {
        if (step == 1)
        {
            row.CopyTo(target);
            return;
        }

        _ = target[(row.Length - 1) * step];
        ref T at = ref MemoryMarshal.GetReference(target);
        for (int x = 0; x < row.Length; x++)
        {
            Unsafe.Add(ref at, x * step) = row[x];
        }
    }

    private static void ScatterBytes(ReadOnlySpan<float> row, Span<byte> target, int step)
    {
        _ = target[(row.Length - 1) * step];
        ref byte at = ref MemoryMarshal.GetReference(target);
        for (int x = 0; x < row.Length; x++)
        {
            // The clamp makes the value non-negative, so cutting off the fraction rounds half up.
            Unsafe.Add(ref at, x * step) = (byte)(int)(Math.Clamp(row[x], 0, 255) + 0.5f);
        }
    }

    /// <summary>A source row blended across without gathers, for rows shorter than one load.</summary>
    public static void BlendRow(SampleGroup group, ref byte row, ref float target)
    {
        int reach = group.Columns.Reach * group.PixelBytes, padded = group.Cache.PaddedWidth;
        for (int channel = 0; channel < group.ChannelOffsets.Length; channel++)
        {
            for (int x = 0; x < padded; x++)
            {
                int left = (group.Columns.First[x] * group.PixelBytes) + group.ChannelOffsets[channel];
                int weight = group.Columns.WeightPairs[(2 * x) + 1];
                int blend = (Unsafe.Add(ref row, left) * (AxisTaps.WeightOne - weight)) + (Unsafe.Add(ref row, left + reach) * weight);
                Unsafe.Add(ref target, (channel * padded) + x) = blend;
            }
        }
    }
}
