namespace EdgeRoute.Core.Floors;

/// <summary>
/// Integrated autocorrelation time of a loss: that many successive frames say as much of its mean as one independent frame would.
/// </summary>
/// <param name="Frames">1 for independent frames.</param>
/// <param name="IsSettled">False when the correlation had not died away within the longest lag, half the longest recording, or when
/// recordings of two or three frames show nothing of it: the time is then too short.</param>
public readonly record struct CorrelationTime(double Frames, bool IsSettled)
{
    /// <summary>Standard errors by which a correlation must stand out before frames count as correlated at all.</summary>
    private const double NoiseErrors = 2;

    /// <summary>A correlation above this counts however few the frames are, whose noise would otherwise excuse it.</summary>
    private const double LargestNoise = 0.1;

    /// <summary>The initial positive sequence estimator (Geyer 1992): sums of neighbouring autocovariances are added while they are
    /// positive. Lags never reach across recordings.</summary>
    /// <param name="losses">The frames of each recording in order, recordings one after another.</param>
    public static CorrelationTime Of(ReadOnlySpan<double> losses, IReadOnlyList<int> recordingFrameCounts)
    {
        var centred = Centred(losses, recordingFrameCounts);
        double variance = Covariance(centred, recordingFrameCounts, 0);
        int lagLimit = recordingFrameCounts.Count == 0 ? 0 : recordingFrameCounts.Max() / 2;
        double noise = variance * Math.Min(LargestNoise, NoiseErrors / Math.Sqrt(Math.Max(1, losses.Length)));
        if (variance <= 0 || lagLimit < 2 || IsNoise(centred, recordingFrameCounts, noise))
        {
            return new CorrelationTime(1, variance <= 0 || lagLimit != 1);
        }

        double sum = 0;
        for (int lag = 0; lag < lagLimit; lag += 2)
        {
            double pair = Covariance(centred, recordingFrameCounts, lag) + Covariance(centred, recordingFrameCounts, lag + 1);
            if (pair <= 0)
            {
                return new CorrelationTime(Math.Max(1, (2 * sum / variance) - 1), true);
            }

            sum += pair;
        }

        return new CorrelationTime(Math.Max(1, (2 * sum / variance) - 1), false);
    }

    private static bool IsNoise(double[] centred, IReadOnlyList<int> recordings, double noise) =>
        Covariance(centred, recordings, 1) <= noise && Covariance(centred, recordings, 2) <= noise;

    private static double[] Centred(ReadOnlySpan<double> losses, IReadOnlyList<int> recordings)
    {
        var centred = losses.ToArray();
        int first = 0;
        foreach (int count in recordings)
        {
            double mean = count == 0 ? 0 : LossBounds.SumOf(losses.Slice(first, count)) / count;
            foreach (ref double value in centred.AsSpan(first, count))
            {
                value -= mean;
            }

            first += count;
        }

        return centred;
    }

    /// <summary>
    /// Divided by the number of frames, not of pairs, so that the sequence is positive definite and long lags do not shake it.
    /// </summary>
    private static double Covariance(double[] centred, IReadOnlyList<int> recordings, int lag)
    {
        double sum = 0;
        int first = 0;
        foreach (int count in recordings)
        {
            for (int i = first + lag; i < first + count; i++)
            {
                sum += centred[i] * centred[i - lag];
            }

            first += count;
        }

        return sum / Math.Max(1, centred.Length);
    }
}
