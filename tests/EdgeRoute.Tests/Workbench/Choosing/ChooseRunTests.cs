using EdgeRoute.Documents;
using EdgeRoute.Tests.Workbench.Sweeps;
using EdgeRoute.Workbench.Choosing;

namespace EdgeRoute.Tests.Workbench.Choosing;

/// <summary>Choices between packs of real networks, with times that are given, so that nothing rests on this machine's.</summary>
public sealed class ChooseRunTests(ShapesCandidates candidates) : IClassFixture<ShapesCandidates>
{
    [SkippableTheory]
    [InlineData("")]
    [InlineData("latency_mean<=4ms")]
    [InlineData("latency_p95<=0.7ms")]
    [InlineData("quality>=0.97,latency_p99<=12ms")]
    [InlineData("frames_per_second>=300")]
    [InlineData("frames_per_second>=300,look_share>=1")]
    [InlineData("quality>=0.97,look_share>=0.4")]
    public void The_point_of_an_exhaustive_search_is_found_with_a_quarter_of_its_runs(string under)
    {
        var all = ShapesCandidates.Choose(candidates.Request(under) with { IsExhaustive = true }).Report;
        var few = ShapesCandidates.Choose(candidates.Request(under)).Report;
        Assert.Equal(7 * 3 * ShapesCandidates.FrameCount, all.RunCount);
        Assert.Equal(all.RunCount, all.ExhaustiveRunCount);
        Assert.Equal(all.RunCount, few.ExhaustiveRunCount);
        Assert.True(4 * few.RunCount <= all.RunCount, $"{few.RunCount} of {all.RunCount}");
        Assert.Equal((all.Chosen!.Path, all.Chosen.Threads), (few.Chosen!.Path, few.Chosen.Threads));

        // What was run on all frames is known to the last digit; what was not, within what is told.
        double bound = few.ChosenQualityMost!.Value - few.Chosen.Figures.Quality;
        Assert.InRange(Math.Abs(all.Chosen.Figures.Quality - few.Chosen.Figures.Quality), 0, Math.Max(bound, 1e-6));
        Assert.Equal(all.ChosenQualityMost, all.Chosen.Figures.Quality);
        Assert.Empty(few.Chosen.Lacks);
        Assert.Equal("full/heavy_2", few.Teacher);
    }

