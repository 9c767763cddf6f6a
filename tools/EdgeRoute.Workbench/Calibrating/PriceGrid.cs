using EdgeRoute.Core.Prices;
using EdgeRoute.Workbench.Sweeps;

namespace EdgeRoute.Workbench.Calibrating;

/// <summary>
/// Prices worth telling apart, in gain per millisecond: 0, then geometric from where the costliest path costs a thousandth of the full gain
/// to where it costs all of it.
/// </summary>
internal static class PriceGrid
{
    private const int StepCount = 61;
    private const int CarriedStepCount = 30;
    private const double LowestShare = 0.001;

    /// <summary>Shares at which plans look ahead; beyond the two ends a plan is to stop at once or to go all the way.</summary>
    private static readonly double[] PlanShares = [0.003, 0.01, 0.03, 0.07, 0.15, 0.3, 0.7];

    public static double[] Of(SweptRecording sweep) =>
        [0, .. Enumerable.Range(0, StepCount).Select(i =>
            LowestShare * Math.Pow(1 / LowestShare, i / (StepCount - 1.0)) / HeaviestMs(sweep))];

    /// <summary>As a device that runs with the prices of <see cref="Of"/> takes it.</summary>
    public static PriceScale ScaleOf(SweptRecording sweep) => new(Of(sweep)[1], Of(sweep)[^1]);

    /// <summary>
    /// The same and on, by the same steps, to where the costliest path costs what some thirty frames can bring: an answer that is carried
    /// serves more frames than its own.
    /// </summary>
    public static double[] OverTime(SweptRecording sweep)
    {
        double[] grid = Of(sweep);
        double ratio = grid[^1] / grid[^2];
        return [.. grid, .. Enumerable.Range(1, CarriedStepCount).Select(i => grid[^1] * Math.Pow(ratio, i))];
    }

    public static double[] PlansOf(SweptRecording sweep) => [.. PlanShares.Select(s => s / HeaviestMs(sweep))];

    private static double HeaviestMs(SweptRecording sweep) => Math.Max(sweep.PathMs(sweep.Profile(), sweep.HeaviestNode()), 1e-3);
}
