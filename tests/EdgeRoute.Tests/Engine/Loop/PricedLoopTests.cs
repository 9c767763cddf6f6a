using EdgeRoute.Core.Agreement;
using EdgeRoute.Core.Floors;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Prices;
using EdgeRoute.Core.Routing;
using EdgeRoute.Engine.Loop;
using EdgeRoute.Simulation.Scripted;
using EdgeRoute.Tests.Core.Gains;
using EdgeRoute.Tests.Core.Graphs;

namespace EdgeRoute.Tests.Engine.Loop;

/// <summary>Prices, budgets and audits in the real loop, on scripted stages and a scripted clock.</summary>
public sealed class PricedLoopTests
{
    private static readonly RouteTree Tree = SampleGraphs.Cascade();
    private static readonly double[] Grid = [0, 0.002, 0.005, 0.01, 0.02, 0.04, 0.08];

    /// <summary>Sure on half of the frames, evenly spread in between.</summary>
    private static readonly ScriptedStage Light = new(n => 0.5f + (0.5f * ((n * 37) % 100) / 100), _ => 2, _ => false);
    private static readonly ScriptedStage Heavy = ScriptedStage.Steady(0.99f, 10);

    [Fact]
    public void A_higher_price_takes_less_device_time_and_the_prices_are_in_the_record()
    {
        var spent = new[] { 0, 0.01, 0.03, 0.2 }.Select(price => MeanMs(new FixedPrice(price))).ToList();
        Assert.Equal(10, spent[0], 1);
        // Between 0 and 0.01 light goes first: of like cost, with a little of chance.
        Assert.True(spent.Zip(spent.Skip(1)).All(p => p.Second <= p.First * 1.02), string.Join(", ", spent));
        Assert.True(spent[^1] <= 2.1, string.Join(", ", spent));

        using var rig = Rig([new FixedPrice(0.01)], null, null);
        rig.RunAll(50, Grey);
        Assert.All(rig.Records, r => Assert.Equal(0.01f, r.Decisions[0].Operating.PricePerMs));
    }

    [Fact]
    public void A_budget_of_heavy_frames_is_met()
    {
        var budget = new DualPrice(new Budget(BudgetKind.HeavyShare, 0.25), new DualPriceSettings(new PriceScale(0.0005, 0.2)));
        using var rig = Rig([budget], null, null);
        rig.RunInStep(1500, Grey);
        int heavy = Tree.FindPath("heavy")!.VariantIndex;
        double share = rig.Records.Skip(300).Average(r => Tree.Nodes[r.NodeIndex].VariantIndex == heavy ? 1.0 : 0);
        Assert.InRange(share, 0.23, 0.27);
    }

    [Fact]
    public void The_floor_caps_what_the_dial_asks_and_the_conflict_is_named()
    {
        using var rig = Rig([new FixedPrice(0.2)], new FloorLimit(0.97, 0.005, 8, double.NaN), null);
        rig.RunAll(50, Grey);
        Assert.All(rig.Records, r => Assert.Equal(0.005f, r.Decisions[0].Operating.EffectivePricePerMs));
        Assert.Contains("floor 97 %", Assert.Single(rig.Streams[0].Pricing!.Prices.FindConflicts()).Words, StringComparison.Ordinal);
    }

    [Fact]
    public void An_audit_compares_without_touching_the_answer_and_is_traced()
    {
        using var plain = Rig([new FixedPrice(0.2)], null, null);
        plain.RunAll(200, Grey);
        using var audited = Rig([new FixedPrice(0.2)], null, AuditorOf(0.5));
        audited.RunAll(200, Grey);
        Assert.Equal(plain.Answers.Select(a => (a.Stamp.Sequence, a.Confidence)),
            audited.Answers.Select(a => (a.Stamp.Sequence, a.Confidence)));
        Assert.Equal(plain.Records.Select(r => r.NodeIndex), audited.Records.Select(r => r.NodeIndex));
        int count = audited.Traced.Count(r => float.IsFinite(r.AuditLoss));
        Assert.InRange(count, 70, 130);
        Assert.Equal(count, audited.Streams[0].Parts.Auditor!.Count);
        Assert.All(audited.Traced, r => Assert.Equal(0.5f, r.AuditProbability));
        Assert.All(audited.Traced.Where(r => float.IsNaN(r.AuditLoss)), r => Assert.Equal(0, r.AuditNs));
    }

