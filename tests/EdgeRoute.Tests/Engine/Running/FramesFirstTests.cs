using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Capture;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Engine.Running;
using EdgeRoute.Interop.Linux;
using EdgeRoute.Tests.Engine.Stages;
using EdgeRoute.Tests.Engine.Steering;

namespace EdgeRoute.Tests.Engine.Running;

/// <summary>The threads that frames wait for come before whatever else runs, where the machine allows it.</summary>
public sealed class FramesFirstTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _lines = [];
    private readonly StillCamera _camera = new();

    public void Dispose()
    {
        _camera.Dispose();
        _folder.Dispose();
    }

    [SkippableTheory]
    [InlineData("", RuntimeConfig.UsualNice)]
    [InlineData(", nice: -3", -3)]
    [InlineData(", nice: 0", 0)]
    public void Camera_and_loop_run_as_the_config_says(string setting, int step)
    {
        Skip.IfNot(ThreadNice.CanAdd(step), "this user may not lower a nice value");
        int own = ThreadNice.Current;
        var loop = Run(setting);
        Assert.Equal((own + step, own + step), (_camera.NiceSeen, loop.Nice));
        Assert.Equal((0, 0), (_camera.RealtimeSeen, loop.Realtime));
        Assert.Equal(own, ThreadNice.Current);
        Assert.DoesNotContain(_lines, l => l.Contains("runtime.nice", StringComparison.Ordinal));
    }

    [SkippableFact]
    public void What_is_asked_for_and_not_allowed_is_told_and_frames_flow()
    {
        Skip.If(ThreadNice.CanAdd(-4), "this user may lower a nice value");
        Assert.Equal(ThreadNice.Current, Run(", nice: -4").Nice);
        Assert.Contains(_lines, l => l.Contains("runtime.nice is -4, which this process may not set", StringComparison.Ordinal)
            && l.Contains("ulimit -e 24", StringComparison.Ordinal));
    }

    [SkippableFact]
    public void Camera_and_loop_are_real_time_threads_where_the_config_says_so()
    {
        Skip.IfNot(ThreadNice.CanRealtime(2), "this user may not make real-time threads");
        var loop = Run(", realtime: 2");
        Assert.Equal((2, 2), (_camera.RealtimeSeen, loop.Realtime));
        Assert.Equal(0, ThreadNice.Realtime);
    }

    [SkippableFact]
    public void A_real_time_priority_that_is_not_allowed_is_told_and_frames_flow()
    {
        Skip.If(ThreadNice.CanRealtime(2), "this user may make real-time threads");
        Assert.Equal(0, Run(", realtime: 2").Realtime);
        Assert.Contains(_lines, l => l.Contains("runtime.realtime is 2, which this process may not set", StringComparison.Ordinal)
            && l.Contains("ulimit -r 2", StringComparison.Ordinal));
    }

    [SkippableFact]
    public void Threads_made_meanwhile_follow_and_the_maker_goes_back()
    {
        Skip.IfNot(ThreadNice.CanAdd(-2), "this user may not lower a nice value");
        int own = ThreadNice.Current, seen = 0;
        var thread = ThreadNice.With(-2, () =>
        {
            var made = new Thread(() => seen = ThreadNice.Current);
            made.Start();
            return made;
        });
        thread.Join();
        Assert.Equal((own - 2, own), (seen, ThreadNice.Current));
    }

    /// <summary>A few frames; returns what the loop's thread was.</summary>
    private Watch Run(string setting)
    {
        _ = TinyPack.TwoStages(_folder);
        var reading = DeviceConfigReader.ReadFile(_folder.Write("device.yaml", $$"""
            runtime: { library: {{TestPlaces.OnnxRuntimeLibrary}}, threads: 1{{setting}} }
            packs: { tiny: { manifest: {{_folder.File("manifest.json")}}, files: {{TestPlaces.Fixture("onnx")}} } }
            sources: { cam: { open: "sim://still", pack: tiny, policy: { kind: fixed, path: 'a>b' } } }
            """));
        Assert.Empty(reading.Problems);
        IFrameSource? Make(CaptureAddress address, SourceOptions options, ref string problem) => _camera;
        using var engine = new EngineBuilder(reading.Config!, new EngineOptions(long.MaxValue, null, null,
            new Dictionary<string, SourceMaker>(StringComparer.Ordinal) { ["sim"] = Make }), (_, text) => _lines.Add(text)).Build();
        var watch = new Watch();
        engine.Consumers.Add(watch);
        engine.Run(3);
        return watch;
    }

    private sealed class Watch : IAnswerConsumer
    {
        public int? Nice { get; private set; }

        public int? Realtime { get; private set; }

        public void Publish(in PublishedFrame frame) => (Nice, Realtime) = (ThreadNice.Current, ThreadNice.Realtime);
    }
}
