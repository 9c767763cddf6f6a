using EdgeRoute.Core.Floors;
using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Prices;
using EdgeRoute.Core.Routing;
using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.Engine.Loop;

/// <summary>What one stream's prices are made of.</summary>
/// <param name="Prices">Moves the price; its ceiling is the floor's.</param>
/// <param name="Allowances">Strict allowances, one of a kind and period at most.</param>
/// <param name="Audit">Watches the floor; null without a certified floor.</param>
/// <param name="PriceGrid">Prices of the calibration's curve, which the audit's ceiling is an index into.</param>
/// <param name="HeaviestVariantIndex">The stage variant that makes a frame count as heavy.</param>
public sealed record StreamPricingParts(StreamPrice Prices, IReadOnlyList<EpisodePrice> Allowances, FloorAudit? Audit,
    IReadOnlyList<double> PriceGrid, int HeaviestVariantIndex)
{
    /// <summary>Compares answers with the heaviest path's where it runs; null where no budget asks what is lost.</summary>
    public StreamLooks? Looks { get; init; }
}

/// <summary>
/// The slow loop of one stream, between its frames: sets the operating point before a frame, and hands what the frame cost, and what audits
/// found, to the controllers. Used by the loop's thread only.
/// </summary>
public sealed class StreamPricing
{
    private readonly StreamPricingParts _parts;
    private readonly Router _router;
    private readonly LossPrice? _loss;
    private float _watts = float.NaN;
    private string? _instruction;
    private volatile bool _isEpisodeAsked;

    /// <param name="onEvent">Told, in words, when the floor is breached or the ceiling recovers.</param>
    public StreamPricing(StreamPricingParts parts, Router router, Action<string> onEvent)
    {
        (_parts, _router, OnEvent) = (parts, router, onEvent);
        _loss = parts.Prices.Controllers.OfType<LossPrice>().FirstOrDefault();
        SetOperatingPoint();
    }

    public StreamPrice Prices => _parts.Prices;

    public FloorAudit? Audit => _parts.Audit;

    /// <inheritdoc cref="StreamPricingParts.Looks"/>
    public StreamLooks? Looks => _parts.Looks;

    /// <summary>What the strict allowances are and how much of each is left.</summary>
    public IReadOnlyList<EpisodePrice> Allowances => _parts.Allowances;

    public Action<string> OnEvent { get; }

    /// <summary>
    /// What this machine takes now, as a multiple of what the calibration measured. Prices are in the calibration's milliseconds, so that
    /// an operating point means the same here; a frame's operating point has them in this machine's.
    /// </summary>
    public double Pace => _router.Costs.Pace;

    /// <summary>
    /// At a frame boundary: the frame that begins sees one operating point to its end. The first frame begins an episode, and so does
    /// another instruction: that is another task.
    /// </summary>
    /// <param name="watts">What the board draws; not a number while nothing measures it.</param>
    public void BeforeFrame(long nowNs, float watts, string? instruction)
    {
        bool begins = _isEpisodeAsked || !string.Equals(instruction, _instruction, StringComparison.Ordinal);
        (_watts, _instruction, _isEpisodeAsked) = (watts, instruction, false);
        _parts.Looks?.Begin();
        for (int i = 0; i < _parts.Allowances.Count; i++)
        {
            var allowance = _parts.Allowances[i];
            if (allowance.Plan.Period == AllowancePeriod.Episode && (begins || !allowance.HasBegun))
            {
                allowance.BeginEpisode(nowNs);
            }

            allowance.Advance(nowNs);
        }

        SetOperatingPoint();
    }

    /// <summary>An episode begins with the next frame; any thread. False: no allowance is for an episode.</summary>
    public bool TryAskEpisode()
    {
        bool hasAny = _parts.Allowances.Any(a => a.Plan.Period == AllowancePeriod.Episode);
        _isEpisodeAsked |= hasAny;
        return hasAny;
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
            if (!_parts.Prices.Controllers.OfType<CongestionPrice>().Any())
            {
                // It shared the lane and is now alone on it.
                earlier.Leave();
            }

            _parts.Prices.Resume(earlier._parts.Prices);
            (_instruction, _isEpisodeAsked) = (earlier._instruction, earlier._isEpisodeAsked);
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
    /// <param name="celsius">Of its hottest zone; not a number while nothing measures it.</param>
    public void AfterFrame(in TraceRecord record, double backlogMs, float watts, float celsius = float.NaN)
    {
        double deviceMs = (record.PreprocessNs + record.StagesNs + record.HeadsNs) / 1e6;
        bool wasHeavy = record.End != FrameEnd.Skipped && record.NodeIndex >= 0
            && _router.Tree.Nodes[record.NodeIndex].VariantIndex == _parts.HeaviestVariantIndex;
        ReadOnlySpan<DecisionRecord> decisions = record.Decisions;
        var loss = _parts.Looks?.Of(_router.Tree, decisions[..record.DecisionCount], record.NodeIndex) ?? default;
        _parts.Prices.Observe(new FrameSpend(record.PublishedNs, record.LatencyNs / 1e6, deviceMs, record.EnergyMillijoules, wasHeavy,
            backlogMs, watts, celsius, loss));
    }

    /// <summary>Takes in one audit.</summary>
    /// <param name="nodeIndex">Whose answer was published.</param>
    public void AfterAudit(in DecisionRecord decision, int nodeIndex, float loss, in AuditDraw draw)
    {
        double predicted = ExpectedLoss.Of(decision, decision.OptionIndex);
        _router.Contexts?.Observe(decision.ContextIndex, predicted, loss, draw.InclusionProbability);
        if (_router.Tree.Nodes[nodeIndex].VariantIndex != _parts.HeaviestVariantIndex)
        {
            _loss?.Take(new ShownLoss(predicted, loss), _router.Tree.Nodes[nodeIndex].StageIndex == RouteGraph.Previous);
        }

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
        double most = double.PositiveInfinity;
        _router.SpentVariantIndex = -1;
        for (int i = 0; i < _parts.Allowances.Count; i++)
        {
            var allowance = _parts.Allowances[i];
            if (allowance.Plan.Kind == AllowanceKind.HeavyRuns)
            {
                bool isSpent = allowance.AdmissibleCost() < 1;
                _router.SpentVariantIndex = isSpent ? _parts.HeaviestVariantIndex : _router.SpentVariantIndex;
            }
            else if (allowance.Plan.Kind == AllowanceKind.DeviceMs || _watts > 0)
            {
                most = Math.Min(most, allowance.AdmissibleCost() / (allowance.Plan.Kind == AllowanceKind.DeviceMs ? 1 : _watts));
            }
        }

        _router.Operating = new OperatingPoint((float)(_parts.Prices.AskedPrice / Pace), 0, (float)(_parts.Prices.PriceCeiling / Pace),
            (float)Math.Max(most, 0), _watts);
    }
}
