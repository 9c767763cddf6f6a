using System.Runtime.CompilerServices;

namespace EdgeRoute.Core.Frames;

/// <summary>How many crops a detection may have answers of, and how many values these have together.</summary>
public readonly record struct CropRoom(int CropLimit, int ValueLimit)
{
    /// <summary>Room for either.</summary>
    public CropRoom Or(CropRoom other) => new(Math.Max(CropLimit, other.CropLimit), Math.Max(ValueLimit, other.ValueLimit));
}

/// <summary>Where the values of each crop lie among those of a detection; made once for a pack.</summary>
public sealed class CropForm
{
    private readonly int[] _starts;

    /// <param name="valueLimits">Of each crop, in the pack's order: how many values its answer has at most.</param>
    public CropForm(IReadOnlyList<int> valueLimits)
    {
        _starts = new int[valueLimits.Count + 1];
        for (int i = 0; i < valueLimits.Count; i++)
        {
            _starts[i + 1] = _starts[i] + valueLimits[i];
        }
    }

    public static CropForm None { get; } = new([]);

    /// <summary>Crops of the pack.</summary>
    public int Count => _starts.Length - 1;

    public CropRoom Room => new(Count, _starts[^1]);

    /// <summary>Where the values of a crop begin among those of a detection.</summary>
    public int StartOf(int crop) => _starts[crop];

    public int LimitOf(int crop) => _starts[crop + 1] - _starts[crop];
}

/// <summary>
/// What stages on crops say of an answer's detections, by their index: of a classification the surest classes and of a text its characters,
/// each as <see cref="TextValues"/> (index, then probability), of an embedding its vector. Storage is made once for the largest form, so a
/// frame allocates nothing.
/// </summary>
public sealed class CropAnswers(int detectionLimit, CropRoom room)
{
    private readonly Mark[] _marks = new Mark[detectionLimit * room.CropLimit];
    private readonly float[] _values = new float[detectionLimit * room.ValueLimit];

    /// <summary>How large the largest form may be.</summary>
    public CropRoom Room { get; } = room;

    /// <summary>The form of what is held now.</summary>
    public CropForm Form { get; private set; } = CropForm.None;

    /// <summary>Memory of its storage.</summary>
    public long RoomBytes => (Unsafe.SizeOf<Mark>() * (long)_marks.Length) + (sizeof(float) * (long)_values.Length);

    /// <summary>Says what is to be held; no detection has an answer yet.</summary>
    /// <exception cref="ArgumentException">There is no room for it.</exception>
    public void Begin(CropForm form)
    {
        if (form.Count > Room.CropLimit || form.Room.ValueLimit > Room.ValueLimit)
        {
            throw new ArgumentException($"{form.Count} crops of {form.Room.ValueLimit} values do not fit room made for {Room.CropLimit} of "
                + $"{Room.ValueLimit}");
        }

        Form = form;
        _marks.AsSpan(0, detectionLimit * form.Count).Clear();
    }

    /// <summary>Whether a crop of a detection has an answer; one without values, an empty text, is one too.</summary>
    public bool Has(int detection, int crop) => MarkOf(detection, crop).IsAnswered;

    /// <summary>Whether any crop of a detection has.</summary>
    public bool HasAny(int detection)
    {
        for (int crop = 0; crop < Form.Count; crop++)
        {
            if (Has(detection, crop))
            {
                return true;
            }
        }

        return false;
    }

    public ReadOnlySpan<float> Values(int detection, int crop) =>
        _values.AsSpan(StartOf(detection, crop), MarkOf(detection, crop).ValueCount);

    /// <summary>Source time of the frame that the crop was cut from.</summary>
    public long SourceNs(int detection, int crop) => MarkOf(detection, crop).SourceNs;

    /// <summary>Takes an answer over. Values beyond the crop's limit are a mistake of the caller.</summary>
    public void Set(int detection, int crop, ReadOnlySpan<float> values, long sourceNs)
    {
        values.CopyTo(_values.AsSpan(StartOf(detection, crop), Form.LimitOf(crop)));
        _marks[(detection * Form.Count) + crop] = new Mark(true, values.Length, sourceNs);
    }

    public void CopyFrom(CropAnswers other, int detectionCount)
    {
        Begin(other.Form);
        for (int detection = 0; detection < detectionCount; detection++)
        {
            for (int crop = 0; crop < Form.Count; crop++)
            {
                if (other.Has(detection, crop))
                {
                    Set(detection, crop, other.Values(detection, crop), other.SourceNs(detection, crop));
                }
            }
        }
    }

    public void Clear() => Begin(CropForm.None);

    private Mark MarkOf(int detection, int crop) => _marks[(detection * Form.Count) + crop];

    private int StartOf(int detection, int crop) => (detection * Room.ValueLimit) + Form.StartOf(crop);

    private readonly record struct Mark(bool IsAnswered, int ValueCount, long SourceNs);
}
