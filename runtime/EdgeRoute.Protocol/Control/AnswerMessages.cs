namespace EdgeRoute.Protocol.Control;

/// <summary>
/// What was told of one frame that ended, as it is sent to a subscriber. Boxes and points are fractions of the frame's sides. Lists are
/// empty where the task has none.
/// </summary>
public sealed class AnswerMessage : IControlMessage
{
    public int Subscription;

    /// <summary>1-based; a gap means that messages were lost.</summary>
    public long Number;

    /// <summary>Answers that did not reach this subscriber, because it, the link or the device was too slow.</summary>
    public long LostCount;

    public string Source = "";

    public long Sequence;

    /// <summary>Of sources that read files.</summary>
    public string? File;

    /// <summary>Of the device's monotonic clock, in nanoseconds.</summary>
    public long CaptureNs, PublishedNs;

    /// <summary>When the frame was captured by the device's clock, in nanoseconds since 1970.</summary>
    public long CaptureUtcNs;

    /// <summary>As in a trace, and the name of the path, <c>failed</c> for none.</summary>
    public string End = "", Path = "";

    public bool IsLate, IsStale;

    /// <summary>What went wrong first; null where nothing did.</summary>
    public string? Fault;

    /// <summary>What the pack's exits yield: <c>detection</c> and so on.</summary>
    public string Task = "";

    /// <summary>The answer is that of an earlier frame, brought up to this one.</summary>
    public bool IsCarried;

    /// <summary>Time from the frame that was looked at to this one; 0 where it is this one, null where there is no answer.</summary>
    public double? AgeMs;

    /// <summary>The frame that was looked at; null where there is no answer.</summary>
    public long? SeenSequence;

    public List<DetectionEntry> Detections = [];

    /// <summary>The most probable classes, as many as the manifest's <c>top_k</c>.</summary>
    public List<ClassEntry> Classes = [];

    /// <summary>Of a map of classes: what is on the frame, and its share of it.</summary>
    public List<ClassEntry> Segments = [];

    /// <summary>Of a map of depths; null for other tasks.</summary>
    public DepthEntry? Depth;

    /// <summary>Null for other tasks than a policy.</summary>
    public PlannedAction? Action;

    /// <summary>A line that was read, and the mean probability of its characters; null for other tasks.</summary>
    public string? Text;

    public double? Confidence;

    /// <summary>An embedding; of a policy the rest of the plan, step after step, the one due now first.</summary>
    public float[] Values = [];

    public void Visit(IFieldVisitor fields)
    {
        fields.Integer("subscription", ref Subscription);
        fields.Long("number", ref Number);
        fields.Long("lost", ref LostCount);
        fields.Text("source", ref Source);
        fields.Long("sequence", ref Sequence);
        fields.OptionalText("file", ref File);
        fields.Long("capture_ns", ref CaptureNs);
        fields.Long("published_ns", ref PublishedNs);
        fields.Long("capture_utc_ns", ref CaptureUtcNs);
        fields.Text("end", ref End);
        fields.Text("path", ref Path);
        fields.Boolean("late", ref IsLate);
        fields.Boolean("stale", ref IsStale);
        fields.OptionalText("fault", ref Fault);
        fields.Text("task", ref Task);
        fields.Boolean("carried", ref IsCarried);
        fields.OptionalNumber("age_ms", ref AgeMs);
        fields.OptionalInteger("seen_sequence", ref SeenSequence);
        fields.List("detections", ref Detections);
        fields.List("classes", ref Classes);
        fields.List("segments", ref Segments);
        fields.OptionalMessage("depth", ref Depth);
        fields.OptionalMessage("action", ref Action);
        fields.OptionalText("text", ref Text);
        fields.OptionalNumber("confidence", ref Confidence);
        fields.Numbers("values", ref Values);
    }
}

/// <summary>One thing on the frame. Numbers that are not finite travel as nil.</summary>
public sealed class DetectionEntry : IControlMessage
{
    public string Class = "";

    public int ClassIndex;

    public double Confidence;

    /// <summary>Left, top, width and height.</summary>
    public float[] Box = [];

    /// <summary>x, y and visibility of each key point; empty where the exit yields none.</summary>
    public float[] Keypoints = [];

    /// <summary>x and y of the four corners of an oriented box, around it; empty where the exit yields none.</summary>
    public float[] Corners = [];

    /// <summary>Radians by which the side from the first corner to the second is turned, clockwise on the picture.</summary>
    public double? Angle;

    public MaskEntry? Mask;

