using System.Diagnostics;

namespace EdgeRoute.Core.Energy;

/// <summary>
/// A linear relation whose coefficients drift, fitted from one observation after another (a Kalman filter on a random walk; Ljung, System
/// Identification, section 11.4). What nothing excites becomes uncertain only as far as it was before anything was seen, so that hours
/// without news do no harm. Allocates nothing after construction.
/// </summary>
internal sealed class DriftingFit
{
    /// <summary>Weight of the newest observation in the estimate of their noise.</summary>
    private const double NoiseShare = 0.02;

    /// <summary>A surprise counts for no more than this many variances when the noise is learnt.</summary>
    private const double SurpriseLimit = 25;

    private readonly double[] _values, _priorVariances, _drifts, _covariance, _gain;
    private double _noise, _noiseLeast;

    /// <param name="count">Coefficients.</param>
    public DriftingFit(int count)
    {
        (_values, _priorVariances, _drifts) = (new double[count], new double[count], new double[count]);
        (_covariance, _gain) = (new double[count * count], new double[count]);
    }

    public int Count => _values.Length;

    public long ObservationCount { get; private set; }

    public double this[int index] => _values[index];

    /// <summary>Begins, once more where it began before.</summary>
    /// <param name="priors">The coefficients before anything is seen.</param>
    /// <param name="spreads">Their standard deviations; what is not known is given a wide one.</param>
    /// <param name="drifts">How far each may wander in a second, as the standard deviation of a random walk.</param>
    /// <param name="noise">Standard deviation of an observation, to begin with; learnt as they come.</param>
    public void Begin(ReadOnlySpan<double> priors, ReadOnlySpan<double> spreads, ReadOnlySpan<double> drifts, double noise)
    {
        Debug.Assert(priors.Length == Count && spreads.Length == Count && drifts.Length == Count, "One of each for each coefficient.");
        priors.CopyTo(_values);
        Array.Clear(_covariance);
        (_noise, _noiseLeast, ObservationCount) = (noise * noise, noise * noise * 1e-4, 0);
        for (int i = 0; i < Count; i++)
        {
            _priorVariances[i] = spreads[i] * spreads[i];
            _drifts[i] = drifts[i] * drifts[i];
            _covariance[(i * Count) + i] = _priorVariances[i];
        }
    }

    /// <summary>Standard deviation of a coefficient.</summary>
    public double SpreadOf(int index) => Math.Sqrt(Math.Max(_covariance[(index * Count) + index], 0));

    /// <summary>Goes on from what another with the same coefficients has learnt.</summary>
    public void Resume(DriftingFit earlier)
    {
        earlier._values.CopyTo(_values, 0);
        earlier._covariance.CopyTo(_covariance, 0);
        earlier._priorVariances.CopyTo(_priorVariances, 0);
        earlier._drifts.CopyTo(_drifts, 0);
        (_noise, _noiseLeast, ObservationCount) = (earlier._noise, earlier._noiseLeast, earlier.ObservationCount);
    }

    /// <summary>Takes one observation in; one that is not finite is none.</summary>
    /// <param name="seconds">Since the observation before.</param>
    public void Observe(ReadOnlySpan<double> features, double observed, double seconds)
    {
        Drift(Math.Max(seconds, 0));
        double surprise = observed, own = 0;
        for (int i = 0; i < Count; i++)
        {
            surprise -= _values[i] * features[i];
            _gain[i] = 0;
            for (int k = 0; k < Count; k++)
            {
                _gain[i] += _covariance[(i * Count) + k] * features[k];
            }

            own += _gain[i] * features[i];
        }

        double variance = own + _noise;
        if (!double.IsFinite(surprise) || !double.IsFinite(variance) || variance <= 0)
        {
            return;
        }

        Correct(surprise, variance);
        double bounded = Math.Min(surprise * surprise, SurpriseLimit * variance);
        _noise = Math.Max(_noise + (NoiseShare * ((bounded * _noise / variance) - _noise)), _noiseLeast);
        ObservationCount++;
    }

    private void Correct(double surprise, double variance)
    {
        for (int i = 0; i < Count; i++)
        {
            _values[i] += _gain[i] * surprise / variance;
            for (int k = 0; k <= i; k++)
            {
                double next = _covariance[(i * Count) + k] - (_gain[i] * _gain[k] / variance);
                (_covariance[(i * Count) + k], _covariance[(k * Count) + i]) = (next, next);
            }
        }
    }

    /// <summary>A variance grows no further than the prior's: correlations are kept, so the matrix stays a covariance.</summary>
    private void Drift(double seconds)
    {
        for (int i = 0; i < Count; i++)
        {
            ref double variance = ref _covariance[(i * Count) + i];
            variance = Math.Max(variance, Math.Min(variance + (_drifts[i] * seconds), _priorVariances[i]));
        }
    }
}
