using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Graphs;

namespace EdgeRoute.Core.Regions;

/// <summary>
/// Where on a frame it pays to look closer: spots, each a box with a weight, and the windows that cover the most of it. Windows are taken
/// one after the other, each where it covers the most weight that is left; equal ones go to the earlier spot, so equal spots give equal
/// windows. Allocates nothing after construction.
/// </summary>
public sealed class RegionProposer
{
    /// <summary>
    /// Spots of a frame: every block of a thumbnail, or as many candidates as an answer keeps. At this number the choice of four windows
    /// takes about a tenth of a millisecond. Later ones are let go; they come in the order of their weight, or are blocks.
    /// </summary>
    public const int SpotLimit = 160;

    /// <summary>Room between a spot and the window's border, as a part of its side: what a border cuts is not seen whole.</summary>
    private const float Margin = 0.02f;

    /// <summary>A carried object seen first longer ago than this is known well enough.</summary>
    private const float YoungSeconds = 1;

    /// <summary>Half the side of a window: a box as large as this gains nothing from being looked at closer.</summary>
    private const float LargestPart = 0.5f;

    /// <summary>As close to the frame's border as this is at it.</summary>
    private const double Touching = 1e-9;

    private readonly Detection[] _spots = new Detection[SpotLimit];
    private readonly float[] _weights = new float[SpotLimit];
    private int _count;

    public void Clear() => _count = 0;

    /// <summary>Takes a spot; one without weight is none.</summary>
    public void Add(in Detection box, float weight)
    {
        if (weight > 0 && _count < SpotLimit)
        {
            (_spots[_count], _weights[_count]) = (box, weight);
            _count++;
        }
    }

    /// <summary>
    /// The boxes that an answer is not sure of, small ones most: candidates below the threshold by their confidence, detections by what
    /// is missing to certainty. A box half as large as the window, or larger, has no weight.
    /// </summary>
    /// <param name="size">The window's sides as fractions of the frame's.</param>
    public void AddDoubt(Answer answer, in FrameRegion size)
    {
        foreach (ref readonly var box in answer.Candidates)
        {
            Add(box, box.Confidence * SmallnessOf(box, size));
        }

        foreach (ref readonly var box in answer.Detections)
        {
            Add(box, (1 - box.Confidence) * SmallnessOf(box, size));
        }
    }

    /// <summary>Carried boxes of objects that were first seen less than a second before the frame, the younger the more.</summary>
    public void AddYoungTracks(Answer carried)
    {
        for (int i = 0; i < carried.DetectionCount; i++)
        {
            float age = carried.Tracks[i].AgeSeconds;
            Add(carried.Detections[i], carried.Tracks[i].Id > 0 ? 1 - (age / YoungSeconds) : 0);
        }
    }

    /// <summary>Blocks of two thumbnails that differ, where no box is carried, beyond what all blocks differ by.</summary>
    public void AddDrift(ReadOnlySpan<byte> current, ReadOnlySpan<byte> answered, in BlockGrid grid, ReadOnlySpan<Detection> carried)
    {
        Span<float> changes = stackalloc float[BlockGrid.BlockLimit];
        Span<float> sorted = stackalloc float[BlockGrid.BlockLimit];
        changes = changes[..grid.Count];
        sorted = sorted[..grid.Count];
        for (int block = 0; block < grid.Count; block++)
        {
            changes[block] = MathF.Abs(grid.MeanOf(current, block) - grid.MeanOf(answered, block));
        }

        float usual = BlockGrid.MedianOf(changes, sorted);
        for (int block = 0; block < grid.Count; block++)
        {
            var box = grid.BoxOf(block);
            Add(box, IsTouched(box, carried) ? 0 : changes[block] - usual - BlockMotion.NoiseLevels);
        }
    }

