using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Probing;
using EdgeRoute.Workbench.Playing;
using Onnx;

namespace EdgeRoute.Workbench.Quantizing;

/// <summary>
/// Makes the int8 sibling of one stage. Methods are tried with all layers in int8 first. Where that loses too much, layers go back to
/// float: at first those whose inputs have the worst outliers, and if that is not it, those that alone change the answers most.
/// </summary>
internal sealed class StageQuantizer
{
    /// <summary>Parts of the layers that are float for outliers.</summary>
    private static readonly double[] OutlierShares = [1.0 / 16, 1.0 / 8];

    /// <summary>Parts that are float for their own error: networks of few channels need many of them.</summary>
    private static readonly double[] ErrorShares = [1.0 / 8, 1.0 / 4, 1.0 / 2, 3.0 / 4];

    /// <summary>Siblings in one pack: a graph has room for a few more.</summary>
    private const int JudgedAtOnce = 12;

    /// <summary>Less is chance: then the fewer float layers count.</summary>
    private const double SameWithin = 0.002;

    /// <summary>Operators of the library that do a layer's arithmetic in int8.</summary>
    private static readonly string[] LayerKernels = ["QLinearConv", "QLinearMatMul", "MatMulIntegerToFloat", "QGemm", "ConvInteger",
        "MatMulInteger", "DynamicQuantizeMatMul"];

    private readonly QuantizeScene _scene;
    private readonly PackStage _stage;
    private readonly ModelProto _model;
    private readonly OnnxGraph _graph;
    private readonly IReadOnlyList<WeightedLayer> _layers;
    private readonly QuantizationPlan _whole;
    private readonly SiblingJudge _judge;
    private readonly Dictionary<WeightedLayer, double> _errors = [];
    private readonly Dictionary<(string Tensor, RangeMethod Method), ValueRange> _ranges = [];
    private Dictionary<string, ValueHistogram> _seen = [];
    private IReadOnlyDictionary<string, ChannelMeans> _means = new Dictionary<string, ChannelMeans>();
    private readonly Dictionary<(WeightedLayer Layer, int Most), ChannelWeights> _fitted = [];
    private Dictionary<WeightedLayer, InputMoments?> _moments = [];
    private readonly double _lossMost;
    private int _writtenCount;

    /// <exception cref="InvalidDataException">The model cannot become int8; the message goes on from its stage's name.</exception>
    public StageQuantizer(QuantizeScene scene, PackStage stage, FrameLabels? labels)
    {
        (_scene, _stage) = (scene, stage);
        _model = OnnxModelFile.Read(stage.FilePath);
        OperatorSetUpgrade.Run(_model);
        _graph = new OnnxGraph(_model.Graph);
        _layers = LayerFinder.Find(_graph);
        _whole = new QuantizationPlan(_graph, _layers, _layers);
        _judge = new SiblingJudge(scene, stage.Name, labels);
        _lossMost = scene.Request.LossMostOf(stage.Exit!);
    }

    public string StageName => _stage.Name;

    /// <summary>The sibling's model lies in the scene's place, under the file name that the report gives.</summary>
    public QuantizedStage Run()
    {
        var capture = new RangeCapture(_scene, _stage.Name, _model);
        _moments = _layers.ToDictionary(l => l, l => InputMoments.For(_graph, l));
        _seen = capture.Run([.. _whole.Ranges.Values.Distinct()], [.. _layers.Where(l => l.Bias.Length > 0).Select(l => l.Input)],
            _moments.Where(m => m.Value is not null).ToLookup(m => m.Key.Input, m => m.Value!));
        _means = capture.Means;
        BiasShapes.Raise(_model.Graph, _graph, _layers, capture.Ranks);
        var tried = Search();
        var chosen = Chosen(tried);
        var again = _judge.Run($"'{_stage.Name}' and its int8 sibling", [chosen.File])[0];
        string path = Path.Combine(_scene.FilesFolder, chosen.File.File);
        var kernels = Kernels(path);
        long floatBytes = _stage.WeightPaths.Append(_stage.FilePath).Sum(f => new FileInfo(f).Length);
        return new QuantizedStage(_stage.Name, SiblingManifest.NameOf(_stage.Name), chosen.File.File, chosen.Method,
            [.. _layers.Select(l => new JudgedLayer(l.Name, OutliersOf(l), _errors.TryGetValue(l, out double e) ? e : null,
                chosen.Floats.Contains(l)))],
            capture.FrameCount, again.Quality, again.Float with { Bytes = floatBytes },
            again.Int8 with { Bytes = new FileInfo(path).Length },
            kernels.Where(k => LayerKernels.Contains(k.Key)).Sum(k => k.Value), kernels,
            [.. tried.Select(t => new TriedPoint(t.Method, t.Floats.Count, t.Measure, t.Judged.Quality))])
        {
            LossMost = _lossMost,
        };
    }

    private double OutliersOf(WeightedLayer layer) => _seen[_whole.Ranges[layer.Input]].OutlierRatio;

