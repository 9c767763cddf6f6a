using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Routing;
using EdgeRoute.Engine.Faults;
using EdgeRoute.Engine.Loop;
using EdgeRoute.Protocol;
using EdgeRoute.Protocol.Recording;
using EdgeRoute.Protocol.Tracing;
using EdgeRoute.Simulation.Scripted;
using EdgeRoute.Tests.Core.Graphs;

namespace EdgeRoute.Tests.Engine.Loop;

/// <summary>Whatever a step of the road throws is the end of that frame, and of no more.</summary>
public sealed class RoadFaultTests
{
    private static readonly ScriptedStage Sure = ScriptedStage.Steady(0.9f, 2), Heavy = ScriptedStage.Steady(0.99f, 20);

    private readonly List<(EventKind Kind, string Text)> _events = [];

    [Fact]
    public void Ten_thousand_mutated_jpegs_end_as_frames_and_nothing_escapes()
    {
        byte[][] originals = [PictureMaker.Jpeg(32, 24), PictureMaker.Jpeg(24, 16, EdgeRoute.Interop.TurboJpeg.JpegSampling.Full)];
        using var rig = Rig(Sure, Heavy);
        var random = new Random(20);
        var feeder = new Thread(() =>
        {
            for (int i = 0; i < 10_000; i++)
            {
                Feed(rig, i, i == 0 ? [0xFF, 0xD8, 0xFF] : Mutated(originals[i % originals.Length], random));
            }

            rig.Exchanges[0].FinishWriting();
        });
        feeder.Start();
        rig.Loop.Run();
        feeder.Join();
        var tally = rig.Streams[0].Tally;
        Assert.Equal((10_000, 0), (tally.Captured, tally.InFlight));
        Assert.Equal((FrameEnd.Failed, FrameFault.Pixels), (rig.Records[0].End, rig.Records[0].Fault));
        Assert.True(tally.Failed > 1000 && tally.Exited > 1000, $"{tally}");
        Assert.Contains(rig.Streams[0].Faults, f => f.Reason.Contains("cannot be decoded", StringComparison.Ordinal));
        Assert.InRange(_events.Count, 1, 40);
    }

    [Theory]
    [InlineData("publish")]
    [InlineData("stage")]
    public void A_fault_of_any_kind_fails_its_frame_and_the_next_one_is_answered(string step)
    {
        var stage = Sure with { Fails = n => n == 0 && step == "stage" ? throw new IndexOutOfRangeException("a bug") : false };
        var tree = SampleGraphs.Cascade();
        using var rig = new LoopRig(tree, new FixedPolicy(tree, "light"), LoopRig.LightAndHeavy(stage, stage with { Fails = _ => true }),
            with: p => p with { OnEvent = (kind, text) => _events.Add((kind, text)) });
        rig.AfterFrame = () => _ = rig.Records.Count == 1 && step == "publish" ? throw new IndexOutOfRangeException("a bug") : 0;
        rig.RunAll(3, i => (byte)(i * 80));
        var tally = rig.Streams[0].Tally;
        Assert.Equal((1, 2, 0), (tally.Failed, tally.Exited, tally.InFlight));
        Assert.Equal((FrameEnd.Failed, step == "stage" ? FrameFault.Stage : FrameFault.Program), (rig.Traced[0].End, rig.Traced[0].Fault));
        Assert.Contains(_events, e => e.Text.Contains("IndexOutOfRangeException", StringComparison.Ordinal));
    }

