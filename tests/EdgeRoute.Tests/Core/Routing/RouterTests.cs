using EdgeRoute.Core.Costs;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Routing;
using EdgeRoute.Core.Signals;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using static EdgeRoute.Tests.Core.Graphs.SampleGraphs;

namespace EdgeRoute.Tests.Core.Routing;

public sealed class RouterTests
{
    private static readonly FrameSignals Still = new(0, 1, 0.5f, 0.2f, 0, 40);
    private static readonly CascadeSettings Settings =
        new("light", [new CascadeRule("light", ExitSignalKind.MaxProbability, 0.6f, true, "heavy")], new ReuseRule(0.01f, 100));

    [Fact]
    public void A_fixed_policy_follows_its_path_to_the_end()
    {
        var tree = Cascade();
        var router = Make(tree, new FixedPolicy(tree, "light>heavy"));
        Assert.Equal("light", Decide(router, 0).Name);
        Assert.Equal("heavy", Decide(router, tree.FindPath("light")!.Index).Name);
        Assert.Equal(OptionKind.Stop, Decide(router, tree.FindPath("light>heavy")!.Index).Kind);
    }

    [Fact]
    public void An_unknown_path_is_refused_with_the_paths_there_are()
    {
        string message = Assert.Throws<ArgumentException>(() => new FixedPolicy(Cascade(), "hevy")).Message;
        Assert.Contains("light>heavy", message);
    }

    [Theory]
    [InlineData(0.7f, OptionKind.Stop)]
    [InlineData(0.6f, OptionKind.Stop)]
    [InlineData(0.5f, OptionKind.Escalate)]
    [InlineData(float.NaN, OptionKind.Escalate)]
    public void A_cascade_stops_when_sure_and_escalates_otherwise(float probability, OptionKind expected)
    {
        var tree = Cascade();
        var router = Make(tree, new CascadePolicy(tree, Settings));
        Assert.Equal(expected, Decide(router, tree.FindPath("light")!.Index, exit: new ExitSignals(probability, 0, 0, 0, 0)).Kind);
    }

    [Theory]
    [InlineData(0f, 40f, OptionKind.Previous)]
    [InlineData(0.5f, 40f, OptionKind.Run)]
    [InlineData(0f, 400f, OptionKind.Run)]
    [InlineData(0f, float.PositiveInfinity, OptionKind.Run)]
    public void The_previous_answer_is_reused_only_when_little_moved_and_it_is_young(float motion, float ageMs, OptionKind expected)
    {
        var tree = Cascade();
        var router = Make(tree, new CascadePolicy(tree, Settings));
        Assert.Equal(expected, Decide(router, 0, Still with { Motion = motion, AgeMs = ageMs }).Kind);
    }

    [Theory]
    [InlineData(40f, 0f, OptionKind.Previous)]
    [InlineData(100f, 0.1f, OptionKind.Previous)]
    [InlineData(101f, 0f, OptionKind.Run)]
    [InlineData(-101f, 0f, OptionKind.Run)]
    [InlineData(40f, 0.2f, OptionKind.Run)]
    [InlineData(40f, float.NaN, OptionKind.Run)]
    [InlineData(float.PositiveInfinity, 0f, OptionKind.Run)]
    public void Skipping_carries_an_answer_while_it_is_young_and_the_picture_the_same(float ageMs, float drift, OptionKind expected)
    {
        var tree = Cascade();
        var router = Make(tree, new SkippingPolicy(tree, "light>heavy", new CarryRule(100, 0.1f)));
        Assert.Equal(expected, Decide(router, 0, Still with { AgeMs = ageMs, Drift = drift }).Kind);
        Assert.Equal("heavy", Decide(router, tree.FindPath("light")!.Index).Name);
    }

    [Fact]
    public void Skipping_needs_a_path_that_looks() => Assert.Contains("not 'previous'", Assert.Throws<ArgumentException>(
        () => new SkippingPolicy(Cascade(), "previous", new CarryRule(100))).Message, StringComparison.Ordinal);

    [Fact]
    public void An_option_that_overruns_the_slack_is_denied_and_the_record_says_so()
    {
        var tree = Cascade();
        var router = Make(tree, new FixedPolicy(tree, "heavy"));
        var record = default(DecisionRecord);
        var option = router.Decide(0, Still with { AgeMs = float.PositiveInfinity }, default, 5_000_000, 0, ref record);
        Assert.Equal("light", option.Name);
        Assert.Equal(DecisionReason.Deadline, record.Reason);
        Assert.Equal(OptionDenial.Deadline, record.Values[1].Denial);
        Assert.Equal(OptionDenial.NoPrevious, record.Values[2].Denial);
    }

    [Fact]
    public void When_nothing_fits_the_cheapest_runs_and_the_frame_is_late()
    {
        var tree = Cascade();
        var router = Make(tree, new FixedPolicy(tree, "heavy"));
        var record = default(DecisionRecord);
        Assert.Equal("light", router.Decide(0, FrameSignals.Unknown, default, 0, 0, ref record).Name);
        Assert.Equal(DecisionReason.DeadlineMissed, record.Reason);
    }

