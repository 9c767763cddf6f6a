using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Routing;
using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.Protocol.Recording;

/// <summary>
/// Whether a trace record may stand in a recording: every index names something of its session. Allocates nothing when it may.
/// </summary>
public static class TraceRecordCheck
{
    /// <summary>What is wrong, or null.</summary>
    public static string? FindProblem(in TraceRecord record, SessionStart session)
    {
        if ((uint)record.Stamp.SourceIndex >= (uint)session.Sources.Count)
        {
            return $"source index {record.Stamp.SourceIndex} of {session.Sources.Count} sources";
        }

        var nodes = session.Sources[record.Stamp.SourceIndex].Nodes;
        if (record.End is < FrameEnd.Completed or > FrameEnd.Failed)
        {
            return $"end {(byte)record.End}, which is not one of the six";
        }

        if (record.Stamp.Sequence < 0)
        {
            return $"sequence {record.Stamp.Sequence} is below zero";
        }

        if (record.NodeIndex < -1 || record.NodeIndex >= nodes.Count)
        {
            return $"node index {record.NodeIndex} of {nodes.Count} route tree nodes";
        }

        return (uint)record.DecisionCount > RouteTree.DepthLimit
            ? $"{record.DecisionCount} decisions, more than {RouteTree.DepthLimit}"
            : FindWindowProblem(record) ?? FindDecisionProblem(record, nodes);
    }

    private static string? FindWindowProblem(in TraceRecord record)
    {
        if ((uint)record.WindowCount > TraceRecord.WindowLimit)
        {
            return $"{record.WindowCount} windows, more than {TraceRecord.WindowLimit}";
        }

        for (int i = 0; i < record.WindowCount; i++)
        {
            var window = record.Windows[i];
            bool isInside = window is { Left: >= 0, Top: >= 0, Width: > 0, Height: > 0 } && window.Left + window.Width <= 1.001f
                && window.Top + window.Height <= 1.001f;
            if (!isInside || window.DecisionIndex >= record.DecisionCount)
            {
                return $"window {i} does not lie inside the frame, or no decision led to it";
            }
        }

        return null;
    }

    private static string? FindDecisionProblem(in TraceRecord record, IReadOnlyList<SessionNode> nodes)
    {
        for (int i = 0; i < record.DecisionCount; i++)
        {
            ref readonly var decision = ref record.Decisions[i];
            if ((uint)decision.NodeIndex >= (uint)nodes.Count)
            {
                return $"decision {i} at node index {decision.NodeIndex} of {nodes.Count} route tree nodes";
            }

            if (decision.OptionCount != nodes[decision.NodeIndex].Options.Count || (uint)decision.OptionIndex >= (uint)decision.OptionCount)
            {
                return $"decision {i} takes option {decision.OptionIndex} of {decision.OptionCount}, "
                    + $"but node {decision.NodeIndex} has {nodes[decision.NodeIndex].Options.Count} options";
            }

            if (decision.Reason > DecisionReason.AllowanceSpent)
            {
                return $"decision {i} has reason {(byte)decision.Reason}, which does not exist";
            }

            if (FindDenialProblem(decision) is { } problem)
            {
                return problem;
            }
        }

        return null;
    }

    private static string? FindDenialProblem(in DecisionRecord decision)
    {
        for (int i = 0; i < decision.OptionCount; i++)
        {
            if (decision.Values[i].Denial > OptionDenial.NothingThere)
            {
                return $"option {i} has denial {(byte)decision.Values[i].Denial}, which does not exist";
            }
        }

        return null;
    }
}
