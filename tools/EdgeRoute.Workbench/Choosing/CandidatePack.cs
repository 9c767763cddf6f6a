using EdgeRoute.Core.Graphs;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Protocol.Sweeping;
using EdgeRoute.Workbench.Sweeps;

namespace EdgeRoute.Workbench.Choosing;

/// <summary>Where a pack lies.</summary>
/// <param name="Given">Manifest or folder, as a person named it.</param>
/// <param name="Manifest">The one to read; another where input sizes were added.</param>
/// <param name="Files">Folder of the model files; null for beside the manifest.</param>
internal sealed record CandidatePlace(string Given, string Manifest, string? Files);

/// <summary>
/// A pack to choose from, with what its stages answered and took so far. Frames are run at a stride: every 16th, every 4th, each; what was
/// run before is among what is run then.
/// </summary>
/// <param name="place">Where it lies.</param>
/// <param name="stageBytes">Memory of each stage's session.</param>
internal sealed class CandidatePack(string name, CandidatePlace place, Pack pack, IReadOnlyList<long> stageBytes)
{
    private readonly SortedDictionary<int, ThreadRuns> _byThreads = [];
    private readonly Dictionary<int, SweptFrame> _frames = [];

    public string Name { get; } = name;

    public CandidatePlace Place { get; } = place;

    public Pack Pack { get; } = pack;

    public RouteTree Tree { get; } = new(pack.Graph);

    /// <summary>Mean power while it works, by count of threads; empty where nothing measures it.</summary>
    public Dictionary<int, double> Watts { get; } = [];

    /// <summary>Runs of a stage on a frame that were needed, whether in this process or kept from one before.</summary>
    public long RunCount => _byThreads.Values.Sum(r => (long)r.FrameCount) * Tree.Variants.Count;

    /// <summary>Of the finest runs with any count of threads; answers are the same with each. 0 for none.</summary>
    public int AnswerStride => _byThreads.Count == 0 ? 0 : _byThreads.Values.Min(r => r.Stride);

    /// <summary>The count of threads that it was run with on most frames.</summary>
    public int AnswerThreads => _byThreads.MinBy(r => r.Value.Stride).Key;

    public long MemoryBytes(int stage) => stageBytes[stage];

    /// <summary>0 for none.</summary>
    public int StrideOf(int threads) => _byThreads.TryGetValue(threads, out var runs) ? runs.Stride : 0;

    public bool HasRun(int threads, long frame) => _byThreads.TryGetValue(threads, out var runs) && runs.HasAsked(frame);

    /// <summary>Takes what was run with so many threads, and nothing beyond what was asked for.</summary>
    /// <param name="stride">All of which are among those wanted.</param>
    /// <param name="clocking">Of option and measured time.</param>
    public void Put(int threads, int stride, IReadOnlySet<long> wanted, SweptRecording swept, Func<string, float, float>? clocking)
    {
        var runs = new ThreadRuns(stride, wanted, Tree, clocking);
        foreach (var frame in swept.Frames.Where(f => wanted.Contains(f.Stamp.Sequence)))
        {
            runs.Add(frame);
        }

        _byThreads[threads] = runs;
        _frames.Clear();
        foreach (var frame in _byThreads.Values.SelectMany(r => r.Frames))
        {
            _frames.TryAdd((int)frame.Stamp.Sequence, frame);
        }
    }

    /// <summary>Null where it was not run, or the frame cannot be used.</summary>
    public SweptFrame? FrameAt(int frame) => _frames.GetValueOrDefault(frame);

    /// <summary>
    /// Measured with these threads; else what it took with others, at the pace that both have on the frames that were run with both; else
    /// the median.
    /// </summary>
    public float MsOf(int threads, int frame, int variant)
    {
        var own = _byThreads[threads];
        if (own.TryMs(frame, variant) is { } measured)
        {
            return measured;
        }

        foreach (var other in _byThreads.Values)
        {
            if (other.TryMs(frame, variant) is { } ms && own.PaceOf(other, variant) is > 0 and var pace)
            {
                return ms * pace;
            }
        }

        return own.Median(variant);
    }

    /// <summary>
    /// The least that a variant took with the fewest threads that were tried, on every so many frames: what else a machine does only adds.
    /// </summary>
    public float LeastMs(int variant, int stride) => _byThreads.Values.First().LeastOf(variant, stride);

    private sealed class ThreadRuns(int stride, IReadOnlySet<long> wanted, RouteTree tree, Func<string, float, float>? clocking)
    {
        private readonly Dictionary<int, (SweptFrame Frame, float[] Ms)> _frames = [];
        private readonly Dictionary<(ThreadRuns, int), float> _paces = [];
        private readonly float[] _medians = [.. tree.Variants.Select(_ => float.NaN)];
        private readonly string[] _options = [.. tree.Variants.Select(v => OptionOf(tree, v.Index))];

        public int Stride { get; } = stride;

        public int FrameCount => _frames.Count;

        /// <summary>It was run, or cannot be used.</summary>
        public bool HasAsked(long frame) => wanted.Contains(frame);

        public IEnumerable<SweptFrame> Frames => _frames.Values.Select(f => f.Frame);

        public void Add(SweptFrame frame)
        {
            float[] ms = [.. frame.Variants.Select((v, i) => clocking is null ? v.Ms : clocking(_options[i], v.Ms))];
            _frames[(int)frame.Stamp.Sequence] = (frame, ms);
        }

        /// <summary>Times with these threads as a multiple of those with others; 0 where no frame was run with both.</summary>
        public float PaceOf(ThreadRuns other, int variant)
        {
            if (!_paces.TryGetValue((other, variant), out float pace))
            {
                float[] both = [.. _frames.Keys.Where(f => other._frames.ContainsKey(f))
                    .Select(f => _frames[f].Ms[variant] / other._frames[f].Ms[variant]).Where(float.IsFinite).Order()];
                _paces[(other, variant)] = pace = both.Length > 0 ? both[both.Length / 2] : 0;
            }

            return pace;
        }

        public float? TryMs(int frame, int variant) => _frames.TryGetValue(frame, out var run) ? run.Ms[variant] : null;

        public float Median(int variant)
        {
            if (float.IsNaN(_medians[variant]))
            {
                float[] sorted = [.. _frames.Values.Select(f => f.Ms[variant]).Where(float.IsFinite).Order()];
                _medians[variant] = sorted.Length > 0 ? sorted[sorted.Length / 2] : 0;
            }

            return _medians[variant];
        }

        public float LeastOf(int variant, int stride) => _frames.Where(f => f.Key % stride == 0).Select(f => f.Value.Ms[variant])
            .Where(float.IsFinite).DefaultIfEmpty().Min();
    }

    public static string OptionOf(RouteTree tree, int variant) =>
        tree.Nodes.SelectMany(n => n.Options).First(o => o.VariantIndex == variant).Name;
}
