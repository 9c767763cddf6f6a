using EdgeRoute.Core.Agreement;
using EdgeRoute.Tests.Workbench.Sweeps;
using EdgeRoute.Workbench.Choosing;

namespace EdgeRoute.Tests.Workbench.Choosing;

/// <summary>Where a path was run on every so many frames, what is told of all lies beside what comes of all.</summary>
public sealed class CarriedPathTests(ShapesSweeps sweeps) : IClassFixture<ShapesSweeps>
{
    /// <param name="between">Of so many frames, one half way between two of the others is there as well; 0 for none.</param>
    private List<CarriedPlay> Plays(int stride, int between = 0)
    {
        bool IsRun(long frame) => frame % stride == 0 || (between > 0 && frame % between == stride / 2);
        var whole = sweeps.Whole;
        var pack = new CandidatePack("shapes", new CandidatePlace("shapes", "shapes", null), whole.Pack, [0, 0, 0]);
        pack.Put(1, stride, whole.All.Frames.Select(f => f.Stamp.Sequence).Where(IsRun).ToHashSet(), whole.All, null);
        var links = Chain.PathsOf(pack).ToDictionary(c => c.Name, c => c.Links[^1]);
        int[] frames = [.. Enumerable.Range(0, whole.All.Frames.Count).Where(f => IsRun(f))];
        return [.. new CarriedPath(links["shapes/heavy_1"], links["shapes/heavy_1>shapes/heavy_2"], null, frames,
            new AgreementSettings(32) { DoubtBand = 0.1f, TeacherThreshold = 0.5f }).Plays(CancellationToken.None)];
    }

    [SkippableFact]
    public void Some_frames_tell_of_all_how_often_is_looked_and_within_what_the_quality_lies()
    {
        var all = Plays(1).ToDictionary(p => p.Name);
        Assert.All(all.Values, p => Assert.All(p.Qualities, q => Assert.Equal((1.0, q.Likely, q.Likely), (q.Weight, q.Least, q.Most))));
        foreach (var some in Plays(2).Concat(Plays(4)).Concat(Plays(4, 12)).Where(p => p.Rule.DriftAtMost >= 1))
        {
            var whole = all[some.Name];
            Assert.Equal(whole.Rule, some.Rule);
            Assert.InRange(some.Interval, 0.8 * whole.Interval, 1.2 * whole.Interval);
            Assert.InRange(some.Quality, whole.Quality - 0.05, whole.Quality + 0.05);
            Assert.InRange(some.Quality, some.MeanOf(q => q.Least), some.MeanOf(q => q.Most));
        }

        foreach (var some in Plays(2).Where(p => p.Rule.DriftAtMost < 1))
        {
            Assert.InRange(some.Interval, 0.6 * all[some.Name].Interval, 1.6 * all[some.Name].Interval);
        }
    }

    [SkippableFact]
    public void The_more_seldom_it_looks_the_worse_and_the_cheaper_it_is()
    {
        var every = Plays(1).Where(p => p.Rule.DriftAtMost >= 1).ToList();
        Assert.Equal("on every 2. frame", every[0].Name);
        Assert.Equal([.. every.Select(p => p.Looks.Length).OrderDescending()], every.Select(p => p.Looks.Length));
        Assert.True(every[0].Quality > every[^1].Quality);
    }
}
