using EdgeRoute.Core.Costs;
using EdgeRoute.Core.Gains;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Routing;
using EdgeRoute.Core.Signals;
using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.Workbench.Replaying;

/// <summary>
/// Walks a recorded frame as another policy would have gone. At the frame everything is known: its signals and the costs of all options. At
/// an exit something is known only if the recorded frame came there too; where the policy goes elsewhere, the calibration's expectation,
/// seen from the last known place, stands for what was never run.
/// </summary>
/// <param name="known">Costs measured elsewhere, by the calibration or the pack, for stages whose cost the recording does not know because
/// they had not run.</param>
/// <param name="pricePerMs">In the calibration's milliseconds, as the dial has it; null: as recorded.</param>
internal sealed class WhatIfWalker(RouteTree tree, IRoutePolicy policy, Calibration? calibration, CostTable known, float? pricePerMs)
{
    private readonly Router _router = new(tree, new CostTable(tree), policy);
    private readonly long[] _visitCounts = new long[tree.Nodes.Count];
    private readonly long[] _onwardCounts = new long[tree.Nodes.Count];
    private long? _lookedNs, _lookedThenNs;

    /// <summary>Sees each decision of a walk as it comes out now, where the recording knows what was decided by.</summary>
    public Action<DecisionRecord>? OnDecided { get; init; }

    /// <summary>Decisions at which a cost was taken from elsewhere, and decisions with a stage whose cost nothing tells.</summary>
    public long FilledCount { get; private set; }

    public long UnknownCostCount { get; private set; }

    /// <summary>
    /// How often the policy went on from an exit, where the recording came there; the mean over all exits for one it never came to.
    /// </summary>
    public double OnwardShareAt(int nodeIndex)
    {
        bool isKnown = _visitCounts[nodeIndex] > 0;
        double visits = isKnown ? _visitCounts[nodeIndex] : _visitCounts.Sum(), onward = isKnown ? _onwardCounts[nodeIndex]
            : _onwardCounts.Sum();
        return visits > 0 ? onward / visits : 1;
    }

    /// <summary>The frame as the new policy takes it; the age of what it could reuse hangs on the frames before, see
    /// <see cref="Keep"/>.</summary>
    public WhatIfWalk Walk(in TraceRecord record) => Walk(record, _lookedNs is { } looked && looked != _lookedThenNs
        ? record.Signals with { AgeMs = (record.Stamp.SourceNs - looked) / 1e6f } : record.Signals);

    /// <summary>Keeps when a frame was looked at last, after each frame, in order.</summary>
    public void Keep(in WhatIfWalk walk, in TraceRecord record)
    {
        long now = record.Stamp.SourceNs;
        long? recorded = float.IsFinite(record.Signals.AgeMs) ? now - (long)(record.Signals.AgeMs * 1e6) : null;
        _lookedNs = IsPrevious(walk.NodeIndex) ? _lookedNs ?? recorded : now;
        _lookedThenNs = IsPrevious(record.NodeIndex) ? _lookedThenNs ?? recorded : now;
    }

    private bool IsPrevious(int nodeIndex) => tree.Nodes[nodeIndex].StageIndex == RouteGraph.Previous;

    private WhatIfWalk Walk(in TraceRecord record, in FrameSignals frame)
    {
        double quality = double.NaN, ms = 0;
        float pace = PaceOf(record);
        for (int at = 0; ;)
        {
            var decision = record.Decisions[at];
            var node = tree.Nodes[decision.NodeIndex];
            decision.Operating = pricePerMs is not { } price ? decision.Operating
                : decision.Operating with { PricePerMs = price / pace, PricePerMillijoule = 0, PriceCeiling = float.PositiveInfinity };
            FillCosts(node, ref decision);
            var anew = _router.DecideAnew(decision, frame);
            OnDecided?.Invoke(anew);
            int option = anew.OptionIndex;
            var chosen = node.Options[option];
            Count(node, chosen);
            int next = FindNext(record, at, chosen.NodeIndex);
            if (chosen.VariantIndex < 0 || next >= 0)
            {
                quality = GainOf(decision, frame, option, PlanOf(decision, frame, option, isLast: true)) ?? quality;
                ms += CostOf(node, decision, option);
                if (chosen.VariantIndex < 0)
                {
                    return new WhatIfWalk(chosen.NodeIndex, false, false, quality, ms, double.NaN, double.NaN);
                }

                at = next;
                continue;
            }

            return Expect(decision, frame, option, ms + CostOf(node, decision, option), quality);
        }
    }

