namespace EdgeRoute.Tests.Core.Prices;

/// <summary>
/// What follows a step, over many runs with different randomness and phase. The windowed mean is that of the last 30 frames, one second.
/// Frames whose cost is drawn from a few options scatter a one-second mean by more than 2 % whatever the price does, so settling and
/// overshoot are those of the windowed mean averaged over the runs, and single runs are judged by their mean over the ten seconds after the
/// third.
/// </summary>
/// <param name="RunError">Root of the mean square, over the runs, of the ten-second mean's relative error.</param>
/// <param name="Bias">Relative error of the ten-second mean over all runs.</param>
internal sealed record StepResponse(double SettlingSeconds, double Overshoot, double RunError, double Bias)
{
    public const int WindowLength = 30, SettlingFrames = 90, FramesAfter = 390;

    /// <summary>Within 2 % of the target.</summary>
    public const double Band = 0.02;

    /// <param name="runCount">Runs, each a fresh controller and seed.</param>
    /// <param name="target">After the step.</param>
    /// <param name="band">How near the target counts as settled, as a fraction.</param>
    /// <param name="run">Seed to the frames' figures: one window before the step, then <see cref="FramesAfter"/>.</param>
    /// <param name="direction">1 for a step up, -1 for a step down: the side on which going past the target is overshoot.</param>
    public static StepResponse Measure(int runCount, double target, double band, Func<int, double[]> run, int direction)
    {
        double[] mean = new double[WindowLength + FramesAfter];
        double squares = 0;
        for (int seed = 0; seed < runCount; seed++)
        {
            double[] values = run(seed);
            squares += Math.Pow((values[^(FramesAfter - SettlingFrames)..].Average() / target) - 1, 2);
            for (int i = 0; i < mean.Length; i++)
            {
                mean[i] += values[i] / runCount;
            }
        }

        int settled = 0;
        double overshoot = 0;
        for (int i = 1; i <= FramesAfter; i++)
        {
            double error = (mean[i..(i + WindowLength)].Average() / target) - 1;
            settled = Math.Abs(error) > band ? i + 1 : settled;
            overshoot = Math.Max(overshoot, direction * error);
        }

        double bias = (mean[^(FramesAfter - SettlingFrames)..].Average() / target) - 1;
        return new StepResponse(settled / 30.0, overshoot, Math.Sqrt(squares / runCount), bias);
    }
}
