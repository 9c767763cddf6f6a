namespace EdgeRoute.Workbench.Fitting;

/// <summary>Solves a symmetric positive definite system in place.</summary>
internal static class Cholesky
{
    /// <summary>A pivot below this part of its diagonal is rounding: the unknown is left where it is.</summary>
    private const double PivotPart = 1e-12;

    /// <param name="matrix">The lower triangle, row by row; overwritten by its factor.</param>
    /// <param name="values">The right-hand side; overwritten by the solution.</param>
    /// <param name="count">Unknowns.</param>
    /// <param name="stride">Distance from one row of the matrix to the next.</param>
    public static void Solve(double[] matrix, double[] values, int count, int stride)
    {
        Factor(matrix, count, stride);
        Substitute(matrix, values, count, stride);
    }

    /// <summary>The same for several right-hand sides of one matrix.</summary>
    public static void SolveAll(double[] matrix, IReadOnlyList<double[]> values, int count)
    {
        Factor(matrix, count, count);
        foreach (double[] side in values)
        {
            Substitute(matrix, side, count, count);
        }
    }

    private static void Substitute(double[] matrix, double[] values, int count, int stride)
    {
        for (int i = 0; i < count; i++)
        {
            values[i] = (values[i] - Dot(matrix.AsSpan(i * stride, i), values)) / matrix[(i * stride) + i];
        }

        for (int i = count - 1; i >= 0; i--)
        {
            double sum = values[i];
            for (int k = i + 1; k < count; k++)
            {
                sum -= matrix[(k * stride) + i] * values[k];
            }

            values[i] = sum / matrix[(i * stride) + i];
        }
    }

    private static void Factor(double[] matrix, int count, int stride)
    {
        for (int i = 0; i < count; i++)
        {
            var row = matrix.AsSpan(i * stride, count);
            for (int j = 0; j < i; j++)
            {
                row[j] = (row[j] - Dot(row[..j], matrix.AsSpan(j * stride, j))) / matrix[(j * stride) + j];
            }

            double pivot = row[i] - Dot(row[..i], row[..i]);
            row[i] = pivot > PivotPart * row[i] ? Math.Sqrt(pivot) : double.PositiveInfinity;
        }
    }

    private static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++)
        {
            sum += a[i] * b[i];
        }

        return sum;
    }
}
