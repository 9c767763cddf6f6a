using EdgeRoute.Core.Frames;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Capture;
using EdgeRoute.TestBench.Capture;

namespace EdgeRoute.Tests.Engine.Capture;

/// <summary>A camera on the network that comes, goes and hangs: a real server on loopback.</summary>
public sealed class RtspTests
{
    [SkippableFact]
    public void Frames_flow_stop_with_the_server_and_flow_again_when_it_is_back()
    {
        var server = RtspServer.Start();
        int port = server.Port;
        using var run = new CaptureRun(Source(server.Address), DeliveryMode.NewestWins);
        run.Take(10, slot => Assert.Equal((320, 240), (slot.Layout.Width, slot.Layout.Height)));
        server.Dispose();
        var fault = run.WaitFor<SourceFaulted>();
        Assert.Contains(fault.Fault.Kind, new[] { SourceFaultKind.EndOfLive, SourceFaultKind.StreamError });

        // While nobody listens, opening fails again and again, each time with the words of GStreamer.
        var refused = run.WaitFor<SourceFaulted>();
        Assert.Equal(SourceFaultKind.OpenFailed, refused.Fault.Kind);
        using var again = RtspServer.Start(port);
        long before = run.Exchange.Counts.Captured;
        run.Take(1);
        run.Take(10);
        Assert.True(run.Exchange.Counts.Captured >= before + 10);
        Assert.True(run.Thread.Tally.RestartCount >= 2);
        Assert.True(run.Thread.Stop());
        var counts = run.Exchange.Counts;
        Assert.Equal(counts.Captured, counts.Taken + counts.Dropped);
    }

    [SkippableFact]
    public void A_server_that_hangs_is_found_by_the_watchdog_and_taken_back_when_it_wakes()
    {
        using var server = RtspServer.Start();
        using var run = new CaptureRun(Source(server.Address), DeliveryMode.NewestWins,
            new CaptureLimits(StallMs: 500, FirstFrameMs: 5_000));
        run.Take(5);
        server.Signal("STOP");
        Assert.Equal(SourceFaultKind.Stall, run.WaitFor<SourceFaulted>().Fault.Kind);
        server.Signal("CONT");
        var opened = run.WaitFor<SourceOpened>(e => run.Seen.OfType<SourceFaulted>().Any());
        FrameStamp stamp = default;
        run.Take(20, slot => stamp = slot.Stamp);
        Assert.True(stamp.CaptureNs > opened.AtNs, "frames of the new connection arrive");
    }

    private static IFrameSource Source(string address)
    {
        Assert.True(new SourceFactory(TimeProvider.System).TryMake(address, SourceOptions.Usual, out var source, out string problem),
            problem);
        Assert.True(source.IsLive);
        return source;
    }
}
