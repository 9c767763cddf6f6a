using System.Text.Json;
using EdgeRoute.Core.Frames;
using EdgeRoute.Engine.Reports;
using EdgeRoute.Engine.Stages.Heads;
using EdgeRoute.Protocol.Tracing;
using EdgeRoute.Tests.Engine.Outputs;

namespace EdgeRoute.Tests.Engine.Reports;

public sealed class RunReportTests
{
    [Fact]
    public void Table_shows_paths_shares_and_percentiles() => Assert.Equal(
        """
        front: 10 frames in 2.0 s (5.0/s)
          completed 0  exited 6  escalated 2  skipped 0  dropped 2  failed 0
          path            frames    share    mean ms    stages ms
          light                6    75.0%       4.00         2.50
          light>heavy          2    25.0%      19.00        10.00
          all                  8   100.0%       7.75         4.38
          latency ms  p50 5.01  p95 20.00  p99 20.00  max 20.00    late 1  fallbacks 1  faults 3  restarts 2

        """,
        RunReportText.Of(RunReport.Of(2, "00", 0, [Status("front", 10)], [])));

    [Fact]
    public void Broken_law_is_shouted()
    {
        string text = RunReportText.Of(RunReport.Of(2, "00", 0, [Status("front", 11)], []));
        Assert.Contains("LAW BROKEN: 11 captured, 10 ended", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Total_sums_sources_and_paths_of_one_name()
    {
        var report = RunReport.Of(2, "00", 0, [Status("front", 10), Status("back", 10)], []);
        Assert.Equal((20, 4, 16), (report.Total.Ends.Captured, report.Total.Ends.Dropped, report.Total.AnsweredCount));
        Assert.Equal([("light", 12, 0.75), ("light>heavy", 4, 0.25)], report.Total.Paths.Select(p => (p.Path, p.FrameCount, p.Share)));
        Assert.Contains("total: 20 frames", RunReportText.Of(report), StringComparison.Ordinal);
    }

    [Fact]
    public void JSON_has_stable_keys()
    {
        using var json = JsonDocument.Parse(RunReport.Of(2, "abc", 0, [Status("front", 10)], []).ToJson());
        var source = json.RootElement.GetProperty("sources")[0];
        Assert.Equal("abc", json.RootElement.GetProperty("config_hash").GetString());
        Assert.Equal(10, source.GetProperty("ends").GetProperty("captured").GetInt64());
        Assert.True(source.GetProperty("is_law_kept").GetBoolean());
        Assert.Equal("light>heavy", source.GetProperty("paths")[1].GetProperty("path").GetString());
        Assert.Equal(20, source.GetProperty("latency").GetProperty("max_ms").GetDouble());
    }

    [Fact]
    public void Source_without_answers_has_no_figures()
    {
        var status = new SourceStatus(new RunTally("dark", PublishSamples.Tree()), default, 4, 4);
        var report = RunReport.Of(0, "", 0, [status], []);
        Assert.Contains("no frame was answered", RunReportText.Of(report), StringComparison.Ordinal);
        Assert.Contains("\"p50_ms\": null", report.ToJson(), StringComparison.Ordinal);
    }

    [Fact]
    public void Head_losses_are_shown_where_there_are_any_and_always_in_JSON()
    {
        var report = RunReport.Of(2, "00", 0, [Status("front", 10)],
            [new("calm", ["back"], default), new("shapes", ["front"], new HeadLosses(7, 3))]);
        string text = RunReportText.Of(report);
        Assert.EndsWith(
            "pack shapes (front): more in a frame than there is room for: 7 candidates and 3 detections let go\n",
            text, StringComparison.Ordinal);
        Assert.DoesNotContain("calm", text, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(report.ToJson());
        var packs = json.RootElement.GetProperty("packs");
        Assert.Equal(0, packs[0].GetProperty("head_losses").GetProperty("candidate_overflow_count").GetInt64());
        Assert.Equal(3, packs[1].GetProperty("head_losses").GetProperty("detection_overflow_count").GetInt64());
    }

    [Fact]
    public void Tally_allocates_nothing()
    {
        var tree = PublishSamples.Tree();
        var tally = new RunTally("front", tree);
        var record = PublishSamples.Record(tree, "light", FrameEnd.Exited, 5);
        int count = 0;
        Assert.Equal(0, AllocationWindows.LeastBytesOf(() =>
        {
            tally.Add(record);
            count++;
        }));
        Assert.Equal(count, tally.Latency.Count);
    }

    private static SourceStatus Status(string name, long captured)
    {
        var tree = PublishSamples.Tree();
        var tally = new RunTally(name, tree);
        for (int i = 0; i < 6; i++)
        {
            tally.Add(PublishSamples.Record(tree, "light", FrameEnd.Exited, 5));
        }

        for (int i = 0; i < 2; i++)
        {
            tally.Add(PublishSamples.Record(tree, "light>heavy", FrameEnd.Escalated,
                20) with { Flags = i == 0 ? TraceFlags.Late | TraceFlags.Fallback : TraceFlags.None });
        }

        return new SourceStatus(tally, new EndTally(captured, 0, 6, 2, 0, 2, 0), 3, 2);
    }
}
