using EdgeRoute.Core.Frames;
using EdgeRoute.Documents.Packs;

namespace EdgeRoute.Engine.Stages.Heads;

/// <summary>
/// What a head reads of each candidate beyond box and classes, and makes details of where the candidate is reported. Numbers of candidates
/// that are not reported are not looked at.
/// </summary>
/// <param name="form">What it makes.</param>
/// <param name="valueCount">Numbers of each candidate.</param>
internal abstract class CandidateDetails(DetailForm form, int valueCount)
{
    public DetailForm Form { get; } = form;

    public int ValueCount { get; } = valueCount;

    protected FrameMapping Mapping { get; private set; }

    /// <summary>Another frame begins.</summary>
    /// <exception cref="InvalidDataException">The tensors are not what is read here.</exception>
    public virtual void Begin(IHeadTensors tensors, in FrameMapping mapping) => Mapping = mapping;

    /// <summary>How far two candidates are one thing, in [0, 1].</summary>
    public virtual float Overlap(in Detection a, int candidateA, in Detection b, int candidateB) => a.OverlapWith(b);

    /// <summary>Fills in the details of a detection.</summary>
    /// <param name="values">The candidate's numbers, <see cref="ValueCount"/> of them.</param>
    /// <param name="candidate">Its number in the tensor.</param>
    /// <exception cref="InvalidDataException">They make no answer.</exception>
    public abstract void Fill(ReadOnlySpan<float> values, int candidate, in Detection detection, DetectionDetails into, int index);

    /// <summary>A place in the tensor, in its pixels, as a point of the frame.</summary>
    protected DetailPoint PointAt(float x, float y, float visibility) => new(
        ((x * Mapping.ScaleX) + Mapping.OffsetX) / Mapping.FrameWidth, ((y * Mapping.ScaleY) + Mapping.OffsetY) / Mapping.FrameHeight,
        visibility);

    public static CandidateDetails? Of(ExitSpec exit) => exit.Details.Kind switch
    {
        DetailKind.Keypoints => new KeypointDetails(exit.KeypointCount, exit.KeypointValues, exit.Boxes.Unit),
        DetailKind.Corners => new OrientedBoxes(exit.Boxes.Unit),
        DetailKind.Mask => new MaskDetails(exit.MaskCount),
        _ => null,
    };
}
