using System.Text.Json.Nodes;
using EdgeRoute.Protocol.Sweeping;
using EdgeRoute.Workbench.Sweeps;

namespace EdgeRoute.Tests.Workbench.Sweeps;

/// <summary>Sweeps with real sessions: interrupted, cut, mixed up.</summary>
public sealed class SweepRunTests : IDisposable
{
    private const int FrameCount = 40;
    private readonly TemporaryFolder _folder = new();
    private readonly ShapesSweeps _sweeps = new();

    public void Dispose()
    {
        _folder.Dispose();
        _sweeps.Dispose();
    }

    [SkippableFact]
    public void A_cancelled_sweep_goes_on_where_it_stopped_and_ends_with_every_frame()
    {
        var first = Sweep("a", cancelAfter: 7);
        Assert.Equal(Enumerable.Range(0, 7).Select(i => (long)i), first.Frames.Select(f => f.Stamp.Sequence));
        var second = Sweep("a", cancelAfter: 25);
        Assert.Equal(25, second.Frames.Count);
        var third = Sweep("a");
        Assert.Equal(Enumerable.Range(0, FrameCount).Select(i => (long)i), third.Frames.Select(f => f.Stamp.Sequence));
        Assert.Equal(3, Parts("a").Length);
        Assert.Equal(first.Frames.Select(SweptFrameCodec.Encode), third.Frames.Take(7).Select(SweptFrameCodec.Encode));
    }

    [SkippableFact]
    public void A_whole_sweep_is_not_swept_again()
    {
        var first = Sweep("a");
        byte[] before = File.ReadAllBytes(Assert.Single(Parts("a")));
        var again = Sweep("a");
        Assert.Equal(before, File.ReadAllBytes(Assert.Single(Parts("a"))));
        Assert.Equal(first.Frames.Select(SweptFrameCodec.Encode), again.Frames.Select(SweptFrameCodec.Encode));
    }

    [SkippableFact]
    public void A_part_that_is_cut_is_read_up_to_the_cut_and_the_rest_swept_anew()
    {
        var whole = Sweep("a");
        string part = Assert.Single(Parts("a"));
        byte[] bytes = File.ReadAllBytes(part);
        File.WriteAllBytes(part, bytes[..(bytes.Length / 2)]);
        var seen = new List<SweepProgress>();
        var mended = Sweep("a", onProgress: seen.Add);
        Assert.Equal(FrameCount, mended.Frames.Count);
        int left = (int)seen[0].DoneCount;
        Assert.InRange(left, FrameCount / 4, FrameCount * 3 / 4);
        Assert.Equal(2, Parts("a").Length);
        Assert.Equal(whole.Frames.Take(left).Select(SweptFrameCodec.Encode), mended.Frames.Take(left).Select(SweptFrameCodec.Encode));
        Assert.Equal(whole.Frames.Select(AnswersOf), mended.Frames.Select(AnswersOf));
    }

