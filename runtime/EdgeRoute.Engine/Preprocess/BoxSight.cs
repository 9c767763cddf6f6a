using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Tracking;

namespace EdgeRoute.Engine.Preprocess;

/// <summary>
/// Follows the boxes of one source's answers through its frames: makes the small grey picture that they are found again in. One per source,
/// used by one thread; allocates only when the layout changes.
/// </summary>
internal sealed class BoxSight
{
    private readonly Thumbnail _picture = new(PatchFollower.Width, PatchFollower.Height, takesPatches: false);
    private readonly PatchFollower _follower = new();
    private bool _hasPicture;

    /// <summary>How the boxes of the answer have moved by the frame seen last, by their index in it.</summary>
    public ReadOnlySpan<BoxMove> Moves => _follower.Moves;

    /// <summary>The frame seen last, row by row; empty where there is none.</summary>
    public ReadOnlySpan<byte> Luma => _hasPicture ? _picture.Luma : default;

    /// <summary>Another frame.</summary>
    /// <exception cref="ArgumentException">The layout has no pixels (JPEG) or the frame is shorter; nothing is followed then.</exception>
    public void See(ReadOnlySpan<byte> frame, in FrameLayout layout)
    {
        bool hadPicture = _hasPicture;
        _hasPicture = false;
        _picture.Update(frame, layout);
        _hasPicture = true;
        if (hadPicture)
        {
            _follower.Follow(_picture.Luma);
        }
        else
        {
            _follower.Reset();
        }
    }

    /// <summary>The frame seen last was answered with these boxes.</summary>
    public void Begin(ReadOnlySpan<Detection> boxes)
    {
        if (_hasPicture)
        {
            _follower.Begin(_picture.Luma, boxes);
        }
    }

    /// <summary>Forgets the picture and all that is followed.</summary>
    public void Reset()
    {
        _hasPicture = false;
        _follower.Reset();
    }
}
