using System.Globalization;
using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Signals;
using EdgeRoute.Documents.Packs;

namespace EdgeRoute.Engine.Stages.Heads;

/// <summary>
/// What all detection heads do alike: candidates in tensor pixels become boxes in the frame, are suppressed class by class, and are split
/// at the detection threshold into detections and doubt.
/// </summary>
internal abstract class DetectionHead : IHead
{
    /// <summary>Pixels by which eight bits and half precision may turn a line round.</summary>
    private const float TurnedMost = 4;

    private const string Sigmoid = "export the model with the sigmoid at its end";

    private readonly DetectionSettings _settings;
    private readonly ClasswiseSuppression _suppression;
    private readonly CandidateDetails? _details;
    private readonly float[] _detailValues;
    private FrameMapping _mapping;

    /// <param name="details">What each candidate has beyond box and class; null for nothing.</param>
    protected DetectionHead(DetectionSettings settings, int classCount, CandidateDetails? details = null)
    {
        (_settings, ClassCount, _details) = (settings, classCount, details);
        _suppression = new ClasswiseSuppression(settings.NmsOverlap, details);
        _detailValues = new float[details?.ValueCount ?? 0];
    }

    public TaskKind Task => TaskKind.Detection;

    public int DetectionLimit => _settings.Limit;

    public DetectionSettings? Detection => _settings;

    public int ValueLimit => 0;

    public DetailForm Details => _details?.Form ?? default;

    /// <summary>Candidates let go, over all frames, because a frame had too many.</summary>
    public long CandidateOverflowCount => _suppression.OverflowCount;

    /// <summary>Detections let go, over all frames, because a frame had more than the answer holds.</summary>
    public long DetectionOverflowCount { get; private set; }

    protected int ClassCount { get; }

    /// <summary>Candidates below this confidence are not looked at.</summary>
    protected float Floor => _settings.DoubtFloor;

    public ExitSignals Decode(IHeadTensors tensors, in FrameMapping mapping, Answer answer)
    {
        _mapping = mapping;
        _suppression.Clear();
        _details?.Begin(tensors, mapping);
        FindCandidates(tensors, mapping.TensorWidth, mapping.TensorHeight);
        var remaining = _suppression.Suppress();
        int sure = CountSure(remaining);
        int kept = Math.Min(sure, _settings.Limit);
        DetectionOverflowCount += sure - kept;
        remaining[..kept].CopyTo(answer.DetectionSlots);
        (answer.DetectionCount, answer.ValueCount) = (kept, 0);
        answer.SetCandidates(remaining[sure..]);
        FillDetails(tensors, answer);
        return DetectionSignals.Of(remaining, kept, _settings.Threshold, _settings.TsallisOrder);
    }

    /// <summary>
    /// Calls <see cref="AddCandidate"/> for every cell whose confidence is not below <see cref="Floor"/>, and refuses what no network that
    /// works can yield.
    /// </summary>
    /// <exception cref="InvalidDataException">The tensors hold values that make no answer.</exception>
    protected abstract void FindCandidates(IHeadTensors tensors, int tensorWidth, int tensorHeight);

    /// <summary>What may be wrong where boxes are none, to be appended.</summary>
    protected virtual string BoxHint => "";

    /// <summary>The numbers of a candidate beyond box and class; called only where there are any.</summary>
    protected virtual void ReadDetails(IHeadTensors tensors, int candidate, Span<float> into) => into.Clear();

    private void FillDetails(IHeadTensors tensors, Answer answer)
    {
        answer.Details.Begin(Details, _mapping.FrameWidth, _mapping.FrameHeight);
        for (int i = 0; _details is not null && i < answer.DetectionCount; i++)
        {
            int candidate = _suppression.CandidateOf(i);
            ReadDetails(tensors, candidate, _detailValues);
            _details.Fill(_detailValues, candidate, answer.Detections[i], answer.Details, i);
        }
    }

    /// <summary>Takes a box in tensor pixels. Parts outside the frame are cut off; a box wholly outside (in the padding) is none.</summary>
    /// <param name="candidate">Its number in the tensor, by which its details are found.</param>
    /// <exception cref="InvalidDataException">Its ends are no numbers, or lie the wrong way round.</exception>
    protected void AddCandidate(float left, float top, float right, float bottom, float confidence, int classIndex, int candidate = -1)
    {
        if (confidence < Floor)
        {
            return;
        }

        if (!float.IsFinite(left + top + right + bottom + confidence))
        {
            throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture,
                $"a candidate of confidence {confidence} has a box that is no numbers: {left}, {top}, {right}, {bottom}"));
        }

        if (left - right > TurnedMost || top - bottom > TurnedMost)
        {
            throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture,
                $"a candidate of confidence {confidence} has a box whose ends lie the wrong way round: left {left}, top {top}, "
                + $"right {right}, bottom {bottom} of the input's pixels") + BoxHint);
        }

        float x0 = Math.Clamp(((left * _mapping.ScaleX) + _mapping.OffsetX) / _mapping.FrameWidth, 0, 1);
        float y0 = Math.Clamp(((top * _mapping.ScaleY) + _mapping.OffsetY) / _mapping.FrameHeight, 0, 1);
        float x1 = Math.Clamp(((right * _mapping.ScaleX) + _mapping.OffsetX) / _mapping.FrameWidth, 0, 1);
        float y1 = Math.Clamp(((bottom * _mapping.ScaleY) + _mapping.OffsetY) / _mapping.FrameHeight, 0, 1);
        if (x1 > x0 && y1 > y0)
        {
            _suppression.Add(new Detection(x0, y0, x1 - x0, y1 - y0, Math.Min(confidence, 1), classIndex), candidate);
        }
    }

    /// <summary>The two of a cell that its confidence is made of.</summary>
    /// <exception cref="InvalidDataException">One is no probability.</exception>
    protected static void CheckConfidences(float objectness, float probability)
    {
        SoundOutput.CheckProbability(objectness, "an objectness", Sigmoid);
        SoundOutput.CheckProbability(probability, "a class", Sigmoid);
    }

    /// <exception cref="InvalidDataException">The tensor is not of the size that the head and the input imply: this frame
    /// fails.</exception>
    protected static ReadOnlySpan<float> Take(IHeadTensors tensors, int index, long wantedCount)
    {
        var values = tensors.Values(index);
        return values.Length == wantedCount
            ? values
            : throw new InvalidDataException($"Output {index} has {values.Length} values; the head decodes {wantedCount} at this "
                + "input size.");
    }

    private int CountSure(ReadOnlySpan<Detection> ordered)
    {
        int count = 0;
        while (count < ordered.Length && ordered[count].Confidence >= _settings.Threshold)
        {
            count++;
        }

        return count;
    }
}
