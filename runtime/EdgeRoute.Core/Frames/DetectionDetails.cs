using System.Runtime.CompilerServices;

namespace EdgeRoute.Core.Frames;

/// <summary>What an answer says of a detection beyond its upright box.</summary>
public enum DetailKind : byte
{
    None = 0,

    /// <summary>Named points of the object, such as its joints.</summary>
    Keypoints = 1,

    /// <summary>The four corners of an oriented box, around it: the side from the first to the second is its width.</summary>
    Corners = 2,

    /// <summary>Which part of a window, given by its two opposite corners, the object fills.</summary>
    Mask = 3,
}

/// <summary>The kind of details and how many points each detection has.</summary>
public readonly record struct DetailForm(DetailKind Kind, int PointCount)
{
    public static DetailForm Corners => new(DetailKind.Corners, 4);

    public static DetailForm Mask => new(DetailKind.Mask, 2);

    /// <summary>Room for details of both forms, whichever comes.</summary>
    public DetailForm Or(DetailForm other) => new(
        Kind == DetailKind.Mask || other.Kind == DetailKind.Mask ? DetailKind.Mask : (DetailKind)Math.Max((byte)Kind, (byte)other.Kind),
        Math.Max(PointCount, other.PointCount));
}

/// <summary>A point in frame coordinates, fractions of the frame's sides; it may lie outside the frame.</summary>
/// <param name="Visibility">Probability that it is to be seen, in [0, 1]; 1 where the model does not say.</param>
public readonly record struct DetailPoint(float X, float Y, float Visibility);

/// <summary>
/// The details of an answer's detections, by their index. Storage is made once for the largest form, so a frame allocates nothing.
/// </summary>
public sealed class DetectionDetails(int detectionLimit, DetailForm room)
{
    /// <summary>
    /// Cells of a mask along each side of its window. Prototypes of published models have 160 for the whole input, so only objects longer
    /// than four fifths of it are kept coarser than the model yields them.
    /// </summary>
    public const int MaskSide = 128;

    /// <summary>Words of 64 cells; bit 0 of the first is the first cell of the first row.</summary>
    public const int MaskWords = MaskSide * MaskSide / 64;

    private readonly DetailPoint[] _points = new DetailPoint[detectionLimit * room.PointCount];
    private readonly ulong[] _masks = new ulong[room.Kind == DetailKind.Mask ? detectionLimit * MaskWords : 0];

    /// <summary>The largest form that there is room for.</summary>
    public DetailForm Room { get; } = room;

    /// <summary>Memory of its storage.</summary>
    public long RoomBytes => (Unsafe.SizeOf<DetailPoint>() * (long)_points.Length) + (sizeof(ulong) * (long)_masks.Length);

    /// <summary>The form of what is held now.</summary>
    public DetailForm Form { get; private set; }

    /// <summary>Sides in pixels of the frame that the details were computed from: with them angles and distances are those of the
    /// picture. 0 without details.</summary>
    public int FrameWidth { get; private set; }

    /// <inheritdoc cref="FrameWidth"/>
    public int FrameHeight { get; private set; }

    /// <summary>Width over height of the frame.</summary>
    public float FrameAspect => FrameWidth > 0 && FrameHeight > 0 ? (float)FrameWidth / FrameHeight : 1;

    /// <summary>Says what is to be held; earlier details are no longer valid.</summary>
    /// <exception cref="ArgumentException">There is no room for it.</exception>
    public void Begin(DetailForm form, int frameWidth, int frameHeight)
    {
        if (form.PointCount > Room.PointCount || (form.Kind == DetailKind.Mask && Room.Kind != DetailKind.Mask))
        {
            throw new ArgumentException($"details of {form.PointCount} points and kind {form.Kind} do not fit room made for "
                + $"{Room.PointCount} and {Room.Kind}");
        }

        Form = form;
        FrameWidth = frameWidth;
        FrameHeight = frameHeight;
    }

    public Span<DetailPoint> Points(int index) => _points.AsSpan(index * Form.PointCount, Form.PointCount);

    /// <summary>The mask of a detection; empty where the form has none.</summary>
    public Span<ulong> Mask(int index) =>
        Form.Kind == DetailKind.Mask ? _masks.AsSpan(index * MaskWords, MaskWords) : default;

    public static bool IsSet(ReadOnlySpan<ulong> mask, int column, int row)
    {
        int at = (row * MaskSide) + column;
        return ((mask[at >> 6] >> (at & 63)) & 1) != 0;
    }

    public void CopyFrom(DetectionDetails other, int detectionCount)
    {
        Begin(other.Form, other.FrameWidth, other.FrameHeight);
        other._points.AsSpan(0, detectionCount * Form.PointCount).CopyTo(_points);
        if (Form.Kind == DetailKind.Mask)
        {
            other._masks.AsSpan(0, detectionCount * MaskWords).CopyTo(_masks);
        }
    }

    /// <summary>Takes over the details of one detection as they are.</summary>
    public void Take(int index, DetectionDetails source, int sourceIndex)
    {
        source.Points(sourceIndex).CopyTo(Points(index));
        source.Mask(sourceIndex).CopyTo(Mask(index));
    }

    /// <summary>Takes over the details of one detection, moved and stretched as its box was.</summary>
    /// <param name="from">The box that the details belong to.</param>
    /// <param name="to">Where that box is now.</param>
    public void Move(int index, DetectionDetails source, int sourceIndex, in Detection from, in Detection to)
    {
        float scaleX = from.Width > 0 ? to.Width / from.Width : 1, scaleY = from.Height > 0 ? to.Height / from.Height : 1;
        var points = Points(index);
        var taken = source.Points(sourceIndex);
        for (int i = 0; i < points.Length; i++)
        {
            points[i] = new(to.Left + ((taken[i].X - from.Left) * scaleX), to.Top + ((taken[i].Y - from.Top) * scaleY),
                taken[i].Visibility);
        }

        source.Mask(sourceIndex).CopyTo(Mask(index));
    }

    public void Clear() => Begin(default, 0, 0);
}
