using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Routing;
using EdgeRoute.Core.Signals;
using EdgeRoute.Engine.Reports;
using EdgeRoute.Protocol.Recording;

namespace EdgeRoute.Workbench.Replaying;

/// <summary>Explains one decision from its record and the names in the session start.</summary>
/// <param name="source">Gives the names.</param>
/// <param name="cascade">The pack's thresholds; null where the pack is not at hand.</param>
internal sealed class DecisionPhrases(SessionSource source, CascadeSettings? cascade)
{
    private static readonly ExitSignalKind[] Kinds = Enum.GetValues<ExitSignalKind>();

    public DecisionExplanation Of(in DecisionRecord decision, in FrameSignals frame)
    {
        var node = source.Nodes[decision.NodeIndex];
        var operating = decision.Operating;
        float asked = (operating with { PriceCeiling = float.PositiveInfinity }).EffectivePricePerMs;
        var options = OptionsOf(decision, node);
        return new DecisionExplanation(
            node.PathName, decision.SlackNs == long.MaxValue ? null : Figures.MsOf(decision.SlackNs), operating.EffectivePricePerMs,
            Figures.Finite(asked), Figures.Finite(operating.PriceCeiling), Figures.Finite(operating.AllowanceMs),
            decision.ContextIndex >= 0 ? decision.ContextIndex : null, Figures.Finite(decision.LossFactor),
            decision.NodeIndex == 0 ? [] : ExitLines(decision.Exit), options, node.Options[decision.OptionIndex].Name,
            decision.Reason.ToString(), WhyOf(decision, node, options, frame));
    }

    /// <summary>A signal that is 0 is one that the task does not have, or one that says nothing.</summary>
    private static List<ExitSignalLine> ExitLines(ExitSignals exit) =>
        [.. Kinds.Where(k => !exit.Of(k).Equals(0f)).Select(k => new ExitSignalLine(DecisionText.NameOf(k), Figures.Finite(exit.Of(k))))];

    private static List<OptionExplanation> OptionsOf(in DecisionRecord decision, SessionNode node)
    {
        double price = decision.Operating.EffectivePricePerMs;
        var options = new List<OptionExplanation>();
        for (int i = 0; i < decision.OptionCount; i++)
        {
            var value = decision.Values[i];
            bool isWeighed = float.IsFinite(value.Gain) && float.IsFinite(value.PlanCostMs);
            options.Add(new OptionExplanation(
                node.Options[i].Name, isWeighed ? Figures.Finite(value.Gain) : null, value.CostMs, value.CostMsP95,
                isWeighed ? value.PlanCostMs : null, isWeighed ? price * value.PlanCostMs : null,
                isWeighed ? value.Gain - (price * value.PlanCostMs) : null, DenialOf(value, decision), i == decision.OptionIndex,
                value.CostMs > 0 || node.Options[i].Kind is OptionKind.Stop or OptionKind.Previous));
        }

        return options;
    }

    private static string? DenialOf(in OptionValue value, in DecisionRecord decision) => value.Denial switch
    {
        OptionDenial.None => null,
        OptionDenial.Deadline => decision.SlackNs < 0
            ? $"too late: the deadline passed {Figures.Short(-Figures.MsOf(decision.SlackNs))} ms ago"
            : $"too slow: may take {Figures.Short(value.CostMsP95)} ms, {Figures.Short(Figures.MsOf(decision.SlackNs))} ms are left",
        OptionDenial.NoPrevious => "there is no previous answer to reuse, or none young enough",
        OptionDenial.StageFailed => "its stage failed on this frame, or too often before it",
        OptionDenial.Allowance => $"over the allowance: took up to {Figures.Short(value.CostMsP95)} ms on 19 of 20 frames, and what its "
            + $"longest run took must fit into {Figures.Short(decision.Operating.AllowanceMs)} ms",
        OptionDenial.NothingThere => "there is nothing in this frame to look at closer",
        _ => "not possible",
    };

