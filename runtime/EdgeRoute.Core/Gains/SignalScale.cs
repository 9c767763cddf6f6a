using System.Diagnostics;
using EdgeRoute.Core.Signals;

namespace EdgeRoute.Core.Gains;

/// <summary>
/// Raw signals to features of one common range, so that estimators neither see units nor break on odd values: each signal is placed among
/// its own quantiles in the calibration frames, t in [-1, 1], piecewise linear between the knots; the features are t and t^2 - 1/3 for each
/// signal. Values beyond the knots are held at the ends, infinities with them; what is not a number counts as the middle.
/// </summary>
public sealed class SignalScale
{
    /// <summary>
    /// Knots of a signal at most: eighths of the calibration frames tell their distribution well enough for a smooth fit.
    /// </summary>
    public const int KnotLimit = 33;

    private readonly float[][] _knots;

    /// <param name="knots">For each signal, in the order of <see cref="SignalVector"/>, its quantiles at even steps, not falling; one knot
    /// where the signal never changed.</param>
    /// <exception cref="ArgumentException">Too many signals or knots, knots that fall or are not finite.</exception>
    public SignalScale(IReadOnlyList<IReadOnlyList<float>> knots)
    {
        if (knots.Count is not (SignalVector.FrameCount or SignalVector.Count))
        {
            throw new ArgumentException($"A scale has {SignalVector.FrameCount} (at the frame) or {SignalVector.Count} (at an exit) "
                + $"signals; this one has {knots.Count}.");
        }

        _knots = [.. knots.Select((k, i) => Checked(k, SignalVector.Names[i]))];
    }

    public int SignalCount => _knots.Length;

    /// <summary>Length of what <see cref="Apply"/> writes.</summary>
    public int FeatureCount => 2 * _knots.Length;

    public IReadOnlyList<float> KnotsOf(int signalIndex) => _knots[signalIndex];

    /// <summary>Features of the signals at a decision; <paramref name="features"/> has room for <see cref="FeatureCount"/>.</summary>
    public void Apply(in FrameSignals frame, in ExitSignals exit, Span<float> features)
    {
        Span<float> signals = stackalloc float[SignalVector.Count];
        SignalVector.Fill(frame, exit, signals);
        for (int i = 0; i < _knots.Length; i++)
        {
            float t = Place(_knots[i], signals[i]);
            Debug.Assert(t is >= -1 and <= 1, "A signal has its place among the knots, the ends included.");
            features[i] = t;
            features[_knots.Length + i] = (t * t) - (1f / 3);
        }
    }

    private static float Place(float[] knots, float value)
    {
        if (knots.Length < 2 || float.IsNaN(value))
        {
            return 0;
        }

        return (2 * KnotPlace(knots, value) / (knots.Length - 1)) - 1;
    }

    /// <summary>
    /// A value's place counted in knots, with parts of a knot between two. Among equal knots the middle one counts, so that a signal that
    /// is mostly one value keeps that value near its centre of mass.
    /// </summary>
    private static float KnotPlace(float[] knots, float value)
    {
        int below = FirstFrom(knots, value, isAfter: false), through = FirstFrom(knots, value, isAfter: true);
        if (through > below)
        {
            return (below + through - 1) * 0.5f;
        }

        if (below == 0)
        {
            return 0;
        }

        if (below == knots.Length)
        {
            return knots.Length - 1;
        }

        return below - 1 + (float)(((double)value - knots[below - 1]) / ((double)knots[below] - knots[below - 1]));
    }

    /// <summary>Index of the first knot that is not below a value, or of the first above it; by halving.</summary>
    private static int FirstFrom(float[] knots, float value, bool isAfter)
    {
        int low = 0, high = knots.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            bool isBefore = isAfter ? knots[middle] <= value : knots[middle] < value;
            (low, high) = isBefore ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private static float[] Checked(IReadOnlyList<float> knots, string name)
    {
        bool isSound = knots.Count is >= 1 and <= KnotLimit && knots.All(float.IsFinite)
            && knots.Zip(knots.Skip(1)).All(p => p.First <= p.Second);
        return isSound ? [.. knots] : throw new ArgumentException($"The knots of '{name}' must be 1 to {KnotLimit} finite numbers that "
            + "do not fall.");
    }
}
