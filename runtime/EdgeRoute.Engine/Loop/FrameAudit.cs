using EdgeRoute.Core.Frames;
using EdgeRoute.Protocol;
using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.Engine.Loop;

/// <summary>Checks a published answer against the heaviest path on sampled frames.</summary>
internal static class FrameAudit
{
    /// <summary>
    /// After publishing: on a sampled frame the heaviest path runs as well, where there is time, and is compared. The published answer
    /// stays as it is.
    /// </summary>
    /// <param name="spare">Room for the heaviest path's answer.</param>
    /// <param name="hasTime">No frame waits that would be dropped.</param>
    public static void RunIfDrawn(FrameStreamParts parts, GuardedStages stages, Answer published, Answer spare, bool hasTime,
        ref TraceRecord record)
    {
        if (parts.Auditor is not { } auditor || record.End == FrameEnd.Failed || record.DecisionCount == 0)
        {
            return;
        }

        var draw = auditor.Draw(record.Stamp);
        record.AuditProbability = (float)draw.InclusionProbability;
        if (!draw.IsAudited)
        {
            return;
        }

        long start = parts.Clock.NowNs();
        bool isOwn = record.End != FrameEnd.Skipped && published.NodeIndex >= 0
            && parts.Router.Tree.Nodes[published.NodeIndex].VariantIndex == auditor.TeacherPath[^1];
        if (isOwn)
        {
            record.AuditLoss = auditor.AddWithoutLoss();
        }
        else if (hasTime && TryRunTeacher(auditor, stages, record.Stamp, spare))
        {
            record.AuditLoss = auditor.LossOf(published, spare, record.End == FrameEnd.Skipped);
            record.AuditNs = parts.Clock.NowNs() - start;
        }
        else
        {
            auditor.LetGo();
            return;
        }

        parts.Pricing?.AfterAudit(record.Decisions[record.DecisionCount - 1], record.AuditLoss, draw);
    }

    /// <summary>
    /// Every stage of the path runs anew, because features of another path may lie where they would be read. What the stages were told of
    /// the task and the robot holds until the next frame.
    /// </summary>
    private static bool TryRunTeacher(StreamAuditor auditor, GuardedStages stages, in FrameStamp stamp, Answer spare)
    {
        int last = auditor.TeacherPath[^1];
        for (int i = 0; i < auditor.TeacherPath.Count; i++)
        {
            int variant = auditor.TeacherPath[i];
            if (stages.IsLeftOut(variant) || !stages.TryFill(variant) || !stages.TryRun(variant))
            {
                return false;
            }
        }

        return stages.TryDecode(stages.Set.Head(last)!, last, auditor.TeacherNodeIndex, stamp, spare, out _);
    }
}
