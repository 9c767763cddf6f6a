namespace EdgeRoute.Workbench.Fitting;

/// <summary>A stretch of one feature on which a monotone regression is constant.</summary>
/// <param name="From">The least place that was seen in it.</param>
/// <param name="To">The largest place that was seen in it.</param>
/// <param name="Weight">Weight of its rows, above 0.</param>
/// <param name="Mean">Weighted mean of their targets.</param>
internal readonly record struct MonotoneStep(float From, float To, double Weight, double Mean)
{
    /// <summary>This step and the next as one.</summary>
    public MonotoneStep With(in MonotoneStep next) =>
        new(From, next.To, Weight + next.Weight, ((Weight * Mean) + (next.Weight * next.Mean)) / (Weight + next.Weight));

    /// <summary>By how much the weighted squared error grows when this step and the next become one.</summary>
    public double LossWith(in MonotoneStep next) => Weight * next.Weight / (Weight + next.Weight) * (Mean - next.Mean) * (Mean - next.Mean);
}

/// <summary>
/// Least-squares regression by functions that never fall, or never rise: pooling of adjacent violators (Ayer et al., Ann. Math. Statist.
/// 26, 1955).
/// </summary>
internal static class MonotoneRegression
{
    /// <param name="cells">Stretches in order of place, of any means.</param>
    /// <param name="isRising">Whether the means may only rise, or only fall.</param>
    public static List<MonotoneStep> Pool(IReadOnlyList<MonotoneStep> cells, bool isRising)
    {
        var steps = new List<MonotoneStep>();
        foreach (var cell in cells)
        {
            var step = cell;
            while (steps.Count > 0 && IsViolated(steps[^1].Mean, step.Mean, isRising))
            {
                step = steps[^1].With(step);
                steps.RemoveAt(steps.Count - 1);
            }

            steps.Add(step);
        }

        return steps;
    }

    /// <summary>Weighted squared error of the pooled steps over that of the cells themselves.</summary>
    public static double LossOf(IReadOnlyList<MonotoneStep> cells, IReadOnlyList<MonotoneStep> steps)
    {
        double loss = 0;
        int at = 0;
        foreach (var cell in cells)
        {
            at += cell.From > steps[at].To ? 1 : 0;
            loss += cell.Weight * (cell.Mean - steps[at].Mean) * (cell.Mean - steps[at].Mean);
        }

        return loss;
    }

    /// <summary>
    /// Joins the neighbours that lose least until the steps have at most so many ends; joined steps are still monotone and keep the overall
    /// mean.
    /// </summary>
    public static void Thin(List<MonotoneStep> steps, int endLimit)
    {
        while (steps.Sum(EndsOf) > endLimit)
        {
            int least = 0;
            for (int i = 1; i + 1 < steps.Count; i++)
            {
                least = steps[i].LossWith(steps[i + 1]) < steps[least].LossWith(steps[least + 1]) ? i : least;
            }

            steps[least] = steps[least].With(steps[least + 1]);
            steps.RemoveAt(least + 1);
        }
    }

    private static int EndsOf(MonotoneStep step) => step.From < step.To ? 2 : 1;

    /// <summary>Equal means are pooled too: they are one step.</summary>
    private static bool IsViolated(double before, double after, bool isRising) => isRising ? before >= after : before <= after;
}
