using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Signals;
using EdgeRoute.Protocol.Sweeping;

namespace EdgeRoute.Workbench.Splitting;

/// <summary>What the paths of a pack that was tried came to.</summary>
internal sealed class TrialFigures
{
    private readonly Dictionary<string, PathTally> _paths = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<float>> _options = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, PathTally> Paths => _paths;

    public PathTally Whole => _paths[SplitScene.WholeName];

    /// <summary>By option: median and 95th of a hundred.</summary>
    public IEnumerable<(string Option, float P50, float P95)> Options => _options.Select(o =>
    {
        float[] sorted = [.. o.Value.Order()];
        return (o.Key, sorted[sorted.Length / 2], sorted[Math.Min(sorted.Length - 1, sorted.Length * 95 / 100)]);
    });

    /// <returns>Whether the frame could be judged.</returns>
    public bool Add(SweptFrame frame, RouteTree tree, Func<RouteNode, double>? quality, Func<RouteNode, double>? agreement)
    {
        if (quality is null || agreement is null)
        {
            return false;
        }

        foreach (var node in tree.Nodes.Where(n => n.CanStop && n.VariantIndex >= 0))
        {
            if (!_paths.TryGetValue(node.PathName, out var tally))
            {
                _paths[node.PathName] = tally = new PathTally();
            }

            tally.Qualities.Add(quality(node));
            tally.Agreements.Add(agreement(node));
            tally.Signals.Add(frame.Variants[node.VariantIndex].Exit);
            double ms = 0;
            for (var at = node; at.VariantIndex >= 0; at = tree.Nodes[at.ParentIndex])
            {
                ms += frame.Variants[at.VariantIndex].Ms;
            }

            tally.Ms.Add(ms);
        }

        foreach (var option in tree.Nodes.SelectMany(n => n.Options).Where(o => o.VariantIndex >= 0).DistinctBy(o => o.Name))
        {
            var seen = _options.TryGetValue(option.Name, out var before) ? before : _options[option.Name] = [];
            seen.Add(frame.Variants[option.VariantIndex].Ms);
        }

        return true;
    }
}

/// <summary>One path, frame by frame.</summary>
internal sealed class PathTally
{
    public List<double> Qualities { get; } = [];

    /// <summary>With the whole model.</summary>
    public List<double> Agreements { get; } = [];

    public List<ExitSignals> Signals { get; } = [];

    public List<double> Ms { get; } = [];

    public double Quality => Qualities.Average();

    public double MsP50
    {
        get
        {
            double[] sorted = [.. Ms.Order()];
            return sorted[sorted.Length / 2];
        }
    }
}
