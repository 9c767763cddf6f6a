using System.Numerics;
using System.Numerics.Tensors;

namespace EdgeRoute.Engine.Stages.Heads;

/// <summary>Looks for the best class of a cell. Nearly all cells have none above the floor, so that is what must be fast.</summary>
internal static class ClassRows
{
    /// <summary>
    /// True when every value is below the floor, and not below the least that there can be. A value that is not a number is neither, so
    /// that it is found out later.
    /// </summary>
    public static bool AllBelow(ReadOnlySpan<float> row, float floor, float least)
    {
        Vector<float> floors = new(floor), leasts = new(least);
        int at = 0;
        for (; at <= row.Length - Vector<float>.Count; at += Vector<float>.Count)
        {
            var values = new Vector<float>(row[at..]);
            if (!Vector.LessThanAll(values, floors) || !Vector.GreaterThanOrEqualAll(values, leasts))
            {
                return false;
            }
        }

        for (; at < row.Length; at++)
        {
            if (!(row[at] < floor && row[at] >= least))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Index of the first largest value, or of the first that is not a number.</summary>
    public static int Best(ReadOnlySpan<float> row) => TensorPrimitives.IndexOfMax(row);
}
