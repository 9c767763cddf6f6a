using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Graphs;

namespace EdgeRoute.Core.Tracking;

/// <summary>Which boxes a stage on crops looks at, and how often.</summary>
/// <param name="Classes">By class of the detections: whether it looks at them.</param>
/// <param name="Expand">Part of the box's sides that is added on each side.</param>
/// <param name="AtMost">Crops of one frame at most.</param>
/// <param name="RefreshMs">Source time after which an answer is made anew; infinite for never.</param>
/// <param name="SizeChange">An answer is made anew where a side of the box has become that many times longer or shorter.</param>
/// <param name="LeastPixels">Boxes with a side of fewer pixels of the frame are left out.</param>
public sealed record CropRule(IReadOnlyList<bool> Classes, float Expand, int AtMost, double RefreshMs, float SizeChange, int LeastPixels)
{
    /// <summary>The part of the frame that is cut out: the box and its surroundings, as far as the frame reaches.</summary>
    public FrameRegion RegionOf(in Detection box)
    {
        double left = Math.Max(0, box.Left - (Expand * (double)box.Width)), right = Math.Min(1, box.Right + (Expand * (double)box.Width));
        double top = Math.Max(0, box.Top - (Expand * (double)box.Height)), bottom = Math.Min(1, box.Bottom + (Expand * (double)box.Height));
        return new FrameRegion(left, top, right - left, bottom - top);
    }

    /// <summary>Whether it looks at boxes of this class.</summary>
    public bool Wants(in Detection box) => (uint)box.ClassIndex < (uint)Classes.Count && Classes[box.ClassIndex];

    /// <summary>Whether a box has too few pixels, to the nearest whole one, in a frame of these sides.</summary>
    public bool IsSmall(in Detection box, int frameWidth, int frameHeight) =>
        !(MathF.Round(Math.Min(box.Width * frameWidth, box.Height * frameHeight)) >= LeastPixels);
}

/// <summary>
/// What stages on crops said of the objects of one source, by track: kept until an object has not been seen for long, so that a known one
/// costs nothing. Says which box is to be looked at next. Allocates nothing after construction; not for several threads at once.
/// </summary>
public sealed class CropMemory
{
    /// <summary>Objects known, for each detection that an answer may have: those in sight, and as many that may come back.</summary>
    private const int ObjectsPerDetection = 2;

    private readonly CropForm _form;
    private readonly IReadOnlyList<CropRule> _rules;
    private readonly Dictionary<long, int> _slots;
    private readonly long[] _ids, _seenFrames;
    private readonly Look[] _looks;
    private readonly float[] _values;
    private long _frame;

    /// <param name="form">Of the pack; one crop for each rule.</param>
    /// <param name="detectionLimit">Detections that an answer may have.</param>
    public CropMemory(CropForm form, IReadOnlyList<CropRule> rules, int detectionLimit)
    {
        int room = Math.Max(1, detectionLimit) * ObjectsPerDetection;
        (_form, _rules, _slots) = (form, rules, new Dictionary<long, int>(room));
        (_ids, _seenFrames, _looks) = (new long[room], new long[room], new Look[room * form.Count]);
        _values = new float[room * form.Room.ValueLimit];
    }

    /// <summary>Memory of its storage, about.</summary>
    public long RoomBytes => (sizeof(float) * (long)_values.Length) + (64L * _looks.Length);

    /// <summary>Another frame: its detections get what is known of their objects. Returns how many answers that is.</summary>
    public int Attach(Answer answer)
    {
        _frame++;
        answer.Crops.Begin(_form);
        int count = 0;
        for (int i = 0; i < answer.DetectionCount; i++)
        {
            if (!_slots.TryGetValue(answer.Tracks[i].Id, out int slot))
            {
                continue;
            }

            _seenFrames[slot] = _frame;
            for (int crop = 0; crop < _form.Count; crop++)
            {
                ref readonly var look = ref _looks[(slot * _form.Count) + crop];
                if (look.IsAnswered)
                {
                    answer.Crops.Set(i, crop, ValuesOf(slot, crop)[..look.ValueCount], look.AnswerNs);
                    count++;
                }
            }
        }

        return count;
    }

