using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Signals;
using EdgeRoute.Core.Tracking;
using EdgeRoute.Workbench.Sweeps;

namespace EdgeRoute.Workbench.Playing;

/// <summary>
/// One frame as a policy in play finds it: what is known, and (for the workbench only) what every option would have been worth.
/// </summary>
internal sealed class FrameState
{
    private readonly SweptRecording _sweep;
    private readonly ExitSignals[] _exits;
    private readonly float[] _qualities;

    public FrameState(SweptRecording sweep, QualityJudge judge, AnswerCarrier carrier, int frameIndex, FrameSignals signals)
    {
        _sweep = sweep;
        FrameIndex = frameIndex;
        Signals = signals;
        HasPrevious = carrier.HasPrevious;
        var nodes = sweep.Tree.Nodes;
        _exits = new ExitSignals[nodes.Count];
        _qualities = new float[nodes.Count];
        for (int i = 1; i < nodes.Count; i++)
        {
            bool isPrevious = nodes[i].StageIndex == RouteGraph.Previous;
            var answer = isPrevious ? CarriedBy(carrier) : AnswerAt(nodes[i]);
            _qualities[i] = judge.Of(frameIndex, answer, isPrevious);
            if (!isPrevious && answer is not null)
            {
                _exits[i] = carrier.Compare(VariantAt(nodes[i]).Exit, answer, EarlierAnswer(nodes[i]));
            }
        }
    }

    private static Answer? CarriedBy(AnswerCarrier carrier) => carrier.HasPrevious ? carrier.Answer : null;

    public int FrameIndex { get; }

    public FrameSignals Signals { get; }

    public bool HasPrevious { get; }

    public RouteTree Tree => _sweep.Tree;

    public ExitSignals ExitAt(int nodeIndex) => _exits[nodeIndex];

    public float QualityOf(RouteNode node) => _qualities[node.Index];

    /// <summary>
    /// The answer that a node's stage gave; null for the frame, for "previous", and where the stage has no exit or failed.
    /// </summary>
    public Answer? AnswerAt(RouteNode node) => node.VariantIndex < 0 ? null : VariantAt(node).Answer;

    /// <summary>Device time, when it was swept, of all stages on the way to a node; failed ones count nothing.</summary>
    public float MsOf(RouteNode node) => _sweep.MeasuredMs(FrameIndex, node);

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
