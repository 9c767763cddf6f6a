using System.Numerics.Tensors;

namespace EdgeRoute.Workbench.Quantizing;

/// <summary>
/// Rounds the weights of a layer so that its output changes least, which is not each to the nearest: what one weight loses others that go
/// along with it can make up for. Each output channel by itself, by descent over its whole numbers, one after the other, and then over its
/// step.
/// </summary>
internal static class FittedWeights
{
    /// <summary>Parts of the largest weight that the range may end at.</summary>
    private static readonly double[] Ends = [1, 0.95, 0.9, 0.85, 0.8, 0.7, 0.6];

    /// <summary>Times through the weights of a channel; it ends before where nothing changes.</summary>
    private const int SweepsMost = 12;

    /// <summary>Of the mean square of the inputs, added to each one's: frames to come are not quite like those seen.</summary>
    private const double Held = 0.01;

    /// <param name="axis">Of the weights, along which the output channels lie.</param>
    /// <param name="most">The largest whole number.</param>
    /// <param name="isAboutMean">A bias takes back what changes on the mean.</param>
    public static ChannelWeights Fit(float[] weights, long[] shape, int axis, int most, InputMoments seen, bool isAboutMean)
    {
        int outputs = (int)shape[axis], size = seen.Size, perGroup = outputs / seen.Groups;
        sbyte[] values = new sbyte[weights.Length];
        float[] steps = new float[outputs];
        for (int group = 0; group < seen.Groups; group++)
        {
            double[] moments = Kept(seen.Of(group, isAboutMean), size);
            Parallel.For(group * perGroup, (group + 1) * perGroup, output =>
            {
                int At(int i) => axis == 0 ? (output * size) + i : (i * outputs) + output;
                double[] row = [.. Enumerable.Range(0, size).Select(i => (double)weights[At(i)])];
                var (whole, step) = Row(row, moments, most);
                steps[output] = step;
                for (int i = 0; i < size; i++)
                {
                    values[At(i)] = (sbyte)whole[i];
                }
            });
        }

        return new ChannelWeights(values, steps);
    }

    private static double[] Kept(double[] moments, int size)
    {
        double held = Held * Math.Max(Enumerable.Range(0, size).Average(i => moments[(i * size) + i]), 1e-12);
        for (int i = 0; i < size; i++)
        {
            moments[(i * size) + i] = Math.Max(moments[(i * size) + i], 0) + held;
        }

        return moments;
    }

    private static (double[] Whole, float Step) Row(double[] row, double[] moments, int most)
    {
        double largest = row.Max(Math.Abs), least = double.PositiveInfinity;
        if ((float)(largest * Ends[^1] / most) is not (> 0 and < float.PositiveInfinity))
        {
            return (new double[row.Length], 1);
        }

        (double[] Whole, float Step) best = ([], 1);
        foreach (double end in Ends)
        {
            double step = (float)(largest * end / most);
            double[] whole = [.. row.Select(w => Math.Clamp(Math.Round(w / step), -most, most))];
            Descend(row, whole, step, moments, most);
            step = BestStep(row, whole, moments, step);
            double error = Descend(row, whole, step, moments, most);
            (best, least) = error < least ? ((whole, (float)step), error) : (best, least);
        }

        return best;
    }

    /// <summary>Changes whole numbers while that makes the output's error less; returns what is left of it.</summary>
    private static double Descend(double[] row, double[] whole, double step, double[] moments, int most)
    {
        int size = row.Length;
        double[] lost = [.. row.Select((w, i) => w - (step * whole[i]))];
        double[] slope = new double[size];
        for (int i = 0; i < size; i++)
        {
            slope[i] = TensorPrimitives.Dot<double>(lost, moments.AsSpan(i * size, size));
        }

        bool changes = true;
        for (int sweep = 0; sweep < SweepsMost && changes; sweep++)
        {
            changes = false;
            for (int i = 0; i < size; i++)
            {
                double to = Math.Clamp(whole[i] + Math.Round(slope[i] / (step * moments[(i * size) + i])), -most, most);
                double change = step * (to - whole[i]);
                if (change != 0)
                {
                    (whole[i], lost[i], changes) = (to, lost[i] - change, true);
                    TensorPrimitives.MultiplyAdd(moments.AsSpan(i * size, size), -change, slope, slope);
                }
            }
        }

        return TensorPrimitives.Dot<double>(lost, slope);
    }

    /// <summary>With these whole numbers.</summary>
    private static double BestStep(double[] row, double[] whole, double[] moments, double step)
    {
        int size = row.Length;
        double along = 0, square = 0;
        for (int i = 0; i < size; i++)
        {
            double reached = TensorPrimitives.Dot<double>(whole, moments.AsSpan(i * size, size));
            (along, square) = (along + (row[i] * reached), square + (whole[i] * reached));
        }

        float best = (float)(along / square);
        return square > 0 && best > 0 && float.IsFinite(best) ? best : step;
    }
}
