using EdgeRoute.Core.Prices;

namespace EdgeRoute.Tests.Core.Prices;

/// <summary>One plant under one controller at 30 frames per second of simulated time; no clock but the frames.</summary>
internal sealed class PlantRun(SimulatedPlant plant, IPriceController controller, int seed)
{
    public const double FrameMs = 1000.0 / 30;

    /// <summary>What the board draws when idle, and in addition when its accelerator is always busy.</summary>
    public const double IdleWatts = 4, BusyWatts = 12;

    private readonly Random _random = new(seed);
    private IPriceController _controller = controller;
    private double _watts = IdleWatts, _shown = IdleWatts;
    private long _frameCount;

    /// <summary>Factor on every cost: 1.6 when the clocks are throttled.</summary>
    public double Throttle { get; set; } = 1;

    public double Difficulty { get; set; } = 1;

    /// <summary>Time constant of the power sensor.</summary>
    public double SensorLagMs { get; set; } = 300;

    /// <summary>Frames for which one reading of the power stands.</summary>
    public int SensorHoldFrames { get; set; } = 1;

    /// <summary>What the latest frame and the pause after it drew, before any sensor.</summary>
    public double DrawnWatts { get; private set; }

    /// <summary>Another budget from the next frame on, as a change sets it: a new controller goes on from the one before.</summary>
    public void Retarget(Budget target, DualPriceSettings settings)
    {
        var next = new DualPrice(target, settings);
        Assert.True(next.TryResume(_controller));
        _controller = next;
    }

    public FrameSpend Next()
    {
        var (ms, wasHeavy) = plant.Cost(_controller.Price, Difficulty, _random);
        ms *= Throttle;
        DrawnWatts = IdleWatts + (BusyWatts * ms / FrameMs);
        _watts += (1 - Math.Exp(-FrameMs / Math.Max(SensorLagMs, 1e-3))) * (DrawnWatts - _watts);
        _shown = _frameCount % SensorHoldFrames == 0 ? _watts : _shown;
        var spend = new FrameSpend((long)(++_frameCount * FrameMs * 1e6), ms + 2, ms, _shown * ms, wasHeavy, 0, _shown);
        _controller.Observe(spend);
        return spend;
    }

    /// <summary>A run of frames, each as the given figure.</summary>
    public double[] Take(int frameCount, Func<FrameSpend, double> figure)
    {
        double[] values = new double[frameCount];
        for (int i = 0; i < frameCount; i++)
        {
            values[i] = figure(Next());
        }

        return values;
    }
}
