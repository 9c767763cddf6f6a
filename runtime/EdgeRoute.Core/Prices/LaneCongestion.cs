using System.Diagnostics;
using System.Globalization;

namespace EdgeRoute.Core.Prices;

/// <summary>
/// The one price of a lane: it rises while the accelerator is busier than its capacity or work waits longer than wanted, and falls while
/// neither is so. Each stream is entitled to device time at the rate of its weight over this price, which in congestion is its weight's
/// part of the whole.
/// </summary>
/// <remarks>
/// Kelly, Maulloo and Tan, "Rate control for communication networks: shadow prices, proportional fairness and stability" (1998).
/// </remarks>
public sealed class LaneCongestion
{
    /// <summary>Streams per lane: sixteen cameras are beyond what one board's accelerator serves.</summary>
    public const int StreamLimit = 16;

    /// <summary>Time constant of the measured busy share and backlog; a few frames of every stream.</summary>
    private const double WindowMs = 250;

    /// <summary>
    /// Nats per second at full error: slower than the streams' own prices, or the two would chase each other; an idle stream's share is
    /// free in about two seconds.
    /// </summary>
    private const double Gain = 1;

    /// <summary>
    /// How far the price falls below the one at which the lightest stream alone could take everything, and rises above the one that shares
    /// the capacity.
    /// </summary>
    private const double RangeBelow = 0.5, RangeAbove = 10;

    /// <summary>A longer backlog than this many times the wanted one says nothing more.</summary>
    private const double BacklogCountedMost = 4;

    private readonly FramePace _pace = new();
    private double _backlogMs;
    private readonly List<double> _weights = [];
    private double _weightSum, _weightLeast = double.PositiveInfinity;
    private double _logPrice = double.NegativeInfinity;

    /// <param name="capacityShare">Busy share of the accelerator at which it counts as full, in (0, 1]; the rest absorbs bursts.</param>
    /// <param name="backlogMs">Work that may wait in the lane, in milliseconds; about one frame interval.</param>
    /// <exception cref="ArgumentException">A figure is out of its range.</exception>
    public LaneCongestion(double capacityShare = 0.9, double backlogMs = 33)
    {
        if (!(capacityShare > 0 && capacityShare <= 1) || !(backlogMs > 0 && double.IsFinite(backlogMs)))
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"The lane's capacity share is {capacityShare} and its backlog {backlogMs} ms; "
                + $"give a share in (0, 1] and a finite backlog above 0."));
        }

        (CapacityShare, BacklogMs) = (capacityShare, backlogMs);
    }

    public double CapacityShare { get; }

    public double BacklogMs { get; }

    /// <summary>Weight per share of the accelerator: a stream's entitlement is its weight divided by this.</summary>
    public double Price => Math.Exp(_logPrice);

    /// <summary>Part of the latest quarter of a second in which the accelerator worked for this lane.</summary>
    public double BusyShare { get; private set; }

    /// <summary>The price has left its lowest value: there is not enough for all.</summary>
    public bool IsCongested => _logPrice > LowestLog;

    private double LowestLog => Math.Log(RangeBelow * _weightLeast / CapacityShare);

    /// <summary>Adds a stream, between frames.</summary>
    internal void Join(double weight)
    {
        if (!(weight > 0 && double.IsFinite(weight)))
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"A stream's weight is {weight}; give a finite value above 0."), nameof(weight));
        }

        if (_weights.Count == StreamLimit)
        {
            throw new ArgumentException($"The lane has {StreamLimit} streams already; put the next on another lane.");
        }

        _weights.Add(weight);
        Weigh();
    }

    /// <summary>Takes a stream out.</summary>
    internal void Leave(double weight)
    {
        bool hasLeft = _weights.Remove(weight);
        Debug.Assert(hasLeft, "Only a stream of this lane leaves it, and once.");
        Weigh();
    }

    private void Weigh()
    {
        (_weightSum, _weightLeast) = (_weights.Sum(), _weights.Count == 0 ? double.PositiveInfinity : _weights.Min());
        _logPrice = LowestLog;
    }

    /// <summary>One ended frame of any of the lane's streams.</summary>
    internal void Observe(in FrameSpend spend)
    {
        Debug.Assert(_weights.Count > 0 && _weightLeast > 0, "A frame of a lane is one of its streams', and streams have weight.");
        double sinceMs = _pace.Advance(spend.NowNs);
        BusyShare *= Math.Exp(-sinceMs / WindowMs);
        BusyShare += double.IsFinite(spend.DeviceMs) ? Math.Clamp(spend.DeviceMs, 0, WindowMs) / WindowMs : 0;
        // Smoothed, because the larger of two noisy figures is above both of their means.
        double backlog = spend.BacklogMs >= 0 ? Math.Min(spend.BacklogMs, BacklogMs * BacklogCountedMost) : 0;
        _backlogMs += (1 - Math.Exp(-sinceMs / WindowMs)) * (backlog - _backlogMs);
        double error = Math.Clamp(Math.Max((BusyShare / CapacityShare) - 1, (_backlogMs / BacklogMs) - 1), -1, 1);
        double highest = Math.Log(RangeAbove * _weightSum / CapacityShare);
        _logPrice = Math.Clamp(_logPrice + (Gain * error * sinceMs / 1000), LowestLog, highest);
    }
}
