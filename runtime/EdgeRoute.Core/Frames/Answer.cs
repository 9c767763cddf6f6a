using System.Runtime.CompilerServices;

namespace EdgeRoute.Core.Frames;

/// <summary>What a pack's exits yield.</summary>
public enum TaskKind : byte
{
    Classification = 1,
    Detection = 2,
    Embedding = 3,

    /// <summary>An action chunk: <c>steps x dimensions</c> values for a controller to execute.</summary>
    Policy = 4,

    /// <summary>A map of the frame: the class of each cell, -1 for none.</summary>
    Segmentation = 5,

    /// <summary>A map of the frame: the depth of each cell, not a number for none.</summary>
    Depth = 6,

    /// <summary>A line of text; see <see cref="TextValues"/>.</summary>
    Text = 7,
}

/// <summary>A box in frame coordinates: left, top, width and height as fractions of the frame's sides.</summary>
public readonly record struct Detection(float Left, float Top, float Width, float Height, float Confidence, int ClassIndex)
{
    public float Right => Left + Width;

    public float Bottom => Top + Height;

    /// <summary>Intersection over union with another box, in [0, 1].</summary>
    public float OverlapWith(in Detection other)
    {
        float width = MathF.Min(Right, other.Right) - MathF.Max(Left, other.Left);
        float height = MathF.Min(Bottom, other.Bottom) - MathF.Max(Top, other.Top);
        if (!(width > 0 && height > 0))
        {
            return 0;
        }

        float both = width * height;
        return both / ((Width * Height) + (other.Width * other.Height) - both);
    }
}

/// <summary>The object that a detection shows, as followed from frame to frame of its source.</summary>
/// <param name="Id">1 and up in the order of first sight, never used twice; 0 where the box is not followed.</param>
/// <param name="AgeSeconds">Source time since it was first seen, 0 or more.</param>
/// <param name="VelocityX">Of its centre, in frame widths per second, to four decimals; 0 where no motion can be told from noise.</param>
/// <param name="VelocityY">Of its centre, in frame heights per second, downwards.</param>
public readonly record struct DetectionTrack(long Id, float AgeSeconds, float VelocityX, float VelocityY);