    [SkippableFact]
    public void A_frame_that_cannot_be_decoded_says_so_and_blames_no_stage()
    {
        using var rig = Rig(Sure, Heavy);
        byte[] sound = PictureMaker.Jpeg(256, 192);
        Feed(rig, 0, sound[..(sound.Length * 5 / 8)]);
        rig.Exchanges[0].FinishWriting();
        rig.Loop.Run();
        Assert.Equal((FrameEnd.Failed, FrameFault.Pixels), (rig.Records[0].End, rig.Records[0].Fault));
        Assert.Equal((TraceFlags.SignalsFailed, 0L, 0), (rig.Records[0].Flags, rig.Streams[0].FallbackCount,
            rig.Streams[0].StageHealth.Count));
        Assert.Contains("cannot be decoded: Premature end of JPEG file", Assert.Single(rig.Faults), StringComparison.Ordinal);
        var (kind, text) = Assert.Single(_events);
        Assert.Equal((EventKind.Note, 1), (kind, rig.Streams[0].Faults.Count));
        Assert.EndsWith(rig.Faults[0], text, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Damaged_pictures_are_answered_and_counted_and_told_now_and_then()
    {
        byte[][] damaged = [PictureMaker.WithStrayBytes(PictureMaker.Jpeg(64, 48)), PictureMaker.Jpeg(64, 48)[..^2]];
        using var rig = Rig(Sure, Heavy);
        int count = FrameLoop.SettlingCount + 35;
        Feed(rig, 0, damaged[0]);
        rig.AfterFrame = () =>
        {
            if (rig.Records.Count < count)
            {
                Feed(rig, rig.Records.Count, damaged[rig.Records.Count % damaged.Length]);
            }
            else
            {
                rig.Exchanges[0].FinishWriting();
            }
        };
        rig.Loop.Run();
        Assert.Equal((count, 0), (rig.Streams[0].Tally.Exited + rig.Streams[0].Tally.Skipped, rig.Streams[0].Tally.Failed));
        Assert.All(rig.Records, r => Assert.Equal(FrameFault.None, r.Fault));
        var fault = Assert.Single(rig.Streams[0].Faults);
        Assert.Equal(("damaged picture, decoded all the same", count), (fault.Kind, fault.Count));
        Assert.Equal(2, _events.Count);
        Assert.Contains("Corrupt JPEG data: 3 extraneous bytes", _events[0].Text, StringComparison.Ordinal);
        Assert.Null(rig.Streams[0].LastFault);
    }

    [Fact]
    public void A_broken_invariant_ends_the_loop_and_says_so()
    {
        using var rig = Rig(Sure, Heavy);
        rig.AfterFrame = () => throw new BrokenInvariantException("a slot was given away twice");
        Assert.Contains("broken invariant", Assert.Throws<BrokenInvariantException>(() => rig.RunAll(1, _ => 1)).Message);
    }

    [Fact]
    public void A_stage_that_always_fails_is_left_out_and_tried_again_after_a_pause()
    {
        using var rig = Rig(Sure, Heavy with { CostMs = _ => 1, Fails = n => n < 6 }, "heavy");
        rig.RunInStep(192, i => (byte)(i * 37));
        Assert.Equal(CircuitBreaker.FaultLimit, rig.Stages.RunCountOf("heavy"));
        Assert.Equal(192, rig.Streams[0].Tally.Exited);
        Assert.Equal(("heavy", "open"), (rig.Streams[0].StageHealth[0].Stage, rig.Streams[0].StageHealth[0].State));
        Assert.Equal([EventKind.StageFailed, EventKind.StageFailed], _events.Select(e => e.Kind));
        Assert.Contains("left out", _events[1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stage_that_fails_again_and_again_leaves_its_provider_and_is_used_again()
    {
        using var rig = Rig(Sure, Heavy with { CostMs = _ => 1, Fails = _ => true }, "heavy");
        rig.Stages.HasOtherProvider = true;
        int frames = 700; // Of two milliseconds: longer than the first pause.
        rig.RunInStep(frames, i => (byte)(i * 37));
        Assert.True(rig.Stages.RunCountOf("heavy") > CircuitBreaker.FaultLimit);
        var health = Assert.Single(rig.Streams[0].StageHealth);
        Assert.Equal(("heavy", "closed", 1), (health.Stage, health.State, health.FallbackCount));
        Assert.Contains("other script", Assert.Single(_events, e => e.Kind == EventKind.ProviderFallback).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_breaker_closes_when_the_try_after_the_pause_succeeds_and_pauses_longer_when_not()
    {
        var breakers = new StageBreakers(SampleGraphs.Cascade());
        for (int i = 0; i < CircuitBreaker.FaultLimit; i++)
        {
            Assert.False(breakers.IsOpen(1, 0));
            breakers.Fail(1, 0);
        }

        Assert.True(breakers.IsOpen(1, CircuitBreaker.PauseLeastNs - 1));
        Assert.False(breakers.IsOpen(0, 0));
        Assert.False(breakers.IsOpen(1, CircuitBreaker.PauseLeastNs));
        Assert.NotNull(breakers.Fail(1, CircuitBreaker.PauseLeastNs));
        Assert.True(breakers.IsOpen(1, (CircuitBreaker.PauseLeastNs * 3) - 1));
        Assert.False(breakers.IsOpen(1, CircuitBreaker.PauseLeastNs * 3));
        Assert.True(breakers.Succeed(1));
        Assert.Equal("closed", Assert.Single(breakers.All()).State);
    }

    [Fact]
    public void An_answer_older_than_the_rule_allows_is_not_reused_when_every_stage_fails()
    {
        var broken = Sure with { Fails = n => n > 0 };
        using var rig = Rig(broken, broken with { Fails = _ => true });
        rig.RunAll(192, i => (byte)(i * 37));
        var tally = rig.Streams[0].Tally;
        // Frames are 40 ms apart, and the pack's rule is 100 ms.
        Assert.Equal((1, 2, 189), (tally.Exited, tally.Skipped, tally.Failed));
        // Where a stage failed on the frame itself, that is why; where all are left out, the decision says so.
        Assert.All(rig.Records.Where(r => r.End == FrameEnd.Failed), r => Assert.True(r.Fault is FrameFault.Stage or FrameFault.NoOption));
        int leftOut = rig.Records.Count(r => r.Fault == FrameFault.NoOption);
        Assert.InRange(leftOut, 150, 188);
        Assert.Contains(rig.Streams[0].Faults, f => f.Kind == "decide" && f.Count == leftOut);
        Assert.Contains("the last fault was: stage 'heavy' failed", rig.Faults[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Faults_are_told_at_the_first_the_tenth_and_the_hundredth()
    {
        var counts = new FaultCounts();
        Assert.Equal([1, 10, 100], Enumerable.Range(1, 500).Where(_ => counts.Add("stage", "broken") is not null));
        Assert.Equal(500, counts.All()[0].Count);
        Func<string> words = () => "stray bytes";
        Assert.Equal([1, 10, 100], Enumerable.Range(1, 500).Where(_ => counts.Add("picture", words) is not null));
        Assert.Equal(0, AllocationWindows.LeastBytesOf(() => counts.Add("picture", words)));
    }

    private LoopRig Rig(ScriptedStage light, ScriptedStage heavy, string? path = null)
    {
        var tree = SampleGraphs.Cascade();
        return new LoopRig(tree, path is null ? LoopRig.Cascade(tree) : new FixedPolicy(tree, path), LoopRig.LightAndHeavy(light, heavy),
            with: p => p with { OnEvent = (kind, text) => _events.Add((kind, text)) });
    }

    private static void Feed(LoopRig rig, long sequence, byte[] jpeg)
    {
        rig.Exchanges[0].TryBegin(Timeout.Infinite, out var slot);
        jpeg.CopyTo(slot!.Prepare(FrameLayout.Compressed(0, 0, jpeg.Length)));
        rig.Exchanges[0].Publish(new FrameStamp(0, sequence, rig.Clock.NowNs(), sequence * 40_000_000));
    }

    /// <summary>Some bytes of other values, a cut, or bytes taken out of the middle.</summary>
    private static byte[] Mutated(byte[] jpeg, Random random)
    {
        byte[] mutated = [.. jpeg];
        for (int i = random.Next(4); i >= 0; i--)
        {
            mutated[random.Next(mutated.Length)] = (byte)random.Next(256);
        }

        int at = random.Next(1, mutated.Length);
        return random.Next(6) switch
        {
            0 => mutated[..at],
            1 => [.. mutated[..at], .. mutated.Skip(at + random.Next(1, 20))],
            _ => mutated,
        };
    }
}
