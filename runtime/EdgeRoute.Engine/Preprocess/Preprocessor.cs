using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Documents.Packs;

namespace EdgeRoute.Engine.Preprocess;

/// <summary>
/// Turns frames into the input tensor of one stage at one input scale and region, in one pass. Sampling is plain bilinear with pixel
/// centres at half (two by two source pixels per output however large the reduction): that is what OpenCV's <c>blobFromImage</c> and the
/// models trained behind it do. Not thread-safe: it owns scratch rows. Only <see cref="Prepare"/> for a new layout allocates; the region
/// may be another one for every frame.
/// </summary>
public sealed class Preprocessor
{
    private readonly FrameInputSpec _spec;
    private readonly IPreprocessKernel _kernel;
    private FrameRegion _region;
    private SampleMap? _plan;
    private bool _isAimed;

    /// <param name="inputScale">Fraction of the nominal size, in (0, 1]; the sides are rounded to the spec's multiple.</param>
    /// <param name="kernel">The default for this processor when null.</param>
    /// <exception cref="ArgumentException">The spec, scale or region cannot be used; the message says what and why.</exception>
    public Preprocessor(FrameInputSpec spec, double inputScale, in FrameRegion region, IPreprocessKernel? kernel = null)
    {
        InputSpecCheck.Require(spec, inputScale, region);
        (_spec, _region, _kernel) = (spec, region, kernel ?? PreprocessKernels.Default);
        (TensorWidth, TensorHeight) = (ScaledSide(spec.Width, spec.SizeMultiple, inputScale), ScaledSide(spec.Height, spec.SizeMultiple,
            inputScale));
    }

    public string KernelName => _kernel.Name;

    public int TensorWidth { get; }

    public int TensorHeight { get; }

    public int TensorBytes => TensorWidth * TensorHeight * _spec.ChannelCount * ElementBytes(_spec.Element);

    /// <summary>Where the tensor's pixels lie in the whole frame, for the layout prepared last; all zero before the first.</summary>
    public FrameMapping Mapping { get; private set; }

    /// <summary>A side after scaling: the nearest multiple, at least one of it.</summary>
    public static int ScaledSide(int side, int multiple, double inputScale) =>
        Math.Max(1, (int)Math.Round(side * inputScale / multiple, MidpointRounding.AwayFromZero)) * multiple;

    /// <summary>
    /// The smallest size at which a frame still gives every tensor pixel a pixel of its own: what a JPEG may be reduced to while it is
    /// decoded. Never more than the frame's own sides.
    /// </summary>
    public (int Width, int Height) FrameSizeWanted(int frameWidth, int frameHeight)
    {
        var fit = FrameFit.Create(_spec, TensorWidth, TensorHeight, _region, frameWidth, frameHeight);
        return (Wanted(frameWidth, fit.ScaleX), Wanted(frameHeight, fit.ScaleY));
    }

    private static int Wanted(int side, double scale) => scale <= 1 ? side : (int)Math.Ceiling((side / scale) - 1e-9);

    /// <summary>Takes another part of the frame from the next run on. The tables are then made anew in place.</summary>
    /// <exception cref="ArgumentException">The region leaves the frame.</exception>
    public void Aim(in FrameRegion region)
    {
        if (!region.IsInside)
        {
            throw new ArgumentException($"The region {region} leaves the frame.");
        }

        (_isAimed, _region) = (_isAimed && region == _region, region);
    }

    /// <summary>Makes the tables for a layout; does nothing when it and the region are those prepared last.</summary>
    /// <exception cref="ArgumentException">The layout has no pixels (JPEG) or its rows overlap.</exception>
    public void Prepare(in FrameLayout layout)
    {
        bool isKnown = _plan is not null && _plan.Layout == layout;
        if (isKnown && _isAimed)
        {
            return;
        }

        var plan = isKnown ? _plan! : new SampleMap(_spec, layout, TensorWidth, TensorHeight);
        var fit = FrameFit.Create(_spec, TensorWidth, TensorHeight, _region, layout.Width, layout.Height);
        plan.Aim(fit);
        (_plan, _isAimed) = (plan, true);
        Mapping = new FrameMapping(
            (float)fit.ScaleX, (float)fit.OffsetX, (float)fit.ScaleY, (float)fit.OffsetY, layout.Width, layout.Height, TensorWidth,
            TensorHeight);
    }

    /// <summary>
    /// Fills the first <see cref="TensorBytes"/> bytes of <paramref name="tensor"/>; reads nothing outside <paramref name="frame"/>.
    /// </summary>
    /// <exception cref="ArgumentException">Frame or tensor is too short; nothing was written.</exception>
    public void Run(ReadOnlySpan<byte> frame, in FrameLayout layout, Span<byte> tensor)
    {
        Prepare(layout);
        var plan = _plan!;
        if (frame.Length < plan.RequiredBytes)
        {
            throw new ArgumentException($"A {layout.Width}x{layout.Height} {layout.Format} frame needs {plan.RequiredBytes} bytes and has "
                + $"{frame.Length}.");
        }

        if (tensor.Length < TensorBytes)
        {
            throw new ArgumentException($"A {TensorWidth}x{TensorHeight} {_spec.Element} tensor needs {TensorBytes} bytes and has "
                + $"{tensor.Length}.");
        }

        TensorPadding.Fill(plan, tensor[..TensorBytes]);
        _kernel.Run(plan, frame, tensor[..TensorBytes]);
    }

    public static int ElementBytes(TensorElement element) => element switch
    {
        TensorElement.Float32 => sizeof(float),
        TensorElement.Float16 => 2,
        _ => 1,
    };
}

/// <summary>
/// The pixels of one frame cannot be used (a corrupt JPEG, say). Consequence: this frame fails; the next one is tried as usual.
/// </summary>
internal sealed class FrameUnusableException(string message, Exception? inner = null) : Exception(message, inner);
