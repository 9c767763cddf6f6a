namespace EdgeRoute.Workbench.Splitting;

/// <summary>Multiply-adds of a transformer, by the tokens that reach each block.</summary>
internal sealed class SplitArithmetic
{
    private readonly VitModel _vit;
    private readonly double _stem;
    private readonly double[] _weights;

    public SplitArithmetic(VitModel vit)
    {
        _vit = vit;
        var sizes = vit.Model.Graph.Initializer.ToDictionary(t => t.Name, t => t.Dims.Aggregate(1.0, (a, b) => a * b),
            StringComparer.Ordinal);
        double Of(IEnumerable<Onnx.NodeProto> nodes, string operation) => nodes.Where(n => n.OpType == operation && n.Input.Count > 1)
            .Sum(n => sizes.GetValueOrDefault(n.Input[1]));
        _stem = vit.PatchCount * Of(vit.Stem, "Conv");
        _weights = [.. vit.Blocks.Select(b => b.Attention.Weights.Length + (double)b.Attention.Projection.Length + Of(b.Nodes, "MatMul"))];
    }

    /// <summary>With all tokens.</summary>
    public double Whole => Of(SplitPlan.Whole, 1, _vit.Blocks.Count);

    /// <summary>From the picture to an exit.</summary>
    /// <param name="ratio">Of the tokens of the picture that reach a site, how many it leaves.</param>
    /// <param name="blocks">Blocks that run.</param>
    public double Of(SplitPlan plan, double ratio, int blocks)
    {
        double patches = _vit.PatchCount, sum = _stem;
        for (int i = 0; i < blocks; i++)
        {
            if (plan.Sites.Contains(i))
            {
                double left = Math.Max(1, Math.Round(patches * ratio));
                sum += plan.Form == TokenForm.Merge ? 2 * patches * left * _vit.Width : 0;
                patches = left;
            }

            double tokens = patches + _vit.PrefixCount;
            sum += (tokens * _weights[i]) + (2 * tokens * tokens * _vit.Blocks[i].Attention.Inner);
        }

        return sum;
    }

    /// <summary>The ratio at which a plan comes to a share of the whole; null where none does.</summary>
    public double? RatioFor(SplitPlan plan, double share)
    {
        double Share(double ratio) => Of(plan, ratio, _vit.Blocks.Count) / Whole;
        double least = 1.0 / _vit.PatchCount, most = 1;
        if (Share(least) > share)
        {
            return null;
        }

        for (int i = 0; i < 40; i++)
        {
            double middle = (least + most) / 2;
            (least, most) = Share(middle) > share ? (least, middle) : (middle, most);
        }

        return least;
    }
}
