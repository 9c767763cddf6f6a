using System.Globalization;
using EdgeRoute.Documents.Packs;

namespace EdgeRoute.Engine.Stages.Heads;

/// <summary>
/// What the heads of models that decode their boxes themselves do alike: read four numbers as a box, and a number as a class.
/// </summary>
/// <param name="coding">How the tensor writes boxes.</param>
/// <param name="firstClass">The number by which it calls the first label.</param>
/// <param name="details">What each candidate has beyond box and class; null for nothing.</param>
internal abstract class BoxHead(DetectionSettings settings, int classCount, BoxCoding coding, int firstClass = 0,
    CandidateDetails? details = null) : DetectionHead(settings, classCount, details)
{
    /// <summary>No box reaches this many times the input's side away from it: boxes in pixels that are taken for fractions do.</summary>
    private const float SidesMost = 16;

    private readonly OrientedBoxes? _oriented = details as OrientedBoxes;
    private float _unitX, _unitY, _most;

    protected override string BoxHint => "; does the model write boxes as the exit block's 'box_form' says?";

    protected override void FindCandidates(IHeadTensors tensors, int tensorWidth, int tensorHeight)
    {
        bool isFraction = coding.Unit == BoxUnit.Fraction;
        (_unitX, _unitY) = isFraction ? (tensorWidth, tensorHeight) : (1f, 1f);
        _most = SidesMost * (isFraction ? 1 : Math.Max(tensorWidth, tensorHeight));
        FindBoxes(tensors);
    }

    /// <summary>Calls <see cref="AddBox"/> for every box whose confidence is not below <see cref="DetectionHead.Floor"/>.</summary>
    protected abstract void FindBoxes(IHeadTensors tensors);

    /// <summary>Room for what is kept of each candidate while a frame is decoded.</summary>
    protected void Reserve(int candidateCount) => _oriented?.Reserve(candidateCount);

    /// <summary>Takes the four numbers of a box as the tensor has them.</summary>
    /// <param name="candidate">Its number in the tensor, by which its details are found.</param>
    /// <param name="angle">Of an oriented box, in radians.</param>
    /// <exception cref="InvalidDataException">They are no box.</exception>
    protected void AddBox(ReadOnlySpan<float> box, float confidence, int classIndex, int candidate = -1, float angle = 0)
    {
        SoundOutput.CheckFinite(box, "a candidate's box");
        foreach (float value in box)
        {
            if (Math.Abs(value) > _most)
            {
                throw TooLarge(value);
            }
        }

        if (_oriented is not null)
        {
            var around = _oriented.Take(candidate, box, angle);
            AddCandidate(around.Left, around.Top, around.Right, around.Bottom, confidence, classIndex, candidate);
            return;
        }

        var (a, b, c) = (box[0], box[1], box[2]);
        float d = box[3];
        switch (coding.Form)
        {
            case BoxForm.Center:
                Add(a - (c / 2), b - (d / 2), a + (c / 2), b + (d / 2), confidence, classIndex, candidate);
                break;
            case BoxForm.CornersYx:
                Add(b, a, d, c, confidence, classIndex, candidate);
                break;
            default:
                Add(a, b, c, d, confidence, classIndex, candidate);
                break;
        }
    }

    /// <summary>The label's index of a class that the tensor gives as a number.</summary>
    /// <exception cref="InvalidDataException">The pack has no such label.</exception>
    protected int ClassOf(float number)
    {
        float index = number - firstClass;
        return index >= 0 && index < ClassCount && index == MathF.Truncate(index)
            ? (int)index
            : throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture,
                $"a candidate is of class {number}; the pack has {ClassCount} labels, the first of which is class {firstClass} "
                + $"('first_class')"));
    }

    private void Add(float left, float top, float right, float bottom, float confidence, int classIndex, int candidate) =>
        AddCandidate(left * _unitX, top * _unitY, right * _unitX, bottom * _unitY, confidence, classIndex, candidate);

    private InvalidDataException TooLarge(float value) => new(string.Create(CultureInfo.InvariantCulture,
        $"a candidate's box holds {value}, far outside the input; ")
        + (coding.Unit == BoxUnit.Fraction ? "if boxes come in pixels, the exit block wants 'box_unit': \"pixel\""
            : "the model does not give boxes in input pixels"));
}
