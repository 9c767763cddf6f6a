using System.Globalization;
using EdgeRoute.Core.Routing;
using EdgeRoute.Workbench.Sweeps;

namespace EdgeRoute.Workbench.Frontiers;

/// <summary>A path every so often, in the grades that a frontier shows and a choice tries.</summary>
internal static class SkippingGrid
{
    /// <summary>At 30 frames per second, from every second frame to once a second.</summary>
    public static readonly int[] Intervals = [2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 25, 30];

    /// <summary>
    /// Mean change of brightness since the frame answered last, from the noise of a still camera to a scene that is another one.
    /// </summary>
    public static readonly float[] Drifts = [0.0005f, 0.001f, 0.002f, 0.003f, 0.005f, 0.007f, 0.01f, 0.015f, 0.02f, 0.03f, 0.05f, 0.1f];

    /// <summary>The path on every n-th frame of a recording.</summary>
    public static IEnumerable<(string Name, CarryRule Rule)> EveryNth(SweptRecording part)
    {
        double interval = FrameMs(part);
        string path = part.HeaviestNode().PathName;
        return Intervals.Select(n => ($"{path} {EveryName(n)}", EveryRule(n, interval)));
    }

    /// <summary>An answer is carried to half a frame before the one that is looked at next.</summary>
    public static CarryRule EveryRule(int interval, double frameMs) => new((float)Math.Round((interval - 0.5) * frameMs, 1));

    public static string EveryName(int interval) => FormattableString.Invariant($"on every {interval}. frame");

    public static string DriftName(float drift) => string.Create(CultureInfo.InvariantCulture, $"when drift > {drift:0.####}");

    /// <summary>The path on frames that differ enough from the one it saw last.</summary>
    public static IEnumerable<(string Name, CarryRule Rule)> MotionGated(string path) =>
        Drifts.Select(d => ($"{path} {DriftName(d)}", new CarryRule(Router.UsualMaxAgeMs, d)));

    /// <summary>The path on frames that differ enough from the one it saw last, and on every n-th whatever they show.</summary>
    public static IEnumerable<(string Name, CarryRule Rule)> Both(SweptRecording part)
    {
        string path = part.HeaviestNode().PathName;
        return EveryNth(part).SelectMany(_ => MotionGated(path), (every, gated) => (string.Create(CultureInfo.InvariantCulture,
            $"{path} when drift > {gated.Rule.DriftAtMost:0.####} or after {every.Rule.AgeMsAtMost:0.#} ms"),
            gated.Rule with { AgeMsAtMost = every.Rule.AgeMsAtMost }));
    }

    /// <summary>Median source time from frame to frame, in milliseconds; frames that were left out count.</summary>
    public static double FrameMs(SweptRecording part)
    {
        double[] gaps = [.. part.Frames.Skip(1).Zip(part.Frames, (b, a) => (b.Stamp.SourceNs - a.Stamp.SourceNs)
            / (double)Math.Max(b.Stamp.Sequence - a.Stamp.Sequence, 1)).Order()];
        return gaps.Length > 0 ? gaps[gaps.Length / 2] / 1e6 : 0;
    }
}
