using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Drawing;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Engine.Running;
using EdgeRoute.Tests.Engine.Stages;

namespace EdgeRoute.Tests.Engine.Running;

/// <summary>The whole engine when a stage, or whoever gets the answers, never returns.</summary>
public sealed class StuckEngineTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _lines = [];

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public void A_stage_that_never_returns_is_ended_and_its_frame_answered_by_another()
    {
        using var engine = Build(dark: 0, bright: 1, darkAgain: 2);
        engine.Run(long.MaxValue);
        var source = engine.Report().Sources[0];
        Assert.Equal(3, source.AnsweredCount);
        Assert.Equal(["endless", "sturdy"], source.Paths.Select(p => p.Path).Order(StringComparer.Ordinal));
        Assert.Equal(("endless", 1L), (source.Stages[0].Stage, source.Stages[0].FaultCount));
        Assert.Null(engine.LostReason);
        Assert.Contains(_lines, l => l.Contains("stage 'endless' has not returned", StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task A_loop_that_cannot_be_ended_holds_up_neither_changes_nor_the_end()
    {
        using var release = new ManualResetEventSlim();
        using var reached = new ManualResetEventSlim();
        using var engine = Build(dark: 0);
        engine.Consumers.Add(new Stuck(reached, release));
        var run = new Thread(() => engine.Run(long.MaxValue));
        run.Start();
        Assert.True(reached.Wait(Patience));
        var late = await Assert.ThrowsAsync<InvalidOperationException>(() => engine.Boundary.Run(() => { }).WaitAsync(Patience));
        Assert.Contains("the loop has not come round", late.Message, StringComparison.Ordinal);
        engine.Stop();
        Assert.True(run.Join(Patience));
        Assert.Contains("given up", engine.LostReason, StringComparison.Ordinal);
        release.Set();
    }

    private RunningEngine Build(int dark, int bright = -1, int darkAgain = -1)
    {
        string pictures = _folder.File("pictures");
        Directory.CreateDirectory(pictures);
        foreach (var (at, grey) in new[] { (dark, (byte)10), (bright, (byte)200), (darkAgain, (byte)20) }.Where(p => p.Item1 >= 0))
        {
            byte[] rgb = new byte[8 * 8 * 3];
            Array.Fill(rgb, grey);
            File.WriteAllBytes(Path.Combine(pictures, $"{at}.png"), Pictures.EncodePng(rgb, 8, 8));
        }

        _ = TinyPack.Endless(_folder);
        var reading = DeviceConfigReader.ReadFile(_folder.Write("device.yaml", $$"""
            runtime: { library: {{TestPlaces.OnnxRuntimeLibrary}}, threads: 1, stage_limit_ms: 300 }
            packs: { tiny: { manifest: {{_folder.File("manifest.json")}}, files: {{TestPlaces.Fixture("onnx")}} } }
            sources: { folder: { open: {{pictures}}, pack: tiny, policy: { kind: fixed, path: endless } } }
            """));
        Assert.Empty(reading.Problems);
        return new EngineBuilder(reading.Config!, new EngineOptions(long.MaxValue, null, null,
            new Dictionary<string, EdgeRoute.Engine.Capture.SourceMaker>()), (_, text) => Say(text)).Build();
    }

    private void Say(string text)
    {
        lock (_lines)
        {
            _lines.Add(text);
        }
    }

    private sealed class Stuck(ManualResetEventSlim reached, ManualResetEventSlim release) : IAnswerConsumer
    {
        public void Publish(in PublishedFrame frame)
        {
            reached.Set();
            release.Wait();
        }
    }
}
