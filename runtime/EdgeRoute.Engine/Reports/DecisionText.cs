using System.Globalization;
using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Routing;
using EdgeRoute.Core.Signals;
using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.Engine.Reports;

/// <summary>Says in a few words which path a frame took and why, from its trace record.</summary>
public static class DecisionText
{
    /// <summary>The path's name; "no answer" for a failed frame.</summary>
    public static string PathOf(RouteTree tree, in TraceRecord record) =>
        (uint)record.NodeIndex < (uint)tree.Nodes.Count ? tree.Nodes[record.NodeIndex].PathName : "no answer";

    /// <summary>Such as <c>escalated: low_confidence_mass 0.42 > 0.30</c>.</summary>
    /// <param name="cascade">The thresholds in force, or null: then the reason names no figures.</param>
    public static string ReasonOf(RouteTree tree, in TraceRecord record, CascadeSettings? cascade)
    {
        if (record.DecisionCount == 0)
        {
            return NameOf(record.End);
        }

        int at = DecisiveIndex(tree, record);
        ref readonly var decision = ref record.Decisions[at];
        string why = decision.Reason == DecisionReason.Policy ? PolicyReason(tree, record, decision, cascade) : ConstraintReason(decision);
        return why.Length == 0 ? NameOf(record.End) : $"{NameOf(record.End)}: {why}";
    }

    /// <summary>An exit's signal as manifests and reasons spell it.</summary>
    public static string NameOf(ExitSignalKind kind) => kind switch
    {
        ExitSignalKind.MaxProbability => "max_probability",
        ExitSignalKind.Margin => "margin",
        ExitSignalKind.Entropy => "entropy",
        ExitSignalKind.LowConfidenceMass => "low_confidence_mass",
        ExitSignalKind.Count => "count",
        ExitSignalKind.TsallisEntropy => "tsallis_entropy",
        ExitSignalKind.Energy => "energy",
        ExitSignalKind.CarriedAgreement => "carried_agreement",
        ExitSignalKind.Consistency => "consistency",
        _ => "unknown signal",
    };

    /// <summary>The decision that made the frame end as it did: for an escalated one the last that went on, else the last.</summary>
    private static int DecisiveIndex(RouteTree tree, in TraceRecord record)
    {
        int last = Math.Min(record.DecisionCount, RouteTree.DepthLimit) - 1;
        for (int i = last; i >= 0 && record.End == FrameEnd.Escalated; i--)
        {
            ref readonly var decision = ref record.Decisions[i];
            if (tree.Nodes[decision.NodeIndex].Options[decision.OptionIndex].Kind == OptionKind.Escalate)
            {
                return i;
            }
        }

        return last > 0 && record.Decisions[last].Reason == DecisionReason.OnlyOption && IsWeighed(record.Decisions[last - 1])
            ? last - 1 : last;
    }

    private static bool IsWeighed(in DecisionRecord decision) => float.IsFinite(decision.Values[decision.OptionIndex].Gain);

    /// <summary>What the value rule expected of its choice.</summary>
    private static string ValueReason(OptionKind kind, in OptionValue chosen, float ageMs) => kind switch
    {
        OptionKind.Stop => string.Create(CultureInfo.InvariantCulture, $"value {chosen.Gain:0.00} at hand"),
        OptionKind.Previous => string.Create(CultureInfo.InvariantCulture, $"value {chosen.Gain:0.00}, answer {ageMs:0} ms old"),
        _ => string.Create(CultureInfo.InvariantCulture, $"value {chosen.Gain:0.00} for {chosen.PlanCostMs:0.0} ms"),
    };

    private static string PolicyReason(RouteTree tree, in TraceRecord record, in DecisionRecord decision, CascadeSettings? cascade)
    {
        var node = tree.Nodes[decision.NodeIndex];
        if (IsWeighed(decision))
        {
            return ValueReason(node.Options[decision.OptionIndex].Kind, decision.Values[decision.OptionIndex], record.Signals.AgeMs);
        }

        if (node.Options[decision.OptionIndex].Kind == OptionKind.Previous)
        {
            return string.Create(CultureInfo.InvariantCulture,
                $"motion {record.Signals.Motion:0.000}, answer {record.Signals.AgeMs:0} ms old");
        }

        string? stage = node.StageIndex >= 0 ? tree.Graph.Stages[node.StageIndex].Name : null;
        var rule = cascade?.Rules.FirstOrDefault(r => r.StageName == stage);
        if (rule is null)
        {
            return "";
        }

        float signal = decision.Exit.Of(rule.Signal);
        bool isStop = node.Options[decision.OptionIndex].Kind == OptionKind.Stop;
        string sign = (rule.StopsAbove, isStop) switch
        {
            (true, true) => ">=",
            (true, false) => "<",
            (false, true) => "<=",
            (false, false) => ">",
        };
        return string.Create(CultureInfo.InvariantCulture, $"{NameOf(rule.Signal)} {signal:0.00} {sign} {rule.Threshold:0.00}");
    }

    private static string ConstraintReason(in DecisionRecord decision) => decision.Reason switch
    {
        DecisionReason.SafetyLock => "safety lock",
        DecisionReason.Deadline => string.Create(CultureInfo.InvariantCulture, $"deadline, {decision.SlackNs / 1e6:0.0} ms left"),
        DecisionReason.DeadlineMissed => string.Create(CultureInfo.InvariantCulture,
            $"deadline missed, {decision.SlackNs / 1e6:0.0} ms left"),
        DecisionReason.FixedRoute => "no signals, fixed route",
        DecisionReason.AllowanceSpent => "allowance spent",
        _ => "",
    };

    private static string NameOf(FrameEnd end) => end.ToString().ToLowerInvariant();
}
