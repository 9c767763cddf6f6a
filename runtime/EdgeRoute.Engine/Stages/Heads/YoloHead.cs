using System.Numerics.Tensors;
using EdgeRoute.Documents.Packs;

namespace EdgeRoute.Engine.Stages.Heads;

/// <summary>
/// Decoded exports of the YOLO family: [1, 4 + classes, N] (planes) or [1, N, 4 + classes] (rows), box, then class probabilities
/// (Ultralytics 8, 9, 11, 12); with an objectness between the two in versions 5, 6 and 7, [1, N, 5 + classes]; with details after the
/// classes in models of poses, masks (of version 5, too) and oriented boxes. Which of both layouts it is follows from the shape.
/// </summary>
/// <param name="details">What comes after the classes; null for nothing.</param>
internal sealed class YoloHead(DetectionSettings settings, int classCount, BoxCoding coding, bool hasObjectness,
    CandidateDetails? details = null) : BoxHead(settings, classCount, coding, details: details)
{
    private const string Sigmoid = "export the model with the sigmoid at its end";
    private const int BoxLength = 4;

    private readonly int _classesAt = BoxLength + (hasObjectness ? 1 : 0);
    private readonly int _detailsAt = BoxLength + (hasObjectness ? 1 : 0) + classCount;
    private readonly int _rowLength = BoxLength + (hasObjectness ? 1 : 0) + classCount + (details?.ValueCount ?? 0);
    private readonly bool _hasAngle = details is OrientedBoxes;

    /// <summary>Best confidence by candidate; grows with the largest tensor seen.</summary>
    private float[] _best = [];
    private bool _isPlanes;
    private int _count;

    protected override void FindBoxes(IHeadTensors tensors)
    {
        var shape = tensors.Shape(0);
        _isPlanes = shape.Length == 3 && shape[1] == _rowLength;
        bool isRows = shape.Length == 3 && shape[2] == _rowLength;
        _count = _isPlanes || isRows ? (int)shape[_isPlanes ? 2 : 1] : 1;
        var values = Take(tensors, 0, (long)_rowLength * _count);
        Reserve(_count);
        if (_isPlanes && _count > 0)
        {
            FindInPlanes(values, _count);
            return;
        }

        for (int i = 0; i < _count; i++)
        {
            AddRow(values.Slice(i * _rowLength, _rowLength), i);
        }
    }

    protected override void ReadDetails(IHeadTensors tensors, int candidate, Span<float> into)
    {
        var values = tensors.Values(0);
        for (int i = 0; i < into.Length; i++)
        {
            into[i] = _isPlanes ? values[((_detailsAt + i) * _count) + candidate] : values[(candidate * _rowLength) + _detailsAt + i];
        }
    }

    /// <summary>
    /// One pass over each plane, all candidates at once: the largest of all classes. Only those that reach the floor are looked at again.
    /// </summary>
    private void FindInPlanes(ReadOnlySpan<float> values, int count)
    {
        if (_best.Length < count)
        {
            _best = new float[count];
        }

        var best = _best.AsSpan(0, count);
        var classes = values[(_classesAt * count)..(_detailsAt * count)];
        classes[..count].CopyTo(best);
        for (int at = count; at < classes.Length; at += count)
        {
            TensorPrimitives.Max(best, classes.Slice(at, count), best);
        }

        CheckRange(TensorPrimitives.Min(classes), TensorPrimitives.Max<float>(best));
        if (hasObjectness)
        {
            var objectness = values.Slice(BoxLength * count, count);
            CheckRange(TensorPrimitives.Min(objectness), TensorPrimitives.Max(objectness));
            TensorPrimitives.Multiply(best, objectness, best);
        }

        for (int i = 0; i < count; i++)
        {
            if (best[i] >= Floor)
            {
                AddBox([values[i], values[count + i], values[(2 * count) + i], values[(3 * count) + i]], best[i],
                    BestClass(classes, i, count), i, _hasAngle ? values[(_detailsAt * count) + i] : 0);
            }
        }
    }

    private void AddRow(ReadOnlySpan<float> row, int candidate)
    {
        float objectness = hasObjectness ? row[BoxLength] : 1;
        SoundOutput.CheckProbability(objectness, "an objectness", Sigmoid);
        // Class probabilities do not exceed 1, so objectness alone rules most rows out.
        if (objectness < Floor)
        {
            return;
        }

        var classes = row[_classesAt.._detailsAt];
        float probability = TensorPrimitives.Max(classes);
        CheckRange(TensorPrimitives.Min(classes), probability);
        if (objectness * probability >= Floor)
        {
            AddBox(row[..BoxLength], objectness * probability, TensorPrimitives.IndexOfMax(classes), candidate,
                _hasAngle ? row[_detailsAt] : 0);
        }
    }

    private static int BestClass(ReadOnlySpan<float> classes, int candidate, int count)
    {
        int best = 0;
        for (int c = 1; (c * count) + candidate < classes.Length; c++)
        {
            best = classes[(c * count) + candidate] > classes[(best * count) + candidate] ? c : best;
        }

        return best;
    }

    /// <summary>Both ends of all values: what is not a number shows at either.</summary>
    private static void CheckRange(float least, float largest)
    {
        SoundOutput.CheckProbability(least, "a class or objectness", Sigmoid);
        SoundOutput.CheckProbability(largest, "a class or objectness", Sigmoid);
    }
}