/// <summary>
/// The answer to one frame. Storage is made once at the sizes given; heads fill it in place, so a frame allocates nothing.
/// </summary>
/// <param name="details">The largest details that a detection may have.</param>
/// <param name="crops">Room for what stages on crops say of a detection.</param>
/// <param name="candidateLimit">Room for what an exit saw but is not sure of.</param>
public sealed class Answer(TaskKind task, int detectionLimit, int valueLimit, DetailForm details = default, CropRoom crops = default,
    int candidateLimit = 0)
{
    /// <summary>
    /// Cells of a map along each side of the frame, row after row. A map of depths written out in half precision then takes 32 KiB.
    /// </summary>
    public const int MapSide = 128;

    private readonly Detection[] _detections = new Detection[detectionLimit];
    private readonly Detection[] _candidates = new Detection[candidateLimit];
    private readonly DetectionTrack[] _tracks = new DetectionTrack[detectionLimit];
    private readonly float[] _values = new float[valueLimit];

    /// <summary>That of the answer copied last, where it is room for answers of several packs.</summary>
    public TaskKind Task { get; private set; } = task;

    /// <summary>Stamp of the frame that this answer was computed from (for a reused answer, the older frame).</summary>
    public FrameStamp Stamp { get; set; }

    /// <summary>Route tree node that produced it; -1 while there is none.</summary>
    public int NodeIndex { get; set; } = -1;

    public bool HasValue => NodeIndex >= 0;

    /// <summary>
    /// For a policy: steps of the plan carried out before; the values begin with the step after them. 0 for a new plan and for other tasks.
    /// </summary>
    public int StepIndex { get; set; }

    public int DetectionCount { get; set; }

    /// <summary>Storage for detections; the first <see cref="DetectionCount"/> are valid, highest confidence first.</summary>
    public Span<Detection> DetectionSlots => _detections;

    public ReadOnlySpan<Detection> Detections => _detections.AsSpan(0, DetectionCount);

    /// <summary>
    /// Boxes below the detection threshold, the surest first: where a closer look may find something. Kept where another look at the same
    /// frame may follow; never published.
    /// </summary>
    public ReadOnlySpan<Detection> Candidates => _candidates.AsSpan(0, _candidateCount);

    private int _candidateCount;

    /// <summary>Keeps as many as there is room for; the surest come first.</summary>
    public void SetCandidates(ReadOnlySpan<Detection> candidates)
    {
        _candidateCount = Math.Min(candidates.Length, _candidates.Length);
        candidates[.._candidateCount].CopyTo(_candidates);
    }

    /// <summary>Storage for the objects that the detections show, by the same index.</summary>
    public Span<DetectionTrack> TrackSlots => _tracks;

    public ReadOnlySpan<DetectionTrack> Tracks => _tracks.AsSpan(0, DetectionCount);

    /// <summary>Key points, corners or masks of the valid detections, where the exit yields them.</summary>
    public DetectionDetails Details { get; } = new(detectionLimit, details);

    /// <summary>What stages on crops say of the valid detections.</summary>
    public CropAnswers Crops { get; } = new(detectionLimit, crops);

    public int ValueCount { get; set; }

    /// <summary>
    /// Storage for class probabilities, embedding values, an action chunk, a map or a text; the first <see cref="ValueCount"/> are valid.
    /// </summary>
    public Span<float> ValueSlots => _values;

    public ReadOnlySpan<float> Values => _values.AsSpan(0, ValueCount);

    /// <summary>What a trace keeps of it: the number of detections or of characters, or the class; 0 of maps.</summary>
    public int CountOrClass => Task switch
    {
        TaskKind.Detection => DetectionCount,
        TaskKind.Segmentation or TaskKind.Depth => 0,
        TaskKind.Text => TextValues.CountOf(Values),
        _ => Math.Max(TopIndex, 0),
    };

    /// <summary>Index of the largest value: the class of a classification. -1 when there are no values.</summary>
    public int TopIndex
    {
        get
        {
            int best = -1;
            for (int i = 0; i < ValueCount; i++)
            {
                best = best < 0 || _values[i] > _values[best] ? i : best;
            }

            return best;
        }
    }

    /// <summary>Memory of its storage.</summary>
    public long RoomBytes => (Unsafe.SizeOf<Detection>() * (long)_detections.Length) + (sizeof(float) * (long)_values.Length)
        + Details.RoomBytes + Crops.RoomBytes;

    /// <summary>A copy with room for no more than it holds, for who keeps many.</summary>
    public Answer Shrunk()
    {
        var copy = new Answer(Task, DetectionCount, ValueCount, Details.Form, Crops.Form.Room);
        copy.CopyFrom(this);
        return copy;
    }

    public void CopyFrom(Answer other)
    {
        Task = other.Task;
        other.Detections.CopyTo(_detections);
        other.Tracks.CopyTo(_tracks);
        other.Values.CopyTo(_values);
        SetCandidates(other.Candidates);
        Details.CopyFrom(other.Details, other.DetectionCount);
        Crops.CopyFrom(other.Crops, other.DetectionCount);
        DetectionCount = other.DetectionCount;
        ValueCount = other.ValueCount;
        Stamp = other.Stamp;
        NodeIndex = other.NodeIndex;
        StepIndex = other.StepIndex;
    }

    public void Clear()
    {
        Details.Clear();
        Crops.Clear();
        _tracks.AsSpan().Clear();
        (DetectionCount, _candidateCount) = (0, 0);
        ValueCount = 0;
        NodeIndex = -1;
        StepIndex = 0;
    }
}
