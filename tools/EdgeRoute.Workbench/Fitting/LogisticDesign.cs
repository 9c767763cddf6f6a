using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace EdgeRoute.Workbench.Fitting;

/// <summary>
/// The rows that have a weight, padded for vectors, with a column of ones after the features. Sums run in one fixed order of eight lanes,
/// so that a fit does not depend on the processor. The gradient is summed in double, because it decides where a fit ends; the curvature,
/// which only decides how fast, in single precision over a few hundred rows at a time.
/// </summary>
internal sealed class LogisticDesign
{
    private const int Lanes = 8;

    /// <summary>
    /// Rows whose curvature is summed in single precision: few enough that rounding stays near 1e-6. A multiple of four, as rows are taken.
    /// </summary>
    private const int ChunkRows = 256;

    private readonly float[] _rows;
    private readonly double[] _targets;
    private readonly double[] _weights;

    /// <param name="step">Takes every so-manieth of the rows that have a weight.</param>
    public LogisticDesign(FitRows rows, int step = 1)
    {
        int[] taken = [.. rows.Weighted().Where((_, i) => i % step == 0)];
        BiasIndex = rows.FeatureCount;
        Stride = (BiasIndex + Lanes) / Lanes * Lanes;
        (_rows, _targets, _weights) = (new float[taken.Length * Stride], new double[taken.Length], new double[taken.Length]);
        double total = taken.Sum(i => (double)rows.Weight(i));
        for (int i = 0; i < taken.Length; i++)
        {
            rows.Features(taken[i]).CopyTo(_rows.AsSpan(i * Stride));
            _rows[(i * Stride) + BiasIndex] = 1;
            (_targets[i], _weights[i]) = (rows.Target(taken[i]), rows.Weight(taken[i]) / total);
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

    /// <summary>
    /// One row's part of the loss and gradient. The curvature comes times the number of rows, so that it is of the order of 1.
    /// </summary>
    private double DifferentiateRow(int row, double[] beta, double[] gradient, out float curvature)
    {
        var x = MemoryMarshal.Cast<float, Vector128<float>>(_rows.AsSpan(row * Stride, Stride));
        var b = MemoryMarshal.Cast<double, Vector256<double>>(beta);
        var g = MemoryMarshal.Cast<double, Vector256<double>>(gradient.AsSpan());
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
            for (int i = 0; i <= BiasIndex; i++)
            {
                var line = sums.AsSpan(i * Stride, ((i / Lanes) + 1) * Lanes);
                AddProducts(line, (curvature[r] * r0[i], curvature[r + 1] * r1[i], curvature[r + 2] * r2[i], curvature[r + 3] * r3[i]), r0,
                    r1, r2, r3);
            }
        }
    }

    /// <summary>Adds four rows, each times its factor, to a line no longer than they are.</summary>
    private static void AddProducts(
        Span<float> line, (float A, float B, float C, float D) factors, ReadOnlySpan<float> r0, ReadOnlySpan<float> r1,
        ReadOnlySpan<float> r2, ReadOnlySpan<float> r3)
    {
        ref float sum = ref MemoryMarshal.GetReference(line);
        ref float x0 = ref MemoryMarshal.GetReference(r0);
        ref float x1 = ref MemoryMarshal.GetReference(r1);
        ref float x2 = ref MemoryMarshal.GetReference(r2);
        ref float x3 = ref MemoryMarshal.GetReference(r3);
        var (a, b) = (Vector256.Create(factors.A), Vector256.Create(factors.B));
        var (c, d) = (Vector256.Create(factors.C), Vector256.Create(factors.D));
        for (nuint j = 0; j < (nuint)line.Length; j += Lanes)
        {
            var near = (a * Vector256.LoadUnsafe(ref x0, j)) + (b * Vector256.LoadUnsafe(ref x1, j));
            var far = (c * Vector256.LoadUnsafe(ref x2, j)) + (d * Vector256.LoadUnsafe(ref x3, j));
            (Vector256.LoadUnsafe(ref sum, j) + (near + far)).StoreUnsafe(ref sum, j);
        }
    }

    private ReadOnlySpan<float> Row(int row) => _rows.AsSpan(row * Stride, Stride);

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
