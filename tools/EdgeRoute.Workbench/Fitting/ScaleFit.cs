using EdgeRoute.Core.Gains;
using EdgeRoute.Core.Signals;

namespace EdgeRoute.Workbench.Fitting;

/// <summary>Finds the quantiles of each signal among the calibration frames, which is all that a scale holds.</summary>
internal static class ScaleFit
{
    /// <summary>Signals beyond this are held here, so that the distance of two knots never overflows.</summary>
    private const float MagnitudeLimit = 1e30f;

    /// <param name="signalRows">Raw signals of each decision in the order of <see cref="SignalVector"/>, all
    /// <see cref="SignalVector.FrameCount"/> or all <see cref="SignalVector.Count"/> long. Values that are not finite are left out: the age
    /// before the first answer is no quantile.</param>
    /// <returns>A scale whose knots are values that occurred; one knot for a signal that never changed, or never was finite.</returns>
    /// <exception cref="ArgumentException">There are no rows, or rows of another or differing length.</exception>
    public static SignalScale Fit(IReadOnlyList<float[]> signalRows)
    {
        int count = signalRows.Count > 0 ? signalRows[0].Length : 0;
        int odd = signalRows.ToList().FindIndex(r => r.Length != count);
        if (count == 0 || odd >= 0)
        {
            throw new ArgumentException(count == 0
                ? "There are no signals to fit a scale to: give at least one decision."
                : $"Decision {odd} has {signalRows[odd].Length} signals, the first has {count}: give the decisions of one node.");
        }

        return new SignalScale([.. Enumerable.Range(0, count).Select(i => KnotsOf(signalRows, i))]);
    }

    private static float[] KnotsOf(IReadOnlyList<float[]> signalRows, int signalIndex)
    {
        float[] values = [.. signalRows.Select(r => r[signalIndex]).Where(float.IsFinite)
            .Select(v => Math.Clamp(v, -MagnitudeLimit, MagnitudeLimit)).Order()];
        if (values.Length == 0 || values[0].Equals(values[^1]))
        {
            return [values.Length == 0 ? 0 : values[0]];
        }

        int last = Math.Min(SignalScale.KnotLimit, values.Length) - 1;
        return [.. Enumerable.Range(0, last + 1).Select(k => values[(int)((((long)k * (values.Length - 1)) + (last / 2)) / last)])];
    }
}
