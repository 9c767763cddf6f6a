using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Prices;

namespace EdgeRoute.Core.Routing;

/// <summary>
/// Reads from a frame's decisions what the calibration expected to be lost, beside what the heaviest path showed. Where the heaviest path
/// teaches, a gain is 1 less the loss against it. Pure; allocates nothing.
/// </summary>
public static class ExpectedLoss
{
    /// <param name="nodeIndex">Whose answer was published; -1 for a failed frame.</param>
    /// <param name="heaviestVariant">The stage variant that the heaviest path ends in.</param>
    /// <param name="carriedLoss">Of the answer that might have been carried, against the heaviest path's; NaN where that did not run, or
    /// there was none.</param>
    /// <param name="lighterLoss">Of the answer of the exit before it, likewise.</param>
    public static FrameLoss Of(
        RouteTree tree, ReadOnlySpan<DecisionRecord> decisions, int nodeIndex, int heaviestVariant, float carriedLoss, float lighterLoss)
    {
        if (nodeIndex < 0 || decisions.IsEmpty)
        {
            return default;
        }

        var node = tree.Nodes[nodeIndex];
        bool isHeaviest = node.VariantIndex == heaviestVariant;
        double expected = isHeaviest ? 0 : OfPublished(decisions);
        return new FrameLoss(expected, node.StageIndex == RouteGraph.Previous, CarriedOf(tree, decisions[0], carriedLoss),
            LighterOf(tree, decisions, heaviestVariant, lighterLoss)) { IsKnown = double.IsFinite(expected) };
    }

    /// <summary>
    /// What the calibration alone expects an option to lose; what audits made of it is taken off again. NaN where it expects nothing.
    /// </summary>
    public static double Of(in DecisionRecord decision, int optionIndex)
    {
        float gain = decision.Values[optionIndex].Gain;
        return float.IsNaN(gain) || !(decision.LossFactor > 0) ? double.NaN : Math.Clamp((1 - gain) / decision.LossFactor, 0, 1);
    }

    /// <summary>A node with one way on is not weighed: what was expected before goes on to hold.</summary>
    private static double OfPublished(ReadOnlySpan<DecisionRecord> decisions)
    {
        for (int i = decisions.Length - 1; i >= 0; i--)
        {
            if (Of(decisions[i], decisions[i].OptionIndex) is var loss && double.IsFinite(loss))
            {
                return loss;
            }
        }

        return double.NaN;
    }

    private static ShownLoss? CarriedOf(RouteTree tree, in DecisionRecord first, float loss)
    {
        int option = Array.FindIndex(tree.Nodes[0].Options, o => o.Kind == OptionKind.Previous);
        return option >= 0 && float.IsFinite(loss) && first.NodeIndex == 0 && first.Values[option].Denial != OptionDenial.NoPrevious
            ? new ShownLoss(Of(first, option), loss) : null;
    }

    private static ShownLoss? LighterOf(RouteTree tree, ReadOnlySpan<DecisionRecord> decisions, int heaviestVariant, float loss)
    {
        for (int i = decisions.Length - 1; i > 0 && float.IsFinite(loss); i--)
        {
            var at = tree.Nodes[decisions[i].NodeIndex];
            if (at.CanStop && at.Index > 0 && at.VariantIndex != heaviestVariant)
            {
                return new ShownLoss(Of(decisions[i], 0), loss);
            }
        }

        return null;
    }
}
