using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Signals;
using EdgeRoute.Core.Tracking;
using EdgeRoute.Workbench.Sweeps;

namespace EdgeRoute.Workbench.Playing;

/// <summary>
/// One frame as a policy in play finds it: what is known, and (for the workbench only) what every option would have been worth. What rests
/// on the answer at hand is found when it is first asked for, while the frame is in play: thousands of policies ask for little of it. Who
/// keeps the state for later calls <see cref="Settle"/> first.
/// </summary>
internal sealed class FrameState
{
    private readonly SweptRecording _sweep;
    private readonly QualityJudge _judge;
    private readonly ExitSignals?[] _exits;
    private AnswerCarrier? _carrier;
    private float? _carriedQuality;

    public FrameState(SweptRecording sweep, QualityJudge judge, AnswerCarrier carrier, int frameIndex, FrameSignals signals)
    {
        (_sweep, _judge, _carrier) = (sweep, judge, carrier);
        FrameIndex = frameIndex;
        Signals = signals;
        HasPrevious = carrier.HasPrevious;
        _exits = new ExitSignals?[sweep.Tree.Nodes.Count];
    }

    public int FrameIndex { get; }

    public FrameSignals Signals { get; }

    public bool HasPrevious { get; }

    public RouteTree Tree => _sweep.Tree;

    /// <summary>Signals of the answer that a node gave; those of no answer for the frame, for "previous", and without one.</summary>
    public ExitSignals ExitAt(int nodeIndex) => _exits[nodeIndex] ??= Compared(Tree.Nodes[nodeIndex]);

    public float QualityOf(RouteNode node)
    {
        if (node.StageIndex == RouteGraph.Previous)
        {
            return _carriedQuality ??= HasPrevious ? _judge.Of(FrameIndex, AtHand.Answer, isCarried: true) : 0;
        }

        return node.VariantIndex < 0 ? 0 : _judge.OfVariant(FrameIndex, node.VariantIndex);
    }

    /// <summary>
    /// The answer that a node's stage gave; null for the frame, for "previous", and where the stage has no exit or failed.
    /// </summary>
    public Answer? AnswerAt(RouteNode node) => node.VariantIndex < 0 ? null : VariantAt(node).Answer;

    /// <summary>Device time, when it was swept, of all stages on the way to a node; failed ones count nothing.</summary>
    public float MsOf(RouteNode node) => _sweep.MeasuredMs(FrameIndex, node);

    /// <summary>Finds all that rests on the answer at hand, so that it can be asked for after the frame.</summary>
    public void Settle()
    {
        foreach (var node in Tree.Nodes.Skip(1))
        {
            ExitAt(node.Index);
            QualityOf(node);
        }
    }

    /// <summary>The frame is over: another answer is at hand from now on.</summary>
    public void End() => _carrier = null;

    private AnswerCarrier AtHand => _carrier
        ?? throw new InvalidOperationException($"frame {FrameIndex} is over; call {nameof(Settle)} while it is in play");

    private ExitSignals Compared(RouteNode node) =>
        AnswerAt(node) is { } answer ? AtHand.Compare(VariantAt(node).Exit, answer, EarlierAnswer(node)) : default;

    private EdgeRoute.Protocol.Sweeping.SweptVariant VariantAt(RouteNode node) => _sweep.Frames[FrameIndex].Variants[node.VariantIndex];

    private Answer? EarlierAnswer(RouteNode node)
    {
        for (int at = node.ParentIndex; at > 0; at = Tree.Nodes[at].ParentIndex)
        {
            if (AnswerAt(Tree.Nodes[at]) is { } answer)
            {
                return answer;
            }
        }

        return null;
    }
}
