using EdgeRoute.Core.Gains;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Routing;
using EdgeRoute.Core.Signals;
using EdgeRoute.Tests.Workbench.Sweeps;
using EdgeRoute.Workbench.Frontiers;
using EdgeRoute.Workbench.Playing;

namespace EdgeRoute.Tests.Workbench.Frontiers;

/// <summary>The cheapest way of routing that is expected to keep its promise on footage that nobody has seen.</summary>
public sealed class UnseenChoiceTests(ShapesSweeps sweeps) : IClassFixture<ShapesSweeps>
{
    private const string Heaviest = "heavy_1>heavy_2";

    /// <summary>Four calibrations take a while, and the tests look at the same candidates.</summary>
    private static IReadOnlyList<UnseenCandidate>? _candidates;

    private OpenedSweep Footage => sweeps.Whole with { Part = sweeps.Whole.All.Part(0, 0.55) };

    private UnseenChoice Choice => new(Footage);

    private IReadOnlyList<UnseenCandidate> Candidates => _candidates ??= Choice.Judge(PointsOf(), _ => { }, CancellationToken.None);

    [SkippableFact]
    public void Every_kind_is_judged_and_always_heavy_loses_nothing()
    {
        Assert.Equal(["fixed", "every_nth", "motion_gated", "value", "quality_loss"], Candidates.Select(c => c.Point.Family).Distinct());
        var first = Candidates[0];
        Assert.Equal((Heaviest, 0, 0, 1), (first.Point.Name, first.Loss, first.Margin, first.Point.CostShare));
        Assert.All(Candidates.Skip(1).Where(c => c.Point.Family is not ("value" or "quality_loss")),
            c => Assert.True(c.Margin > 0, $"{c.Point.Name}, picked on these frames, is as sure as always heavy"));
        Assert.All(Candidates, c => Assert.InRange(c.Loss, 0, 1));
        var light = Candidates.Single(c => c.Point is { Family: "fixed", Name: "light" });
        Assert.True(light.Loss > 0, "light and heavy should differ on this table, or nothing is shown");
    }

    [SkippableFact]
    public void The_cheapest_that_keeps_to_the_loss_asked_is_taken_and_more_loss_never_costs_more()
    {
        double last = double.PositiveInfinity;
        foreach (double loss in new[] { 1e-9, 0.01, 0.05, 0.2, 1.0 })
        {
            var report = Choice.Choose(Candidates, loss);
            Assert.All(report.Families, c => Assert.True(c.Keeps(loss), $"{c.Point.Name} at {loss}"));
            Assert.Same(report.Families.MinBy(c => c.Point.Ms), report.Chosen);
            Assert.DoesNotContain(Candidates, c => c.Keeps(loss) && c.Point.Ms < report.Chosen.Point.Ms);
            Assert.True(report.Chosen.Point.Ms <= last, "who may lose more spends no more");
            last = report.Chosen.Point.Ms;
        }

        Assert.Equal(Heaviest, Choice.Choose(Candidates, 1e-9).Chosen.Point.Name);
        Assert.True(last < Candidates[0].Point.Ms, "something is cheaper than always heavy");
    }

    [Theory]
    [InlineData(1, 0.03, 0.025, true)]
    [InlineData(1, 0.03, 0.01, false)]
    [InlineData(2, 0.001, 0, false)]
    [InlineData(null, 0.005, 0.005, true)]
    [InlineData(null, 0.008, 0.005, false)]
    public void What_is_steered_is_doubted_beyond_chance_and_what_is_not_within_it(int? points, double loss, double margin, bool keeps)
    {
        var point = new FrontierPoint("x", "x", 0, 0, 0, null, null) { QualityLoss = points };
        Assert.Equal(keeps, new UnseenCandidate(point, loss, margin).Keeps(0.01));
    }

    [SkippableFact]
    public void Few_frames_are_refused_with_what_is_needed()
    {
        var few = sweeps.Whole with { Part = sweeps.Whole.All.Part(0, 0.4) };
        var error = Assert.Throws<InvalidDataException>(() => new UnseenChoice(few).Judge(PointsOf(), _ => { }, CancellationToken.None));
        Assert.Contains("has 24 frames in the span", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Each fold here always takes another option, so the option tells which fold decided.</summary>
    [Fact]
    public void Each_frame_is_decided_without_what_was_fitted_to_its_own_part()
    {
        var tree = SyntheticSweep.Tree;
        var policy = new HeldOutPolicy([Preferring(tree, 0), Preferring(tree, 1)], frameCount: 5);
        int[] taken = [.. Enumerable.Range(0, 5).Select(i =>
        {
            policy.FrameIndex = i;
            Span<OptionValue> values = new OptionValue[tree.Nodes[0].Options.Length];
            return policy.Choose(new DecisionPoint(tree.Nodes[0], default, default, long.MaxValue, OperatingPoint.Free, 1), values);
        })];
        Assert.Equal([0, 0, 0, 1, 1], taken);
    }

    private static ValuePolicy Preferring(RouteTree tree, int option)
    {
        var nodes = tree.Nodes.Select(n => n.Index == 0 || n.Options.Length > 1 ? NodeOf(n, n.Index == 0 ? option : 0) : null).ToList();
        return new ValuePolicy(new Calibration(tree, nodes, []));
    }

    private static CalibratedNode NodeOf(RouteNode node, int best)
    {
        int signals = node.Index == 0 ? SignalVector.FrameCount : SignalVector.Count;
        var scale = new SignalScale([.. Enumerable.Repeat<IReadOnlyList<float>>([0f], signals)]);
        return new CalibratedNode(scale, [.. node.Options.Select((_, i) =>
            (IReadOnlyList<CalibratedPlan>)[new CalibratedPlan(new ConstantGain(i == best ? 1 : 0), null)])]);
    }

    private List<FrontierPoint> PointsOf()
    {
        var part = Footage.Part;
        var skipping = SkippingGrid.EveryNth(part).Select(s => new FrontierPoint("every_nth", s.Name, 0, 0, 0, null, null)
        {
            Skipping = new(EdgeRoute.Documents.Configs.PolicyKind.Skipping, Heaviest) { Carry = s.Rule },
        });
        return [.. new[] { Heaviest, "light" }.Select(p => new FrontierPoint("fixed", p, 0, 0, 0, null, null)), .. skipping];
    }
}
