using EdgeRoute.Core.Prices;
using EdgeRoute.Documents.Calibrations;
using EdgeRoute.Engine.Running;

namespace EdgeRoute.Tests.Engine.Running;

/// <summary>The price that a budget begins at, read off the calibration's curve.</summary>
public sealed class StartPriceTests
{
    private static readonly List<CalibrationDocument.CurvePart> Curve =
    [
        new() { PricePerMs = 0, Ms = 20, Quality = 1, HeavyShare = 1 },
        new() { PricePerMs = 0.01, Ms = 12, Quality = 0.97, HeavyShare = 0.4 },
        new() { PricePerMs = 0.02, Ms = 6, Quality = 0.9, HeavyShare = 0.1 },
    ];

    [Theory]
    [InlineData(BudgetKind.DeviceMsMean, 25, 0)]
    [InlineData(BudgetKind.DeviceMsMean, 12, 0.01)]
    [InlineData(BudgetKind.LatencyMsMean, 7, 0.02)]
    [InlineData(BudgetKind.DeviceMsMean, 1, 0.02)]
    [InlineData(BudgetKind.FramesPerSecond, 60, 0.01)]
    [InlineData(BudgetKind.HeavyShare, 0.4, 0.01)]
    [InlineData(BudgetKind.HeavyShare, 0.3, 0.02)]
    [InlineData(BudgetKind.Watts, 7, 0)]
    [InlineData(BudgetKind.QualityLoss, 5, 0.01)]
    [InlineData(BudgetKind.QualityLoss, 20, 0.02)]
    [InlineData(BudgetKind.QualityLoss, 1, 0)]
    public void It_is_the_lowest_that_the_budget_can_pay(BudgetKind kind, double target, double price) =>
        Assert.Equal(price, PricingBuilder.StartPriceOf(new Budget(kind, target), Curve));

    [Fact]
    public void A_curve_without_the_share_of_heavy_frames_says_nothing_of_it()
    {
        List<CalibrationDocument.CurvePart> old = Curve.ConvertAll(c =>
            new CalibrationDocument.CurvePart { PricePerMs = c.PricePerMs, Ms = c.Ms });
        Assert.Equal(0, PricingBuilder.StartPriceOf(new Budget(BudgetKind.HeavyShare, 0.3), old));
        Assert.Equal(0.01, PricingBuilder.StartPriceOf(new Budget(BudgetKind.DeviceMsMean, 12), old));
    }

    [Fact]
    public void An_empty_curve_says_nothing() => Assert.Equal(0, PricingBuilder.StartPriceOf(new Budget(BudgetKind.DeviceMsMean, 12), []));
}
