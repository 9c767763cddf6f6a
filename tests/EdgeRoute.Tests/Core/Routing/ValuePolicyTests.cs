using EdgeRoute.Core.Costs;
using EdgeRoute.Core.Gains;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Routing;
using EdgeRoute.Core.Signals;
using EdgeRoute.Protocol.Recording;
using EdgeRoute.Protocol.Tracing;
using EdgeRoute.Tests.Core.Gains;
using EdgeRoute.Tests.Core.Graphs;
using FsCheck.Xunit;

namespace EdgeRoute.Tests.Core.Routing;

/// <summary>The laws of the one rule, over calibrations, costs, prices and signals drawn by chance, whatever they are.</summary>
public sealed class ValuePolicyTests
{
    private const int CaseCount = 2000;

    /// <summary>Prices from nothing to more than any float holds.</summary>
    private static readonly float[] RisingPrices =
        [0, float.Epsilon, 1e-6f, 1e-4f, 1e-3f, 3e-3f, 0.01f, 0.02f, 0.05f, 0.1f, 0.3f, 1, 10, 1e9f, float.MaxValue,
            float.PositiveInfinity];

    [Property(MaxTest = CaseCount)]
    public void A_higher_price_never_chooses_a_plan_that_costs_more(int seed)
    {
        var drawn = new ValueCase(seed);
        float last = float.PositiveInfinity;
        foreach (float price in RisingPrices.Concat(RandomCalibration.Floats(drawn.Random, 10, 0, 0.2f)).Order())
        {
            drawn.Router.Operating = drawn.Router.Operating with { PricePerMs = price };
            var record = drawn.Decide();
            if (record.Reason == DecisionReason.Policy)
            {
                float cost = record.Values[record.OptionIndex].PlanCostMs;
                Assert.True(cost <= last, $"seed {seed}: at price {price} {cost} ms, before {last} ms");
                last = cost;
            }
        }
    }

    [Property(MaxTest = CaseCount)]
    public void The_rule_is_total_and_what_it_weighed_is_written_in_sound_numbers(int seed)
    {
        var record = new ValueCase(seed).Decide();
        Assert.InRange(record.OptionIndex, 0, record.OptionCount - 1);
        Assert.NotEqual(DecisionReason.None, record.Reason);
        Assert.True(float.IsFinite(record.LossFactor)
            && record.LossFactor is >= 1 / ContextLosses.FactorLimit and <= ContextLosses.FactorLimit);
        for (int i = 0; i < record.OptionCount && record.Reason == DecisionReason.Policy; i++)
        {
            Assert.InRange(record.Values[i].Gain, 0, 1);
            Assert.True(float.IsFinite(record.Values[i].PlanCostMs) && record.Values[i].PlanCostMs >= 0,
                $"seed {seed}: {record.Values[i]}");
        }
    }

    /// <summary>
    /// Loss factors of a recording may be anything: nothing is promised of gains then, but a choice there is, and an allowed one.
    /// </summary>
    [Property(MaxTest = 500)]
    public void Any_loss_factor_gives_a_choice_that_is_allowed(int seed)
    {
        var drawn = new ValueCase(seed);
        var record = drawn.Decide();
        record.LossFactor = ValueCase.Odd(drawn.Random);
        var (option, _) = drawn.Router.DecideAgain(record, drawn.Frame);
        Assert.InRange(option, 0, record.OptionCount - 1);
        Assert.True(record.Values[option].Denial == OptionDenial.None || AllDenied(record), $"seed {seed}");
    }

