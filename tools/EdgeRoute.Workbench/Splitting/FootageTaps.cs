namespace EdgeRoute.Workbench.Splitting;

/// <summary>
/// What the whole model makes of the footage inside: what an exit after each block could read, what it would have to say, and how many
/// directions each block's attention really has.
/// </summary>
internal sealed class FootageTaps
{
    private readonly List<float[]>[] _features;
    private readonly double[] _ranks;

    private FootageTaps(int depth)
    {
        _features = [.. Enumerable.Range(0, depth).Select(_ => new List<float[]>())];
        _ranks = new double[depth];
    }

    /// <summary>Of the tail's tensor without tokens, by frame; empty where there is none.</summary>
    public List<float[]> Wanted { get; } = [];

    /// <summary>By block: the mean over frames of (sum of eigenvalues)^2 / (sum of their squares) of what its heads say.</summary>
    public IReadOnlyList<double> Ranks => _ranks;

    /// <summary>By frame, after so many blocks.</summary>
    public IReadOnlyList<float[]> After(int blocks) => _features[blocks - 1];

    public static FootageTaps Of(SplitScene scene)
    {
        var vit = scene.Vit;
        var taps = new FootageTaps(vit.Blocks.Count);
        var model = StageWriter.Tapped(vit, (writer, stage, blocks, tokens, attention) =>
        {
            if (blocks > 0)
            {
                void Give(string tensor, string name)
                {
                    writer.Name(tensor, name);
                    stage.Graph.Output.Add(NodeWriter.Declared(name));
                }

                Give(StageWriter.PooledFeatures(writer, vit, tokens), FeaturesOf(blocks));
                Give(Rank(writer, attention!.Context), RankOf(blocks));
            }
        });
        string? pooled = vit.Pooled?.Tensor;
        bool isOutput = model.Graph.Output.Any(o => o.Name == pooled);
        if (pooled is not null && !isOutput)
        {
            model.Graph.Output.Add(NodeWriter.Declared(pooled));
        }

        int frames = 0;
        scene.Tap("looking inside", new ModelTap(model, values =>
        {
            frames++;
            for (int b = 1; b <= vit.Blocks.Count; b++)
            {
                taps._features[b - 1].Add(values(FeaturesOf(b)));
                taps._ranks[b - 1] += values(RankOf(b))[0];
            }

            if (pooled is not null)
            {
                taps.Wanted.Add(values(pooled));
            }
        }));
        for (int b = 0; b < taps._ranks.Length; b++)
        {
            taps._ranks[b] /= frames;
        }

        return taps;
    }

    private static string FeaturesOf(int blocks) => FormattableString.Invariant($"er_features_{blocks}");

    private static string RankOf(int blocks) => FormattableString.Invariant($"er_rank_{blocks}");

    /// <summary>Of a matrix of tokens, without their mean; by traces, so that no eigenvalue needs to be known.</summary>
    private static string Rank(NodeWriter writer, string context)
    {
        string centred = writer.Add("Sub", context, writer.Reduce("ReduceMean", context, true, 1));
        string products = writer.Add("MatMul", writer.Transpose(centred, 0, 2, 1), centred);
        string trace = writer.Reduce("ReduceSum", writer.Add("Mul", centred, centred), false, 1, 2);
        string squares = writer.Reduce("ReduceSum", writer.Add("Mul", products, products), false, 1, 2);
        return writer.Add("Div", writer.Add("Mul", trace, trace), squares);
    }
}
