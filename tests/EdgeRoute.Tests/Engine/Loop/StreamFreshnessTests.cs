using EdgeRoute.Core.Frames;
using EdgeRoute.Engine.Loop;
using EdgeRoute.Protocol.Recording;
using EdgeRoute.Protocol.Tracing;
using EdgeRoute.Simulation.Scripted;
using EdgeRoute.Tests.Core.Graphs;

namespace EdgeRoute.Tests.Engine.Loop;

public sealed class StreamFreshnessTests
{
    private readonly StreamFreshness _freshness = new();

    [Fact]
    public void A_stream_is_stale_once_and_fresh_again_once()
    {
        Assert.Null(End(FrameEnd.Completed, 0));
        Assert.Null(End(FrameEnd.Skipped, 500));
        Assert.Null(End(FrameEnd.Failed, 1000));
        Assert.Equal("stale: no stage has answered a frame for 1040 ms, and answers may be 1000 ms old (frame 26 ended as failed)",
            End(FrameEnd.Failed, 1040));
        Assert.Null(End(FrameEnd.Failed, 1080));
        Assert.Equal((true, 2L, 1080d), (_freshness.IsStale, _freshness.StaleCount, _freshness.AgeMs));
        Assert.Equal("fresh again, after 1080 ms: frame 28 was looked at", End(FrameEnd.Exited, 1120));
        Assert.Equal((false, 2L, 0d), (_freshness.IsStale, _freshness.StaleCount, _freshness.AgeMs));
    }

    [Fact]
    public void A_stream_that_never_was_looked_at_is_stale_from_its_first_frame_on()
    {
        Assert.Null(End(FrameEnd.Failed, 5000));
        Assert.Null(End(FrameEnd.Failed, 6000));
        Assert.NotNull(End(FrameEnd.Failed, 6001));
    }

    [Fact]
    public void A_source_whose_time_goes_back_is_not_stale_for_that()
    {
        Assert.Null(End(FrameEnd.Completed, 90_000));
        Assert.Null(End(FrameEnd.Skipped, 10));
        Assert.Null(End(FrameEnd.Failed, 1010));
        Assert.NotNull(End(FrameEnd.Failed, 1050));
    }

    [Fact]
    public void A_blind_camera_is_told_flagged_and_counted()
    {
        bool fails = false;
        var events = new List<(EventKind Kind, string Text)>();
        var stage = new ScriptedStage(_ => 0.9f, _ => 2, _ => fails);
        using var rig = new LoopRig(SampleGraphs.Cascade(), LoopRig.Cascade(SampleGraphs.Cascade()), LoopRig.LightAndHeavy(stage, stage),
            with: parts => parts with { OnEvent = (kind, text) => events.Add((kind, text)) });
        rig.AfterFrame = () =>
        {
            fails = rig.Records.Count is >= 10 and < 60;
            // Longer than a stage that fails is left out for.
            rig.Clock.AdvanceMs(rig.Records.Count == 60 ? 300_000 : 0);
        };
        // Grey that jumps: no frame is like the one before, so none reuses an answer by itself.
        rig.RunAll(80, i => (byte)(i * 90));
        var stale = rig.Records.Where(r => r.Flags.HasFlag(TraceFlags.Stale)).ToList();
        Assert.NotEmpty(stale);
        Assert.Equal(rig.Streams[0].Freshness.StaleCount, stale.Count);
        Assert.Equal(2, events.Count(e => e.Kind == EventKind.Stale));
        Assert.All(stale, r => Assert.Equal(FrameEnd.Failed, r.End));
        Assert.False(rig.Streams[0].Freshness.IsStale);
    }

    private string? End(FrameEnd end, long ms) => _freshness.Observe(new TraceRecord
    {
        End = end, Stamp = new FrameStamp(0, ms / 40, ms * 1_000_000, ms * 1_000_000),
    }, 1000);
}
