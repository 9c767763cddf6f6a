using System.Globalization;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Routing;
using EdgeRoute.Core.Signals;
using EdgeRoute.Workbench.Sweeps;

namespace EdgeRoute.Workbench.Frontiers;

/// <summary>
/// Threshold cascades over a grid: every entry, every signal that varies at an exit with thresholds at its quantiles, every reuse rule. The
/// rival of the value rule.
/// </summary>
internal static class CascadeGrid
{
    /// <summary>Thresholds of one signal, at even quantiles of its values.</summary>
    private const int ThresholdCount = 9;

    /// <summary>Signals that rise with certainty; the others fall.</summary>
    private static readonly HashSet<ExitSignalKind> RisingSignals =
        [ExitSignalKind.MaxProbability, ExitSignalKind.Margin, ExitSignalKind.Energy, ExitSignalKind.CarriedAgreement,
            ExitSignalKind.Consistency];

    /// <summary>What thresholds go by, in the order in which they are tried.</summary>
    public static readonly ExitSignalKind[] Signals =
    [
        ExitSignalKind.MaxProbability, ExitSignalKind.Margin, ExitSignalKind.Entropy, ExitSignalKind.LowConfidenceMass,
        ExitSignalKind.Count,
        ExitSignalKind.TsallisEntropy, ExitSignalKind.Energy,
    ];

    /// <summary>Shares of a signal's values at which thresholds stand.</summary>
    public static IEnumerable<double> Shares => Enumerable.Range(1, ThresholdCount).Select(i => i / (ThresholdCount + 1.0));

    /// <summary>Ages in milliseconds and largest motions under which an answer is reused; a motion of 1 reuses by age alone.</summary>
    private static readonly float[] Ages = [50, 100, 150, 200, 300, 400, 600, 800, 1200, 2000], Motions = [0.002f, 0.005f, 0.01f, 0.02f, 1];

    /// <summary>A signal that is the higher, the surer an answer is.</summary>
    public static bool Rises(ExitSignalKind signal) => RisingSignals.Contains(signal);

    public static IEnumerable<(string Name, CascadeSettings Settings)> Of(SweptRecording sweep)
    {
        var tree = sweep.Tree;
        bool canReuse = tree.Nodes[0].Options.Any(o => o.Kind == OptionKind.Previous);
        IEnumerable<ReuseRule?> reuses = canReuse ? [null, .. Motions.SelectMany(m => Ages.Select(a => new ReuseRule(m, a)))] : [null];
        foreach (var entry in tree.Nodes[0].Options.Where(o => o.VariantIndex >= 0))
        {
            foreach (var rules in RulesAfter(sweep, tree.Nodes[entry.NodeIndex]))
            {
                foreach (var reuse in reuses)
                {
                    yield return (NameOf(entry, rules, reuse), new CascadeSettings(entry.Name, rules, reuse));
                }
            }
        }
    }

    /// <summary>Those with thresholds that begin with an option and reuse no answer.</summary>
    public static IEnumerable<CascadeSettings> From(SweptRecording sweep, RouteOption entry) =>
        RulesAfter(sweep, sweep.Tree.Nodes[entry.NodeIndex]).Where(r => r.Count > 0).Select(r => new CascadeSettings(entry.Name, r, null));

    /// <summary>
    /// No rule (stop at the first exit), or one signal at one quantile at every exit on the way, next the first option that goes on.
    /// </summary>
    private static IEnumerable<IReadOnlyList<CascadeRule>> RulesAfter(SweptRecording sweep, RouteNode first)
    {
        yield return [];
        var exits = ExitsFrom(sweep.Tree, first).ToList();
        foreach (var next in exits.Count == 0 ? [] : NextNames(exits[0]))
        {
            foreach (var signal in Signals)
            {
                List<CascadeRule> before = [];
                foreach (double share in Shares)
                {
                    var rules = exits.Select((e, i) => RuleAt(sweep, e, signal, share, i == 0 ? next : null))
                        .OfType<CascadeRule>().ToList();
                    // Quantiles of a signal with few values coincide, and the same cascade again shows nothing.
                    if (rules.Count == exits.Count && !rules.SequenceEqual(before))
                    {
                        yield return rules;
                    }

                    before = rules;
                }
            }
        }
    }

    private static IEnumerable<string?> NextNames(RouteNode exit) => exit.Options.Where(o => o.VariantIndex >= 0)
        .Select(o => (string?)o.Name);

    private static IEnumerable<RouteNode> ExitsFrom(RouteTree tree, RouteNode node)
    {
        for (var at = node; at.Options.FirstOrDefault(o => o.VariantIndex >= 0) is { } onward; at = tree.Nodes[onward.NodeIndex])
        {
            if (at.CanStop)
            {
                yield return at;
            }
        }
    }

    private static CascadeRule? RuleAt(SweptRecording sweep, RouteNode exit, ExitSignalKind signal, double share, string? next)
    {
        float[] values = [.. sweep.Frames.Select(f => f.Variants[exit.VariantIndex].Exit.Of(signal)).Where(float.IsFinite).Order()];
        if (values.Length == 0 || values[0].Equals(values[^1]))
        {
            return null;
        }

        float threshold = values[Math.Min(values.Length - 1, (int)(share * values.Length))];
        return new CascadeRule(sweep.Tree.Graph.Stages[exit.StageIndex].Name, signal, threshold, Rises(signal), next);
    }

    private static string NameOf(RouteOption entry, IReadOnlyList<CascadeRule> rules, ReuseRule? reuse)
    {
        var culture = CultureInfo.InvariantCulture;
        string thresholds = string.Join("/", rules.Select(r => r.Threshold.ToString("0.###", culture)));
        string rule = rules.Count == 0 ? ""
            : $", {rules[0].Signal} {(rules[0].StopsAbove ? ">=" : "<=")} {thresholds}"
                + (rules[0].NextName is { } next ? " else " + next : "");
        string motion = reuse is { MotionAtMost: < 1 } ? string.Create(culture, $" and motion {reuse.MotionAtMost:0.###}") : "";
        string kept = reuse is null ? "" : string.Create(culture, $", reuse up to {reuse.AgeMsAtMost:0} ms{motion}");
        return entry.Name + rule + kept;
    }
}
