using EdgeRoute.Core.Frames;
using EdgeRoute.Documents.Packs;

namespace EdgeRoute.Engine.Preprocess;

/// <summary>
/// Everything a kernel needs to turn frames of one layout into one tensor: tables and scratch rows. Memory is made once per layout, for the
/// largest picture that the tensor can hold; <see cref="Aim"/> fits the tables to a part of the frame in place.
/// </summary>
public sealed class SampleMap
{
    /// <summary>Outputs that one gather yields; tables and scratch rows are padded to it.</summary>
    public const int PixelBlock = 8;

    public SampleMap(FrameInputSpec spec, in FrameLayout layout, int tensorWidth, int tensorHeight)
    {
        Spec = spec;
        Layout = layout;
        TensorWidth = tensorWidth;
        TensorHeight = tensorHeight;
        Matrix = ChannelMatrix.Create(spec, layout.Format, layout.ColorSpace);
        Groups = SampleGroup.ForLayout(layout, tensorWidth, tensorHeight, lumaOnly: Matrix.SampleCount == 1);
        Samples = [.. Groups.SelectMany((group, g) => group.ChannelOffsets.Select((_, channel) => new SampleChannel(g, channel)))];
        RequiredBytes = Groups.Max(group => group.EndBytes);
        Finished = new float[Matrix.ChannelCount * PadToBlock(tensorWidth)];
        Halves = new Half[spec.Element == TensorElement.Float16 ? PadToBlock(tensorWidth) : 0];
        IsPermutation = Enumerable.Range(0, Matrix.ChannelCount).All(channel => Matrix.OnlySampleOf(channel) >= 0);
        Guard(layout);
    }

    public FrameInputSpec Spec { get; }

    public FrameLayout Layout { get; }

    /// <summary>Which part of the frame goes where in the tensor.</summary>
    public FrameFit Fit { get; private set; }

    public int TensorWidth { get; }

    public int TensorHeight { get; }

    public ChannelMatrix Matrix { get; }

    public SampleGroup[] Groups { get; }

    /// <summary>Every tensor channel depends on one sample alone.</summary>
    public bool IsPermutation { get; }

    /// <summary>Where each sample of the matrix comes from.</summary>
    public SampleChannel[] Samples { get; }

    /// <summary>Bytes a frame must have so that no read leaves it.</summary>
    public long RequiredBytes { get; }

    /// <summary>One row of the picture per channel, before it is written as another element type or layout.</summary>
    public float[] Finished { get; }

    /// <summary>One row of halves, for interleaved half tensors.</summary>
    public Half[] Halves { get; }

    public int PaddedPictureWidth => PadToBlock(Fit.Picture.Width);

    public static int PadToBlock(int count) => (count + PixelBlock - 1) / PixelBlock * PixelBlock;

    /// <summary>Fits the tables to a part of the frame; allocates nothing.</summary>
    public void Aim(in FrameFit fit)
    {
        Fit = fit;
        foreach (var group in Groups)
        {
            group.Aim(fit);
        }
    }

    /// <summary>
    /// A layout whose rows overlap or start before the frame is a source's mistake; refused once here, not met row by row.
    /// </summary>
    private void Guard(in FrameLayout layout)
    {
        foreach (var group in Groups)
        {
            if (group.Plane.OffsetBytes < 0 || group.Plane.StrideBytes < group.RowBytes)
            {
                throw new ArgumentException(
                    $"A {layout.Width}x{layout.Height} {layout.Format} frame has a plane at byte {group.Plane.OffsetBytes} with "
                        + "a stride of " +
                    $"{group.Plane.StrideBytes} bytes; its rows need {group.RowBytes}. Correct the layout that the source reports.");
            }
        }
    }
}

/// <summary>A channel of a sample group, as the matrix counts them.</summary>
public readonly record struct SampleChannel(int GroupIndex, int ChannelIndex);