    [Property(MaxTest = CaseCount)]
    public void No_possible_option_is_worth_more_than_the_chosen_one(int seed)
    {
        var drawn = new ValueCase(seed);
        var record = drawn.Decide();
        if (record.Reason != DecisionReason.Policy || drawn.Calibration.NodeAt(drawn.Node.Index) is not { } node)
        {
            return;
        }

        var worths = Enumerable.Range(0, record.OptionCount).Where(i => record.Values[i].Denial == OptionDenial.None).ToDictionary(i => i,
            i => WorthOf(drawn, node, record, i));
        double best = worths.Values.Max();
        Assert.True(worths[record.OptionIndex] >= best - (1e-9 * Math.Max(1, Math.Abs(best))),
            $"seed {seed}: chose {worths[record.OptionIndex]}, possible was {best}");
    }

    [Property(MaxTest = CaseCount)]
    public void Deadline_allowance_and_failures_are_never_violated(int seed)
    {
        var drawn = new ValueCase(seed);
        var record = drawn.Decide();
        var option = drawn.Node.Options[record.OptionIndex];
        bool isForced = AllDenied(record);
        Assert.Equal(isForced, record.Reason is DecisionReason.DeadlineMissed or DecisionReason.AllowanceSpent);
        if (isForced)
        {
            return;
        }

        var cost = option.VariantIndex < 0 ? default : drawn.Router.Costs.ToNextExit(option.NodeIndex);
        Assert.False(cost.MsP95 * 1e6 > drawn.SlackNs && option.VariantIndex >= 0, $"seed {seed}: {cost.MsP95} ms in {drawn.SlackNs} ns");
        float bound = option.VariantIndex < 0 ? 0 : drawn.Router.Costs.BoundToNextExit(option.NodeIndex);
        Assert.False(bound > record.Operating.AllowanceMs, $"seed {seed}: {bound} ms of {record.Operating.AllowanceMs} ms");
        Assert.Equal(0u, drawn.FailedOptions >> record.OptionIndex & 1);
        Assert.False(option.Kind == OptionKind.Previous && !float.IsFinite(drawn.Frame.AgeMs), $"seed {seed}: nothing to reuse");
    }

    [Property(MaxTest = CaseCount)]
    public void A_safety_lock_leads_to_its_node_at_any_price(int seed)
    {
        var drawn = new ValueCase(seed);
        var target = drawn.Tree.FindPath(drawn.Tree.PathNames.ElementAt(drawn.Random.Next(drawn.Tree.PathNames.Count())))!;
        drawn.Router.LockNodeIndex = target.Index;
        var record = drawn.Decide();
        int next = drawn.Node.Index == target.Index ? target.Index : drawn.Tree.StepTowards(drawn.Node.Index, target.Index);
        int locked = Array.FindIndex(drawn.Node.Options, o => o.NodeIndex == next);
        bool canObey = locked >= 0 && record.Values[locked].Denial is not (OptionDenial.StageFailed or OptionDenial.NoPrevious);
        if (drawn.Node.Index == target.Index || canObey)
        {
            Assert.Equal((locked, DecisionReason.SafetyLock), (record.OptionIndex, record.Reason));
        }
        else
        {
            Assert.NotEqual(DecisionReason.SafetyLock, record.Reason);
        }
    }

    [Property(MaxTest = CaseCount)]
    public void The_price_in_force_is_a_number_and_never_above_the_ceiling(int seed)
    {
        var point = new ValueCase(seed).Router.Operating;
        float price = point.EffectivePricePerMs, ceiling = float.IsNaN(point.PriceCeiling) ? 0 : Math.Max(point.PriceCeiling, 0);
        Assert.True(float.IsFinite(price) && price >= 0 && price <= ceiling, $"seed {seed}: {price} under {point}");
    }

    /// <summary>A price above the ceiling decides as the ceiling does.</summary>
    [Property(MaxTest = 500)]
    public void Beyond_the_ceiling_the_dial_changes_nothing(int seed)
    {
        var drawn = new ValueCase(seed);
        drawn.Router.Operating = drawn.Router.Operating with { PriceCeiling = 0.01f, PricePerMs = 0.01f, PricePerMillijoule = 0 };
        int atCeiling = drawn.Decide().OptionIndex;
        drawn.Router.Operating = drawn.Router.Operating with { PricePerMs = 0.01f + drawn.Random.NextSingle() };
        Assert.Equal(atCeiling, drawn.Decide().OptionIndex);
    }

