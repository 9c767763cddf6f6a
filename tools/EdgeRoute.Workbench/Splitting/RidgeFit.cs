using System.Numerics.Tensors;
using EdgeRoute.Workbench.Fitting;

namespace EdgeRoute.Workbench.Splitting;

/// <summary>
/// A linear map from features to vectors by ridge regression in closed form, in as many unknowns as there are frames. How much it is held
/// back is chosen by the error that each frame would have if it had been left out.
/// </summary>
internal static class RidgeFit
{
    /// <summary>Shares of the features' mean square.</summary>
    private static readonly double[] Held = [1e-4, 1e-3, 1e-2, 0.03, 0.1, 0.3, 1];

    /// <param name="features">By frame.</param>
    /// <param name="wanted">By frame.</param>
    public static (float[] Weights, float[] Bias) Run(IReadOnlyList<float[]> features, IReadOnlyList<float[]> wanted)
    {
        float[] centre = MeanOf(features), target = MeanOf(wanted);
        float[] scale = ScaleOf(features, centre);
        var rows = features.Select(f => Centred(f, centre, scale)).ToArray();
        var goals = wanted.Select(w => Centred(w, target, null)).ToArray();
        double[] kernel = KernelOf(rows);
        double size = Enumerable.Range(0, rows.Length).Average(i => kernel[(i * rows.Length) + i]);
        double[][] best = [];
        double least = double.PositiveInfinity;
        foreach (double held in Held)
        {
            var solved = Solve(kernel, goals, held * size, out double error);
            if (error < least)
            {
                (best, least) = (solved, error);
            }
        }

        return Mapped(rows, best, centre, scale, target);
    }

    /// <param name="error">Mean square of what each frame would be off by, had it been left out.</param>
    private static double[][] Solve(double[] kernel, float[][] goals, double held, out double error)
    {
        int count = goals.Length;
        double[] matrix = (double[])kernel.Clone();
        for (int i = 0; i < count; i++)
        {
            matrix[(i * count) + i] += held;
        }

        var inverse = new double[count][];
        for (int i = 0; i < count; i++)
        {
            inverse[i] = new double[count];
            inverse[i][i] = 1;
        }

        Cholesky.SolveAll(matrix, inverse, count);
        var solved = new double[goals[0].Length][];
        error = 0;
        for (int output = 0; output < solved.Length; output++)
        {
            double[] goal = [.. goals.Select(g => (double)g[output])];
            solved[output] = new double[count];
            for (int i = 0; i < count; i++)
            {
                solved[output][i] = TensorPrimitives.Dot<double>(inverse[i], goal);
                double left = solved[output][i] / inverse[i][i];
                error += left * left;
            }
        }

        return solved;
    }

    private static (float[] Weights, float[] Bias) Mapped(float[][] rows, double[][] solved, float[] centre, float[] scale, float[] target)
    {
        int from = centre.Length, to = target.Length;
        float[] weights = new float[from * to], bias = (float[])target.Clone();
        for (int output = 0; output < to; output++)
        {
            float[] column = new float[from];
            for (int i = 0; i < rows.Length; i++)
            {
                TensorPrimitives.MultiplyAdd(rows[i], (float)solved[output][i], column, column);
            }

            TensorPrimitives.Divide(column, scale, column);
            bias[output] -= TensorPrimitives.Dot<float>(column, centre);
            for (int row = 0; row < from; row++)
            {
                weights[(row * to) + output] = column[row];
            }
        }

        return (weights, bias);
    }

    private static double[] KernelOf(float[][] rows)
    {
        double[] kernel = new double[rows.Length * rows.Length];
        for (int i = 0; i < rows.Length; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                kernel[(i * rows.Length) + j] = kernel[(j * rows.Length) + i] = TensorPrimitives.Dot<float>(rows[i], rows[j]);
            }
        }

        return kernel;
    }

    private static float[] MeanOf(IReadOnlyList<float[]> rows)
    {
        float[] mean = new float[rows[0].Length];
        foreach (float[] row in rows)
        {
            TensorPrimitives.MultiplyAdd(row, 1f / rows.Count, mean, mean);
        }

        return mean;
    }

    private static float[] ScaleOf(IReadOnlyList<float[]> rows, float[] centre)
    {
        float[] squares = new float[centre.Length];
        foreach (float[] row in rows)
        {
            float[] off = Centred(row, centre, null);
            TensorPrimitives.MultiplyAdd(off, off, squares, squares);
        }

        // What never changes says nothing, and must not be blown up.
        return [.. squares.Select(s => Math.Max(MathF.Sqrt(s / rows.Count), 1e-4f))];
    }

    private static float[] Centred(float[] row, float[] centre, float[]? scale)
    {
        float[] off = new float[row.Length];
        TensorPrimitives.Subtract(row, centre, off);
        if (scale is not null)
        {
            TensorPrimitives.Divide(off, scale, off);
        }

        return off;
    }
}
