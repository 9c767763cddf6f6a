using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Signals;

namespace EdgeRoute.Engine.Preprocess;

/// <summary>
/// Frame signals of one source: keeps the thumbnails of the frame taken before and of the frame answered last. One per source, used by one
/// thread; allocates only when the layout changes.
/// </summary>
public sealed class SignalMeter
{
    private Thumbnail _current = new();
    private Thumbnail _previous = new();
    private readonly byte[] _answered = new byte[Thumbnail.Width * Thumbnail.Height];
    private bool _hasPrevious;
    private bool _hasAnswered;

    /// <summary>
    /// Side of the blocks that <see cref="FrameSignals.DriftPeak"/> is taken over: 16 x 9 blocks of a 16:9 frame, each a sixteenth of its
    /// width.
    /// </summary>
    public const int BlockSide = 4;

    /// <summary>The thumbnail of the frame measured last.</summary>
    public Thumbnail Thumbnail => _previous;

    /// <summary>The thumbnail of the frame answered last; empty where there is none.</summary>
    public ReadOnlySpan<byte> Answered => _hasAnswered ? _answered : default;

    /// <summary>Signals of a frame.</summary>
    /// <param name="lastAnswer">The source's last answer as it is carried to this frame, for its age and its boxes; null or without a value
    /// when there is none.</param>
    /// <exception cref="ArgumentException">The layout has no pixels (JPEG) or the frame is shorter than its layout; the next frame counts
    /// as the first.</exception>
    public FrameSignals Measure(ReadOnlySpan<byte> frame, in FrameLayout layout, in FrameStamp stamp, Answer? lastAnswer)
    {
        bool hadPrevious = _hasPrevious;
        _hasPrevious = false;
        _current.Update(frame, layout);
        float motion = hadPrevious ? ThumbnailSignals.Motion(_current.Luma, _previous.Luma) : 1;
        var (exposure, contrast) = ThumbnailSignals.Tone(_current.Luma);
        var (sharpness, noise) = ThumbnailSignals.Detail(_current.Patches, _current.PatchGain);
        var (drift, peak, outside) = _hasAnswered ? Drift(lastAnswer) : (1, 1, 1);
        (_current, _previous, _hasPrevious) = (_previous, _current, true);
        float ageMs = ThumbnailSignals.AgeMs(stamp.SourceNs, lastAnswer is { HasValue: true } ? lastAnswer.Stamp.SourceNs : null);
        return new FrameSignals(motion, sharpness, exposure, contrast, noise, ageMs, drift, peak, outside);
    }

    /// <summary>The frame measured last has been answered: drift counts from it.</summary>
    public void MarkAnswered()
    {
        _previous.Luma.CopyTo(_answered);
        _hasAnswered = _hasPrevious;
    }

    /// <summary>Forgets earlier frames: after a restart of the source, motion to them would mean nothing.</summary>
    public void Reset() => (_hasPrevious, _hasAnswered) = (false, false);

    private (float Mean, float Peak, float Outside) Drift(Answer? carried)
    {
        var boxes = carried is null ? default : carried.Detections;
        var (peak, outside) = ThumbnailSignals.PeakMotion(_current.Luma, _answered, Thumbnail.Width, BlockSide, boxes);
        return (ThumbnailSignals.Motion(_current.Luma, _answered), peak, outside);
    }
}