    [Fact]
    public void A_safety_lock_comes_before_the_deadline_and_the_policy()
    {
        var tree = Cascade();
        var router = Make(tree, new FixedPolicy(tree, "light"));
        router.LockNodeIndex = tree.FindPath("light>heavy")!.Index;
        var record = default(DecisionRecord);
        Assert.Equal("light", router.Decide(0, Still, default, 0, 0, ref record).Name);
        Assert.Equal("heavy", router.Decide(tree.FindPath("light")!.Index, Still, default, 0, 0, ref record).Name);
        Assert.Equal(DecisionReason.SafetyLock, record.Reason);
    }

    [Fact]
    public void A_stage_that_failed_is_not_chosen_again()
    {
        var tree = Cascade();
        var router = Make(tree, new FixedPolicy(tree, "heavy"));
        var record = default(DecisionRecord);
        var option = router.Decide(0, FrameSignals.Unknown, default, long.MaxValue, 0b10, ref record);
        Assert.Equal("light", option.Name);
    }

    [Theory]
    [InlineData(0, 0, "light", DecisionReason.DeadlineMissed)]
    [InlineData(5, 0b001, "heavy", DecisionReason.DeadlineMissed)]
    [InlineData(50, 0b011, "previous", DecisionReason.Deadline)]
    public void A_fallback_takes_stages_before_the_previous_answer(int slackMs, uint failed, string expected, DecisionReason reason)
    {
        var tree = Cascade();
        var router = Make(tree, new CascadePolicy(tree, Settings));
        var record = default(DecisionRecord);
        Assert.Equal(expected, router.Decide(0, Still with { Motion = 1 }, default, slackMs * 1_000_000L, failed, ref record).Name);
        Assert.Equal(reason, record.Reason);
    }

    [Theory]
    [InlineData(100f, OptionDenial.None)]
    [InlineData(101f, OptionDenial.NoPrevious)]
    public void No_fallback_passes_the_age_limit_of_the_reuse_rule(float ageMs, OptionDenial expected)
    {
        var tree = Cascade();
        var router = Make(tree, new CascadePolicy(tree, Settings));
        var record = default(DecisionRecord);
        router.Decide(0, Still with { Motion = 1, AgeMs = ageMs }, default, long.MaxValue, 0b011, ref record);
        Assert.Equal(expected, record.Values[2].Denial);
        Assert.Equal((record.OptionIndex, record.Reason), router.DecideAgain(record, Still with { Motion = 1, AgeMs = ageMs }));
    }

    [Theory]
    [InlineData(300f, 0b000, "previous", OptionDenial.None)]
    [InlineData(301f, 0b000, "light", OptionDenial.NoPrevious)]
    [InlineData(-301f, 0b000, "light", OptionDenial.NoPrevious)]
    [InlineData(float.NaN, 0b000, "light", OptionDenial.NoPrevious)]
    [InlineData(301f, 0b011, "light", OptionDenial.NoPrevious)]
    public void No_policy_reuses_an_answer_that_is_too_old(float ageMs, uint failed, string expected, OptionDenial denial)
    {
        var tree = Cascade();
        var router = Make(tree, new ReusingPolicy());
        router.MaxAgeMs = 300;
        var record = default(DecisionRecord);
        Assert.Equal(expected, router.Decide(0, Still with { AgeMs = ageMs }, default, long.MaxValue, failed, ref record).Name);
        Assert.Equal(denial, record.Values[2].Denial);
        Assert.Equal(expected == "light" && failed != 0, record.Values[record.OptionIndex].Denial == OptionDenial.StageFailed);
    }

    /// <summary>Light may take 3.75 ms and heavy 31.25 ms: their profile's p95 with the margin of a bound.</summary>
    [Theory]
    [InlineData(32, 0, 40, "heavy", DecisionReason.Policy)]
    [InlineData(32, 1, 40, "light", DecisionReason.Deadline)]
    [InlineData(4, 0, 40, "light", DecisionReason.Deadline)]
    [InlineData(3.7, 0, 40, "previous", DecisionReason.Deadline)]
    [InlineData(3.7, 0, 4000, "light", DecisionReason.AllowanceSpent)]
    public void An_allowance_pays_what_a_stage_may_take_and_what_the_frame_has_had(
        double allowance, float spent, float ageMs, string expected, DecisionReason reason)
    {
        var tree = Cascade();
        var router = Make(tree, new FixedPolicy(tree, "heavy"));
        (router.Operating, router.SpentMs) = (OperatingPoint.Free with { AllowanceMs = (float)allowance }, spent);
        var record = default(DecisionRecord);
        Assert.Equal(expected, router.Decide(0, Still with { AgeMs = ageMs }, default, long.MaxValue, 0, ref record).Name);
        Assert.Equal(reason, record.Reason);
        Assert.Equal(reason == DecisionReason.AllowanceSpent, record.Values[record.OptionIndex].Denial == OptionDenial.Allowance);
        Assert.Equal((record.OptionIndex, record.Reason), router.DecideAgain(record, Still with { AgeMs = ageMs }));
    }

