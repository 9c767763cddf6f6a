using System.Text.Json.Nodes;
using EdgeRoute.Core.Costs;
using EdgeRoute.Core.Frames;
using EdgeRoute.Documents;
using EdgeRoute.Engine.Measuring;
using EdgeRoute.Tests.Workbench.Sweeps;
using EdgeRoute.Workbench.Benching;

namespace EdgeRoute.Tests.Workbench.Benching;

/// <summary>Benchmarks of whole engines on played frames. Nothing here rests on how fast they are.</summary>
public sealed class BenchRunTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Latencies_are_told_for_each_source_and_path()
    {
        var report = Run([5, 10], looksForTop: false);
        Assert.True(report.IsWhole);
        Assert.Null(report.TopRate);
        Assert.Equal("1, as runtime.threads says", report.Threads);
        Assert.Equal([5.0, 10], report.Rates.Select(r => r.FramesPerSecond));
        foreach (var source in report.Rates.SelectMany(r => r.Sources))
        {
            var latency = source.Latency!;
            Assert.True(latency.FrameCount > 0 && latency.P50 > 0 && latency.P99 >= latency.P50);
            Assert.Equal(1, source.Paths.Sum(p => p.Share), 6);
            Assert.Equal(latency.FrameCount, source.Paths.Sum(p => p.Latency.FrameCount));
            Assert.Equal(0, source.FailedShare);
        }

        Assert.All(report.Rates, r => Assert.Equal(["fixed", "free"], r.Sources.Select(s => s.Name)));
        Assert.All(report.Rates, r => Assert.Equal("light", Assert.Single(r.Sources[0].Paths).Path));
        Assert.False(File.Exists(_folder.File("trace.erec")));
        Assert.Equal(2, JsonNode.Parse(report.ToJson())!["rates"]!.AsArray().Count);
    }

    [Fact]
    public void What_is_done_is_told_from_the_beginning()
    {
        // The clock may tell a line again at any time; the order is that of the first time each came.
        var told = new System.Collections.Concurrent.ConcurrentQueue<string>();
        BenchRun.Run(Choice([10], looksForTop: false) with { Seconds = 0.2 }, ShapesSweeps.Report, told.Enqueue, CancellationToken.None);
        string[] first = [.. told.Where(t => !t.Contains("s by now", StringComparison.Ordinal)).Take(5)];
        Assert.StartsWith("opening the sources of ", first[0], StringComparison.Ordinal);
        Assert.Equal(["reading frames of source 'fixed' into memory", "reading frames of source 'free' into memory",
            "opening the models of pack 'shapes' and warming them up"], first[1..4]);
        Assert.StartsWith("latency at 10 frames/s", first[4], StringComparison.Ordinal);
    }

    [Fact]
    public void The_top_rate_is_one_that_was_tried_and_held()
    {
        using var cancel = new CancellationTokenSource();
        // Told once a second too while a rate is looked at, from another thread.
        var tried = new System.Collections.Concurrent.ConcurrentDictionary<string, bool>();
        var report = BenchRun.Run(Choice([], looksForTop: true) with { Seconds = 0.2 }, ShapesSweeps.Report, line =>
        {
            bool isOfRate = line.Contains("trying ", StringComparison.Ordinal) || line.StartsWith("latency at", StringComparison.Ordinal);
            Assert.Equal(isOfRate, line.Contains("s left", StringComparison.Ordinal));
            _ = isOfRate && tried.TryAdd(line.Split("trying ")[^1].Split(' ')[0], true);
            if (tried.Count > 3)
            {
                cancel.Cancel();
            }
        }, cancel.Token);
        Assert.False(report.IsWhole);
        Assert.Equal(3, report.Trials.Count);
        var held = report.Trials.Where(t => t.DropShare < BenchRun.DropLimit && t.CaptureShare >= 0.95).Select(t => t.FramesPerSecond);
        Assert.Equal(held.DefaultIfEmpty(0).Max(), report.TopRate);
    }

    [Fact]
    public void Figures_of_a_window_are_shares_of_what_was_captured()
    {
        var fast = new LatencyHistogram();
        var slow = new LatencyHistogram();
        for (int i = 0; i < 30; i++)
        {
            fast.Add(2_000_000);
        }

        for (int i = 0; i < 10; i++)
        {
            slow.Add(8_000_000);
        }

        var ends = new EndTally(Captured: 50, Completed: 10, Exited: 30, Escalated: 0, Skipped: 0, Dropped: 8, Failed: 2);
        var window = new PacedWindow(2, [new SourceWindow("s", ends, [new("light", fast), new("heavy", slow)])], Watts: 4);
        var figures = BenchRun.FiguresOf(30, window);
        var source = Assert.Single(figures.Sources);
        Assert.Equal((25, 0.16, 0.04), (source.CapturedPerSecond, source.DropShare, source.FailedShare));
        Assert.Equal(25.0 / 30, figures.CaptureShare, 6);
        Assert.Equal(0.16, figures.DropShare);
        Assert.Equal([0.75, 0.25], source.Paths.Select(p => p.Share));
        Assert.Equal(2, source.Latency!.P50, 1);
        Assert.Equal(8, source.Latency.P95, 1);
        Assert.Equal(200, figures.MillijoulesPerFrame!.Value, 6);
    }

    [Fact]
    public void A_config_that_cannot_be_read_or_run_is_refused()
    {
        string bad = _folder.Write("bad.yaml", "packs: {}\n");
        Assert.Throws<InvalidDataException>(() => BenchRun.Run(new BenchChoice(bad, [5], false, 0.2), ShapesSweeps.Report, _ => { },
            CancellationToken.None));
        string wrong = _folder.Write("wrong.yaml", Text.Replace("path: light", "path: nowhere", StringComparison.Ordinal));
        Assert.Throws<EngineRefusedException>(() => BenchRun.Run(new BenchChoice(wrong, [5], false, 0.2), ShapesSweeps.Report, _ => { },
            CancellationToken.None));
    }

    private static string Text => $$"""
        runtime: { library: '{{TestPlaces.OnnxRuntimeLibrary}}', threads: 1 }
        packs: { shapes: { manifest: '{{ShapesSweeps.ShapesFolder}}/manifest.json' } }
        sources:
          fixed: { open: 'sim://tabletop?frames=3', pack: shapes, policy: { kind: fixed, path: light } }
          free: { open: 'sim://tabletop?seed=5', pack: shapes }
        trace: { file: trace.erec }
        """;

    private BenchChoice Choice(double[] rates, bool looksForTop) => new(_folder.Write("bench.yaml", Text), rates, looksForTop, 1);

    private BenchReport Run(double[] rates, bool looksForTop) =>
        BenchRun.Run(Choice(rates, looksForTop), ShapesSweeps.Report, _ => { }, CancellationToken.None);
}