    [SkippableFact]
    public void A_part_of_another_source_is_refused_by_name()
    {
        Sweep("a", cancelAfter: 2);
        string message = Assert.Throws<InvalidDataException>(() => Sweep("a", seed: 12)).Message;
        Assert.Contains("part-001.erec", message, StringComparison.Ordinal);
        Assert.Contains("seed=11", message, StringComparison.Ordinal);
        Assert.Contains("--sweep", message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_part_of_another_pack_is_refused_by_name()
    {
        Sweep("a", cancelAfter: 2);
        string message = Assert.Throws<InvalidDataException>(() => Sweep("a", manifest: _sweeps.ManifestWithoutReuse())).Message;
        Assert.Contains("another version of pack 'shapes'", message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void What_decides_between_answers_may_change_and_the_sweep_goes_on()
    {
        Sweep("a", cancelAfter: 5);
        var manifest = JsonNode.Parse(File.ReadAllText(Path.Combine(ShapesSweeps.ShapesFolder, "manifest.json")))!;
        manifest["title"] = "another";
        manifest["policies"]!["cascade"]!["exits"]!["light"]!["stop_at_most"] = 3.5;
        File.Copy(Path.Combine(ShapesSweeps.ShapesFolder, "labels.txt"), _folder.File("labels.txt"));
        var choice = _sweeps.ChoiceOf(_folder.Write("manifest.json", manifest.ToJsonString()), "");
        string before = SweepIdentity.NameOf(choice);
        Assert.Equal(12, Sweep("a", manifest: choice.Pack, frameLimit: 12).Frames.Count);
        Assert.Equal(2, Parts("a").Length);
        manifest["max_age_ms"] = 500;
        _folder.Write("manifest.json", manifest.ToJsonString());
        Assert.Equal(before, SweepIdentity.NameOf(choice));
        manifest["stages"]![0]!["exit"]!["detection_threshold"] = 0.123;
        _folder.Write("manifest.json", manifest.ToJsonString());
        string[] others = [SweepIdentity.NameOf(choice), SweepIdentity.NameOf(choice with { ThreadCount = 3 }),
            SweepIdentity.NameOf(choice with { FramesPerSecond = 5 })];
        Assert.Equal(4, others.Append(before).Distinct().Count());
    }

    [Fact]
    public void Footage_that_was_written_over_is_swept_elsewhere()
    {
        var choice = _sweeps.ChoiceOf(ShapesSweeps.ShapesFolder, "") with { Source = _folder.Write("a.mp4", "one") };
        string before = SweepIdentity.NameOf(choice);
        Assert.Equal(before, SweepIdentity.NameOf(choice));
        _folder.Write("a.mp4", "another");
        Assert.NotEqual(before, SweepIdentity.NameOf(choice));
    }

    [SkippableFact]
    public void How_many_frames_there_will_be_is_told_where_the_source_knows_its_length()
    {
        Directory.CreateDirectory(_folder.File("pictures"));
        for (int i = 0; i < 4; i++)
        {
            File.WriteAllBytes(_folder.File("pictures", $"{i}.png"), PictureMaker.Png(160, 120));
        }

        var seen = new List<SweepProgress>();
        SweepRun.Run(ShapesSweeps.RequestOf(_folder.File("pictures")), new SweepFolder(_folder.File("b")), long.MaxValue,
            ShapesSweeps.Report, seen.Add, CancellationToken.None);
        Assert.Equal([4.0, 4, 4, 4], seen.Select(s => s.TotalCount));
        Assert.True(seen[1].SecondsLeft > 0);
        Assert.Equal(0, seen[^1].SecondsLeft);
    }

    [SkippableFact]
    public void A_frame_limit_takes_the_first_frames_and_leaves_the_others_for_later()
    {
        Assert.Equal(5, Sweep("a", frameLimit: 5).Frames.Count);
        Assert.Equal(12, Sweep("a", frameLimit: 12).Frames.Count);
        Assert.Equal(5, Sweep("a", frameLimit: 5).Frames.Count);
    }

    [SkippableFact]
    public void A_swept_frame_holds_the_answer_of_every_exit_and_what_it_cost()
    {
        var sweep = Sweep("a", frameLimit: 20);
        var exits = sweep.Tree.Nodes.Where(n => n.CanStop && n.VariantIndex >= 0).Select(n => n.VariantIndex).ToHashSet();
        Assert.All(sweep.Frames, f => Assert.Equal(sweep.Tree.Variants.Count, f.Variants.Count));
        Assert.All(sweep.Frames.SelectMany(f => f.Variants), v => Assert.True(v.Ms > 0));
        Assert.All(sweep.Frames, f => Assert.All(exits, v => Assert.NotNull(f.Variants[v].Answer)));
        Assert.Contains(sweep.Frames.SelectMany(f => f.Variants), v => v.Answer?.DetectionCount > 0);
        Assert.Equal("heavy_1>heavy_2", sweep.HeaviestNode().PathName);
    }

    private SweptRecording Sweep(
        string name, int cancelAfter = int.MaxValue, int seed = 11, string? manifest = null, long frameLimit = long.MaxValue,
        Action<SweepProgress>? onProgress = null)
    {
        using var cancel = new CancellationTokenSource();
        return SweepRun.Run(
            ShapesSweeps.RequestOf(ShapesSweeps.SourceOf(FrameCount, seed), manifest), new SweepFolder(_folder.File(name)), frameLimit,
            ShapesSweeps.Report,
            progress =>
            {
                onProgress?.Invoke(progress);
                if (progress.DoneCount >= cancelAfter)
                {
                    cancel.Cancel();
                }
            },
            cancel.Token);
    }

    private string[] Parts(string name) => [.. Directory.GetFiles(_folder.File(name)).Order(StringComparer.Ordinal)];

    private static string AnswersOf(SweptFrame frame) =>
        string.Join('|', frame.Variants.Select(v => v.Answer is null ? "none" : string.Join(';', v.Answer.Detections.ToArray())));
}