    /// <summary>
    /// The detection to look at next: the surest of those never looked at, else the one whose turn is the longest ago; -1 where none is
    /// due. No detection comes twice on one frame once it is kept or given up.
    /// </summary>
    /// <param name="answer">Of the frame attached last, with its tracks.</param>
    public int Next(Answer answer, int crop, int frameWidth, int frameHeight, long sourceNs)
    {
        var rule = _rules[crop];
        var (oldest, oldestNs) = (-1, long.MaxValue);
        for (int i = 0; i < answer.DetectionCount; i++)
        {
            ref readonly var box = ref answer.Detections[i];
            if (answer.Tracks[i].Id <= 0 || !rule.Wants(box) || rule.IsSmall(box, frameWidth, frameHeight))
            {
                continue;
            }

            if (!_slots.TryGetValue(answer.Tracks[i].Id, out int slot) || _looks[(slot * _form.Count) + crop].Frame == 0)
            {
                return i;
            }

            ref readonly var look = ref _looks[(slot * _form.Count) + crop];
            if (look.TriedNs < oldestNs && IsDue(look, box, rule, sourceNs))
            {
                (oldest, oldestNs) = (i, look.TriedNs);
            }
        }

        return oldest;
    }

    /// <summary>Detections of a frame that a crop is wanted of and that are too small for it.</summary>
    public int CountSmall(Answer answer, int crop, int frameWidth, int frameHeight)
    {
        int count = 0;
        for (int i = 0; i < answer.DetectionCount; i++)
        {
            ref readonly var box = ref answer.Detections[i];
            count += _rules[crop].Wants(box) && _rules[crop].IsSmall(box, frameWidth, frameHeight) ? 1 : 0;
        }

        return count;
    }

    /// <summary>The stage has answered: the detection has the answer, and its object keeps it.</summary>
    public void Keep(Answer answer, int detection, int crop, ReadOnlySpan<float> values, long sourceNs)
    {
        int slot = SlotOf(answer.Tracks[detection].Id);
        values.CopyTo(ValuesOf(slot, crop));
        var box = answer.Detections[detection];
        _looks[(slot * _form.Count) + crop] = new Look(_frame, sourceNs, box.Width, box.Height, true, values.Length, sourceNs);
        answer.Crops.Set(detection, crop, values, sourceNs);
    }

    /// <summary>The stage gave no answer: it is not asked again before its time. What it said before stays.</summary>
    public void GiveUp(Answer answer, int detection, int crop, long sourceNs)
    {
        int slot = SlotOf(answer.Tracks[detection].Id);
        var box = answer.Detections[detection];
        ref var look = ref _looks[(slot * _form.Count) + crop];
        look = look with { Frame = _frame, TriedNs = sourceNs, Width = box.Width, Height = box.Height };
    }

    private bool IsDue(in Look look, in Detection box, CropRule rule, long sourceNs)
    {
        double ageMs = ((double)sourceNs - look.TriedNs) / 1e6;
        return look.Frame != _frame && (ageMs < 0 || ageMs >= rule.RefreshMs
            || Ratio(box.Width, look.Width) >= rule.SizeChange || Ratio(box.Height, look.Height) >= rule.SizeChange);
    }

    private static float Ratio(float a, float b) => MathF.Max(a, b) / MathF.Max(MathF.Min(a, b), float.Epsilon);

    private Span<float> ValuesOf(int slot, int crop) =>
        _values.AsSpan((slot * _form.Room.ValueLimit) + _form.StartOf(crop), _form.LimitOf(crop));

    /// <summary>The place of an object; a new one takes that of the object not seen for longest.</summary>
    private int SlotOf(long id)
    {
        if (_slots.TryGetValue(id, out int known))
        {
            return known;
        }

        int slot = 0;
        for (int i = 1; i < _ids.Length; i++)
        {
            slot = _seenFrames[i] < _seenFrames[slot] ? i : slot;
        }

        _slots.Remove(_ids[slot]);
        (_slots[id], _ids[slot], _seenFrames[slot]) = (slot, id, _frame);
        _looks.AsSpan(slot * _form.Count, _form.Count).Clear();
        return slot;
    }

    /// <summary>When a stage looked at an object last, and what of.</summary>
    /// <param name="Frame">0: never.</param>
    private readonly record struct Look(long Frame, long TriedNs, float Width, float Height, bool IsAnswered, int ValueCount,
        long AnswerNs);
}