    [Fact]
    public void A_stage_without_a_run_left_is_not_taken()
    {
        var tree = Cascade();
        var router = Make(tree, new FixedPolicy(tree, "heavy"));
        router.SpentVariantIndex = tree.FindPath("heavy")!.VariantIndex;
        Assert.Equal("light", Decide(router, 0).Name);
        router.SpentVariantIndex = -1;
        Assert.Equal("heavy", Decide(router, 0).Name);
    }

    [Fact]
    public void A_path_without_an_exit_on_the_way_costs_all_of_it()
    {
        var tree = EarlyExit();
        var costs = new CostTable(tree);
        foreach (var variant in tree.Variants)
        {
            costs.SetProfile(variant.Index, new StageCost(10, 12));
        }

        var trunk = tree.Nodes.First(n => n.PathName == "s1>s2");
        Assert.Equal(new StageCost(20, 24), costs.ToNextExit(trunk.Index));
    }

    /// <summary>
    /// Any signals, finite or not, any slack, any failures: a valid choice, and never a denied one while an answer of this frame is
    /// possible.
    /// </summary>
    [Property(MaxTest = 2000)]
    public Property The_rule_is_total_and_never_violates_a_constraint()
    {
        var floats = Gen.OneOf(Gen.Constant(float.NaN), Gen.Constant(float.PositiveInfinity), Gen.Constant(float.NegativeInfinity),
            Gen.Choose(-2000, 2000).Select(i => i / 1000f));
        var cases = from a in Gen.ArrayOf(floats, 11) from slack in Gen.Choose(-20, 60) from failed in Gen.Choose(0,
            15) from node in Gen.Choose(0, 4)
                    select (a, slack, failed, node);
        return Prop.ForAll(Arb.From(cases), x =>
        {
            var tree = Cascade();
            var router = Make(tree, new CascadePolicy(tree, Settings));
            var frame = new FrameSignals(x.a[0], x.a[1], x.a[2], x.a[3], x.a[4], x.a[5]);
            var exit = new ExitSignals(x.a[6], x.a[7], x.a[8], x.a[9], x.a[10]);
            var record = default(DecisionRecord);
            int node = Math.Min(x.node, tree.Nodes.Count - 1);
            router.Decide(node, frame, exit, x.slack * 1_000_000L, (uint)x.failed, ref record);
            bool anyPossible = Enumerable.Range(0, record.OptionCount).Any(i => record.Values[i].Denial == OptionDenial.None
                && tree.Nodes[node].Options[i].Kind != OptionKind.Previous);
            bool isValid = record.OptionIndex >= 0 && record.OptionIndex < tree.Nodes[node].Options.Length;
            return isValid && (!anyPossible || record.Values[record.OptionIndex].Denial == OptionDenial.None);
        });
    }

    [Property(MaxTest = 500)]
    public bool Deciding_again_from_the_record_gives_the_same_choice(float motion, float age, float probability, int slackMs)
    {
        var tree = Cascade();
        var router = Make(tree, new CascadePolicy(tree, Settings));
        var frame = Still with { Motion = motion, AgeMs = age };
        var record = default(DecisionRecord);
        foreach (int node in new[] { 0, tree.FindPath("light")!.Index })
        {
            router.Decide(node, frame, new ExitSignals(probability, 0, 0, 0, 0), slackMs * 1_000_000L, 0, ref record);
            if (router.DecideAgain(record, frame) != (record.OptionIndex, record.Reason))
            {
                return false;
            }
        }

        return true;
    }

    [Fact]
    public void Deciding_allocates_nothing()
    {
        var tree = Cascade();
        var router = Make(tree, new CascadePolicy(tree, Settings));
        var record = default(DecisionRecord);
        int i = 0;
        Assert.Equal(0, AllocationWindows.LeastBytesOf(
            () =>
            {
                router.Decide(0, Still, default, i * 1000L, 0, ref record);
                router.Costs.Observe(0, i++);
            },
            1000));
    }

    private static Router Make(RouteTree tree, IRoutePolicy policy)
    {
        var costs = new CostTable(tree);
        costs.SetProfile(0, new StageCost(2, 3));
        costs.SetProfile(1, new StageCost(20, 25));
        return new Router(tree, costs, policy);
    }

    private static RouteOption Decide(Router router, int node, FrameSignals? frame = null, ExitSignals exit = default)
    {
        var record = default(DecisionRecord);
        return router.Decide(node, frame ?? FrameSignals.Unknown, exit, long.MaxValue, 0, ref record);
    }

    /// <summary>Wants the previous answer whatever its age.</summary>
    private sealed class ReusingPolicy : IRoutePolicy
    {
        public string Name => "reusing";

        public int Choose(in DecisionPoint point, Span<OptionValue> values) => 2;
    }
}
