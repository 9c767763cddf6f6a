using EdgeRoute.Core.Agreement;
using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Workbench.Sweeps;

namespace EdgeRoute.Workbench.Playing;

/// <summary>
/// The quality in [0, 1] of any answer to any frame of a swept recording: agreement with the teacher's answer, or with labels.
/// </summary>
public sealed class QualityJudge
{
    private readonly SweptRecording _sweep;
    private readonly AnswerAgreement[] _agreements;
    private readonly AnswerAgreement _carriedAgreement;
    private readonly FrameLabels? _labels;
    private readonly int _teacherVariant;

    /// <summary>By variant and frame; not a number where nobody asked yet.</summary>
    private readonly float[][] _known;

    /// <param name="settings">How answers are compared; thresholds are filled in here.</param>
    /// <param name="thresholds">Detection threshold of the exit of each node, by node index; 0 elsewhere.</param>
    /// <param name="teacher">The node whose answers are taken for right where there are no labels.</param>
    /// <param name="labels">Labels by frame; null without.</param>
    public QualityJudge(SweptRecording sweep, AgreementSettings settings, IReadOnlyList<float> thresholds, RouteNode teacher,
        FrameLabels? labels)
    {
        _sweep = sweep;
        _labels = labels;
        _teacherVariant = teacher.VariantIndex;
        Teacher = teacher;
        // A carried box loses confidence with age; it must not be excused as doubtful for that.
        _carriedAgreement = new AnswerAgreement(settings with { TeacherThreshold = thresholds[teacher.Index],
            JudgedThreshold = float.NegativeInfinity });
        _agreements = [.. thresholds.Select(t => new AnswerAgreement(settings with { TeacherThreshold = thresholds[teacher.Index],
            JudgedThreshold = t }))];
        _known = [.. sweep.Tree.Variants.Select(_ => new float[sweep.Frames.Count])];
        Array.ForEach(_known, k => Array.Fill(k, float.NaN));
    }

    public RouteNode Teacher { get; }

    public bool HasLabels => _labels is not null;

    /// <summary>
    /// Quality of what a stage variant answered to a frame; 0 for no answer. No policy changes it, so it is judged once.
    /// </summary>
    /// <param name="frameIndex">Index in the recording's frames.</param>
    public float OfVariant(int frameIndex, int variantIndex)
    {
        ref float known = ref _known[variantIndex][frameIndex];
        known = float.IsNaN(known) ? Of(frameIndex, _sweep.Frames[frameIndex].Variants[variantIndex].Answer, isCarried: false) : known;
        return known;
    }

    /// <summary>Quality of an answer to a frame; 0 for no answer.</summary>
    /// <param name="frameIndex">Index in the recording's frames.</param>
    /// <param name="isCarried">It was carried over from an earlier frame.</param>
    public float Of(int frameIndex, Answer? answer, bool isCarried)
    {
        if (answer is not { HasValue: true })
        {
            return 0;
        }

        var agreement = isCarried ? _carriedAgreement : _agreements[answer.NodeIndex];
        var frame = _sweep.Frames[frameIndex];
        if (_labels is not null)
        {
            return _labels.QualityOf(frame.Stamp.Sequence, answer, agreement);
        }

        return frame.Variants[_teacherVariant].Answer is { } right ? agreement.Of(answer, right) : 0;
    }
}
