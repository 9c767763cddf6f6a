namespace EdgeRoute.Core.Prices;

/// <summary>
/// One stream's part in a lane: its price of device time moves until what the lane charges it (device-time rate times the lane's price)
/// equals its weight. Streams that want less than their entitlement pay nothing, and what they leave the lane's falling price hands to the
/// others.
/// </summary>
public sealed class CongestionPrice : IPriceController
{
    /// <summary>A stream that comes back from a pause has not saved up device time for it.</summary>
    private const double CreditLimitMs = 250;

    private readonly LaneCongestion _lane;
    private readonly PriceAscent _ascent;
    private readonly FramePace _pace = new();
    private double _deviceShare = double.NaN;

    private bool _hasJoined;

    /// <param name="joins">False: <see cref="Join"/> comes later, because it must happen between frames of a lane that runs.</param>
    /// <exception cref="ArgumentException">The weight is not finite and above 0, or the lane is full.</exception>
    public CongestionPrice(LaneCongestion lane, double weight, PriceScale scale, bool joins = true)
    {
        (_lane, Weight, _ascent) = (lane, weight, new PriceAscent(scale));
        if (joins)
        {
            Join();
        }
    }

    /// <summary>Takes the place of an earlier one in its lane; to be resumed from it.</summary>
    public CongestionPrice(CongestionPrice earlier, PriceScale scale)
    {
        _lane = earlier._lane;
        Weight = earlier.Weight;
        _ascent = new PriceAscent(scale);
        _hasJoined = true;
    }

    public string Name => "congestion";

    public double Weight { get; }

    public double Price => _ascent.Price;

    /// <summary>Share of the accelerator's time this stream is entitled to now; above 1 where the lane is not congested.</summary>
    public double EntitledShare => Weight / _lane.Price;

    public BudgetReading Reading => new(_deviceShare, Math.Min(EntitledShare, 1), "of the lane's time");

    public bool IsMissed => _ascent.IsHeldBack;

    public void LimitTo(double priceCeiling) => _ascent.LimitTo(priceCeiling);

    public bool TryResume(IPriceController earlier)
    {
        if (earlier is not CongestionPrice congestion || congestion._lane != _lane)
        {
            return false;
        }

        _ascent.Resume(congestion._ascent);
        _pace.Resume(congestion._pace);
        _deviceShare = congestion._deviceShare;
        return true;
    }

    /// <summary>Claims a part of the lane; once.</summary>
    /// <exception cref="ArgumentException">The weight is not finite and above 0, or the lane is full.</exception>
    public void Join()
    {
        if (!_hasJoined)
        {
            _lane.Join(Weight);
            _hasJoined = true;
        }
    }

    /// <summary>The stream's prices are gone; the others share what it leaves.</summary>
    public void Leave() => _lane.Leave(Weight);

    public void Observe(in FrameSpend spend)
    {
        _lane.Observe(spend);
        double sinceMs = Math.Min(_pace.Advance(spend.NowNs), CreditLimitMs);
        if (sinceMs <= 0 || !(spend.DeviceMs >= 0))
        {
            return;
        }

        double share = spend.DeviceMs / sinceMs;
        _deviceShare = double.IsFinite(_deviceShare) ? _deviceShare + ((share - _deviceShare) / 15) : share;
        // Charged by time, not by frame: a frame after a longer gap may cost more.
        _ascent.Move((spend.DeviceMs - (EntitledShare * sinceMs)) / (EntitledShare * _pace.MeanMs), _pace.MeanMs);
    }
}
