using EdgeRoute.Core.Gains;

namespace EdgeRoute.Workbench.Fitting;

/// <summary>
/// Logistic regression by Newton's method on the mean cross-entropy plus strength / 2 times the sum of squared weights. Targets between 0
/// and 1 are taken as they are (quasi-binomial: Papke and Wooldridge, J. Applied Econometrics 11, 1996). Finite for separable rows,
/// constant and collinear columns: the penalty makes the problem strictly convex and keeps every weight below sqrt(2 log 2 / strength).
/// </summary>
internal sealed class LogisticFit : IGainFit
{
    /// <summary>The least strength: weights stay below 1,200, where single-precision sums of them are still exact to four digits.</summary>
    public const double LeastStrength = 1e-6;

    /// <summary>The bias is not a matter of taste and so barely penalised: just enough to stay finite where all targets are 1.</summary>
    private const double BiasStrength = 1e-6;

    /// <summary>Newton steps at most; convergence is quadratic, and a fit that needs more is at rounding.</summary>
    private const int StepLimit = 30;

    /// <summary>Halvings of one step at most; a step a thousandth as long that still does not help is at rounding.</summary>
    private const int HalvingLimit = 10;

    /// <summary>Half the squared Newton decrement at which a fit is done, in nats: far below what any count of frames can tell.</summary>
    private const double Tolerance = 1e-9;

    /// <summary>Many rows are begun with every eighth, which leaves two or three steps for all of them.</summary>
    private const int StartStep = 8;

    /// <summary>Rows from which that pays.</summary>
    private const int StartRows = 8_000;

    private readonly double _strength;

    public LogisticFit(double strength)
    {
        _strength = strength >= LeastStrength && double.IsFinite(strength)
            ? strength
            : throw new ArgumentOutOfRangeException(nameof(strength), strength,
                $"The strength of the penalty must be {LeastStrength} or more.");
    }

    public string Name => FormattableString.Invariant($"logistic, strength {_strength:0.#######}");

    public IGainEstimator Fit(FitRows rows)
    {
        double mean = Math.Clamp(rows.MeanTarget(), 1e-3, 1 - 1e-3);
        var design = new LogisticDesign(rows);
        double[] beta = new double[design.Stride];
        beta[design.BiasIndex] = Math.Log(mean / (1 - mean));
        if (rows.Count >= StartRows)
        {
            Minimise(new LogisticDesign(rows, StartStep), beta);
        }

        Minimise(design, beta);
        return new LogisticGain((float)beta[design.BiasIndex], [.. beta.Take(rows.FeatureCount).Select(b => (float)b)]);
    }

    /// <summary>Newton's method from these coefficients on.</summary>
    private void Minimise(LogisticDesign design, double[] beta)
    {
        double[] gradient = new double[design.Stride];
        double[] hessian = new double[design.Stride * design.Stride];
        double objective = design.Differentiate(beta, gradient, hessian) + Penalty(beta, design.BiasIndex);
        bool isDone = false;
        for (int i = 0; i < StepLimit && !isDone; i++)
        {
            Penalise(beta, gradient, hessian, design);
            double decrement = Solve(hessian, gradient, design);
            isDone = decrement <= Tolerance || !Descend(design, beta, gradient, hessian, ref objective);
        }
    }

    private double StrengthOf(int index, int biasIndex) => index == biasIndex ? BiasStrength : _strength;

    private double Penalty(double[] beta, int biasIndex)
    {
        double sum = 0;
        for (int i = 0; i <= biasIndex; i++)
        {
            sum += StrengthOf(i, biasIndex) * beta[i] * beta[i];
        }

        return sum / 2;
    }

    private void Penalise(double[] beta, double[] gradient, double[] hessian, LogisticDesign design)
    {
        for (int i = 0; i <= design.BiasIndex; i++)
        {
            double strength = StrengthOf(i, design.BiasIndex);
            gradient[i] += strength * beta[i];
            hessian[(i * design.Stride) + i] += strength;
        }
    }

    /// <summary>
    /// Turns the gradient into the Newton direction; returns half the squared decrement, the gain that the quadratic model promises.
    /// </summary>
    private static double Solve(double[] hessian, double[] gradient, LogisticDesign design)
    {
        double[] direction = [.. gradient];
        Cholesky.Solve(hessian, direction, design.BiasIndex + 1, design.Stride);
        double decrement = 0;
        for (int i = 0; i <= design.BiasIndex; i++)
        {
            decrement += direction[i] * gradient[i] / 2;
            gradient[i] = direction[i];
        }

        return decrement;
    }

    /// <summary>
    /// Goes along the direction, halving until the objective falls, and differentiates there; false where it no longer falls.
    /// </summary>
    private bool Descend(LogisticDesign design, double[] beta, double[] gradient, double[] hessian, ref double objective)
    {
        double[] direction = [.. gradient];
        double[] from = [.. beta];
        double part = 1;
        for (int i = 0; i < HalvingLimit; i++, part /= 2)
        {
            for (int j = 0; j <= design.BiasIndex; j++)
            {
                beta[j] = from[j] - (part * direction[j]);
            }

            double there = design.Differentiate(beta, gradient, hessian) + Penalty(beta, design.BiasIndex);
            if (there < objective)
            {
                objective = there;
                return true;
            }
        }

        from.CopyTo(beta, 0);
        return false;
    }
}
