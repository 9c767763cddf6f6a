using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Signals;

namespace EdgeRoute.Engine.Preprocess;

/// <summary>
/// Frame signals of one source: keeps the thumbnail of the frame taken before. One per source, used by one thread; allocates only when the layout changes.
/// </summary>
public sealed class SignalMeter
{
    private Thumbnail _current = new();
    private Thumbnail _previous = new();
    private bool _hasPrevious;

    /// <summary>The thumbnail of the frame measured last.</summary>
    public Thumbnail Thumbnail => _previous;

    /// <summary>Signals of a frame.</summary>
    /// <param name="lastAnswer">The source's last answer, for its age; null or without a value when there is none.</param>
    /// <exception cref="ArgumentException">The layout has no pixels (JPEG) or the frame is shorter than its layout; the next frame counts as the first.</exception>
    public FrameSignals Measure(ReadOnlySpan<byte> frame, in FrameLayout layout, in FrameStamp stamp, Answer? lastAnswer)
    {
        bool hadPrevious = _hasPrevious;
        _hasPrevious = false;
        _current.Update(frame, layout);
        float motion = hadPrevious ? ThumbnailSignals.Motion(_current.Luma, _previous.Luma) : 1;
        var (exposure, contrast) = ThumbnailSignals.Tone(_current.Luma);
        var (sharpness, noise) = ThumbnailSignals.Detail(_current.Patches, _current.PatchGain);
        (_current, _previous, _hasPrevious) = (_previous, _current, true);
        float ageMs = ThumbnailSignals.AgeMs(stamp.SourceNs, lastAnswer is { HasValue: true } ? lastAnswer.Stamp.SourceNs : null);
        return new FrameSignals(motion, sharpness, exposure, contrast, noise, ageMs);
    }

    /// <summary>Forgets the previous frame: after a restart of the source, motion to it would mean nothing.</summary>
    public void Reset() => _hasPrevious = false;
}
