namespace EdgeRoute.Core.Signals;

/// <summary>
/// Tsallis entropy (1 - sum p^q) / (q - 1), divided by its value for equal probabilities (Tsallis, J. Stat. Phys. 52, 1988). Order 1 is
/// Shannon's, order 2 one minus the sum of squares.
/// </summary>
public static class TsallisEntropy
{
    /// <summary>
    /// Order where the manifest names none: quadratic, which needs no logarithm and is steep where the two best classes are close.
    /// </summary>
    public const float UsualOrder = 2;

    /// <summary>Orders this near to 1 are taken for 1: the formula divides by the difference.</summary>
    private const double ShannonRange = 1e-3;

    /// <summary>In [0, 1]; NaN when a probability is not a number.</summary>
    /// <param name="probabilities">Not negative; they sum to 1.</param>
    /// <param name="order">Above 0.</param>
    public static float Of(ReadOnlySpan<float> probabilities, float order)
    {
        if (probabilities.Length < 2)
        {
            return 0;
        }

        double sum = 0;
        foreach (float p in probabilities)
        {
            sum += Term(p, order);
        }

        return Normalised(sum, probabilities.Length, order);
    }

    /// <summary>Of a yes or no of this probability.</summary>
    public static float OfBinary(float probability, float order) => Normalised(Term(probability, order) + Term(1 - probability, order), 2,
        order);

    private static bool IsShannon(float order) => Math.Abs(order - 1) < ShannonRange;

    private static double Term(float p, float order)
    {
        if (IsShannon(order))
        {
            return p > 0 ? p * Math.Log(p) : p * 0;
        }

        return order.Equals(UsualOrder) ? (double)p * p : Math.Pow(Math.Max(p, 0), order);
    }

    private static float Normalised(double sum, int count, float order) =>
        (float)Math.Clamp(IsShannon(order) ? -sum / Math.Log(count) : (1 - sum) / (1 - Math.Pow(count, 1 - order)), 0, 1);
}
