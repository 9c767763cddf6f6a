using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Signals;

namespace EdgeRoute.Core.Routing;

/// <summary>The verdict at one exit: stop when the signal is on the sure side of the threshold, else go on.</summary>
/// <param name="StageName">The stage whose exit this is.</param>
/// <param name="Signal">What is compared.</param>
/// <param name="Threshold">In the signal's own unit; calibrated, from the manifest.</param>
/// <param name="StopsAbove">True: stop at or above the threshold. False: stop at or below it.</param>
/// <param name="NextName">The option to take otherwise; null for the first that goes on.</param>
public sealed record CascadeRule(string StageName, ExitSignalKind Signal, float Threshold, bool StopsAbove, string? NextName);

/// <summary>When the previous answer is reused: little motion, and not too old.</summary>
public sealed record ReuseRule(float MotionAtMost, float AgeMsAtMost);

/// <param name="EntryName">The option taken out of the frame; null for the first that runs a stage.</param>
public sealed record CascadeSettings(string? EntryName, IReadOnlyList<CascadeRule> Rules, ReuseRule? Reuse);

/// <summary>A cascade with one threshold per exit: cheap first, costlier while unsure. An exit without a rule stops.</summary>
public sealed class CascadePolicy : IRoutePolicy
{
    private sealed record NodeRule(int StopChoice, int GoChoice, int ReuseChoice, CascadeRule? Rule);

    private readonly NodeRule[] _rules;
    private readonly ReuseRule? _reuse;

    /// <exception cref="ArgumentException">A rule names a stage or option that the tree does not have.</exception>
    public CascadePolicy(RouteTree tree, CascadeSettings settings)
    {
        _reuse = settings.Reuse;
        CheckStageNames(tree, settings);
        _rules = [.. tree.Nodes.Select(node => RuleAt(tree, node, settings))];
    }

    public string Name => "cascade";

    public bool ReadsSignals => _reuse is not null;

    public float FallbackAgeMs => _reuse?.AgeMsAtMost ?? float.PositiveInfinity;

    public int Choose(in DecisionPoint point, Span<OptionValue> values)
    {
        var at = _rules[point.Node.Index];
        if (at.ReuseChoice >= 0 && _reuse is { } reuse && values[at.ReuseChoice].Denial == OptionDenial.None
            && point.Frame.Motion <= reuse.MotionAtMost && point.Frame.AgeMs <= reuse.AgeMsAtMost)
        {
            return at.ReuseChoice;
        }

        if (at.StopChoice < 0)
        {
            return at.GoChoice;
        }

        return at.Rule is null || at.GoChoice < 0 || IsSure(at.Rule, point.Exit) ? at.StopChoice : at.GoChoice;
    }

    /// <summary>A signal that is not a number is never sure, so the frame goes on to the better stage.</summary>
    private static bool IsSure(CascadeRule rule, in ExitSignals exit)
    {
        float signal = exit.Of(rule.Signal);
        return rule.StopsAbove ? signal >= rule.Threshold : signal <= rule.Threshold;
    }

    private static NodeRule RuleAt(RouteTree tree, RouteNode node, CascadeSettings settings)
    {
        string? stage = node.StageIndex >= 0 ? tree.Graph.Stages[node.StageIndex].Name : null;
        var rule = settings.Rules.FirstOrDefault(r => r.StageName == stage);
        string? wanted = node.Index == 0 ? settings.EntryName : rule?.NextName;
        int stop = Array.FindIndex(node.Options, o => o.Kind == OptionKind.Stop);
        int reuse = Array.FindIndex(node.Options, o => o.Kind == OptionKind.Previous);
        int go = Array.FindIndex(node.Options, o => IsStageOption(o) && (wanted is null || o.Name == wanted));
        if (go < 0 && wanted is not null && node.Options.Any(IsStageOption))
        {
            throw new ArgumentException($"The cascade goes from '{node.PathName}' to '{wanted}', which is not an option there. "
                + $"Options: {string.Join(", ", node.Options.Select(o => o.Name))}.");
        }

        return new NodeRule(stop, go, reuse, rule);
    }

    private static bool IsStageOption(RouteOption option) => option.VariantIndex >= 0;

    private static void CheckStageNames(RouteTree tree, CascadeSettings settings)
    {
        foreach (var rule in settings.Rules)
        {
            if (!tree.Graph.Stages.Any(s => s.HasExit && s.Name == rule.StageName))
            {
                throw new ArgumentException($"The cascade has a threshold for '{rule.StageName}', which is not a stage with an exit. "
                    + $"Stages with exits: {string.Join(", ", tree.Graph.Stages.Where(s => s.HasExit).Select(s => s.Name))}.");
            }
        }
    }
}
