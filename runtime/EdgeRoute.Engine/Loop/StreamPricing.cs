using EdgeRoute.Core.Floors;
using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Prices;
using EdgeRoute.Core.Routing;
using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.Engine.Loop;

/// <summary>What one stream's prices are made of.</summary>
/// <param name="Prices">Moves the price; its ceiling is the floor's.</param>
/// <param name="Allowance">A strict allowance of device time; null for none.</param>
/// <param name="Audit">Watches the floor; null without a certified floor.</param>
/// <param name="PriceGrid">Prices of the calibration's curve, which the audit's ceiling is an index into.</param>
/// <param name="HeaviestVariantIndex">The stage variant that makes a frame count as heavy.</param>
public sealed record StreamPricingParts(StreamPrice Prices, EpisodePrice? Allowance, FloorAudit? Audit, IReadOnlyList<double> PriceGrid,
    int HeaviestVariantIndex);

/// <summary>
/// The slow loop of one stream, between its frames: sets the operating point before a frame, and hands what the frame cost, and what audits
/// found, to the controllers. Used by the loop's thread only.
/// </summary>
public sealed class StreamPricing
{
    private readonly StreamPricingParts _parts;
    private readonly Router _router;
    private float _watts = float.NaN;

    /// <param name="onEvent">Told, in words, when the floor is breached or the ceiling recovers.</param>
    public StreamPricing(StreamPricingParts parts, Router router, Action<string> onEvent)
    {
        (_parts, _router, OnEvent) = (parts, router, onEvent);
        SetOperatingPoint();
    }

    public StreamPrice Prices => _parts.Prices;

    public FloorAudit? Audit => _parts.Audit;

    /// <summary>What the strict allowance is and how much is left; null without one.</summary>
    public EpisodePrice? Allowance => _parts.Allowance;

    public Action<string> OnEvent { get; }

    /// <summary>At a frame boundary: the frame that begins sees one operating point to its end.</summary>
    /// <param name="watts">What the board draws; not a number while nothing measures it.</param>
    public void BeforeFrame(long nowNs, float watts)
    {
        _watts = watts;
        _parts.Allowance?.Advance(nowNs);
        SetOperatingPoint();
    }

    /// <summary>
    /// Between frames, in place of an earlier one: limits that both know go on from where they stand. Null: the stream knew no prices
    /// before.
    /// </summary>
    public void Resume(StreamPricing? earlier)
    {
        foreach (var controller in _parts.Prices.Controllers)
        {
            (controller as CongestionPrice)?.Join();
        }

        if (earlier is not null)
        {
            _parts.Prices.Resume(earlier._parts.Prices);
        }

        if (_parts.Audit is { } audit && ReferenceEquals(audit, earlier?._parts.Audit))
        {
            _parts.Prices.SetCeiling(CeilingAt(audit.CeilingIndex));
        }

        SetOperatingPoint();
    }

    /// <summary>The stream knows no prices any more: its part of the lane is free.</summary>
    public void Leave()
    {
        foreach (var controller in _parts.Prices.Controllers)
        {
            (controller as CongestionPrice)?.Leave();
        }
    }

    /// <summary>Hands one ended frame to the controllers.</summary>
    /// <param name="backlogMs">Predicted device time of the frames that wait in the lane.</param>
    /// <param name="watts">What the board draws; not a number while nothing measures it.</param>
    public void AfterFrame(in TraceRecord record, double backlogMs, float watts)
    {
        double deviceMs = (record.PreprocessNs + record.StagesNs + record.HeadsNs) / 1e6;
        bool wasHeavy = record.End != FrameEnd.Skipped && record.NodeIndex >= 0
            && _router.Tree.Nodes[record.NodeIndex].VariantIndex == _parts.HeaviestVariantIndex;
        _parts.Prices.Observe(new FrameSpend(record.PublishedNs, record.LatencyNs / 1e6, deviceMs, record.EnergyMillijoules, wasHeavy,
            backlogMs, watts));
    }

    /// <summary>Takes in one audit.</summary>
    public void AfterAudit(in DecisionRecord decision, float loss, in AuditDraw draw)
    {
        float gain = decision.Values[decision.OptionIndex].Gain;
        double predicted = float.IsNaN(gain) || decision.LossFactor <= 0 ? double.NaN : Math.Clamp((1 - gain) / decision.LossFactor, 0, 1);
        _router.Contexts?.Observe(decision.ContextIndex, predicted, loss, draw.InclusionProbability);
        if (_parts.Audit is { } audit && audit.Observe(loss, draw.Weight))
        {
            _parts.Prices.SetCeiling(CeilingAt(audit.CeilingIndex));
            OnEvent(audit.LastEvent.Text);
        }
    }

    /// <summary>The price at an index of the grid; 0 below it.</summary>
    private double CeilingAt(int index) => index < 0 ? 0 : _parts.PriceGrid[Math.Min(index, _parts.PriceGrid.Count - 1)];

    private void SetOperatingPoint()
    {
        float allowance = _parts.Allowance is { } episode ? (float)Math.Max(episode.AdmissibleCost(), 0) : float.PositiveInfinity;
        _router.Operating = new OperatingPoint((float)_parts.Prices.AskedPrice, 0, (float)_parts.Prices.PriceCeiling, allowance, _watts);
    }
}