    /// <summary>As <see cref="CostTable.Pace"/> was when the frame was recorded: by the costs that its first decision saw.</summary>
    private float PaceOf(in TraceRecord record)
    {
        float then = 0, now = 0;
        var options = tree.Nodes[0].Options;
        for (int i = 0; i < options.Length && record.DecisionCount > 0; i++)
        {
            float profile = options[i].VariantIndex < 0 ? 0 : known.ToNextExit(options[i].NodeIndex).MsP50;
            float cost = record.Decisions[0].Values[i].CostMs;
            (then, now) = profile > 0 && cost > 0 ? (then + profile, now + cost) : (then, now);
        }

        return then > 0 && float.IsFinite(now / then) ? now / then : 1;
    }

    /// <summary>The frame as it was recorded, judged by the same estimates.</summary>
    public WhatIfWalk WalkRecorded(in TraceRecord record)
    {
        double quality = double.NaN, ms = 0;
        for (int i = 0; i < record.DecisionCount; i++)
        {
            var decision = record.Decisions[i];
            quality = GainOf(decision, record.Signals, decision.OptionIndex,
                PlanOf(decision, record.Signals, decision.OptionIndex, isLast: true)) ?? quality;
            ms += CostOf(tree.Nodes[decision.NodeIndex], decision, decision.OptionIndex);
        }

        return new WhatIfWalk(record.NodeIndex, false, false, quality, ms, double.NaN, double.NaN);
    }

    /// <summary>A stage that had not run when it was decided counted as free; no what-if may believe that.</summary>
    private void FillCosts(RouteNode node, ref DecisionRecord decision)
    {
        bool isFilled = false, isUnknown = false;
        for (int i = 0; i < decision.OptionCount; i++)
        {
            var option = node.Options[i];
            ref var value = ref decision.Values[i];
            if (option.VariantIndex < 0)
            {
                continue;
            }

            var cost = known.ToNextExit(option.NodeIndex);
            bool isFree = !(value.CostMs > 0), isOnwardFree = !(value.OnwardMs > 0) && known.CostliestOnward(option.NodeIndex) > 0;
            isUnknown |= isFree && cost.MsP50 <= 0;
            isFilled |= (isFree && cost.MsP50 > 0) || isOnwardFree;
            value = isFree ? value with { CostMs = cost.MsP50, CostMsP95 = cost.MsP95,
                Denial = DenialOf(value.Denial, cost.MsP95, decision) } : value;
            value = isOnwardFree ? value with { OnwardMs = known.CostliestOnward(option.NodeIndex) } : value;
        }

        FilledCount += isFilled ? 1 : 0;
        UnknownCostCount += isUnknown ? 1 : 0;
    }

    /// <summary>The constraints, once a cost is known.</summary>
    private static OptionDenial DenialOf(OptionDenial recorded, float msP95, in DecisionRecord decision)
    {
        if (recorded != OptionDenial.None)
        {
            return recorded;
        }

        if (msP95 * 1e6 > decision.SlackNs)
        {
            return OptionDenial.Deadline;
        }

        if (msP95 > decision.Operating.AllowanceMs)
        {
            return OptionDenial.Allowance;
        }

        return recorded;
    }

    /// <summary>The decision of the recording at a node, after another; -1 where the frame never came there.</summary>
    private static int FindNext(in TraceRecord record, int after, int nodeIndex)
    {
        for (int i = after + 1; i < record.DecisionCount; i++)
        {
            if (record.Decisions[i].NodeIndex == nodeIndex)
            {
                return i;
            }
        }

        return -1;
    }

    private void Count(RouteNode node, RouteOption chosen)
    {
        if (node.CanStop && node.Options.Length > 1)
        {
            _visitCounts[node.Index]++;
            _onwardCounts[node.Index] += chosen.Kind == OptionKind.Stop ? 0 : 1;
        }
    }

