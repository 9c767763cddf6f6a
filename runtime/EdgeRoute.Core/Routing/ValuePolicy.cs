using System.Diagnostics;
using EdgeRoute.Core.Gains;
using EdgeRoute.Core.Signals;

namespace EdgeRoute.Core.Routing;

/// <summary>
/// The one rule: takes the option whose best plan has the most gain minus price times cost. Writes each option's best plan into the values
/// it was given. Equal values go to the cheaper plan, then to the earlier option.
/// </summary>
public sealed class ValuePolicy(Calibration calibration) : IRoutePolicy
{
    public string Name => "value";

    public Calibration Calibration { get; } = calibration;

    public int Choose(in DecisionPoint point, Span<OptionValue> values) =>
        Calibration.NodeAt(point.Node.Index) is { } node ? Choose(node, point, values) : 0;

    /// <summary>The rule at one node.</summary>
    public static int Choose(CalibratedNode node, in DecisionPoint point, Span<OptionValue> values)
    {
        Span<float> features = stackalloc float[2 * SignalVector.Count];
        features = features[..node.Scale.FeatureCount];
        node.Scale.Apply(point.Frame, point.Exit, features);
        float price = point.Operating.EffectivePricePerMs;
        Debug.Assert(price >= 0, "A price is 0 or more.");
        int best = -1;
        double bestValue = 0;
        for (int i = 0; i < values.Length; i++)
        {
            double value = Weigh(node.PlanTable[i], features, point.LossFactor, price, point.Operating.MillijoulesPerMs, ref values[i]);
            bool isBetter = values[i].Denial == OptionDenial.None
                && (best < 0 || value > bestValue || (value.Equals(bestValue) && values[i].PlanCostMs < values[best].PlanCostMs));
            (best, bestValue) = isBetter ? (i, value) : (best, bestValue);
        }

        return Math.Max(best, 0);
    }

    /// <summary>The option's best plan at this price, written down; returns its value.</summary>
    private static double Weigh(
        CalibratedPlan[] plans, ReadOnlySpan<float> features, float lossFactor, float price, float millijoulesPerMs, ref OptionValue option)
    {
        double best = double.NegativeInfinity;
        for (int k = 0; k < plans.Length; k++)
        {
            float estimate = plans[k].Gain.Estimate(features);
            // Of the estimate only: a factor read back from a file may be any number.
            Debug.Assert(estimate is >= 0 and <= 1, "A gain lies in [0, 1].");
            float gain = Math.Clamp(1 - ((1 - estimate) * lossFactor), 0, 1);
            float onward = plans[k].Onward is { } part ? part.Estimate(features) * option.OnwardMs : 0;
            float cost = Sound(option.CostMs + onward);
            double value = gain - ((double)price * cost);
            if (value > best || (value.Equals(best) && cost < option.PlanCostMs))
            {
                best = value;
                option = option with { Gain = gain, PlanCostMs = cost, PlanIndex = (byte)k, EnergyMillijoules = cost * millijoulesPerMs };
            }
        }

        return best;
    }

    private static float Sound(float cost) => float.IsNaN(cost) ? 0 : Math.Clamp(cost, 0, float.MaxValue);
}
