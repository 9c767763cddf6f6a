using EdgeRoute.Workbench.Quantizing;

namespace EdgeRoute.Workbench.Splitting;

/// <summary>
/// Tries places where tokens may stay behind, and what becomes of them, all at the same arithmetic: first the ways on places that are
/// evenly spread, then with the best of them the places of lowest rank and random ones.
/// </summary>
internal sealed class SiteSearch(SplitScene scene, IReadOnlyList<double> ranks)
{
    /// <summary>Share of the whole's arithmetic at which all are compared: where losses begin to show.</summary>
    private const double Share = 0.65;

    private const int Seed = 5;

    private readonly List<TriedSites> _tried = [];

    public IReadOnlyList<TriedSites> Tried => _tried;

    private int Depth => scene.Vit.Blocks.Count;

    /// <exception cref="InvalidDataException">Places were given that are none.</exception>
    public SplitPlan Run()
    {
        var request = scene.Request;
        if (request.Sites?.FirstOrDefault(s => s < 1 || s >= Depth, -1) is >= 0 and var wrong)
        {
            throw new InvalidDataException(FormattableString.Invariant($"--sites has {wrong}; the model has {Depth} blocks, and tokens ")
                + FormattableString.Invariant($"may stay behind before blocks 1 to {Depth - 1}, counted from 0"));
        }

        var sites = request.Sites is { } given ? [.. given.Distinct().Order()] : Even();
        var plans = from form in request.Form is { } wished ? [wished] : new[] { TokenForm.Drop, TokenForm.Merge }
                    from rank in Ranked()
                    select new SplitPlan(sites, [], form, rank);
        string how = request.Sites is null ? "even" : "given";
        var best = plans.ToList().ConvertAll(p => (Plan: p, Result: Try(how, p))).MaxBy(t => t.Result?.Quality ?? -1);
        if (request.Sites is not null)
        {
            return best.Plan;
        }

        var other = best.Plan with { Sites = Lowest(best.Plan) };
        var result = Try("rank", other);
        var random = new Random(Seed);
        for (int i = 0; i < request.RandomCount; i++)
        {
            Try("random", best.Plan with { Sites = Drawn(random) });
        }

        return (result?.Quality ?? -1) > (best.Result?.Quality ?? -1) ? other : best.Plan;
    }

    private IEnumerable<TokenRank> Ranked()
    {
        if (scene.Request.Rank is { } wished)
        {
            return wished == TokenRank.FeatureNorm || scene.Vit.HasClassToken ? [wished] : throw new InvalidDataException(
                "--rank is class-attention, but the model reads its answer from all tokens; leave it out, or write feature-norm");
        }

        return scene.Vit.HasClassToken ? [TokenRank.ClassAttention, TokenRank.FeatureNorm] : [TokenRank.FeatureNorm];
    }

    private int Count => Math.Min(scene.Request.SiteCount, Depth - 1);

    private int[] Even() => [.. Enumerable.Range(1, Count).Select(i => Math.Max(1, i * Depth / (Count + 1))).Distinct()];

    /// <summary>Of lowest rank among the first blocks, of which there are as many as still let so much be saved.</summary>
    private int[] Lowest(SplitPlan plan)
    {
        int[] sites = [];
        for (int most = Depth - 1; most >= Count; most--)
        {
            sites = [.. Enumerable.Range(1, most).OrderBy(i => ranks[i]).Take(Count).Order()];
            if (scene.Arithmetic.RatioFor(plan with { Sites = sites }, Share) is not null)
            {
                break;
            }
        }

        return sites;
    }

    private int[] Drawn(Random random)
    {
        int[] places = [.. Enumerable.Range(1, Depth - 1)];
        random.Shuffle(places);
        return [.. places.Take(Count).Order()];
    }

    /// <summary>Null where these places cannot save as much.</summary>
    private TriedSites? Try(string how, SplitPlan plan)
    {
        if (scene.Arithmetic.RatioFor(plan, Share) is not { } exact)
        {
            return null;
        }

        double ratio = Math.Round(exact, 3);
        string what = $"trying sites {string.Join(",", plan.Sites)} ({how}, {plan.Form})".ToLowerInvariant();
        var figures = scene.Try(what, plan, [1, ratio], FrameRole.Calibrates);
        var tally = figures.Paths.First(p => p.Key.Contains('@', StringComparison.Ordinal)).Value;
        var tried = new TriedSites(how, plan.Sites, plan.Form, plan.Rank, ratio,
            scene.Arithmetic.Of(plan, ratio, Depth) / scene.Arithmetic.Whole, tally.Quality, figures.Whole.Quality,
            tally.MsP50 / figures.Whole.MsP50);
        _tried.Add(tried);
        return tried;
    }
}