    /// <summary>The object that it shows: 1 and up in the order of first sight, never used twice; null where it is not followed.</summary>
    public long? Track;

    /// <summary>Source time since the object was first seen; null where it is not followed.</summary>
    public double? TrackMs;

    /// <summary>Of the object's centre, in frame widths and heights per second; empty where it is not followed.</summary>
    public float[] Velocity = [];

    /// <summary>What stages on crops say of it; empty where the pack has none, or none has looked at it yet.</summary>
    public List<CropEntry> Crops = [];

    public void Visit(IFieldVisitor fields)
    {
        fields.Text("class", ref Class);
        fields.Integer("class_index", ref ClassIndex);
        fields.Number("confidence", ref Confidence);
        fields.Numbers("box", ref Box);
        fields.Numbers("keypoints", ref Keypoints);
        fields.Numbers("corners", ref Corners);
        fields.OptionalNumber("angle", ref Angle);
        fields.OptionalMessage("mask", ref Mask);
        fields.OptionalInteger("track", ref Track);
        fields.OptionalNumber("track_ms", ref TrackMs);
        fields.Numbers("velocity", ref Velocity);
        fields.List("crops", ref Crops);
    }
}

/// <summary>What a stage on crops says of one thing on the frame: its classes, a text or an embedding.</summary>
public sealed class CropEntry : IControlMessage
{
    /// <summary>The stage's name in the pack.</summary>
    public string Stage = "";

    /// <summary>Time of the source since the crop was cut; 0 where it is of this frame.</summary>
    public double AgeMs;

    /// <summary>The most probable ones, as many as the stage's <c>top_k</c>.</summary>
    public List<ClassEntry> Classes = [];

    /// <summary>A line that was read, and the mean probability of its characters.</summary>
    public string? Text;

    public double? Confidence;

    /// <summary>An embedding.</summary>
    public float[] Values = [];

    public void Visit(IFieldVisitor fields)
    {
        fields.Text("stage", ref Stage);
        fields.Number("age_ms", ref AgeMs);
        fields.List("classes", ref Classes);
        fields.OptionalText("text", ref Text);
        fields.OptionalNumber("confidence", ref Confidence);
        fields.Numbers("values", ref Values);
    }
}

/// <summary>The pixels of the whole frame that an object fills, as COCO writes run lengths; pycocotools decodes them.</summary>
public sealed class MaskEntry : IControlMessage
{
    /// <summary>Height and width of the frame in pixels.</summary>
    public List<long> Size = [];

    public string Counts = "";

    public void Visit(IFieldVisitor fields)
    {
        fields.Integers("size", ref Size);
        fields.Text("counts", ref Counts);
    }
}

/// <summary>One class, with its probability or its share of the frame.</summary>
public sealed class ClassEntry : IControlMessage
{
    public string Class = "";

    public int ClassIndex;

    /// <summary>In [0, 1].</summary>
    public double? Probability, Share;

    /// <summary>With pictures, of a map of classes: where it is, in cells of the map, which lies over the whole frame.</summary>
    public MaskEntry? Mask;

    public void Visit(IFieldVisitor fields)
    {
        fields.Text("class", ref Class);
        fields.Integer("class_index", ref ClassIndex);
        fields.OptionalNumber("probability", ref Probability);
        fields.OptionalNumber("share", ref Share);
        fields.OptionalMessage("mask", ref Mask);
    }
}

/// <summary>A map of depths in short, in the model's own unit; not a number where the map has no depth at all.</summary>
public sealed class DepthEntry : IControlMessage
{
    public double Least = double.NaN, Median = double.NaN, Most = double.NaN;

    public void Visit(IFieldVisitor fields)
    {
        fields.Number("least", ref Least);
        fields.Number("median", ref Median);
        fields.Number("most", ref Most);
    }
}

/// <summary>What the robot was told to do at a frame; the plan was made on the frame that was looked at.</summary>
public sealed class PlannedAction : IControlMessage
{
    /// <summary>One for each dimension of the policy; zeros where it is to stay as it is.</summary>
    public float[] Values = [];

    /// <summary>There is no plan, and the robot is to stay where it is.</summary>
    public bool IsHold;

    /// <summary>Steps of the plan carried out before.</summary>
    public int Step;

    /// <summary>The path that made the plan; null for a hold.</summary>
    public string? PlanPath;

    public void Visit(IFieldVisitor fields)
    {
        fields.Numbers("values", ref Values);
        fields.Boolean("hold", ref IsHold);
        fields.Integer("step", ref Step);
        fields.OptionalText("plan_path", ref PlanPath);
    }
}
