using System.Diagnostics;
using EdgeRoute.Core.Graphs;

namespace EdgeRoute.Core.Costs;

/// <summary>Predicted device time of one stage variant, preprocessing and head included, in milliseconds.</summary>
public readonly record struct StageCost(float MsP50, float MsP95);

/// <summary>
/// What each stage variant costs: the pack's profile at first, then the quantiles of the latest runs. What has not run for a while is
/// predicted from what has: as much slower or faster as that has become since. Observed on the loop's thread between decisions.
/// </summary>
public sealed class CostTable
{
    /// <summary>Latest runs kept per variant: two seconds at 30 frames per second, enough for a p95 that follows a clock change.</summary>
    public const int WindowLength = 64;

    /// <summary>Runs that a profile counts as: the first real runs, cold as they are, must not overturn it.</summary>
    private const int ProfileRuns = 16;

    /// <summary>Runs between two updates of the quantiles, so that sorting the window is not paid by every frame.</summary>
    private const int UpdateInterval = 8;

    /// <summary>Time without a run of a variant after which its most pessimistic sample is doubted; then the next one.</summary>
    public const long DoubtNs = 1_000_000_000;

    /// <summary>
    /// A doubted sample becomes this part of the median, and never less than the least part of what was last measured: an estimate falls by
    /// a tenth in about a minute of not being run.
    /// </summary>
    private const float DoubtedPart = 0.9f, LeastPart = 0.5f;

    /// <summary>Clocks of a board differ by about tenfold between its lowest and its highest; more is a fault of measurement.</summary>
    private const float DriftMost = 10;

    /// <summary>A run is taken to need at most so many times the longest of the latest ones: what a strict allowance must be able to
    /// pay.</summary>
    private const float BoundMargin = 1.25f;

    /// <summary>Kept, because ahead-of-time compiled code makes a new comparison at each sort that names none.</summary>
    private readonly Comparison<float> _ascending = static (a, b) => a.CompareTo(b);

    /// <summary>
    /// Medians of a loaded machine wander by so much without any stage having become costlier beside the others; paths of much the same
    /// worth would change places with them, and one price would spend another share in each run.
    /// </summary>
    public const float Steadiness = 1.15f;

    /// <summary>A clock that differs by less is the same.</summary>
    private const float ClockNoise = 0.01f;

    private readonly RouteTree _tree;
    private float _clock = float.NaN;
    private readonly StageCost[] _variants;
    private readonly StageCost[] _profiles;
    private readonly StageCost[] _nodes;
    /// <summary>Of each node: its own stage and the costliest way on from it.</summary>
    private readonly float[] _onward;
    private readonly float[] _bounds, _nodeBounds;
    private readonly float[] _windows;
    private readonly int[] _counts;
    private readonly bool[] _hasRun;
    private readonly long[] _doubtedNs;
    private readonly long[] _ranNs;
    private readonly bool[] _isFresh;
    /// <summary>Row i: the medians of all variants when variant i last ran; before that, their profiles.</summary>
    private readonly float[] _medians;
    private readonly float[] _measured;
    private readonly float[] _sorted = new float[WindowLength];

    public CostTable(RouteTree tree)
    {
        _tree = tree;
        _variants = new StageCost[tree.Variants.Count];
        _profiles = new StageCost[tree.Variants.Count];
        _nodes = new StageCost[tree.Nodes.Count];
        _onward = new float[tree.Nodes.Count];
        (_bounds, _nodeBounds) = (new float[tree.Variants.Count], new float[tree.Nodes.Count]);
        _windows = new float[tree.Variants.Count * WindowLength];
        _counts = new int[tree.Variants.Count];
        _hasRun = new bool[tree.Variants.Count];
        _doubtedNs = new long[tree.Variants.Count];
        _measured = new float[tree.Variants.Count];
        (_ranNs, _isFresh) = (new long[tree.Variants.Count], new bool[tree.Variants.Count]);
        _medians = new float[tree.Variants.Count * tree.Variants.Count];
    }