    [Property(MaxTest = CaseCount)]
    public void Equal_points_give_equal_choices_also_from_the_bytes_of_a_trace(int seed)
    {
        var drawn = new ValueCase(seed);
        drawn.Router.LockNodeIndex = drawn.Random.Next(4) == 0 ? drawn.Random.Next(drawn.Tree.Nodes.Count) : -1;
        byte[] first = BytesOf(drawn), second = BytesOf(drawn);
        Assert.Equal(first, second);
        TraceRecordCodec.Decode(first, out var trace);
        var record = trace.Decisions[0];
        Assert.Equal((record.OptionIndex, record.Reason), drawn.Router.DecideAgain(record, trace.Signals));
        var other = new ValueCase(seed);
        other.Router.LockNodeIndex = drawn.Router.LockNodeIndex;
        Assert.Equal((record.OptionIndex, record.Reason), other.Router.DecideAgain(record, trace.Signals));
    }

    /// <summary>At the frame heavy is worth 1 - 20p, light 0.98 - (2 + 0.3 * 20)p or 0.7 - 2p, reuse 0.2.</summary>
    [Theory]
    [InlineData(0f, "heavy", 0)]
    [InlineData(0.001f, "heavy", 0)]
    [InlineData(0.03f, "light", 0)]
    [InlineData(0.06f, "light", 1)]
    [InlineData(0.3f, "previous", 0)]
    public void A_pencil_finds_the_same(float price, string option, int plan)
    {
        var tree = SampleGraphs.Cascade();
        var costs = new CostTable(tree);
        costs.SetProfile(tree.FindPath("light")!.VariantIndex, new StageCost(2, 3));
        costs.SetProfile(tree.FindPath("heavy")!.VariantIndex, new StageCost(20, 25));
        var router = new Router(tree, costs, new ValuePolicy(HandCalibration.Of(tree))) { Operating =
            OperatingPoint.Free with { PricePerMs = price } };
        var record = default(DecisionRecord);
        var chosen = router.Decide(0, new FrameSignals(0, 0.5f, 0.5f, 0.2f, 0.1f, 33), default, long.MaxValue, 0, ref record);
        Assert.Equal((option, plan), (chosen.Name, (int)record.Values[record.OptionIndex].PlanIndex));
    }

    private static bool AllDenied(DecisionRecord record) =>
        Enumerable.Range(0, record.OptionCount).All(i => record.Values[i].Denial != OptionDenial.None);

    /// <summary>The worth of an option's best plan, by the formula of the design and in plain words.</summary>
    private static double WorthOf(ValueCase drawn, CalibratedNode node, DecisionRecord record, int option)
    {
        var features = new float[node.Scale.FeatureCount];
        node.Scale.Apply(drawn.Frame, drawn.Exit, features);
        var value = record.Values[option];
        return node.Plans[option].Max(plan =>
        {
            float gain = Math.Clamp(1 - ((1 - plan.Gain.Estimate(features)) * record.LossFactor), 0, 1);
            float cost = value.CostMs + (plan.Onward is null ? 0 : plan.Onward.Estimate(features) * value.OnwardMs);
            return gain - ((double)record.Operating.EffectivePricePerMs * (float.IsNaN(cost) ? 0 : Math.Clamp(cost, 0, float.MaxValue)));
        });
    }

    private static byte[] BytesOf(ValueCase drawn)
    {
        var trace = new TraceRecord { Signals = drawn.Frame, DecisionCount = 1 };
        trace.Decisions[0] = drawn.Decide();
        var bytes = new byte[RecordingFormat.TraceBytes];
        TraceRecordCodec.Encode(trace, bytes);
        return bytes;
    }
}
