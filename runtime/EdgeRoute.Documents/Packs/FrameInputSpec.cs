namespace EdgeRoute.Documents.Packs;

/// <summary>How the frame is fitted to the input tensor's width and height.</summary>
public enum FitKind : byte
{
    /// <summary>Each side scaled on its own.</summary>
    Stretch = 1,

    /// <summary>
    /// Scaled to fit inside, the rest padded; the picture at the top left (as YOLOX does) or centred, see <c>PadPlacement</c>.
    /// </summary>
    Letterbox = 2,

    /// <summary>Shorter side scaled to <c>ResizeShorter</c>, then the centre cut out.</summary>
    CenterCrop = 3,
}

public enum PadPlacement : byte
{
    TopLeft = 1,
    Center = 2,
}

public enum ChannelOrder : byte
{
    Rgb = 1,
    Bgr = 2,
    Gray = 3,
}

public enum TensorLayout : byte
{
    Nchw = 1,
    Nhwc = 2,
}

public enum TensorElement : byte
{
    Float32 = 1,
    Float16 = 2,
    UInt8 = 3,
}

/// <summary>
/// What a stage wants of the frame: the manifest's input block. Value written = (pixel in 0..255 - Mean) * Scale, per channel in tensor
/// order.
/// </summary>
/// <param name="Width">Nominal tensor width in pixels.</param>
/// <param name="Height">Nominal tensor height in pixels.</param>
/// <param name="SizeMultiple">A scaled input's sides are rounded to a multiple of this many pixels.</param>
/// <param name="ResizeShorter">For <see cref="FitKind.CenterCrop"/>: pixels of the shorter side before the cut.</param>
/// <param name="PadValue">For <see cref="FitKind.Letterbox"/>: pixel value 0..255 of the padding, before mean and scale.</param>
public sealed record FrameInputSpec(
    int Width, int Height, int SizeMultiple, ChannelOrder Channels, TensorLayout Layout, TensorElement Element,
    FitKind Fit, PadPlacement Placement, int ResizeShorter, float PadValue, IReadOnlyList<float> Mean, IReadOnlyList<float> Scale)
{
    public int ChannelCount => Channels == ChannelOrder.Gray ? 1 : 3;
}

/// <summary>
/// Where a tensor's pixels lie in the frame, for turning boxes back: frame x in pixels = tensor x * ScaleX + OffsetX, likewise y; sides in
/// pixels.
/// </summary>
public readonly record struct FrameMapping(float ScaleX, float OffsetX, float ScaleY, float OffsetY, int FrameWidth, int FrameHeight,
    int TensorWidth, int TensorHeight);
