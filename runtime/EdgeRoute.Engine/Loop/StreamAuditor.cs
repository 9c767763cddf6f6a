using EdgeRoute.Core.Agreement;
using EdgeRoute.Core.Floors;
using EdgeRoute.Core.Frames;

namespace EdgeRoute.Engine.Loop;

/// <summary>
/// Chooses the frames that take the heaviest path as well, and compares. What a carried answer is compared with is the teacher's side
/// alone, because carried confidences fall with age. Allocates nothing per frame.
/// </summary>
public sealed class StreamAuditor
{
    private readonly AuditSampler _sampler;
    private readonly AnswerAgreement[] _agreements;
    private readonly AnswerAgreement _carriedAgreement;

    /// <param name="sampler">Which frames.</param>
    /// <param name="teacherPath">The variants of the heaviest path in the order in which they run.</param>
    /// <param name="thresholds">Detection threshold of each node's exit, 0 elsewhere.</param>
    /// <param name="teacherNodeIndex">The node that the heaviest path ends in.</param>
    public StreamAuditor(AuditSampler sampler, IReadOnlyList<int> teacherPath, AgreementSettings settings, IReadOnlyList<float> thresholds,
        int teacherNodeIndex)
    {
        (_sampler, TeacherPath, TeacherNodeIndex) = (sampler, teacherPath, teacherNodeIndex);
        var teacher = settings with { TeacherThreshold = thresholds[teacherNodeIndex] };
        _agreements = [.. thresholds.Select(t => new AnswerAgreement(teacher with { JudgedThreshold = t }))];
        _carriedAgreement = new AnswerAgreement(teacher with { JudgedThreshold = float.NegativeInfinity });
    }

    public IReadOnlyList<int> TeacherPath { get; }

    public int TeacherNodeIndex { get; }

    /// <summary>Of the frames that are audited, in (0, 1].</summary>
    public double Share => _sampler.Share;

    /// <summary>Frames audited.</summary>
    public long Count { get; private set; }

    /// <summary>
    /// Frames chosen but let go, because other frames waited or the heaviest path failed. The floor's guarantee then covers the frames in
    /// slack time only.
    /// </summary>
    public long LetGoCount { get; private set; }

    public double LossSum { get; private set; }

    public AuditDraw Draw(in FrameStamp stamp) => _sampler.Draw(stamp.SourceIndex, stamp.Sequence);

    public void LetGo() => LetGoCount++;

    /// <summary>Loss of an answer against the teacher's, in [0, 1].</summary>
    public float LossOf(Answer published, Answer teacher, bool isCarried)
    {
        var agreement = isCarried || published.NodeIndex < 0 ? _carriedAgreement : _agreements[published.NodeIndex];
        return Add(1 - agreement.Of(published, teacher));
    }

    /// <summary>The frame took the heaviest path itself.</summary>
    public float AddWithoutLoss() => Add(0);

    private float Add(float loss)
    {
        Count++;
        LossSum += loss;
        return loss;
    }
}
