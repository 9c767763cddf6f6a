using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Signals;
using EdgeRoute.Core.Tracking;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Engine.Preprocess;

namespace EdgeRoute.Engine.Stages;

/// <summary>
/// Everything one stream does with pixels: unpacks JPEG that its source left packed, measures signals, fills input tensors. One
/// preprocessor per variant that takes the frame, so that its tables are made once per source format.
/// </summary>
public sealed class FramePixels : IDisposable
{
    private readonly Preprocessor?[] _preprocessors, _sizers;
    private readonly bool _takesAllPixels;
    private readonly int[] _mappedBy;
    private readonly Preprocessor[] _crops;
    private FrameLayout _preparedFor;
    private string? _damage;
    private readonly SignalMeter _meter = new();
    private readonly BoxSight? _sight;
    private readonly JpegUnpacker _unpacker = new();
    private readonly FrameSlot _unpacked = new();
#pragma warning disable CA2213 // Borrowed: it is the slot of the frame at hand, or the one above.
    private FrameSlot? _pixels;
#pragma warning restore CA2213

    /// <param name="stages">The stage set whose tensors are filled.</param>
    /// <param name="variants">The variants of the route tree.</param>
    /// <param name="kernel">The preprocess kernel; null for the best one of this machine.</param>
    /// <param name="followsBoxes">Boxes of answers are to be found again in the frames after them.</param>
    /// <param name="crops">Stages that look at parts of the frame: a JPEG is then unpacked at its full size.</param>
    public FramePixels(IStageSet stages, IReadOnlyList<RouteVariant> variants, IPreprocessKernel? kernel,
        IReadOnlyList<LoadedCrop>? crops = null, bool followsBoxes = false)
    {
        _sight = followsBoxes ? new BoxSight() : null;
        _crops = [.. (crops ?? []).Select(c => new Preprocessor(c.Crop.Stage.Input!.Spec, 1, FrameRegion.Full, kernel))];
        _takesAllPixels = _crops.Length > 0;
        (_preprocessors, _sizers) = (new Preprocessor?[variants.Count], new Preprocessor?[variants.Count]);
        _mappedBy = new int[variants.Count];
        for (int i = 0; i < variants.Count; i++)
        {
            if (stages.FrameInput(i) is not { } input)
            {
                // Features lie where the frame lay that they were made from. Producers come first in the list.
                _mappedBy[i] = _mappedBy[variants[i].FeatureVariantIndices[0]];
                continue;
            }

            // A window moves while another thread asks for sizes, so those are told by one that does not.
            var region = input.Windows is { IsFraction: true } windows ? windows.SizeIn(1, 1) : input.Region;
            (_preprocessors[i], _mappedBy[i]) = (new Preprocessor(input.Spec, input.InputScale, region, kernel), i);
            _sizers[i] = input.Windows is null ? _preprocessors[i] : new Preprocessor(input.Spec, input.InputScale, region, kernel);
            _takesAllPixels |= input.Windows is { IsFraction: false };
        }
    }

    /// <summary>Unpacks the frame where it is compressed, and measures its signals.</summary>
    /// <param name="slot">The frame.</param>
    /// <param name="lastAnswer">The stream's last answer, for its age.</param>
    /// <param name="carrier">Told where the boxes of the last answer are, before signals are measured; null where nobody asks.</param>
    /// <exception cref="FrameUnusableException">The frame cannot be read.</exception>
    public FrameSignals Measure(FrameSlot slot, Answer lastAnswer, AnswerCarrier? carrier = null)
    {
        var pixels = Load(slot);
        if (slot.FollowsRestart)
        {
            _meter.Reset();
            _sight?.Reset();
        }

        _sight?.See(pixels.Bytes, pixels.Layout);
        carrier?.Follow(slot.Stamp, _sight is null ? default : _sight.Moves);

        return _meter.Measure(pixels.Bytes, pixels.Layout, slot.Stamp, lastAnswer);
    }

    /// <summary>The same for a frame whose signals nobody reads: of them the age alone is known.</summary>
    /// <inheritdoc cref="Measure"/>
    public FrameSignals LoadOnly(FrameSlot slot, Answer lastAnswer)
    {
        Load(slot);
        _meter.Reset();
        _sight?.Reset();
        return FrameSignals.Unknown with
        {
            AgeMs = ThumbnailSignals.AgeMs(slot.Stamp.SourceNs, lastAnswer.HasValue ? lastAnswer.Stamp.SourceNs : null),
        };
    }

    private FrameSlot Load(FrameSlot slot)
    {
        (_pixels, _damage, IsDamaged) = (null, slot.Damage, slot.Damage is not null);
        _pixels = Unpack(slot);
        PrepareFor(_pixels.Layout);
        return _pixels;
    }