    [Fact]
    public void Drift_is_noticed_within_500_audits_and_the_ceiling_retreats()
    {
        // At frame 1000 the heavy path begins to disagree with every answer that the light one gives.
        long turn = long.MaxValue;
        var heavy = new ScriptedStage(n => n > turn ? 0.01f : 0.99f, _ => 10, _ => false);
        var audit = new FloorAudit(new FloorAuditSettings(0.97, Grid.Length - 1));
        var events = new List<string>();
        using var rig = Rig([new FixedPrice(0.08)], new FloorLimit(0.97, 0.08, 2, double.NaN), AuditorOf(1), audit, heavy, events.Add);
        rig.RunInStep(1000, Grey);
        Assert.Empty(events);
        Assert.Equal(0.08, rig.Streams[0].Pricing!.Prices.Price, 6);

        using var drifted = Rig([new FixedPrice(0.08)], new FloorLimit(0.97, 0.08, 2, double.NaN), AuditorOf(1), audit, heavy, events.Add);
        turn = -1;
        drifted.RunInStep(500, Grey);
        Assert.NotEmpty(events);
        Assert.Contains("floor", events[0], StringComparison.OrdinalIgnoreCase);
        Assert.True(drifted.Streams[0].Pricing!.Prices.PriceCeiling < 0.08);
    }

    [Fact]
    public void A_strict_allowance_denies_what_it_cannot_pay()
    {
        var plan = new EpisodeAllowance(AllowanceKind.DeviceMs, 300, 100, 2);
        var episode = new EpisodePrice(plan, new PriceScale(0.0005, 0.2));
        using var rig = Rig([episode], null, null, allowance: episode);
        rig.RunInStep(100, Grey);
        double spent = rig.Records.Sum(r => (r.PreprocessNs + r.StagesNs + r.HeadsNs) / 1e6);
        Assert.InRange(spent, 200, 300);
        Assert.Equal(0, episode.OverspentCount);
    }

    [Theory]
    [InlineData(false, 900)]
    [InlineData(true, 1800)]
    public void An_allowance_for_an_episode_begins_anew_when_it_is_asked_to(bool isAsked, double most)
    {
        var plan = EpisodeAllowance.PerEpisode(AllowanceKind.DeviceMs, 900, 100 * 1000 / 30.0, 30, 2, 10);
        var episode = new EpisodePrice(plan, new PriceScale(0.0005, 0.2));
        using var rig = Rig([episode], null, null, allowance: episode);
        rig.RunInStep(300, i =>
        {
            Assert.True(i != 150 || !isAsked || rig.Streams[0].Pricing!.TryAskEpisode());
            return Grey(i);
        });
        var spent = rig.Records.ConvertAll(r => (r.PreprocessNs + r.StagesNs + r.HeadsNs) / 1e6);
        Assert.InRange(spent.Take(150).Sum(), 450, 900);
        Assert.InRange(spent.Sum(), most * 0.6, most);
        Assert.Equal(0, episode.OverspentCount);
    }

    [Fact]
    public void An_allowance_for_each_minute_knows_no_episodes()
    {
        var minute = new EpisodePrice(EpisodeAllowance.PerMinute(AllowanceKind.DeviceMs, 900, 30, 0), new PriceScale(0.0005, 0.2));
        using var rig = Rig([minute], null, null, allowance: minute);
        Assert.False(rig.Streams[0].Pricing!.TryAskEpisode());
    }

    /// <summary>
    /// Light is trusted as far as its confidence here. Where heavy always says otherwise, looks show that more is lost than was expected.
    /// </summary>
    [Fact]
    public void Looks_show_what_lighter_answers_lose_and_less_is_left_to_them()
    {
        var (rightShare, right) = HeavyShareWith(Heavy);
        Assert.Equal((1, 0), (right.LighterFactor, right.UnusableCount));
        var (wrongShare, wrong) = HeavyShareWith(new ScriptedStage(_ => 0.01f, _ => 10, _ => false));
        Assert.InRange(wrong.LighterFactor, 1.5, 8);
        Assert.InRange(wrong.Reading.Measured, 3, 13);
        Assert.True(wrongShare > 1.3 * rightShare, $"heavy on {wrongShare} where light is wrong, on {rightShare} where it is right");
    }

