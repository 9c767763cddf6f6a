using EdgeRoute.Core.Costs;
using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Routing;
using EdgeRoute.Protocol.Recording;
using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.Workbench.Replaying;

/// <summary>A decision that comes out otherwise than recorded.</summary>
/// <param name="DecisionIndex">Which decision of the frame, 0 for the one at the frame itself.</param>
/// <param name="PathName">The node decided at.</param>
internal sealed record DecisionDifference(
    FrameStamp Stamp, int DecisionIndex, string PathName, string RecordedOption, DecisionReason RecordedReason, string NewOption,
    DecisionReason NewReason)
{
    public override string ToString() =>
        $"source {Stamp.SourceIndex} frame {Stamp.Sequence}, decision {DecisionIndex} at '{PathName}': recorded '{RecordedOption}' "
            + $"({RecordedReason}), "
        + $"now '{NewOption}' ({NewReason})";
}

/// <summary>
/// Decides recorded decisions again. With the policy of the run every choice is the recorded one, bit for bit; with another policy the
/// differences are the what-if. Choices that a safety lock or the fixed route forced were not the policy's; they are counted, not compared.
/// </summary>
internal sealed class TraceRedecision(RouteTree tree, IRoutePolicy policy)
{
    private readonly Router _router = new(tree, new CostTable(tree), policy);

    public long ComparedCount { get; private set; }

    public long ForcedCount { get; private set; }

    public long DifferentCount { get; private set; }

    public DecisionDifference? FirstDifference { get; private set; }

    /// <summary>
    /// Reads the rest of a recording and decides all traces of one source again. The reader's stop says whether the recording was whole.
    /// </summary>
    /// <exception cref="ArgumentException">The recording's route tree is not this one; the message names the first difference.</exception>
    public static TraceRedecision Run(RecordReader reader, int sourceIndex, RouteTree tree, IRoutePolicy policy)
    {
        var run = new TraceRedecision(tree, policy);
        while (reader.Read())
        {
            if (reader.Kind == RecordKind.SessionStart && FindTreeProblem(reader.Session!, sourceIndex, tree) is { } problem)
            {
                throw new ArgumentException(problem);
            }

            if (reader.Kind == RecordKind.Trace && reader.Trace.Stamp.SourceIndex == sourceIndex)
            {
                run.Decide(reader.Trace);
            }
        }

        return run;
    }

    /// <summary>Why traces of this session cannot be decided on this tree, or null.</summary>
    public static string? FindTreeProblem(SessionStart session, int sourceIndex, RouteTree tree)
    {
        if ((uint)sourceIndex >= (uint)session.Sources.Count)
        {
            return $"The recording has {session.Sources.Count} sources; there is no source {sourceIndex}.";
        }

        var recorded = session.Sources[sourceIndex].Nodes;
        for (int i = 0; i < Math.Max(recorded.Count, tree.Nodes.Count); i++)
        {
            string was = i < recorded.Count ? Describe(recorded[i].PathName, recorded[i].Options.Select(o => o.Name)) : "nothing";
            string now = i < tree.Nodes.Count ? Describe(tree.Nodes[i].PathName, tree.Nodes[i].Options.Select(o => o.Name)) : "nothing";
            if (was != now)
            {
                return $"Source '{session.Sources[sourceIndex].Name}' was recorded with another route tree: node {i} was {was} "
                    + $"and is {now}. "
                    + $"Use the pack it was recorded with: '{session.Sources[sourceIndex].PackName}'.";
            }
        }

        return null;
    }

    /// <summary>Decides all decisions of one frame again.</summary>
    /// <exception cref="ArgumentException">The record does not fit the tree.</exception>
    public void Decide(in TraceRecord record)
    {
        for (int i = 0; i < record.DecisionCount; i++)
        {
            ref readonly var decision = ref record.Decisions[i];
            if (decision.Reason is DecisionReason.SafetyLock or DecisionReason.FixedRoute or DecisionReason.None)
            {
                ForcedCount++;
                continue;
            }

            CheckFits(decision);
            ComparedCount++;
            var (option, reason) = _router.DecideAgain(decision, record.Signals);
            if (option != decision.OptionIndex || reason != decision.Reason)
            {
                DifferentCount++;
                FirstDifference ??= DifferenceAt(record, i, option, reason);
            }
        }
    }

    private void CheckFits(in DecisionRecord decision)
    {
        if ((uint)decision.NodeIndex >= (uint)_router.Tree.Nodes.Count
            || decision.OptionCount != _router.Tree.Nodes[decision.NodeIndex].Options.Length)
        {
            throw new ArgumentException(
                $"The trace decides among {decision.OptionCount} options at node {decision.NodeIndex}, which this route tree "
                    + "does not have.");
        }
    }

    private DecisionDifference DifferenceAt(in TraceRecord record, int decisionIndex, int option, DecisionReason reason)
    {
        ref readonly var decision = ref record.Decisions[decisionIndex];
        var node = _router.Tree.Nodes[decision.NodeIndex];
        return new DecisionDifference(
            record.Stamp, decisionIndex, node.PathName, node.Options[decision.OptionIndex].Name, decision.Reason,
            node.Options[option].Name, reason);
    }

    private static string Describe(string pathName, IEnumerable<string> options) => $"'{pathName}' ({string.Join(", ", options)})";
}