    /// <summary>
    /// Makes every variant's tables when the layout changes, not when a path is first taken: no frame pays for another one's path.
    /// </summary>
    private void PrepareFor(in FrameLayout layout)
    {
        if (layout == _preparedFor)
        {
            return;
        }

        // Unknown until all are made: a layout that one of them refuses leaves tables of two layouts behind.
        _preparedFor = default;
        foreach (var preprocessor in _preprocessors)
        {
            preprocessor?.Prepare(layout);
        }

        foreach (var crop in _crops)
        {
            crop.Prepare(layout);
        }

        _preparedFor = layout;
    }

    /// <summary>Luma of the frame measured last, <see cref="Thumbnail.Width"/> x <see cref="Thumbnail.Height"/> pixels.</summary>
    public ReadOnlySpan<byte> ThumbnailLuma => _meter.Thumbnail.Luma;

    /// <summary>The frame measured last, small and grey, as boxes are followed in it; empty where they are not.</summary>
    public ReadOnlySpan<byte> FollowedLuma => _sight is null ? default : _sight.Luma;

    /// <summary>The frame measured last has been answered by a stage; the boxes of its answer are followed from now on.</summary>
    public void MarkAnswered(Answer answer)
    {
        _meter.MarkAnswered();
        _sight?.Begin(answer.Detections);
    }

    /// <summary>The frame measured last was unpacked, where it had to be, and is of a size that every stage can take.</summary>
    public bool AreReadable => _pixels is not null && _preparedFor == _pixels.Layout;

    /// <summary>The frame measured last was decoded although it is damaged.</summary>
    public bool IsDamaged { get; private set; }

    /// <summary>How it is damaged. Read it before the next frame is measured.</summary>
    public string DamageText => _damage ?? _unpacker.DamageText;

    /// <summary>Fills a variant's input tensor from the frame measured last, which must be readable.</summary>
    public void Fill(int variantIndex, Span<byte> tensor) =>
        _preprocessors[variantIndex]!.Run(_pixels!.Bytes, _pixels.Layout, tensor);

    /// <summary>A variant's tensor is filled from another part of the frame from now on.</summary>
    public void Aim(int variantIndex, in FrameRegion window) => _preprocessors[variantIndex]!.Aim(window);

    /// <summary>Luma of the frame that a stage answered last; empty where there is none.</summary>
    public ReadOnlySpan<byte> AnsweredLuma => _meter.Answered;

    /// <summary>Where the pixels of a variant's tensor lie in the frame.</summary>
    public FrameMapping Mapping(int variantIndex) => _preprocessors[_mappedBy[variantIndex]]!.Mapping;

    /// <summary>Sides of the frame measured last, which must be readable.</summary>
    public PictureSize FrameSize => new(_pixels!.Layout.Width, _pixels.Layout.Height);

    /// <summary>Fills the input tensor of a stage on crops from a part of the frame measured last, which must be readable.</summary>
    public void FillCrop(int cropIndex, in FrameRegion region, Span<byte> tensor)
    {
        _crops[cropIndex].Aim(region);
        _crops[cropIndex].Run(_pixels!.Bytes, _pixels.Layout, tensor);
    }

    /// <summary>Where the pixels of the crop filled last lie in the frame.</summary>
    public FrameMapping CropMapping(int cropIndex) => _crops[cropIndex].Mapping;

    public void Dispose()
    {
        _unpacker.Dispose();
        _unpacked.Dispose();
    }

    /// <summary>
    /// The frame itself, or its JPEG decoded at the smallest scale that still covers every tensor: decoding less is the cheapest resize
    /// there is.
    /// </summary>
    private FrameSlot Unpack(FrameSlot slot)
    {
        if (slot.Layout.Format != PixelFormat.Jpeg)
        {
            return slot;
        }

        var wanted = UnpackedSize(slot.Layout);
        if (slot.Unpacked(wanted) is { } ahead)
        {
            _damage ??= ahead.Damage;
            IsDamaged = _damage is not null;
            return ahead;
        }

        if (!_unpacker.TryUnpack(slot.Bytes, wanted.Width, wanted.Height, _unpacked))
        {
            string name = slot.Name is { } file ? $"{file}, " : "";
            throw new FrameUnusableException($"{_unpacker.ErrorText} ({name}frame {slot.Stamp.Sequence}, {slot.Layout.SizeBytes} bytes)");
        }

        IsDamaged |= _unpacker.IsDamaged;
        return _unpacked;
    }

    /// <summary>
    /// The size at which a JPEG of this layout is unpacked; 0 by 0 where the source has not read its header. Any thread may ask.
    /// </summary>
    public PictureSize UnpackedSize(FrameLayout layout)
    {
        var (width, height) = _takesAllPixels ? (layout.Width, layout.Height) : (0, 0);
        for (int i = 0; i < _sizers.Length && layout is { Width: > 0, Height: > 0 }; i++)
        {
            if (_sizers[i] is { } preprocessor)
            {
                var wanted = preprocessor.FrameSizeWanted(layout.Width, layout.Height);
                (width, height) = (Math.Max(width, wanted.Width), Math.Max(height, wanted.Height));
            }
        }

        return new PictureSize(width, height);
    }
}
