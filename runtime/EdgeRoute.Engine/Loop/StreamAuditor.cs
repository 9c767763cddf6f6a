using EdgeRoute.Core.Floors;
using EdgeRoute.Core.Frames;

namespace EdgeRoute.Engine.Loop;

/// <summary>
/// Chooses the frames that take the heaviest path as well, and compares. Allocates nothing per frame.
/// </summary>
public sealed class StreamAuditor
{
    private readonly AuditSampler _sampler;
    private readonly AnswerLoss _loss;

    /// <param name="sampler">Which frames.</param>
    /// <param name="teacherPath">The variants of the heaviest path in the order in which they run.</param>
    public StreamAuditor(AuditSampler sampler, IReadOnlyList<int> teacherPath, AnswerLoss loss)
    {
        (_sampler, _loss) = (sampler, loss);
        (TeacherPath, TeacherNodeIndex) = (teacherPath, loss.TeacherNodeIndex);
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

    /// <inheritdoc cref="AnswerLoss.Of"/>
    public float LossOf(Answer published, Answer teacher, bool isCarried) => Add(_loss.Of(published, teacher, isCarried));

    /// <summary>The frame took the heaviest path itself.</summary>
    public float AddWithoutLoss() => Add(0);

    private float Add(float loss)
    {
        Count++;
        LossSum += loss;
        return loss;
    }
}