    /// <summary>
    /// What the ways out of the frame cost now, as a multiple of what their profiles say; 1 without profiles. Above 1 on a machine that is
    /// slower than the one that was profiled, or has become so.
    /// </summary>
    public float Pace { get; private set; } = 1;

    public StageCost OfVariant(int variantIndex)
    {
        float drift = DriftOf(variantIndex);
        return new StageCost(_variants[variantIndex].MsP50 * drift, _variants[variantIndex].MsP95 * drift);
    }

    /// <summary>
    /// Cost from the decision to run a node's stage until the nearest answer: the stage itself and, where it has no exit, the cheapest way
    /// on.
    /// </summary>
    public StageCost ToNextExit(int nodeIndex) => _nodes[nodeIndex];

    /// <summary>The most that <see cref="ToNextExit"/> may come to: the longest of the latest runs, with a margin.</summary>
    public float BoundToNextExit(int nodeIndex) => _nodeBounds[nodeIndex];

    /// <summary>
    /// Predicted device time (median) of the costliest way on, to its very end, from the exit that <see cref="ToNextExit"/> reaches; 0
    /// where nothing follows.
    /// </summary>
    public float CostliestOnward(int nodeIndex) => MathF.Max(_onward[nodeIndex] - ToNextExit(nodeIndex).MsP50, 0);

    /// <summary>
    /// Device time (median) of all stages on the way to a node by the profile, as a share of the costliest path's; in [0, 1], 0 without a
    /// profile. Not by later runs: what a tier means must not change while the clocks do.
    /// </summary>
    public float TierOf(int nodeIndex)
    {
        float most = 0;
        for (int i = 1; i < _nodes.Length; i++)
        {
            most = MathF.Max(most, ProfileTo(i));
        }

        return most > 0 ? Math.Clamp(ProfileTo(nodeIndex) / most, 0, 1) : 0;
    }

    private float ProfileTo(int nodeIndex)
    {
        float sum = 0;
        for (int at = nodeIndex; at > 0; at = _tree.Nodes[at].ParentIndex)
        {
            sum += _tree.Nodes[at].VariantIndex < 0 ? 0 : LooksOf(_tree.Nodes[at]) * _profiles[_tree.Nodes[at].VariantIndex].MsP50;
        }

        return sum;
    }

    /// <summary>
    /// Sets a variant's cost from a profile, which counts as so many runs; later ones push it out. To be set before the first run.
    /// </summary>
    public void SetProfile(int variantIndex, StageCost cost)
    {
        (_variants[variantIndex], _profiles[variantIndex]) = (cost, cost);
        _bounds[variantIndex] = cost.MsP95 * BoundMargin;
        for (int row = 0; row < _variants.Length; row++)
        {
            _medians[(row * _variants.Length) + variantIndex] = cost.MsP50;
        }

        var window = _windows.AsSpan(variantIndex * WindowLength, ProfileRuns);
        window.Fill(cost.MsP50);
        window[0] = cost.MsP95;
        _counts[variantIndex] = ProfileRuns;
        _measured[variantIndex] = cost.MsP50;
        UpdateNodes();
    }

    /// <summary>
    /// At the end of each frame. What is not run is not measured: without this, one slow second (a cold start, a throttled clock) would
    /// deny an option its deadline for good. So the largest sample of a variant that has not run for a while gives way, until it is tried,
    /// and measured, again.
    /// </summary>
    /// <param name="clock">Highest clock that what runs the stages may have now, in any unit; not a number where nothing tells. When it
    /// changes, every cost does at once: it would take a window of samples to find out, and each of those frames would be late.</param>
    public void EndFrame(long nowNs, float clock = float.NaN)
    {
        bool hasChanged = TryRescale(clock);
        for (int i = 0; i < _hasRun.Length; i++)
        {
            _ranNs[i] = _hasRun[i] ? nowNs : _ranNs[i];
            bool isFresh = _ranNs[i] > 0 && nowNs - _ranNs[i] < DoubtNs;
            hasChanged |= isFresh != _isFresh[i];
            _isFresh[i] = isFresh;
            if (_hasRun[i] || _counts[i] == 0 || _doubtedNs[i] == 0)
            {
                (_doubtedNs[i], _hasRun[i]) = (nowNs, false);
            }
            else if (nowNs - _doubtedNs[i] >= DoubtNs)
            {
                DoubtLargest(i);
                (_doubtedNs[i], hasChanged) = (nowNs, true);
            }
        }

        if (hasChanged)
        {
            UpdateNodes();
        }
    }

