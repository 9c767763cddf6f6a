using System.Diagnostics;
using EdgeRoute.Core.Costs;
using EdgeRoute.Core.Gains;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Signals;

namespace EdgeRoute.Core.Routing;

/// <summary>
/// Applies the constraints in their order (safety lock, deadline and allowance, quality floor as the price ceiling), then the policy, and
/// writes down everything that was weighed. Pure and total: state in, decision out, no clock, no allocation.
/// </summary>
public sealed class Router(RouteTree tree, CostTable costs, IRoutePolicy policy)
{
    /// <summary>Where nobody says how old an answer may be: a robot that moves has gone a step by then.</summary>
    public const float UsualMaxAgeMs = 1000;

    public RouteTree Tree { get; } = tree;

    public CostTable Costs { get; } = costs;

    /// <summary>Replaced between frames only.</summary>
    public IRoutePolicy Policy { get; set; } = policy;

    /// <summary>Node that a safety lock forces, or -1.</summary>
    public int LockNodeIndex { get; set; } = -1;

    /// <summary>
    /// How old the previous answer may be, in milliseconds of the source's time, whatever the policy makes of it. As much may it be younger
    /// than the frame, where a source's time goes back.
    /// </summary>
    public float MaxAgeMs { get; set; } = UsualMaxAgeMs;

    /// <summary>Device time that the frame at hand has had so far, in milliseconds: it counts against its allowance.</summary>
    public float SpentMs { get; set; }

    /// <summary>Stage variant that a strict allowance has no run left for, or -1; replaced between frames only.</summary>
    public int SpentVariantIndex { get; set; } = -1;

    /// <summary>
    /// Windows that the options of the next decision would look at, by option; of others it says nothing. Where it is empty, every option
    /// with windows finds as many as it may.
    /// </summary>
    public ReadOnlyMemory<int> WindowCounts { get; set; }

    /// <summary>Prices and limits in force; replaced between frames only.</summary>
    public OperatingPoint Operating { get; set; } = OperatingPoint.Free;

    /// <summary>What audits taught about the contexts; null where the policy is not calibrated.</summary>
    public ContextLosses? Contexts { get; set; }

    /// <summary>Decides at a node; the choice and its reason are in <paramref name="record"/>.</summary>
    /// <param name="nodeIndex">0 for the frame, else the node just reached.</param>
    /// <param name="frame">Signals of the frame.</param>
    /// <param name="exit">Signals of the answer at hand.</param>
    /// <param name="slackNs">Time left to the deadline; <see cref="long.MaxValue"/> without one.</param>
    /// <param name="failedOptions">Bit i is set when option i's stage failed on this frame.</param>
    /// <param name="record">Receives the decision.</param>
    public RouteOption Decide(int nodeIndex, in FrameSignals frame, in ExitSignals exit, long slackNs, uint failedOptions,
        ref DecisionRecord record)
    {
        var node = Tree.Nodes[nodeIndex];
        record.NodeIndex = nodeIndex;
        record.OptionCount = node.Options.Length;
        record.SlackNs = slackNs;
        record.Exit = exit;
        record.Operating = Operating;
        record.ContextIndex = Policy is ValuePolicy value ? value.Calibration.ContextOf(frame) : -1;
        record.LossFactor = Contexts?.FactorOf(record.ContextIndex) ?? 1;
        Span<OptionValue> values = record.Values;
        values = values[..node.Options.Length];
        Weigh(node, Math.Abs(frame.AgeMs) <= MaxAgeMs, slackNs, failedOptions, values);
        (record.OptionIndex, record.Reason) = Choose(new DecisionPoint(node, frame, exit, slackNs, record.Operating, record.LossFactor),
            values);
        Debug.Assert((uint)record.OptionIndex < (uint)node.Options.Length, "A decision is one of its node's options.");
        return node.Options[record.OptionIndex];
    }

