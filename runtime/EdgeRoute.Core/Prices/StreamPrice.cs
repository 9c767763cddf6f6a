using System.Diagnostics;

namespace EdgeRoute.Core.Prices;

/// <summary>
/// The price in force for one stream: the largest that its controllers ask for, yet never above the ceiling that the quality floor sets.
/// Says in words which constraint gave way. Used by the stream's loop thread, between frames.
/// </summary>
public sealed class StreamPrice
{
    /// <summary>Controllers per stream: one per kind of budget, per kind and period of allowance, the dial and the lane.</summary>
    public const int ControllerLimit = 18;

    /// <summary>
    /// Frames that a ceiling must hold a price back before it counts as a conflict: a second at 30 frames per second, so that a step being
    /// settled is none.
    /// </summary>
    private const int ConflictFrameCount = 30;

    private readonly IPriceController[] _controllers;
    private readonly int[] _missedFrameCounts;

    /// <exception cref="ArgumentException">Too many controllers.</exception>
    public StreamPrice(IReadOnlyList<IPriceController> controllers)
    {
        if (controllers.Count > ControllerLimit)
        {
            throw new ArgumentException($"A stream has {controllers.Count} price controllers; at most {ControllerLimit} are possible.",
                nameof(controllers));
        }

        _controllers = [.. controllers];
        _missedFrameCounts = new int[_controllers.Length];
        Update();
    }

    public IReadOnlyList<IPriceController> Controllers => _controllers;

    /// <summary>Gain per millisecond of device time; finite, 0 or more. 0 without controllers.</summary>
    public double Price { get; private set; }

    /// <summary>The largest price asked for, before the ceiling.</summary>
    public double AskedPrice { get; private set; }

    /// <summary>Index of the controller that asked for it; -1 where none asks for more than 0.</summary>
    public int AskerIndex { get; private set; }

    /// <summary>The highest price the floor allows; infinite without a floor.</summary>
    public double PriceCeiling { get; private set; } = double.PositiveInfinity;

    public FloorLimit? Floor { get; private set; }

    /// <summary>Sets the floor and its price ceiling; null for no floor.</summary>
    public void SetFloor(FloorLimit? floor)
    {
        Floor = floor;
        SetCeiling(floor?.PriceCeiling ?? double.PositiveInfinity);
    }

    /// <summary>
    /// Moves the ceiling alone: an audit retreats it and lets it recover. A ceiling that is no number, or negative, is taken as 0, the safe
    /// side of the floor.
    /// </summary>
    public void SetCeiling(double priceCeiling)
    {
        PriceCeiling = priceCeiling > 0 ? priceCeiling : 0;
        foreach (var controller in _controllers)
        {
            controller.LimitTo(PriceCeiling);
        }

        Update();
    }

    /// <summary>
    /// Goes on from where an earlier price of the stream stands: limits that both know move on from their prices, below this one's own
    /// ceiling.
    /// </summary>
    public void Resume(StreamPrice earlier)
    {
        for (int i = 0; i < _controllers.Length; i++)
        {
            bool hasResumed = false;
            for (int k = 0; k < earlier._controllers.Length && !hasResumed; k++)
            {
                hasResumed = _controllers[i].TryResume(earlier._controllers[k]);
            }
        }

        SetCeiling(PriceCeiling);
    }

    /// <summary>Hands one ended frame to every controller.</summary>
    public void Observe(in FrameSpend spend)
    {
        for (int i = 0; i < _controllers.Length; i++)
        {
            _controllers[i].Observe(spend);
            bool isMissed = _controllers[i].IsMissed;
            _missedFrameCounts[i] = isMissed ? Math.Min(_missedFrameCounts[i] + 1, ConflictFrameCount) : 0;
        }

        Update();
    }

    /// <summary>Whether <see cref="FindConflicts"/> has anything to say about the latest frames; costs nothing to ask.</summary>
    public bool HasConflict
    {
        get
        {
            bool isDialHeld = AskedPrice > PriceCeiling;
            for (int i = 0; i < _controllers.Length; i++)
            {
                isDialHeld |= _missedFrameCounts[i] >= ConflictFrameCount || _controllers[i].IsBlind;
            }

            return isDialHeld;
        }
    }

    /// <summary>
    /// What cannot hold at the same time, measured on the latest frames. Makes new strings: for reports, not for every frame.
    /// </summary>
    public IReadOnlyList<ConstraintConflict> FindConflicts()
    {
        var found = new List<ConstraintConflict>();
        for (int i = 0; i < _controllers.Length; i++)
        {
            if (_controllers[i] is FixedPrice { Price: var dial } && dial > PriceCeiling)
            {
                found.Add(ConstraintText.DialAboveCeiling(Floor, dial, PriceCeiling));
            }
            else if (_controllers[i] is LossPrice loss && (loss.IsBlind || _missedFrameCounts[i] >= ConflictFrameCount))
            {
                found.Add(ConstraintText.LossNotHeld(loss));
            }
            else if (_missedFrameCounts[i] >= ConflictFrameCount)
            {
                found.Add(ConstraintText.BudgetMissed(_controllers[i], Floor, isAtCeiling: _controllers[i].Price >= PriceCeiling * 0.999));
            }
        }

        return found;
    }

    private void Update()
    {
        (AskedPrice, AskerIndex) = (0, -1);
        for (int i = 0; i < _controllers.Length; i++)
        {
            double price = _controllers[i].Price;
            (AskedPrice, AskerIndex) = price > AskedPrice ? (price, i) : (AskedPrice, AskerIndex);
        }

        Price = Math.Min(AskedPrice, PriceCeiling);
        Debug.Assert(double.IsFinite(Price) && Price >= 0, "The price in force is finite and 0 or more.");
    }
}

/// <summary>What the calibration certifies of the quality floor, and what it predicts at the highest price that keeps it.</summary>
/// <param name="Floor">Quality relative to the teacher that must hold, in (0, 1]: 0.97.</param>
/// <param name="PriceCeiling">The highest price that keeps it, gain per millisecond; 0 where only the best options do.</param>
/// <param name="DeviceMsMean">Predicted mean device time a frame at that price, milliseconds.</param>
/// <param name="DeviceMsP95">Predicted p95 of the device time a frame at that price, milliseconds; NaN where unknown.</param>
public sealed record FloorLimit(double Floor, double PriceCeiling, double DeviceMsMean, double DeviceMsP95);
