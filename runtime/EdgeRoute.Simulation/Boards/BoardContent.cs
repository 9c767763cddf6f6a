using EdgeRoute.Core.Gains;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Signals;
using EdgeRoute.Documents.Calibrations;
using EdgeRoute.Simulation.Tabletop;

namespace EdgeRoute.Simulation.Boards;

/// <summary>
/// Frames by what a pack's calibration knows of them: signals with the distributions of the calibration's frames, which move together and
/// slowly, as scenes do; an answer's quality is what the calibration expects of such signals.
/// </summary>
internal sealed class BoardContent
{
    /// <summary>How slowly scenes change, in seconds, and how much of a signal the scene makes.</summary>
    private const double SceneSeconds = 3, SceneShare = 0.7;

    private static readonly double OwnShare = Math.Sqrt(1 - (SceneShare * SceneShare));

    /// <summary>The signal that the run itself knows: the age of the last answer.</summary>
    private const int AgeIndex = 5;

    private readonly RouteTree _tree;
    private readonly Calibration _calibration;
    private readonly int _heaviest;
    private SeededRandom _random;
    private readonly float[] _signals = new float[SignalVector.Count];
    private readonly ExitSignals[] _exits;
    private readonly float[][] _signs;
    private double _scene;
    private FrameSignals _frame;

    public BoardContent(RouteTree tree, LoadedCalibration calibration, ulong seed)
    {
        (_tree, _calibration, _random) = (tree, calibration.Calibration, new SeededRandom(seed));
        _heaviest = tree.FindPath(calibration.Document.HeaviestPath)?.Index ?? -1;
        _exits = new ExitSignals[tree.Nodes.Count];
        _signs = [.. tree.Nodes.Select(n => SignsAt(n.Index))];
    }

    public FrameSignals Frame => _frame;

    public ExitSignals ExitAt(int nodeIndex) => _exits[nodeIndex];

    /// <summary>The next frame, so long after the one before, with so old an answer at hand.</summary>
    public void Next(double seconds, float ageMs)
    {
        double keep = Math.Exp(-seconds / SceneSeconds);
        _scene = (keep * _scene) + (Math.Sqrt(1 - (keep * keep)) * Normal());
        Draw(0, _calibration.NodeAt(0)!.Scale);
        _signals[AgeIndex] = ageMs;
        _frame = new FrameSignals(_signals[0], _signals[1], _signals[2], _signals[3], _signals[4], _signals[5], _signals[6], _signals[7],
            _signals[8], _signals[9], _signals[10], _signals[11], _signals[12], _signals[13], _signals[14], _signals[15]);
        for (int i = 1; i < _exits.Length; i++)
        {
            if (_calibration.NodeAt(i) is { } node)
            {
                Draw(i, node.Scale);
                const int At = SignalVector.FrameCount;
                _exits[i] = new ExitSignals(_signals[At], _signals[At + 1], _signals[At + 2], _signals[At + 3], _signals[At + 4],
                    _signals[At + 5], _signals[At + 6], _signals[At + 7], _signals[At + 8]);
            }
        }
    }

    /// <summary>The node that the heaviest path ends in.</summary>
    public bool IsHeaviest(int nodeIndex) => nodeIndex == _heaviest;

    /// <summary>What is expected of the answer when the frame ends by an option of a node.</summary>
    public double QualityOf(int nodeIndex, RouteOption option)
    {
        if (option.NodeIndex == _heaviest)
        {
            return 1;
        }

        int at = _calibration.NodeAt(nodeIndex) is null ? _tree.Nodes[nodeIndex].ParentIndex : nodeIndex;
        int index = Array.FindIndex(_tree.Nodes[at].Options, o => at == nodeIndex ? o == option : o.NodeIndex == nodeIndex);
        return index < 0 ? double.NaN : Estimate(at, index);
    }

    /// <summary>What is expected of the answer before, carried on to this frame; 0 where the pack reuses none.</summary>
    public double QualityOfPrevious()
    {
        int index = Array.FindIndex(_tree.Nodes[0].Options, o => o.Kind == OptionKind.Previous);
        return index < 0 ? 0 : Estimate(0, index);
    }

    private double Estimate(int nodeIndex, int optionIndex)
    {
        Span<float> features = stackalloc float[2 * SignalVector.Count];
        var node = _calibration.NodeAt(nodeIndex)!;
        features = features[..node.Scale.FeatureCount];
        node.Scale.Apply(_frame, _exits[nodeIndex], features);
        return node.Plans[optionIndex][0].Gain.Estimate(features);
    }

    /// <summary>Signals of one node, those of the frame first, each at its own quantile.</summary>
    private void Draw(int nodeIndex, SignalScale scale)
    {
        int from = nodeIndex == 0 ? 0 : SignalVector.FrameCount;
        for (int i = from; i < scale.SignalCount; i++)
        {
            double own = OwnShare * Normal();
            double place = Uniform((_signs[nodeIndex][i] * SceneShare * _scene) + own);
            _signals[i] = Quantile(scale.KnotsOf(i), place);
        }
    }

    /// <summary>
    /// A scene that is easy moves every signal to where the calibration expects more of stopping here: so signals agree with each other, as
    /// far as their distributions alone can tell.
    /// </summary>
    private float[] SignsAt(int nodeIndex)
    {
        float[] signs = new float[SignalVector.Count];
        if (_calibration.NodeAt(nodeIndex) is not { } node)
        {
            return signs;
        }

        float[] features = new float[node.Scale.FeatureCount];
        for (int i = 0; i < node.Scale.SignalCount; i++)
        {
            Array.Clear(features);
            features.AsSpan(node.Scale.SignalCount).Fill(-1f / 3);
            (features[i], features[node.Scale.SignalCount + i]) = (0.7f, 0.49f - (1f / 3));
            float high = node.Plans[0][0].Gain.Estimate(features);
            features[i] = -0.7f;
            signs[i] = high >= node.Plans[0][0].Gain.Estimate(features) ? 1 : -1;
        }

        return signs;
    }

    /// <summary>Mean 0, deviation 1, from one draw: the sum of its four quarters, each uniform. A frame takes dozens.</summary>
    private double Normal()
    {
        ulong bits = _random.NextBits();
        double sum = (ushort)bits + (ushort)(bits >> 16) + (ushort)(bits >> 32) + (double)(ushort)(bits >> 48);
        return ((sum / 65_536) - 2) * 1.7320508;
    }

    /// <summary>Of a value of the normal distribution, its place in [0, 1]: the logistic curve that lies nearest to it.</summary>
    private static double Uniform(double normal) => 1 / (1 + Math.Exp(-1.702 * normal));

    private static float Quantile(IReadOnlyList<float> knots, double place)
    {
        double at = place * (knots.Count - 1);
        int below = Math.Min((int)at, knots.Count - 1), above = Math.Min(below + 1, knots.Count - 1);
        return knots[below] + (float)((at - below) * (knots[above] - knots[below]));
    }
}