    [SkippableFact]
    public void The_fewest_threads_are_taken_of_those_that_hardly_differ()
    {
        var chosen = ShapesCandidates.Choose(candidates.Request("latency_p95<=0.7ms,look_share>=1")).Report.Chosen!;
        Assert.Equal(2, chosen.Threads);
        Assert.StartsWith("light", chosen.Path, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Memory_and_power_are_constraints_like_any_other()
    {
        var free = ShapesCandidates.Choose(candidates.Request("")).Report.Chosen!;
        var small = ShapesCandidates.Choose(candidates.Request(FormattableString.Invariant($"memory<={free.Figures.MemoryBytes - 1}kB")))
            .Report;
        Assert.Equal(free.Path, small.Chosen!.Path);
        var bound = ShapesCandidates.Choose(candidates.Request(FormattableString.Invariant(
            $"memory<={(free.Figures.MemoryBytes - 1) / 1000}kB"))).Report.Chosen!;
        Assert.True(bound.Figures.MemoryBytes < free.Figures.MemoryBytes);
        var powered = candidates.Request("watts<=4.5") with { WattsOf = (pack, threads) => 2 + threads };
        var calm = ShapesCandidates.Choose(powered).Report.Chosen!;
        Assert.Equal((2, 4.0), (calm.Threads, Math.Round(calm.Figures.Watts, 6)));
        var refused = Assert.Throws<EngineRefusedException>(() => ShapesCandidates.Choose(candidates.Request("energy<=3mJ") with
        {
            WattsOf = (_, _) => null,
        }));
        Assert.Contains("'energy <= 3 mJ' cannot be kept: nothing measures power", refused.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void What_cannot_be_kept_ends_after_the_first_round_with_the_nearest_point_and_what_it_lacks()
    {
        var report = ShapesCandidates.Choose(candidates.Request("latency_p95<=0.1ms,look_share>=1")).Report;
        Assert.Null(report.Chosen);
        Assert.Equal(7 * (16 + 8 + 8), report.RunCount);
        Assert.Equal("light", report.Nearest!.Path[..5]);
        Assert.Equal(3, report.Nearest.Threads);
        Assert.Equal("latency_p95 is 0.606 ms, above 0.1 ms by 506.1 %", Assert.Single(report.Nearest.Lacks));
    }

    [SkippableFact]
    public void A_machine_that_is_busy_while_a_light_pack_runs_does_not_make_it_the_teacher()
    {
        var request = candidates.Request("latency_p95<=0.1ms,look_share>=1");
        int count = 0;
        var busy = request with
        {
            Clocking = (pack, option, threads, ms) => request.Clocking!(pack, option, threads, ms) * (option == "light" && count++ % 4 > 0
                ? 50 : 1),
        };
        Assert.Equal("full/heavy_2", ShapesCandidates.Choose(busy).Report.Teacher);
    }

    [SkippableFact]
    public void Where_not_each_frame_must_be_looked_at_answers_are_carried_and_the_figures_mean_the_same()
    {
        var each = ShapesCandidates.Choose(candidates.Request("latency_mean<=1ms,look_share>=1")).Report.Chosen!;
        var some = ShapesCandidates.Choose(candidates.Request("latency_mean<=1ms")).Report.Chosen!;
        Assert.Null(each.Carry);
        Assert.Equal(1, each.Figures.LookShare);
        Assert.True(some.Figures.Quality > each.Figures.Quality + 0.01, $"{some} beside {each}");
        Assert.InRange(some.Carry!.AgeMsAtMost, 50, 1000);
        Assert.InRange(some.Figures.LatencyMean, 0.01, 1);

        // A frame that an answer is carried to took no time, one that is looked at what the path takes.
        Assert.Equal(some.Figures.LookShare < 0.5 ? 0 : some.Figures.LatencyP99, some.Figures.LatencyP50);
        Assert.Equal(some.Figures.LookShare * some.Figures.LatencyP99, some.Figures.LatencyMean, 0.02);
        Assert.Equal(1000 / some.Figures.LatencyMean, some.Figures.Of(PointFigure.FramesPerSecond), 6);
    }

    [Fact]
    public void Nothing_is_carried_between_pictures_that_have_nothing_to_do_with_each_other()
    {
        var pictures = candidates.Request("") with { Source = candidates.Folder };
        Assert.False(pictures.HasTime);
        Assert.True((pictures with { FramesPerSecond = 10 }).HasTime);
        Assert.True(candidates.Request("").HasTime);
    }

    [SkippableFact]
    public void A_choice_that_is_stopped_goes_on_from_what_was_run()
    {
        using var cancel = new CancellationTokenSource();
        var request = candidates.Request("latency_mean<=4ms", "stopped");
        Assert.ThrowsAny<OperationCanceledException>(() => ChooseRun.Run(request, ShapesSweeps.Report, line =>
        {
            if (line.StartsWith("half with 2 threads: 2 of ", StringComparison.Ordinal))
            {
                Assert.Contains(" s left of this round", line, StringComparison.Ordinal);
                cancel.Cancel();
            }
        }, cancel.Token));
        long before = Size("stopped", "half-2");
        Assert.True(before > 0);
        Assert.Equal(0, Size("stopped", "full-3"));
        var whole = ShapesCandidates.Choose(candidates.Request("latency_mean<=4ms")).Report;
        var resumed = ShapesCandidates.Choose(request).Report;
        Assert.Equal((whole.RunCount, whole.Chosen!.Path, whole.Chosen.Policy),
            (resumed.RunCount, resumed.Chosen!.Path, resumed.Chosen.Policy));
        string[] parts = Directory.GetFiles(Path.Combine(candidates.Folder, "stopped", "half-2"));
        Assert.Contains(parts, p => new FileInfo(p).Length == before);
    }

    [SkippableFact]
    public void Packs_that_do_not_fit_together_are_refused()
    {
        string other = Path.Combine(TestPlaces.Repository, "models", "tabletop");
        Refuses("plans actions", candidates.Request("") with { Packs = [candidates.Packs[0], other] });
        Refuses("there is no pack 'lihgt' to teach; did you mean 'light'?", candidates.Request("") with { Teacher = "lihgt" });
        Refuses("has 1 usable frames; at least 2 are needed", candidates.Request("", "one") with { FrameLimit = 1 });
    }

    private static void Refuses(string words, ChooseRequest request) => Assert.Contains(words,
        Assert.Throws<InvalidDataException>(() => ShapesCandidates.Choose(request)).Message, StringComparison.Ordinal);

    private long Size(params string[] folder)
    {
        string path = Path.Combine([candidates.Folder, .. folder]);
        return Directory.Exists(path) ? Directory.GetFiles(path).Sum(f => new FileInfo(f).Length) : 0;
    }
}