    /// <summary>What the rest of the way is expected to bring, seen from the decision that left the recording.</summary>
    private WhatIfWalk Expect(DecisionRecord decision, FrameSignals frame, int option, double msToExit, double qualityBefore)
    {
        var target = tree.Nodes[tree.Nodes[decision.NodeIndex].Options[option].NodeIndex];
        bool isOpen = target.Options.Length > 1;
        int last = PlanOf(decision, frame, option, isLast: true), first = PlanOf(decision, frame, option, isLast: false);
        bool? goesOn = isOpen ? GoesOnFrom(target) : false;
        (double Quality, double Ms) stop = PlanFigures(decision, frame, option, last, msToExit, qualityBefore, wholePart: 0);
        (double Quality, double Ms) further = PlanFigures(decision, frame, option, first, msToExit, qualityBefore, wholePart: 1);
        if (policy is ValuePolicy || goesOn == false)
        {
            return new WhatIfWalk(target.Index, true, isOpen, stop.Quality, stop.Ms, double.NaN, double.NaN);
        }

        if (goesOn == true)
        {
            return new WhatIfWalk(target.Index, true, isOpen, further.Quality, further.Ms, double.NaN, double.NaN);
        }

        return new WhatIfWalk(target.Index, true, isOpen, stop.Quality, stop.Ms, further.Quality, further.Ms);
    }

    /// <summary>A fixed policy chooses by the node alone; what another would choose is not known: null.</summary>
    private bool? GoesOnFrom(RouteNode node)
    {
        if (policy is not FixedPolicy)
        {
            return null;
        }

        var point = new DecisionPoint(node, default, default, long.MaxValue, OperatingPoint.Free, 1);
        return node.Options[policy.Choose(point, [])].Kind != OptionKind.Stop;
    }

    private (double Quality, double Ms) PlanFigures(DecisionRecord decision, FrameSignals frame, int option, int plan, double msToExit,
        double qualityBefore, double wholePart)
    {
        float onwardMs = decision.Values[option].OnwardMs;
        double part = calibration?.NodeAt(decision.NodeIndex) is null ? wholePart : OnwardPart(decision, frame, option, plan);
        return (GainOf(decision, frame, option, plan) ?? qualityBefore, msToExit + (float.IsFinite(onwardMs) ? part * onwardMs : 0));
    }

    /// <summary>
    /// The value rule's own plan at the price; for others the plan that stops soonest (the last) or goes furthest (the first).
    /// </summary>
    private int PlanOf(in DecisionRecord decision, in FrameSignals frame, int option, bool isLast)
    {
        if (calibration?.NodeAt(decision.NodeIndex) is not { } node)
        {
            return 0;
        }

        if (policy is not ValuePolicy)
        {
            return isLast ? node.Plans[option].Count - 1 : 0;
        }

        var copy = decision.Values;
        Span<OptionValue> values = copy;
        var point = new DecisionPoint(tree.Nodes[decision.NodeIndex], frame, decision.Exit, decision.SlackNs, decision.Operating,
            decision.LossFactor);
        _ = ValuePolicy.Choose(node, point, values[..decision.OptionCount]);
        return values[option].PlanIndex;
    }

    /// <summary>Null where nothing is estimated at the node: the estimate from before goes on to hold.</summary>
    private double? GainOf(in DecisionRecord decision, in FrameSignals frame, int option, int plan)
    {
        if (calibration?.NodeAt(decision.NodeIndex) is not { } node)
        {
            return null;
        }

        Span<float> features = stackalloc float[2 * SignalVector.Count];
        node.Scale.Apply(frame, decision.Exit, features);
        float factor = float.IsFinite(decision.LossFactor) ? decision.LossFactor : 1;
        return Math.Clamp(1 - ((1 - node.Plans[option][plan].Gain.Estimate(features[..node.Scale.FeatureCount])) * factor), 0, 1);
    }

    private double OnwardPart(in DecisionRecord decision, in FrameSignals frame, int option, int plan)
    {
        var node = calibration!.NodeAt(decision.NodeIndex)!;
        Span<float> features = stackalloc float[2 * SignalVector.Count];
        node.Scale.Apply(frame, decision.Exit, features);
        return node.Plans[option][plan].Onward?.Estimate(features[..node.Scale.FeatureCount]) ?? 0;
    }

    /// <summary>Predicted cost of an option. Where a stage has no exit, the cheapest way on was counted with it already.</summary>
    private static double CostOf(RouteNode node, in DecisionRecord decision, int option)
    {
        float counted = 0;
        if (node.Index != 0 && !node.CanStop)
        {
            counted = float.PositiveInfinity;
            for (int i = 0; i < decision.OptionCount; i++)
            {
                counted = MathF.Min(counted, decision.Values[i].CostMs);
            }
        }

        float cost = decision.Values[option].CostMs - counted;
        return float.IsFinite(cost) ? cost : 0;
    }
}
