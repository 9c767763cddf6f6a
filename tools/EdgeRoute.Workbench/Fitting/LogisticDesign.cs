using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace EdgeRoute.Workbench.Fitting;

/// <summary>
/// The rows that have a weight, padded for vectors, with a column of ones after the features. Sums run in one fixed order of eight lanes, so that a fit does
/// not depend on the processor. The gradient is summed in double, because it decides where a fit ends; the curvature, which only decides how fast, in single
/// precision over a few hundred rows at a time.
/// </summary>
internal sealed class LogisticDesign
{
    private const int Lanes = 8;

    /// <summary>Rows whose curvature is summed in single precision: few enough that rounding stays near 1e-6. A multiple of four, as rows are taken.</summary>
    private const int ChunkRows = 256;

    private readonly float[] _rows;
    private readonly double[] _targets;
    private readonly double[] _weights;

    public LogisticDesign(FitRows rows)
    {
        int count = Enumerable.Range(0, rows.Count).Count(i => rows.Weight(i) > 0);
        BiasIndex = rows.FeatureCount;
        Stride = (BiasIndex + Lanes) / Lanes * Lanes;
        (_rows, _targets, _weights) = (new float[count * Stride], new double[count], new double[count]);
        double total = rows.TotalWeight();
        for (int i = 0, at = 0; i < rows.Count; i++)
        {
            if (rows.Weight(i) > 0)
            {
                rows.Features(i).CopyTo(_rows.AsSpan(at * Stride));
                _rows[(at * Stride) + BiasIndex] = 1;
                (_targets[at], _weights[at]) = (rows.Target(i), rows.Weight(i) / total);
                at++;
            }
        }
    }

    /// <summary>Length of a padded row.</summary>
    public int Stride { get; }

    public int BiasIndex { get; }

    /// <summary>The mean cross-entropy at these coefficients; writes its gradient and the lower triangle of its Hessian.</summary>
    public double Differentiate(double[] beta, double[] gradient, double[] hessian)
    {
        Array.Clear(gradient);
        Array.Clear(hessian);
        double loss = 0;
        float[] curvature = new float[ChunkRows];
        float[] sums = new float[Stride * Stride];
        for (int start = 0; start < _targets.Length; start += ChunkRows)
        {
            int count = Math.Min(ChunkRows, _targets.Length - start);
            Array.Clear(curvature);
            for (int i = 0; i < count; i++)
            {
                loss += DifferentiateRow(start + i, beta, gradient, out curvature[i]);
            }

            AddCurvature(start, count, curvature, sums);
            Drain(sums, hessian);
        }

        return loss;
    }

    /// <summary>One row's part of the loss and gradient. The curvature comes times the number of rows, so that it is of the order of 1.</summary>
    private double DifferentiateRow(int row, double[] beta, double[] gradient, out float curvature)
    {
        var x = MemoryMarshal.Cast<float, Vector128<float>>(_rows.AsSpan(row * Stride, Stride));
        var b = MemoryMarshal.Cast<double, Vector256<double>>(beta);
        var g = MemoryMarshal.Cast<double, Vector256<double>>(gradient);
        var sum = Vector256<double>.Zero;
        for (int j = 0; j < x.Length; j++)
        {
            sum += Wide(x[j]) * b[j];
        }

        double z = (sum[0] + sum[1]) + (sum[2] + sum[3]);
        double small = Math.Exp(-Math.Abs(z));
        double share = (z >= 0 ? 1 : small) / (1 + small);
        var slope = Vector256.Create(_weights[row] * (share - _targets[row]));
        for (int j = 0; j < x.Length; j++)
        {
            g[j] += slope * Wide(x[j]);
        }

        curvature = (float)(_weights[row] * _weights.Length * (small / ((1 + small) * (1 + small))));
        return _weights[row] * (Math.Max(z, 0) + Math.Log(1 + small) - (_targets[row] * z));
    }

    private static Vector256<double> Wide(Vector128<float> x)
    {
        var (low, high) = Vector128.Widen(x);
        return Vector256.Create(low, high);
    }

    /// <summary>Four rows at a time, so that each sum is loaded and stored once for four products.</summary>
    private void AddCurvature(int start, int count, float[] curvature, float[] sums)
    {
        for (int r = 0; r < count; r += 4)
        {
            // Rows past the end of the chunk have no curvature; the last row stands in for them.
            int last = count - 1;
            var r0 = Row(start + r);
            var r1 = Row(start + Math.Min(r + 1, last));
            var r2 = Row(start + Math.Min(r + 2, last));
            var r3 = Row(start + Math.Min(r + 3, last));
            var x0 = Vectors(r0);
            var x1 = Vectors(r1);
            var x2 = Vectors(r2);
            var x3 = Vectors(r3);
            for (int i = 0; i <= BiasIndex; i++)
            {
                var (a0, a1) = (Vector256.Create(curvature[r] * r0[i]), Vector256.Create(curvature[r + 1] * r1[i]));
                var (a2, a3) = (Vector256.Create(curvature[r + 2] * r2[i]), Vector256.Create(curvature[r + 3] * r3[i]));
                var line = MemoryMarshal.Cast<float, Vector256<float>>(sums.AsSpan(i * Stride, Stride));
                int end = Math.Min((i / Lanes) + 1, line.Length);
                for (int j = 0; j < end; j++)
                {
                    line[j] += ((a0 * x0[j]) + (a1 * x1[j])) + ((a2 * x2[j]) + (a3 * x3[j]));
                }
            }
        }
    }

    private ReadOnlySpan<float> Row(int row) => _rows.AsSpan(row * Stride, Stride);

    private static ReadOnlySpan<Vector256<float>> Vectors(ReadOnlySpan<float> row) => MemoryMarshal.Cast<float, Vector256<float>>(row);

    private void Drain(float[] sums, double[] hessian)
    {
        double scale = 1.0 / _weights.Length;
        for (int i = 0; i < sums.Length; i++)
        {
            hessian[i] += sums[i] * scale;
        }

        Array.Clear(sums);
    }
}