    /// <summary>Records what a run of a variant cost, in milliseconds.</summary>
    public void Observe(int variantIndex, float ms)
    {
        int count = _counts[variantIndex]++;
        _hasRun[variantIndex] = true;
        _windows[(variantIndex * WindowLength) + (count % WindowLength)] = ms;
        bool isLongest = ms * BoundMargin > _bounds[variantIndex];
        _bounds[variantIndex] = isLongest ? ms * BoundMargin : _bounds[variantIndex];
        if (isLongest || count < UpdateInterval || count % UpdateInterval == 0)
        {
            UpdateQuantiles(variantIndex);
            _measured[variantIndex] = _variants[variantIndex].MsP50;
            _isFresh[variantIndex] = true;
            for (int i = 0; i < _variants.Length; i++)
            {
                _medians[(variantIndex * _variants.Length) + i] = _variants[i].MsP50;
            }

            UpdateNodes();
        }
    }

    /// <summary>Runs are taken to be of the clock's making; where they are not, the samples that follow say so.</summary>
    private bool TryRescale(float clock)
    {
        float ratio = float.IsNaN(_clock) ? 1 : _clock / clock;
        bool hasChanged = clock > 0 && !(MathF.Abs(ratio - 1) <= ClockNoise);
        _clock = hasChanged || (clock > 0 && float.IsNaN(_clock)) ? clock : _clock;
        if (!hasChanged || !(ratio is > 1 / DriftMost and < DriftMost))
        {
            return false;
        }

        Scale(_windows, ratio);
        Scale(_bounds, ratio);
        Scale(_measured, ratio);
        Scale(_medians, ratio);
        for (int i = 0; i < _variants.Length; i++)
        {
            _variants[i] = new StageCost(_variants[i].MsP50 * ratio, _variants[i].MsP95 * ratio);
        }

        return true;
    }

    private static void Scale(Span<float> costs, float ratio)
    {
        foreach (ref float cost in costs)
        {
            cost *= ratio;
        }
    }

    private void DoubtLargest(int variantIndex)
    {
        var window = _windows.AsSpan(variantIndex * WindowLength, Math.Min(_counts[variantIndex], WindowLength));
        int largest = 0;
        for (int i = 1; i < window.Length; i++)
        {
            largest = window[i] > window[largest] ? i : largest;
        }

        window[largest] = Math.Min(window[largest], MathF.Max(_variants[variantIndex].MsP50 * DoubtedPart,
            _measured[variantIndex] * LeastPart));
        UpdateQuantiles(variantIndex);
    }

    private void UpdateQuantiles(int variantIndex)
    {
        int length = Math.Min(_counts[variantIndex], WindowLength);
        var sorted = _sorted.AsSpan(0, length);
        _windows.AsSpan(variantIndex * WindowLength, length).CopyTo(sorted);
        sorted.Sort(_ascending);
        _variants[variantIndex] = new StageCost(sorted[length / 2], sorted[Math.Min(length - 1, length * 95 / 100)]);
        _bounds[variantIndex] = sorted[^1] * BoundMargin;
        Debug.Assert(!(_variants[variantIndex].MsP50 > _variants[variantIndex].MsP95), "The median is not above the 95th percentile.");
    }

    /// <summary>Runs of a node's stage at most: one for each window. A variant's own cost is that of one.</summary>
    private float LooksOf(RouteNode node) => node.VariantIndex < 0 ? 0 : _tree.Variants[node.VariantIndex].Windows?.Count ?? 1;

    /// <summary>Children come after their parents in the tree, so one backward pass suffices.</summary>
    private void UpdateNodes()
    {
        UpdateNodes(steadiness: 1);
        Pace = PaceNow();
        UpdateNodes(Steadiness);
    }

