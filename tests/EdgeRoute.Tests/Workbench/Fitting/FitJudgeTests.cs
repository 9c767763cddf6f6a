using EdgeRoute.Core.Gains;
using EdgeRoute.Workbench.Fitting;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using static EdgeRoute.Tests.Workbench.Fitting.SampleRows;

namespace EdgeRoute.Tests.Workbench.Fitting;

public sealed class FitJudgeTests
{
    /// <summary>Remembers which blocks it was fitted on and says so by failing when it then judges one of them.</summary>
    private sealed class BlockKeeper : IGainFit, IGainEstimator
    {
        private HashSet<float> _seen = [];

        public string Name => "keeper";

        public int FitCount { get; private set; }

        public IGainEstimator Fit(FitRows rows)
        {
            FitCount++;
            _seen = [.. Enumerable.Range(0, rows.Count).Select(i => rows.Features(i)[0])];
            return this;
        }

        public float Estimate(ReadOnlySpan<float> features) => _seen.Contains(features[0])
            ? throw new InvalidOperationException($"block {features[0]} is in two folds") : 0.5f;
    }

    [Property]
    public bool Folds_are_runs_of_whole_blocks(byte[] blocks, byte foldCount)
    {
        var rows = new FitRows(1);
        foreach (byte block in blocks)
        {
            rows.Add([0], 0, 1, block);
        }

        int[] folds = BlockFolds.Of(rows, foldCount + 1);
        var inOrder = blocks.Zip(folds).OrderBy(p => p.First).ToList();
        bool isRun = inOrder.Zip(inOrder.Skip(1)).All(p => p.Second.Second - p.First.Second is 0 or 1
            && (p.First.First != p.Second.First || p.First.Second == p.Second.Second));
        return isRun && folds.Distinct().Count() == Math.Min(foldCount + 1, blocks.Distinct().Count())
            && (folds.Length == 0 || folds.Min() == 0);
    }

    [Fact]
    public void Folds_of_even_blocks_are_even()
    {
        int[] folds = BlockFolds.Of(Of(1000, 1, 1, (_, _) => 0), 5);
        Assert.All(folds.GroupBy(f => f), g => Assert.Equal(200, g.Count()));
    }

    [Fact]
    public void A_fit_is_never_judged_on_a_block_it_has_seen()
    {
        var rows = new FitRows(1);
        for (int i = 0; i < 700; i++)
        {
            rows.Add([i / 30], 1, 1, i / 30);
        }

        var keeper = new BlockKeeper();
        Assert.Equal(0.25, FitJudge.CrossValidate(keeper, rows, 5).Brier, 9);
        Assert.Equal(5, keeper.FitCount);
    }

    [Fact]
    public void Figures_of_a_few_rows_are_those_by_hand()
    {
        var quality = FitJudge.Judge([0.2f, 0.2f, 0.8f, 0.8f], Pairs((0, 0), (0, 1), (0, 1), (0, 1)));
        Assert.Equal((0.04 + 0.64 + 0.04 + 0.04) / 4, quality.Brier, 6);
        Assert.Equal(-(Math.Log(0.8) + Math.Log(0.2) + Math.Log(0.8) + Math.Log(0.8)) / 4, quality.LogLoss, 6);
        Assert.Equal(1 - (0.19 / 0.1875), quality.R2, 5);
        Assert.Equal([0.5, 1.0], quality.Bins.Select(b => b.Observed));
        Assert.Equal((0.5 * 0.3) + (0.5 * 0.2), quality.Ece, 6);
    }

    [Fact]
    public void Equal_estimates_are_one_bin_whatever_their_order()
    {
        var drifting = Pairs([.. Enumerable.Range(0, 1000).Select(i => (0f, i < 500 ? 0f : 1f))]);
        var quality = FitJudge.Judge(new ConstantGain(0.5f), drifting);
        Assert.Single(quality.Bins);
        Assert.Equal(0, quality.Ece, 9);
        Assert.Equal(0, quality.R2, 9);
    }

    [Fact]
    public void Distinct_estimates_fill_ten_bins_of_equal_weight()
    {
        var rows = Of(1000, 1, 1, (f, _) => (f[0] + 1) / 2);
        float[] estimates = [.. Enumerable.Range(0, 1000).Select(i => Math.Min(1, rows.Target(i) + 0.05f))];
        var quality = FitJudge.Judge(estimates, rows);
        Assert.Equal(FitJudge.BinCount, quality.Bins.Count);
        Assert.All(quality.Bins, b => Assert.InRange(b.Weight, 99, 101));
        Assert.InRange(quality.Ece, 0.045, 0.05);
    }

    [Fact]
    public void Rows_that_break_the_contract_are_refused()
    {
        var rows = new FitRows(2);
        Assert.Throws<ArgumentException>(() => rows.Add([0], 0, 1, 0));
        Assert.Throws<ArgumentException>(() => rows.Add([0, float.NaN], 0, 1, 0));
        Assert.Throws<ArgumentException>(() => rows.Add([0, 0], 1.5f, 1, 0));
        Assert.Throws<ArgumentException>(() => rows.Add([0, 0], 1, float.PositiveInfinity, 0));
        Assert.Equal(0, rows.Count);
    }
}
