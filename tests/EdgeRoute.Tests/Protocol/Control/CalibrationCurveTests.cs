using EdgeRoute.Protocol.Control;

namespace EdgeRoute.Tests.Protocol.Control;

/// <summary>What a preview reads from a calibration's predictions.</summary>
public sealed class CalibrationCurveTests
{
    private static readonly CalibrationCurve Stepped = Curve((0, 10), (0.001, 9.5), (0.002, 9), (0.003, 3), (0.004, 2.5), (0.005, 2));

    [Theory]
    [InlineData(0.0025)]
    [InlineData(0.003)]
    public void A_price_at_or_in_a_step_is_told_with_both_sides(double price)
    {
        var (before, after) = Stepped.StepAt(price)!.Value;
        Assert.Equal((0.002, 9.0, 0.003, 3.0), (before.Price, before.DeviceMs, after.Price, after.DeviceMs));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.0015)]
    [InlineData(0.0045)]
    [InlineData(1)]
    public void Where_the_curve_is_smooth_or_ends_there_is_none(double price) => Assert.Null(Stepped.StepAt(price));

    [Fact]
    public void A_curve_of_one_point_or_none_has_no_step()
    {
        Assert.Null(Curve().StepAt(0.1));
        Assert.Null(Curve((0, 3)).StepAt(0.1));
        Assert.Null(Curve((0, 3), (1, 3)).StepAt(0.5));
    }

    private static CalibrationCurve Curve(params (double Price, double Ms)[] points) =>
        new() { Points = [.. points.Select(p => new CurvePoint { Price = p.Price, DeviceMs = p.Ms })] };
}