    private void UpdateNodes(float steadiness)
    {
        for (int i = _nodes.Length - 1; i > 0; i--)
        {
            var node = _tree.Nodes[i];
            Debug.Assert(node.ParentIndex < i, "Parents come before their children.");
            float looks = LooksOf(node);
            var one = node.VariantIndex < 0 ? default : OfVariant(node.VariantIndex);
            float median = node.VariantIndex < 0 ? 0 : Steadied(one, _profiles[node.VariantIndex].MsP50 * Pace, steadiness);
            var own = new StageCost(looks * median, looks * one.MsP95);
            var (onward, bound) = node.CanStop ? default : CheapestOnward(node);
            _nodes[i] = new StageCost(own.MsP50 + onward.MsP50, own.MsP95 + onward.MsP95);
            _nodeBounds[i] = (node.VariantIndex < 0 ? 0 : looks * _bounds[node.VariantIndex] * DriftOf(node.VariantIndex)) + bound;
            _onward[i] = own.MsP50 + CostliestChild(node);
        }
    }

    /// <summary>
    /// A measured median, moved by the given factor at most towards what the profile says at this machine's pace; never above the measured
    /// p95, by which deadlines go.
    /// </summary>
    private static float Steadied(StageCost measured, float expected, float steadiness)
    {
        float median = measured.MsP50;
        return expected > 0 && median > 0
            ? MathF.Min(Math.Clamp(expected, median / steadiness, median * steadiness), measured.MsP95) : median;
    }

    /// <summary>
    /// Of a variant that has not run for a while: how much slower (above 1) or faster those that do run have become since it last did; 1
    /// for one that runs.
    /// </summary>
    private float DriftOf(int variantIndex)
    {
        float then = 0, now = 0;
        var medians = _medians.AsSpan(variantIndex * _variants.Length, _variants.Length);
        for (int i = 0; i < medians.Length && !_isFresh[variantIndex]; i++)
        {
            bool counts = i != variantIndex && _isFresh[i] && medians[i] > 0 && _measured[i] > 0;
            (then, now) = counts ? (then + medians[i], now + _variants[i].MsP50) : (then, now);
        }

        return then > 0 && now > 0 ? Math.Clamp(now / then, 1 / DriftMost, DriftMost) : 1;
    }

    private float PaceNow()
    {
        float then = 0, now = 0;
        foreach (var option in _tree.Nodes[0].Options)
        {
            float profile = option.VariantIndex < 0 ? 0 : ProfileToNextExit(_tree.Nodes[option.NodeIndex]);
            (then, now) = profile > 0 ? (then + profile, now + _nodes[option.NodeIndex].MsP50) : (then, now);
        }

        return then > 0 && now > 0 && float.IsFinite(now / then) ? now / then : 1;
    }

    /// <summary>By the way on that is the cheapest now.</summary>
    private float ProfileToNextExit(RouteNode node)
    {
        float own = node.VariantIndex < 0 ? 0 : LooksOf(node) * _profiles[node.VariantIndex].MsP50;
        if (node.CanStop)
        {
            return own;
        }

        int cheapest = node.Options[0].NodeIndex;
        foreach (var option in node.Options)
        {
            cheapest = _nodes[option.NodeIndex].MsP50 < _nodes[cheapest].MsP50 ? option.NodeIndex : cheapest;
        }

        return own + ProfileToNextExit(_tree.Nodes[cheapest]);
    }

    private float CostliestChild(RouteNode node)
    {
        float most = 0;
        foreach (var option in node.Options)
        {
            most = option.NodeIndex == node.Index ? most : MathF.Max(most, _onward[option.NodeIndex]);
        }

        return most;
    }

    private (StageCost Cost, float Bound) CheapestOnward(RouteNode node)
    {
        var best = (Cost: new StageCost(float.PositiveInfinity, float.PositiveInfinity), Bound: float.PositiveInfinity);
        foreach (var option in node.Options)
        {
            var cost = _nodes[option.NodeIndex];
            best = cost.MsP50 < best.Cost.MsP50 ? (cost, _nodeBounds[option.NodeIndex]) : best;
        }

        return best;
    }
}
