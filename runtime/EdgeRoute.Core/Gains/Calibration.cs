using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Signals;

namespace EdgeRoute.Core.Gains;

/// <summary>
/// One way to go on from a decision: take an option and then, at the exits that follow, decide as if at one price of the calibration's
/// grid. What lies behind an option is thus looked through, and because plans do not depend on the price in force, a higher price never
/// chooses a plan that costs more.
/// </summary>
/// <param name="Gain">Estimates the quality of the answer that the frame ends with.</param>
/// <param name="Onward">Estimates which part of the costliest way on from the next exit will be run; null where the frame ends there for
/// sure.</param>
public sealed record CalibratedPlan(IGainEstimator Gain, IGainEstimator? Onward);

/// <summary>What the calibration knows at one node of the route tree.</summary>
/// <param name="Scale">Signals to features.</param>
/// <param name="Plans">For each option of the node its plans, at least one.</param>
public sealed record CalibratedNode(SignalScale Scale, IReadOnlyList<IReadOnlyList<CalibratedPlan>> Plans)
{
    /// <summary>The plans as arrays, for the frame's road.</summary>
    internal CalibratedPlan[][] PlanTable { get; } = [.. Plans.Select(p => p.ToArray())];
}

/// <summary>
/// Everything that was fitted for one pack on one owner's frames: gains and ways on for each node, and the contexts. Immutable.
/// </summary>
public sealed class Calibration
{
    /// <summary>Plans of one option at most: more grid prices than this cannot be told apart by any calibration recording.</summary>
    public const int PlanLimit = 8;

    /// <summary>Contexts at most; each needs audits of its own before it can correct anything.</summary>
    public const int ContextLimit = 16;

    private readonly CalibratedNode?[] _nodes;
    private readonly float[][] _centroids;

    /// <param name="nodes">One for each node of the tree; null where nothing is decided.</param>
    /// <param name="centroids">Centres of the contexts: for each signal of the frame its place t, without the squares; may be
    /// empty.</param>
    /// <exception cref="ArgumentException">The calibration is not one of this tree; the message names the node.</exception>
    public Calibration(RouteTree tree, IReadOnlyList<CalibratedNode?> nodes, IReadOnlyList<IReadOnlyList<float>> centroids)
    {
        if (nodes.Count != tree.Nodes.Count)
        {
            throw new ArgumentException($"The calibration has {nodes.Count} nodes; the pack's route tree has {tree.Nodes.Count}.");
        }

        foreach (var node in tree.Nodes)
        {
            CheckNode(node, nodes[node.Index]);
        }

        _nodes = [.. nodes];
        _centroids = [.. centroids.Select(c => CheckedCentroid(c, nodes[0]!.Scale.SignalCount))];
        if (_centroids.Length > ContextLimit)
        {
            throw new ArgumentException($"The calibration has {_centroids.Length} contexts; at most {ContextLimit} are possible.");
        }
    }

    public int ContextCount => _centroids.Length;

    public IReadOnlyList<IReadOnlyList<float>> Centroids => _centroids;

    public CalibratedNode? NodeAt(int nodeIndex) => _nodes[nodeIndex];

    /// <summary>
    /// The context whose centre is nearest to the places t of the frame's signals; -1 where the calibration has none. The features'
    /// squares, their second half, do not count: they would only weigh the ends of each signal twice.
    /// </summary>
    public int ContextOf(in FrameSignals frame)
    {
        Span<float> features = stackalloc float[2 * SignalVector.Count];
        var scale = _nodes[0]!.Scale;
        scale.Apply(frame, default, features);
        int nearest = -1;
        float least = float.PositiveInfinity;
        for (int i = 0; i < _centroids.Length; i++)
        {
            float distance = Distance(_centroids[i], features);
            (nearest, least) = distance < least ? (i, distance) : (nearest, least);
        }

        return nearest;
    }

    private static float Distance(float[] centroid, ReadOnlySpan<float> features)
    {
        float sum = 0;
        for (int i = 0; i < centroid.Length; i++)
        {
            float difference = centroid[i] - features[i];
            sum += difference * difference;
        }

        return sum;
    }

    private static void CheckNode(RouteNode node, CalibratedNode? calibrated)
    {
        if (node.Options.Length <= 1 && node.Index != 0)
        {
            return;
        }

        if (calibrated is null || calibrated.Plans.Count != node.Options.Length || calibrated.Plans.Any(p => p.Count is < 1 or > PlanLimit))
        {
            throw new ArgumentException($"The calibration must hold 1 to {PlanLimit} plans for each of the {node.Options.Length} options "
                + $"at '{node.PathName}'.");
        }

        int signals = node.Index == 0 ? SignalVector.FrameCount : SignalVector.Count;
        if (calibrated.Scale.SignalCount != signals)
        {
            throw new ArgumentException($"The calibration at '{node.PathName}' scales {calibrated.Scale.SignalCount} signals; there "
                + $"are {signals}.");
        }

        var estimators = calibrated.Plans.SelectMany(p => p).SelectMany(p => new[] { p.Gain, p.Onward });
        if (estimators.Any(e => !Fits(e, calibrated.Scale.FeatureCount)))
        {
            throw new ArgumentException($"An estimator at '{node.PathName}' does not fit the {calibrated.Scale.FeatureCount} "
                + "features there.");
        }
    }

    private static bool Fits(IGainEstimator? estimator, int featureCount) => estimator switch
    {
        LogisticGain logistic => logistic.Weights.Count == featureCount,
        IsotonicGain table => table.FeatureIndex < featureCount,
        AveragedGain average => average.Members.All(m => Fits(m, featureCount)),
        _ => true,
    };

    private static float[] CheckedCentroid(IReadOnlyList<float> centroid, int signalCount) =>
        centroid.Count == signalCount && centroid.All(float.IsFinite)
            ? [.. centroid]
            : throw new ArgumentException($"A context's centre must be {signalCount} finite numbers, one for each signal of the frame.");
}
