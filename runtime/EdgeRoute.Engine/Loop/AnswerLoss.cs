using EdgeRoute.Core.Agreement;
using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Prices;
using EdgeRoute.Core.Routing;
using EdgeRoute.Core.Tracking;

namespace EdgeRoute.Engine.Loop;

/// <summary>
/// What answers lose against the heaviest path's. A carried answer is compared by the teacher's side alone, because carried confidences
/// fall with age. Allocates nothing per frame; for one thread.
/// </summary>
public sealed class AnswerLoss
{
    private readonly AnswerAgreement[] _agreements;
    private readonly AnswerAgreement _carriedAgreement;

    /// <param name="thresholds">Detection threshold of each node's exit, 0 elsewhere.</param>
    /// <param name="teacherNodeIndex">The node that the heaviest path ends in.</param>
    public AnswerLoss(AgreementSettings settings, IReadOnlyList<float> thresholds, int teacherNodeIndex)
    {
        TeacherNodeIndex = teacherNodeIndex;
        var teacher = settings with { TeacherThreshold = thresholds[teacherNodeIndex] };
        _agreements = [.. thresholds.Select(t => new AnswerAgreement(teacher with { JudgedThreshold = t }))];
        _carriedAgreement = new AnswerAgreement(teacher with { JudgedThreshold = float.NegativeInfinity });
    }

    public int TeacherNodeIndex { get; }

    /// <summary>Loss of an answer against the teacher's, in [0, 1].</summary>
    public float Of(Answer judged, Answer teacher, bool isCarried)
    {
        var agreement = isCarried || judged.NodeIndex < 0 ? _carriedAgreement : _agreements[judged.NodeIndex];
        return 1 - agreement.Of(judged, teacher);
    }
}

/// <summary>
/// What a stream's looks show at no cost: when the heaviest path has answered a frame, the answer that would else have been carried to it,
/// and that of the exit before, are still at hand and can be compared. Used by the loop's thread only.
/// </summary>
/// <param name="heaviestVariant">The stage variant that the heaviest path ends in.</param>
public sealed class StreamLooks(AnswerLoss loss, int heaviestVariant)
{
    private float _carried = float.NaN, _lighter = float.NaN;

    /// <summary>A frame begins of which nothing is known yet.</summary>
    public void Begin() => (_carried, _lighter) = (float.NaN, float.NaN);

    /// <summary>A stage has answered.</summary>
    /// <param name="earlier">The answer of the exit before it on this frame; without a value where there was none.</param>
    public void See(RouteOption arrived, Answer fresh, Answer earlier, AnswerCarrier carrier)
    {
        if (arrived.VariantIndex == heaviestVariant)
        {
            Show(carrier.HasPrevious ? loss.Of(carrier.Answer, fresh, isCarried: true) : float.NaN,
                earlier.HasValue ? loss.Of(earlier, fresh, isCarried: false) : float.NaN);
        }
    }

    /// <summary>The same, from whoever plays frames without answers. NaN: nothing was at hand.</summary>
    public void Show(float carriedLoss, float lighterLoss) => (_carried, _lighter) = (carriedLoss, lighterLoss);

    /// <summary>What the frame that ended tells.</summary>
    /// <param name="nodeIndex">Whose answer was published; -1 for a failed frame.</param>
    public FrameLoss Of(RouteTree tree, ReadOnlySpan<DecisionRecord> decisions, int nodeIndex) =>
        ExpectedLoss.Of(tree, decisions, nodeIndex, heaviestVariant, _carried, _lighter);
}
