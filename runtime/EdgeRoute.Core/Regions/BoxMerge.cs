using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Graphs;

namespace EdgeRoute.Core.Regions;

/// <summary>
/// One set of boxes from several looks at a frame: those of the answer at hand and those of windows. Boxes that a window's border cuts are
/// not taken, because the frame shows more of what they show. Boxes below the detection threshold count too: two doubtful looks at one
/// place may be one that is sure enough. Allocates nothing after construction.
/// </summary>
public sealed class BoxMerge
{
    /// <summary>A box that comes as close to a border as this part of the window's side is cut by it.</summary>
    public const float CutPart = 0.01f;

    /// <summary>Kept, because ahead-of-time compiled code makes a new comparison at each sort that names none.</summary>
    private readonly Comparison<ulong> _ascending = static (a, b) => a.CompareTo(b);

    private readonly Detection[] _boxes, _merged;
    private readonly Sums[] _sums;
    private readonly ulong[] _keys;
    private int _count;

    /// <param name="boxLimit">Boxes of all looks together; more are let go.</param>
    public BoxMerge(int boxLimit)
    {
        (_boxes, _merged) = (new Detection[boxLimit], new Detection[boxLimit]);
        (_sums, _keys) = (new Sums[boxLimit], new ulong[boxLimit]);
    }

    /// <summary>Boxes let go, since construction, because there was no room.</summary>
    public long OverflowCount { get; private set; }

    public void Clear() => _count = 0;

    /// <summary>Boxes of a look at the whole frame, or of earlier looks already merged.</summary>
    public void Add(ReadOnlySpan<Detection> boxes) => Add(boxes, FrameRegion.Full);

    /// <summary>Boxes of a look at a part of the frame, in coordinates of the frame.</summary>
    public void Add(ReadOnlySpan<Detection> boxes, in FrameRegion window)
    {
        foreach (ref readonly var box in boxes)
        {
            if (IsCut(box, window))
            {
                continue;
            }

            bool hasRoom = _count < _boxes.Length;
            OverflowCount += hasRoom ? 0 : 1;
            if (hasRoom)
            {
                _boxes[_count++] = box;
            }
        }
    }

    /// <summary>A border of the window that is not one of the frame's goes through the box.</summary>
    public static bool IsCut(in Detection box, in FrameRegion window)
    {
        double x = CutPart * window.Width, y = CutPart * window.Height;
        double right = window.Left + window.Width, bottom = window.Top + window.Height;
        return (window.Left > x && box.Left < window.Left + x) || (right < 1 - x && box.Right > right - x)
            || (window.Top > y && box.Top < window.Top + y) || (bottom < 1 - y && box.Bottom > bottom - y);
    }

    /// <summary>
    /// Union: class by class the surest box stays, and those that overlap it more than the limit go. The surest first; valid until the next
    /// call. Boxes of equal confidence keep the order in which they came.
    /// </summary>
    public ReadOnlySpan<Detection> Suppress(float overlapLimit)
    {
        Order();
        int kept = 0;
        for (int i = 0; i < _count; i++)
        {
            ref readonly var box = ref _boxes[(int)(uint)_keys[i]];
            if (FindFit(box, kept, overlapLimit) < 0)
            {
                _merged[kept++] = box;
            }
        }

        return _merged.AsSpan(0, kept);
    }

    /// <summary>
    /// Weighted box fusion (Solovyev et al., Image and Vision Computing 107, 2021): class by class, boxes that overlap become one, each
    /// side the mean of theirs weighted by confidence. Its confidence is that of the surest, for a window may see alone what the frame
    /// cannot show. The surest first; valid until the next call.
    /// </summary>
    public ReadOnlySpan<Detection> Fuse(float overlapLimit)
    {
        Order();
        int kept = 0;
        for (int i = 0; i < _count; i++)
        {
            ref readonly var box = ref _boxes[(int)(uint)_keys[i]];
            int fit = FindFit(box, kept, overlapLimit);
            if (fit < 0)
            {
                (_merged[kept], _sums[kept]) = (box, Sums.Of(box));
                kept++;
                continue;
            }

            _sums[fit] = _sums[fit].With(box);
            _merged[fit] = _sums[fit].Mean(_merged[fit]);
        }

        return _merged.AsSpan(0, kept);
    }

    /// <summary>The merged box of the same class that a box overlaps most, beyond the limit; -1 for none.</summary>
    private int FindFit(in Detection box, int keptCount, float overlapLimit)
    {
        int best = -1;
        float most = overlapLimit;
        for (int i = 0; i < keptCount; i++)
        {
            float overlap = _merged[i].ClassIndex == box.ClassIndex ? _merged[i].OverlapWith(box) : 0;
            (best, most) = overlap > most ? (i, overlap) : (best, most);
        }

        return best;
    }

    /// <summary>Keys without equals, which any sort orders in one way only: falling confidence, then arrival.</summary>
    private void Order()
    {
        for (int i = 0; i < _count; i++)
        {
            _keys[i] = ((ulong)~BitConverter.SingleToUInt32Bits(_boxes[i].Confidence) << 32) | (uint)i;
        }

        _keys.AsSpan(0, _count).Sort(_ascending);
    }

    /// <summary>Sides of boxes, each times its confidence, and the confidences.</summary>
    private readonly record struct Sums(float Left, float Top, float Right, float Bottom, float Weight)
    {
        public static Sums Of(in Detection box) => default(Sums).With(box);

        public Sums With(in Detection box)
        {
            float weight = MathF.Max(box.Confidence, 1e-6f);
            return new(Left + (weight * box.Left), Top + (weight * box.Top), Right + (weight * box.Right), Bottom + (weight * box.Bottom),
                Weight + weight);
        }

        public Detection Mean(in Detection surest) => surest with
        {
            Left = Left / Weight, Top = Top / Weight, Width = (Right - Left) / Weight, Height = (Bottom - Top) / Weight,
        };
    }
}
