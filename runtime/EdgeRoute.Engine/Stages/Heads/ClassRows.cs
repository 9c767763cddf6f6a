using System.Numerics;
using System.Numerics.Tensors;

namespace EdgeRoute.Engine.Stages.Heads;

/// <summary>Looks for the best class of a cell. Nearly all cells have none above the floor, so that is what must be fast.</summary>
internal static class ClassRows
{
    /// <summary>
    /// True when every value is below the floor. A value that is not a number is not below, so that it is found out later.
    /// </summary>
    public static bool AllBelow(ReadOnlySpan<float> row, float floor)
    {
        var floors = new Vector<float>(floor);
        int at = 0;
        for (; at <= row.Length - Vector<float>.Count; at += Vector<float>.Count)
        {
            if (!Vector.LessThanAll(new Vector<float>(row[at..]), floors))
            {
                return false;
            }
        }

        for (; at < row.Length; at++)
        {
            if (!(row[at] < floor))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Index of the first largest value, or of the first that is not a number.</summary>
    public static int Best(ReadOnlySpan<float> row) => TensorPrimitives.IndexOfMax(row);
}