    /// <summary>Windows of a size that cover the most weight; returns how many there are.</summary>
    /// <param name="size">Their sides as fractions of the frame's.</param>
    /// <param name="atLeast">Weight that a window must cover.</param>
    /// <param name="into">Room for as many as are wanted.</param>
    public int Cover(in FrameRegion size, float atLeast, Span<FrameRegion> into)
    {
        int found = 0;
        while (found < into.Length && TryBest(size, out var window, out float weight) && weight >= atLeast)
        {
            into[found++] = window;
            for (int i = 0; i < _count; i++)
            {
                _weights[i] = Covers(window, _spots[i]) ? 0 : _weights[i];
            }
        }

        return found;
    }

    /// <summary>Windows that cover the frame evenly: as many columns as rows, the upper left one first.</summary>
    /// <param name="into">Room for 1 or 4, or another square.</param>
    public static int Tile(in FrameRegion size, Span<FrameRegion> into)
    {
        int columns = (int)Math.Sqrt(into.Length);
        for (int i = 0; i < columns * columns; i++)
        {
            double left = columns == 1 ? 0.5 : (i % columns) / (columns - 1.0), top = columns == 1 ? 0.5 : (i / columns) / (columns - 1.0);
            into[i] = size with { Left = left * (1 - size.Width), Top = top * (1 - size.Height) };
        }

        return columns * columns;
    }

    /// <summary>Of the windows around each spot, and of those around what such a one covers, the one that covers the most.</summary>
    private bool TryBest(in FrameRegion size, out FrameRegion best, out float most)
    {
        (best, most) = (size, 0);
        for (int i = 0; i < _count; i++)
        {
            if (!(_weights[i] > 0))
            {
                continue;
            }

            var window = Around(_spots[i].Left + (_spots[i].Width / 2), _spots[i].Top + (_spots[i].Height / 2), size);
            (best, most) = Better(window, best, most);
            (best, most) = Better(CentredOnCovered(window, size), best, most);
        }

        return most > 0;
    }

    private (FrameRegion Best, float Most) Better(in FrameRegion window, in FrameRegion best, float most)
    {
        float weight = 0;
        for (int i = 0; i < _count; i++)
        {
            weight += Covers(window, _spots[i]) ? _weights[i] : 0;
        }

        return weight > most ? (window, weight) : (best, most);
    }

    private FrameRegion CentredOnCovered(in FrameRegion window, in FrameRegion size)
    {
        float x = 0, y = 0, weight = 0;
        for (int i = 0; i < _count; i++)
        {
            float own = Covers(window, _spots[i]) ? _weights[i] : 0;
            x += own * (_spots[i].Left + (_spots[i].Width / 2));
            y += own * (_spots[i].Top + (_spots[i].Height / 2));
            weight += own;
        }

        return weight > 0 ? Around(x / weight, y / weight, size) : window;
    }

    private static FrameRegion Around(double x, double y, in FrameRegion size) => size with
    {
        Left = Math.Clamp(x - (size.Width / 2), 0, 1 - size.Width), Top = Math.Clamp(y - (size.Height / 2), 0, 1 - size.Height),
    };

    /// <summary>The whole spot lies inside, clear of borders that are not the frame's.</summary>
    private static bool Covers(in FrameRegion window, in Detection spot)
    {
        double x = Margin * window.Width, y = Margin * window.Height;
        double right = window.Left + window.Width, bottom = window.Top + window.Height;
        return (spot.Left >= window.Left + x || window.Left <= 0) && (spot.Right <= right - x || right >= 1 - Touching)
            && (spot.Top >= window.Top + y || window.Top <= 0) && (spot.Bottom <= bottom - y || bottom >= 1 - Touching)
            && spot.Left >= window.Left - x && spot.Top >= window.Top - y && spot.Right <= right + x && spot.Bottom <= bottom + y;
    }

    private static float SmallnessOf(in Detection box, in FrameRegion size)
    {
        float part = MathF.Max(box.Width / (float)size.Width, box.Height / (float)size.Height);
        return MathF.Max(0, 1 - (part / LargestPart));
    }

    private static bool IsTouched(in Detection block, ReadOnlySpan<Detection> boxes)
    {
        foreach (ref readonly var box in boxes)
        {
            if (box.Left < block.Right && block.Left < box.Right && box.Top < block.Bottom && block.Top < box.Bottom)
            {
                return true;
            }
        }

        return false;
    }
}