    /// <summary>The choice again, from a record alone: same policy, same choice; another policy, the what-if.</summary>
    public (int OptionIndex, DecisionReason Reason) DecideAgain(in DecisionRecord record, in FrameSignals frame)
    {
        var copy = record.Values;
        Span<OptionValue> values = copy;
        var point = new DecisionPoint(Tree.Nodes[record.NodeIndex], frame, record.Exit, record.SlackNs, record.Operating,
            record.LossFactor);
        return Choose(point, values[..record.OptionCount]);
    }

    /// <summary>
    /// The recorded decision as the policy takes it now: what the options are worth, the one taken and why are new, costs and constraints
    /// stay.
    /// </summary>
    public DecisionRecord DecideAnew(in DecisionRecord record, in FrameSignals frame)
    {
        var anew = record;
        Span<OptionValue> values = anew.Values;
        var point = new DecisionPoint(Tree.Nodes[record.NodeIndex], frame, record.Exit, record.SlackNs, record.Operating,
            record.LossFactor);
        (anew.OptionIndex, anew.Reason) = Choose(point, values[..record.OptionCount]);
        return anew;
    }

    private void Weigh(RouteNode node, bool hasPrevious, long slackNs, uint failedOptions, Span<OptionValue> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            var option = node.Options[i];
            float share = WindowShare(option, i);
            var cost = option.VariantIndex < 0 ? default : Scaled(Costs.ToNextExit(option.NodeIndex), share);
            var denial = (failedOptions >> i & 1) != 0 ? OptionDenial.StageFailed
                : DenialOf(option, cost.MsP95, share, hasPrevious, slackNs);
            float onward = option.VariantIndex < 0 ? 0 : Costs.CostliestOnward(option.NodeIndex);
            values[i] = new OptionValue(float.NaN, cost.MsP50, cost.MsP95, onward, float.NaN, float.NaN, denial, 0);
        }
    }

    /// <summary>Windows that are there to look at, as a part of those that the costs count; 1 for options without.</summary>
    private float WindowShare(RouteOption option, int optionIndex)
    {
        bool hasWindows = option.VariantIndex >= 0 && !WindowCounts.IsEmpty && Tree.Variants[option.VariantIndex].Windows is not null;
        return hasWindows ? WindowCounts.Span[optionIndex] / (float)Tree.Variants[option.VariantIndex].Windows!.Count : 1;
    }

    private static StageCost Scaled(in StageCost cost, float share) => new(cost.MsP50 * share, cost.MsP95 * share);

    /// <summary>
    /// A cost or a limit that is not a number denies: what is not known to fit does not fit. A deadline goes by the likely cost, an
    /// allowance by the highest: to be late once costs one frame, to overspend costs all the frames after it.
    /// </summary>
    private OptionDenial DenialOf(RouteOption option, float costMs, float share, bool hasPrevious, long slackNs)
    {
        if (share <= 0)
        {
            return OptionDenial.NothingThere;
        }

        if (option.Kind == OptionKind.Previous && !hasPrevious)
        {
            return OptionDenial.NoPrevious;
        }

        if (option.VariantIndex >= 0 && !IsPaidFor(option, share))
        {
            return OptionDenial.Allowance;
        }

        return option.VariantIndex >= 0 && !(costMs * 1e6 <= slackNs) ? OptionDenial.Deadline : OptionDenial.None;
    }

    private bool IsPaidFor(RouteOption option, float share) => option.VariantIndex != SpentVariantIndex
        && (float.IsPositiveInfinity(Operating.AllowanceMs)
            || SpentMs + (Costs.BoundToNextExit(option.NodeIndex) * share) <= Operating.AllowanceMs);

    private (int OptionIndex, DecisionReason Reason) Choose(in DecisionPoint point, Span<OptionValue> values)
    {
        if (LockNodeIndex >= 0 && LockedChoice(point.Node, values) is >= 0 and int locked)
        {
            return (locked, DecisionReason.SafetyLock);
        }

        Debug.Assert(values.Length == point.Node.Options.Length, "Each option of the node is weighed.");
        int possible = 0;
        for (int i = 0; i < values.Length; i++)
        {
            possible += values[i].Denial == OptionDenial.None ? 1 : 0;
        }

        if (possible == 0)
        {
            return LateOrUnpaid(values);
        }

        if (values.Length == 1)
        {
            return (0, DecisionReason.OnlyOption);
        }

        int wanted = Policy.Choose(point, values);
        bool isAllowed = (uint)wanted < (uint)values.Length && values[wanted].Denial == OptionDenial.None;
        if (!isAllowed && (uint)wanted < (uint)values.Length && values[wanted].Denial == OptionDenial.NothingThere)
        {
            return (WithoutLook(point, values), DecisionReason.Policy);
        }

        return isAllowed ? (wanted, DecisionReason.Policy) : FallBack(point, values);
    }

    /// <summary>A look was wanted where there is nothing to look at: the answer at hand is then what it would have led to.</summary>
    private int WithoutLook(in DecisionPoint point, Span<OptionValue> values) =>
        point.Node.CanStop ? 0 : FallBack(point, values).OptionIndex;

    /// <summary>
    /// The policy's choice cannot be: an answer of this frame comes first, in time where one can be, else late. The previous answer is for
    /// frames that no stage can answer within its allowance, and only while it is young.
    /// </summary>
    private (int OptionIndex, DecisionReason Reason) FallBack(in DecisionPoint point, Span<OptionValue> values)
    {
        int previous = Array.FindIndex(point.Node.Options, o => o.Kind == OptionKind.Previous);
        int fresh = Cheapest(values, OptionDenial.None, previous);
        if (fresh >= 0)
        {
            return (fresh, DecisionReason.Deadline);
        }

        int late = Cheapest(values, OptionDenial.Deadline, previous);
        if (late >= 0)
        {
            return (late, DecisionReason.DeadlineMissed);
        }

        if (previous >= 0 && point.Frame.AgeMs <= Policy.FallbackAgeMs)
        {
            return (previous, DecisionReason.Deadline);
        }

        if (previous >= 0)
        {
            values[previous].Denial = OptionDenial.NoPrevious;
        }

        return LateOrUnpaid(values);
    }

    private static int Cheapest(ReadOnlySpan<OptionValue> values, OptionDenial denial, int except)
    {
        int best = -1;
        for (int i = 0; i < values.Length; i++)
        {
            best = i != except && values[i].Denial == denial && (best < 0 || values[i].CostMs < values[best].CostMs) ? i : best;
        }

        return best;
    }

    private int LockedChoice(RouteNode node, ReadOnlySpan<OptionValue> values)
    {
        if (node.Index == LockNodeIndex)
        {
            return node.CanStop ? 0 : -1;
        }

        int next = Tree.StepTowards(node.Index, LockNodeIndex);
        for (int i = 0; i < values.Length; i++)
        {
            bool isNext = node.Options[i].NodeIndex == next;
            if (isNext && values[i].Denial == OptionDenial.NothingThere && node.CanStop)
            {
                return 0;
            }

            if (isNext && values[i].Denial is not (OptionDenial.StageFailed or OptionDenial.NoPrevious or OptionDenial.NothingThere))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>
    /// Nothing fits: the cheapest that can run at all; a late answer is better than none, and it is counted late. What a strict allowance
    /// cannot pay does not run: where nothing else is left, the frame fails.
    /// </summary>
    private static (int OptionIndex, DecisionReason Reason) LateOrUnpaid(ReadOnlySpan<OptionValue> values)
    {
        int late = Cheapest(values, OptionDenial.Deadline, except: -1);
        int unpaid = late >= 0 ? -1 : Cheapest(values, OptionDenial.Allowance, except: -1);
        return unpaid >= 0 ? (unpaid, DecisionReason.AllowanceSpent) : (Math.Max(late, 0), DecisionReason.DeadlineMissed);
    }
}