    private static (double Share, LossPrice Price) HeavyShareWith(ScriptedStage heavy)
    {
        var price = new LossPrice(new Budget(BudgetKind.QualityLoss, 10), new DualPriceSettings(new PriceScale(0.0005, 0.2)));
        using var rig = Rig([price], null, null, heavy: heavy);
        rig.RunInStep(1500, Grey);
        int heaviest = Tree.FindPath("heavy")!.VariantIndex;
        return (rig.Records.Skip(300).Average(r => Tree.Nodes[r.NodeIndex].VariantIndex == heaviest ? 1.0 : 0), price);
    }

    [Fact]
    public void A_priced_and_audited_frame_allocates_nothing()
    {
        var loss = new LossPrice(new Budget(BudgetKind.QualityLoss, 10), new DualPriceSettings(new PriceScale(0.0005, 0.2)));
        var budget = new DualPrice(new Budget(BudgetKind.DeviceMsMean, 5), new DualPriceSettings(new PriceScale(0.0005, 0.2)));
        using var rig = Rig([budget, loss], new FloorLimit(0.5, 0.08, 2, double.NaN), AuditorOf(0.25),
            new FloorAudit(new FloorAuditSettings(0.5, Grid.Length - 1)));
        var windows = new AllocationWindows(100);
        rig.Records.Capacity = rig.Traced.Capacity = rig.Answers.Capacity = windows.TotalFrameCount + 1;
        rig.AfterFrame = windows.EndFrame;
        rig.RunAll(windows.TotalFrameCount, Grey);
        Assert.Equal(0, windows.LeastBytes);
    }

    private static double MeanMs(IPriceController price)
    {
        using var rig = Rig([price], null, null);
        rig.RunAll(200, Grey);
        // The first frames meet a cost table that knows nothing yet.
        return rig.Records.Skip(50).Average(r => (r.PreprocessNs + r.StagesNs + r.HeadsNs) / 1e6);
    }

    private static byte Grey(int i) => (byte)(i * 37);

    private static StreamAuditor AuditorOf(double share)
    {
        var heavy = Tree.FindPath("heavy")!;
        return new StreamAuditor(new AuditSampler(share, 1), [heavy.VariantIndex], LossOf());
    }

    private static AnswerLoss LossOf() =>
        new(new AgreementSettings(1), new float[Tree.Nodes.Count], Tree.FindPath("heavy")!.Index);

    private static LoopRig Rig(
        IPriceController[] controllers, FloorLimit? floor, StreamAuditor? auditor, FloorAudit? audit = null, ScriptedStage? heavy = null,
        Action<string>? onEvent = null,
        EpisodePrice? allowance = null)
    {
        var streamPrice = new StreamPrice(controllers);
        streamPrice.SetFloor(floor);
        return new LoopRig(Tree, new ValuePolicy(HandCalibration.Of(Tree)), LoopRig.LightAndHeavy(Light, heavy ?? Heavy), with: parts =>
        {
            var profile = Tree.FindPath("light")!.VariantIndex;
            parts.Router.Costs.SetProfile(profile, new(2, 2));
            parts.Router.Costs.SetProfile(Tree.FindPath("heavy")!.VariantIndex, new(10, 10));
            var pricing = new StreamPricing(new StreamPricingParts(streamPrice, allowance is null ? [] : [allowance], audit, Grid,
                Tree.FindPath("heavy")!.VariantIndex)
            {
                Looks = controllers.OfType<LossPrice>().Any() ? new StreamLooks(LossOf(), Tree.FindPath("heavy")!.VariantIndex) : null,
            }, parts.Router, onEvent ?? (_ => { }));
            return parts with { Pricing = pricing, Auditor = auditor };
        });
    }
}
