using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Prices;
using EdgeRoute.Core.Routing;
using EdgeRoute.Engine.Board;
using EdgeRoute.Engine.Loop;
using EdgeRoute.Protocol.Tracing;
using EdgeRoute.Simulation.Scripted;
using EdgeRoute.Tests.Core.Gains;
using EdgeRoute.Tests.Core.Graphs;
using EdgeRoute.Tests.Engine.Board;

namespace EdgeRoute.Tests.Engine.Loop;

/// <summary>Power from a tree of sensor files, through the monitor, into the prices and records of the real loop.</summary>
public sealed class PoweredLoopTests : IDisposable
{
    private const double FrameMs = 25, IdleWatts = 4, BusyWatts = 10;

    private static readonly RouteTree Tree = SampleGraphs.Cascade();
    private static readonly PriceScale Scale = new(0.0005, 0.2);
    private static readonly ScriptedStage Light = new(n => 0.5f + (0.5f * ((n * 37) % 100) / 100), _ => 2, _ => false);
    private static readonly ScriptedStage Heavy = ScriptedStage.Steady(0.99f, 10);

    private readonly TemporaryFolder _board = BoardTrees.Orin();
    private readonly List<string> _events = [];
    private BoardMonitor? _monitor;

    public void Dispose()
    {
        _monitor?.Dispose();
        _board.Dispose();
    }

    [Fact]
    public void A_watts_budget_moves_the_price_until_the_board_draws_it()
    {
        using var free = Run(2000, new FixedPrice(0));
        double before = Drawn(free);
        Assert.InRange(before, 7.5, 9.5);

        var budget = new DualPrice(new Budget(BudgetKind.Watts, 6.5), new DualPriceSettings(Scale, BoardProbe.PowerLagMs));
        using var held = Run(2000, budget);
        Assert.True(budget.Price > 0);
        Assert.InRange(Drawn(held), 6.5 * 0.97, 6.5 * 1.03);
        Assert.InRange(budget.Reading.Measured, 6.5 * 0.9, 6.5 * 1.1);
    }

    [Fact]
    public void An_energy_budget_is_met_and_every_trace_has_its_energy()
    {
        var budget = new DualPrice(new Budget(BudgetKind.EnergyMillijoules, 30), new DualPriceSettings(Scale));
        using var rig = Run(2000, budget);
        Assert.InRange(rig.Traced.Skip(500).Average(r => r.EnergyMillijoules), 28.5, 31.5);
        Assert.All(rig.Traced, r =>
        {
            float watts = r.Decisions[0].Operating.MillijoulesPerMs;
            Assert.InRange(watts, IdleWatts, IdleWatts + BusyWatts);
            Assert.Equal((float)(DeviceMs(r) * watts), r.EnergyMillijoules);
        });
        var decision = rig.Traced[^1].Decisions[0];
        Assert.Equal(decision.Values[decision.OptionIndex].PlanCostMs * decision.Operating.MillijoulesPerMs,
            decision.Values[decision.OptionIndex].EnergyMillijoules, 3);
    }

    [Fact]
    public void When_the_sensor_is_gone_the_price_stays_and_frames_are_counted_as_unusable()
    {
        var budget = new DualPrice(new Budget(BudgetKind.Watts, 6.5), new DualPriceSettings(Scale, BoardProbe.PowerLagMs));
        double price = 0;
        using var rig = Run(1000, budget, i =>
        {
            if (i == 500)
            {
                File.Delete(_board.File("sys", "class", "hwmon", "hwmon3", "in1_input"));
            }

            price = i == 800 ? budget.Price : price;
        });
        Assert.True(price > 0);
        Assert.Equal(price, budget.Price);
        Assert.True(budget.UnusableCount >= 200, $"{budget.UnusableCount} frames");
        Assert.True(float.IsNaN(rig.Traced[^1].EnergyMillijoules) && float.IsNaN(rig.Traced[^1].Decisions[0].Operating.MillijoulesPerMs));
        Assert.StartsWith("power is not measured any more", Assert.Single(_events), StringComparison.Ordinal);
    }

    [Fact]
    public void A_frame_with_power_allocates_nothing()
    {
        using var rig = Rig(new DualPrice(new Budget(BudgetKind.Watts, 5), new DualPriceSettings(Scale, BoardProbe.PowerLagMs)));
        _monitor!.Measure();
        var windows = new AllocationWindows(100);
        rig.Records.Capacity = rig.Traced.Capacity = rig.Answers.Capacity = windows.TotalFrameCount + 1;
        rig.AfterFrame = windows.EndFrame;
        rig.RunAll(windows.TotalFrameCount, i => (byte)(i * 37));
        Assert.Equal(0, windows.LeastBytes);
        Assert.True(float.IsFinite(rig.Traced[^1].EnergyMillijoules));
    }

    /// <summary>Frames at an even pace on a board that draws by how busy the frame before kept it, measured every fourth frame.</summary>
    private LoopRig Run(int frameCount, IPriceController controller, Action<int>? between = null)
    {
        var rig = Rig(controller);
        _monitor!.Measure();
        rig.RunInStep(frameCount, i =>
        {
            between?.Invoke(i);
            if (rig.Records.Count > 0)
            {
                rig.Clock.AdvanceMs(FrameMs - DeviceMs(rig.Records[^1]));
            }

            if (i % 4 == 3)
            {
                BoardTrees.SetWatts(_board, rig.Records.TakeLast(4).Average(Watts));
                _monitor.Measure();
            }

            return (byte)(i * 37);
        });
        return rig;
    }

    private LoopRig Rig(IPriceController controller) =>
        new(Tree, new ValuePolicy(HandCalibration.Of(Tree)), LoopRig.LightAndHeavy(Light, Heavy), with: parts =>
        {
            _monitor?.Dispose();
            _monitor = new BoardMonitor(new SystemFiles(_board.Path), parts.Clock, _events.Add);
            parts.Router.Costs.SetProfile(Tree.FindPath("light")!.VariantIndex, new(2, 2));
            parts.Router.Costs.SetProfile(Tree.FindPath("heavy")!.VariantIndex, new(10, 10));
            var streamPrice = new StreamPricingParts(new StreamPrice([controller]), [], null, [], Tree.FindPath("heavy")!.VariantIndex);
            var pricing = new StreamPricing(streamPrice, parts.Router, _ => { });
            return parts with { Pricing = pricing, Power = _monitor.Power };
        });

    private static double Drawn(LoopRig rig) => rig.Records.Skip(500).Average(Watts);

    private static double Watts(TraceRecord record) => IdleWatts + (BusyWatts * DeviceMs(record) / FrameMs);

    private static double DeviceMs(TraceRecord record) => (record.PreprocessNs + record.StagesNs + record.HeadsNs) / 1e6;
}