    private List<string> WhyOf(in DecisionRecord decision, SessionNode node, IReadOnlyList<OptionExplanation> options,
        in FrameSignals frame)
    {
        var chosen = options[decision.OptionIndex];
        string name = $"'{chosen.Name}'";
        switch (decision.Reason)
        {
            case DecisionReason.OnlyOption:
                return [$"{name} was the only option here."];
            case DecisionReason.SafetyLock:
                return [$"{name} lies on the path that a safety lock forces."];
            case DecisionReason.FixedRoute:
                return [$"Signals could not be computed; {name} lies on the pack's fixed route."];
            case DecisionReason.AllowanceSpent:
                return [$"The allowance could pay no stage, and there was no previous answer to reuse: the frame failed. {name} would have "
                    + "cost least."];
            case DecisionReason.DeadlineMissed:
                return [$"No option was possible any more (see the reasons above); {name} is the cheapest that can run at all, because a "
                    + "late answer is better than none."];
            case DecisionReason.Deadline:
                string taken = $"What the policy wanted was not possible (see the reasons above); {name} is the cheapest option that was.";
                return [taken, .. ValuePhrases.Of(options, decision, isFree: false)];
            default:
                return chosen.Value is not null ? ValuePhrases.Of(options, decision, isFree: true)
                    : [.. UnweighedWords(decision, node, name, frame)];
        }
    }

    /// <summary>Policies that do not estimate gain: what they look at instead.</summary>
    private IEnumerable<string> UnweighedWords(DecisionRecord decision, SessionNode node, string name, FrameSignals frame)
    {
        var kind = node.Options[decision.OptionIndex].Kind;
        if (source.PolicyName == "fixed")
        {
            return [$"{name}: the policy 'fixed' takes the same path on every frame and looks at nothing."];
        }

        if (source.PolicyName == "skipping")
        {
            string drift = float.IsNaN(frame.Drift) ? "" : $", drift {Figures.Short(frame.Drift)}";
            string figures = $"age {Figures.Short(frame.AgeMs)} ms{drift}";
            return [kind == OptionKind.Previous ? $"The policy 'skipping' carries the last answer to this frame: {figures}."
                : $"{name}: the policy 'skipping' looks again ({figures})."];
        }

        if (source.PolicyName != "cascade")
        {
            return [$"{name} was chosen by the policy '{source.PolicyName}', which writes down no estimates."];
        }

        if (kind == OptionKind.Previous)
        {
            string bounds = cascade?.Reuse is { } reuse ? $" (at most {Figures.Short(reuse.MotionAtMost)} and "
                + $"{Figures.Short(reuse.AgeMsAtMost)} ms)" : "";
            return [$"The cascade reuses the last answer while little moves and it is not old: motion {Figures.Short(frame.Motion)}, age "
                + $"{Figures.Short(frame.AgeMs)} ms{bounds}."];
        }

        return [decision.NodeIndex != 0 ? ThresholdWords(decision, node, kind == OptionKind.Stop, name)
            : $"A cascade starts with {name} and judges the answer afterwards.{NotReusedWords(decision, node, frame)}"];
    }

    private string NotReusedWords(DecisionRecord decision, SessionNode node, FrameSignals frame)
    {
        int previous = node.Options.Select(o => o.Kind).ToList().IndexOf(OptionKind.Previous);
        string motion = float.IsNaN(frame.Motion) ? "" : $"motion {Figures.Short(frame.Motion)}, ";
        string figures = $"{motion}age {Figures.Short(frame.AgeMs)} ms";
        if (previous < 0 || decision.Values[previous].Denial != OptionDenial.None)
        {
            return "";
        }

        if (cascade is null)
        {
            return $" It did not reuse the last answer ({figures}).";
        }

        if (cascade.Reuse is not { } reuse)
        {
            return " This pack's cascade never reuses the last answer.";
        }

        return $" It reuses the last answer only up to motion {Figures.Short(reuse.MotionAtMost)} and age "
            + $"{Figures.Short(reuse.AgeMsAtMost)} ms; here: {figures}.";
    }

    private string ThresholdWords(DecisionRecord decision, SessionNode node, bool isStop, string name)
    {
        string stage = node.PathName.Split('>')[^1].Split('@')[0];
        string verdict = isStop ? $"'{stage}' was sure enough of its answer"
            : $"'{stage}' was not sure enough of its answer, so {name} looks as well";
        if (cascade?.Rules.FirstOrDefault(r => r.StageName == stage) is not { } rule)
        {
            return cascade is null ? $"{verdict}. The cascade compares one of the signals above with a threshold of the pack (give --pack "
                + "to see which)."
                : $"{verdict}: the cascade has no threshold at '{stage}'.";
        }

        string side = rule.StopsAbove ? "at least" : "at most";
        return $"{verdict}: the cascade stops where {DecisionText.NameOf(rule.Signal)} is {side} {Figures.Short(rule.Threshold)}; "
            + $"it was {Figures.Short(decision.Exit.Of(rule.Signal))}.";
    }
}
