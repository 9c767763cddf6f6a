using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Graphs;
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
        else if (hasTime && TryRunTeacher(parts.Router.Tree, auditor, stages, record.Stamp, spare))
        {
            record.AuditLoss = auditor.LossOf(published, spare, record.End == FrameEnd.Skipped);
            record.AuditNs = parts.Clock.NowNs() - start;
        }
        else
        {
            auditor.LetGo();
            return;
        }

        parts.Pricing?.AfterAudit(record.Decisions[record.DecisionCount - 1], record.NodeIndex, record.AuditLoss, draw);
    }

    /// <summary>
    /// Every stage of the path runs anew, because features of another path may lie where they would be read. What the stages were told of
    /// the task and the robot holds until the next frame.
    /// </summary>
    private static bool TryRunTeacher(RouteTree tree, StreamAuditor auditor, GuardedStages stages, in FrameStamp stamp, Answer spare)
    {
        var path = auditor.TeacherPath;
        spare.Clear();
        for (int i = 0, node = 0; i < path.Count; i++)
        {
            var from = tree.Nodes[node];
            node = tree.StepTowards(node, auditor.TeacherNodeIndex);
            bool isWanted = i == path.Count - 1 || tree.Variants[path[i + 1]].GoesOnFromAnswer;
            if (!TryRunStage(from, path[i], isWanted ? auditor.TeacherNodeIndex : -1, stages, stamp, spare))
            {
                return false;
            }
        }

        return spare.HasValue;
    }

    /// <summary>One stage of the path, once on each of its windows where it has any; with nothing to look at the answer stays.</summary>
    /// <param name="nodeIndex">Whose answer it makes; -1 where nobody asks for one.</param>
    private static bool TryRunStage(RouteNode from, int variant, int nodeIndex, GuardedStages stages, in FrameStamp stamp, Answer spare)
    {
        if (stages.IsLeftOut(variant))
        {
            return false;
        }

        var head = nodeIndex >= 0 ? stages.Set.Head(variant) : null;
        stages.Windows.ProposeAgain(from, spare);
        stages.Windows.Begin(from, variant);
        for (int looks = stages.Windows.LookCount; looks > 0; looks--)
        {
            if (!stages.TryFill(variant) || !stages.TryRun(variant)
                || (head is not null && !stages.TryDecode(head, variant, nodeIndex, stamp, spare, stages.Windows.Spare, out _)))
            {
                return false;
            }
        }

        if (head is not null && stages.Windows.LookCount > 0)
        {
            spare.CopyFrom(stages.Windows.Spare);
        }

        return true;
    }
}
