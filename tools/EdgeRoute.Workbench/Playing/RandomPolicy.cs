using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Routing;

namespace EdgeRoute.Workbench.Playing;

/// <summary>
/// Takes options by chance: to see every option in every state before anything is fitted, and as the baseline that any policy must beat.
/// Plays the same for the same seed.
/// </summary>
/// <param name="reuseShare">Probability of reusing the previous answer where that is possible.</param>
/// <param name="stopShare">Probability of stopping at an exit that has more behind it.</param>
internal sealed class RandomPolicy(double reuseShare, double stopShare, int seed) : IRoutePolicy
{
    private readonly Random _random = new(seed);

    public string Name => "random";

    public int Choose(in DecisionPoint point, Span<OptionValue> values)
    {
        var options = point.Node.Options;
        int reuse = Array.FindIndex(options, o => o.Kind == OptionKind.Previous);
        if (reuse >= 0 && values[reuse].Denial == OptionDenial.None && _random.NextDouble() < reuseShare)
        {
            return reuse;
        }

        if (options[0].Kind == OptionKind.Stop && _random.NextDouble() < stopShare)
        {
            return 0;
        }

        int[] runs = [.. Enumerable.Range(0, options.Length).Where(i => options[i].VariantIndex >= 0)];
        return runs.Length == 0 ? 0 : runs[_random.Next(runs.Length)];
    }
}
