using EdgeRoute.Core.Prices;

namespace EdgeRoute.Tests.Core.Prices;

/// <summary>
/// Cameras of 30 frames per second before one accelerator: each holds its newest frame, the lane runs the oldest waiting.
/// </summary>
internal sealed class SimulatedLane(SimulatedPlant plant, IReadOnlyList<IPriceController> controllers, int seed)
{
    private readonly Random _random = new(seed);
    private readonly double[] _nextMs = [.. controllers.Select((_, i) => i * 11.0)];
    private readonly double[] _waitingSinceMs = [.. controllers.Select(_ => double.NaN)];
    private readonly double[] _usualMs = [.. controllers.Select(_ => 20.0)];
    private double _nowMs;

    public bool[] IsIdle { get; } = new bool[controllers.Count];

    /// <summary>Runs on for a time; the device time each stream had, as a share of it.</summary>
    public double[] Run(double forMs)
    {
        double[] spent = new double[controllers.Count];
        double endMs = _nowMs + forMs;
        while (_nowMs < endMs)
        {
            Arrive();
            int oldest = Oldest();
            if (oldest < 0)
            {
                _nowMs = _nextMs.Min();
                continue;
            }

            spent[oldest] += Serve(oldest);
        }

        return [.. spent.Select(s => s / forMs)];
    }

    private double Serve(int stream)
    {
        double ms = plant.Cost(controllers[stream].Price, 1, _random).Ms;
        _usualMs[stream] += (ms - _usualMs[stream]) / 15;
        double since = _waitingSinceMs[stream];
        _waitingSinceMs[stream] = double.NaN;
        _nowMs += ms;
        Arrive();
        double backlog = _usualMs.Where((_, i) => !double.IsNaN(_waitingSinceMs[i])).Sum();
        controllers[stream].Observe(new FrameSpend((long)(_nowMs * 1e6), _nowMs - since, ms, double.NaN, false, backlog));
        return ms;
    }

    /// <summary>Newest wins: a frame that comes replaces the one that waits.</summary>
    private void Arrive()
    {
        for (int i = 0; i < _nextMs.Length; i++)
        {
            while (_nextMs[i] <= _nowMs)
            {
                _waitingSinceMs[i] = IsIdle[i] ? double.NaN : _nextMs[i];
                _nextMs[i] += PlantRun.FrameMs;
            }
        }
    }

    private int Oldest()
    {
        int oldest = -1;
        for (int i = 0; i < _waitingSinceMs.Length; i++)
        {
            bool isOlder = !double.IsNaN(_waitingSinceMs[i]) && (oldest < 0 || _waitingSinceMs[i] < _waitingSinceMs[oldest]);
            oldest = isOlder ? i : oldest;
        }

        return oldest;
    }
}
