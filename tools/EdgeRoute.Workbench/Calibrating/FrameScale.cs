using EdgeRoute.Core.Gains;
using EdgeRoute.Core.Signals;

namespace EdgeRoute.Workbench.Calibrating;

/// <summary>
/// The scale of the signals at the frame: the same for every recording. Places among a recording's own quantiles mean something else on the
/// next one, where the same drift is common that was rare before; places on a fixed scale carry over.
/// </summary>
internal static class FrameScale
{
    private const int LastKnot = SignalScale.KnotLimit - 1;

    /// <summary>
    /// Of signals that run from 0 over decades: where small values end to be alike, and the value from which on all are alike.
    /// </summary>
    private static readonly Dictionary<string, (double Unit, double Top)> Rising = new()
    {
        ["motion"] = (0.002, 0.2), ["sharpness"] = (0.001, 0.1), ["age_ms"] = (50, 1000), ["drift"] = (0.002, 0.2),
        ["drift_peak"] = (0.02, 1), ["drift_outside"] = (0.02, 1), ["carried_count"] = (1, 30), ["carried_shift"] = (0.05, 2),
        ["last_low_confidence_mass"] = (0.3, 30),
    };

    /// <summary>Agreement is near 1 almost always: what is missing to 1 runs over decades.</summary>
    private const double AgreementUnit = 0.05;

    public static SignalScale Fixed { get; } = new([.. SignalVector.Names.Take(SignalVector.FrameCount).Select(KnotsOf)]);

    private static float[] KnotsOf(string signal)
    {
        if (signal == "expected_agreement")
        {
            return [.. Logarithmic(AgreementUnit, 1).Reverse().Select(missing => 1 - missing)];
        }

        return Rising.TryGetValue(signal, out var range) ? Logarithmic(range.Unit, range.Top) : [0, 1];
    }

    private static float[] Logarithmic(double unit, double top) =>
        [.. Enumerable.Range(0, LastKnot + 1).Select(k => (float)(unit * (Math.Pow(1 + (top / unit), (double)k / LastKnot) - 1)))];
}