    private List<Tried> Search()
    {
        var methods = _scene.Request.Method is { } only ? [only] : Enum.GetValues<RangeMethod>();
        var tried = Try(methods.Select(m => (m, Enumerable.Empty<WeightedLayer>())), FloatMeasure.None);
        if (!tried.Exists(IsEnough))
        {
            var ranked = _layers.OrderByDescending(OutliersOf).ToList();
            tried.AddRange(Try(from share in OutlierShares
                               from method in methods
                               select (method, Part(ranked, share)), FloatMeasure.Outliers));
        }

        if (!tried.Exists(IsEnough))
        {
            // Which method is best may be another one once the layers are gone that needed it most.
            MeasureErrors(tried.MinBy(t => t.Judged.Quality.Distance)!.Method);
            var ranked = _layers.OrderByDescending(l => _errors[l]).ToList();
            tried.AddRange(Try(from share in ErrorShares
                               from method in methods
                               select (method, Part(ranked, share)), FloatMeasure.Error));
        }

        return tried;
    }

    private bool IsEnough(Tried tried) => tried.Judged.Quality.Agreement >= 1 - _lossMost - tried.Judged.Quality.Grain;

    /// <summary>What keeps enough with the fewest float layers; where nothing does, what changes the answers least.</summary>
    private Tried Chosen(List<Tried> tried)
    {
        var enough = tried.Where(IsEnough).ToList();
        double most = tried.Min(t => t.Judged.Quality.Distance) + SameWithin;
        return (enough.Count > 0 ? enough : tried.FindAll(t => t.Judged.Quality.Distance <= most)).OrderBy(t => t.Floats.Count)
            .ThenBy(t => t.Judged.Quality.Distance).First();
    }

    private static IEnumerable<WeightedLayer> Part(List<WeightedLayer> ranked, double share) =>
        ranked.Take(Math.Min((int)Math.Ceiling(share * ranked.Count), ranked.Count - 1));

    private void MeasureErrors(RangeMethod method)
    {
        var sensitivity = new LayerSensitivity(_scene, _stage.Name, _stage.Exit!);
        var errors = sensitivity.Run(_layers, _model.CalculateSize(), l => Write([l], method));
        for (int i = 0; i < errors.Count; i++)
        {
            _errors[_layers[i]] = errors[i];
        }
    }

    private List<Tried> Try(IEnumerable<(RangeMethod Method, IEnumerable<WeightedLayer> Floats)> points, FloatMeasure measure)
    {
        var made = points.Select(p => (p.Method, Floats: p.Floats.ToHashSet())).DistinctBy(p => (p.Method, p.Floats.Count)).ToList();
        var files = made.ConvertAll(p => Write([.. _layers.Where(l => !p.Floats.Contains(l))], p.Method));
        int fewest = made.Min(p => p.Floats.Count), most = made.Max(p => p.Floats.Count);
        string range = fewest == most ? $"{most}" : $"{fewest} to {most}";
        string what = $"judging '{_stage.Name}' with {range} of {_layers.Count} layers in float";
        var judged = files.Chunk(JudgedAtOnce).SelectMany(f => _judge.Run(what, f)).ToList();
        return [.. made.Select((p, i) => new Tried(p.Method, p.Floats, measure, files[i], judged[i]))];
    }

    private SiblingFile Write(IReadOnlyList<WeightedLayer> layers, RangeMethod method)
    {
        _scene.ThrowIfCancelled();
        var plan = new QuantizationPlan(_graph, layers, _layers);
        var model = QdqWriter.Write(_model, plan, t => RangeOf(_whole.Ranges[t], method), _scene.Request.Activations, _scene.WeightBits,
            _means, Fitted);
        string name = FormattableString.Invariant($"try{++_writtenCount}");
        string path = Path.Combine(_scene.WorkFolder, $"{_stage.Name}_{name}.onnx");
        OnnxModelFile.Write(model, path);
        return _scene.Written(name, path);
    }

    private ChannelWeights? Fitted(WeightedLayer layer, int most)
    {
        if (_moments[layer] is not { Count: > 0 } moments || _graph.Weight(layer.Weight) is not { } weight)
        {
            return null;
        }

        if (!_fitted.TryGetValue((layer, most), out var fitted))
        {
            fitted = FittedWeights.Fit(OnnxModelFile.FloatsOf(weight), [.. weight.Dims], layer.Axis, most, moments, layer.Bias.Length > 0);
            _fitted[(layer, most)] = fitted;
        }

        return fitted;
    }

    private ValueRange RangeOf(string tensor, RangeMethod method)
    {
        if (!_ranges.TryGetValue((tensor, method), out var range))
        {
            range = RangeChoice.Of(_seen[tensor], method, _graph.IsGated(tensor));
            _ranges[(tensor, method)] = range;
        }

        return range;
    }

    /// <summary>The int8 operators of the graph that the library makes of the model.</summary>
    private SortedDictionary<string, int> Kernels(string path)
    {
        string optimized = Path.Combine(_scene.WorkFolder, "optimized.onnx");
        using (ModelProbe.Open(path, _scene.Request.Library, _scene.Report, optimized))
        {
            var operators = OnnxHeader.Read(optimized).Nodes.Select(n => n.Operator);
            return new SortedDictionary<string, int>(operators.Where(IsInt8).GroupBy(o => o).ToDictionary(g => g.Key, g => g.Count()),
                StringComparer.Ordinal);
        }
    }

    private static bool IsInt8(string operation) => operation.StartsWith("QLinear", StringComparison.Ordinal)
        || LayerKernels.Contains(operation) || operation is "QuantizeLinear" or "DequantizeLinear";

    private sealed record Tried(RangeMethod Method, HashSet<WeightedLayer> Floats, FloatMeasure Measure, SiblingFile File,
        JudgedSibling Judged);
}
