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

    [SkippableFact]
    public void A_server_that_refuses_TCP_is_asked_by_UDP_and_the_change_is_told_once()
    {
        using var server = RtspServer.Start(0, "udp");
        using var run = new CaptureRun(Source(server.Address), DeliveryMode.NewestWins);
        run.Take(3);
        var told = run.WaitFor<SourceFaulted>().Fault;
        Assert.Equal(SourceFaultKind.OtherWay, told.Kind);
        Assert.Contains("it is opened over UDP instead", told.Detail, StringComparison.Ordinal);
        Assert.Equal(0, run.Thread.Tally.RestartCount);
    }

    [SkippableFact]
    public void A_transport_that_is_asked_for_is_the_only_one_that_is_tried()
    {
        using var server = RtspServer.Start(0, "udp");
        using var tcp = new CaptureRun(Source(server.Address, SourceOptions.Usual with { RtspTransport = RtspTransport.Tcp }),
            DeliveryMode.NewestWins);
        var refused = tcp.WaitFor<SourceFaulted>().Fault;
        Assert.Equal(SourceFaultKind.OpenFailed, refused.Kind);
        Assert.Contains("allow more transport protocols", refused.Detail, StringComparison.Ordinal);
        Assert.Contains("opened over TCP alone, see 'rtsp_transport'", refused.Detail, StringComparison.Ordinal);
        using var udp = new CaptureRun(Source(server.Address, SourceOptions.Usual with { RtspTransport = RtspTransport.Udp }),
            DeliveryMode.NewestWins);
        udp.Take(3);
        Assert.Empty(udp.Seen.OfType<SourceFaulted>());
    }

    [SkippableFact]
    public void A_server_that_sends_sound_alone_has_no_video_stream()
    {
        using var server = RtspServer.Start();
        using var run = new CaptureRun(Source($"rtsp://127.0.0.1:{server.Port}/sound"), DeliveryMode.NewestWins);
        Assert.Contains($":{server.Port}/sound has no video stream", run.WaitFor<SourceFaulted>().Fault.Detail, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("p@ss")]
    [InlineData("p/s?s#w@rd")]
    [InlineData("\"quo'ted\" \\ ä!")]
    [InlineData("p%ss:w+rd&x=1")]
    public void A_password_works_as_it_is_written(string password)
    {
        using var server = RtspServer.Start(0, "any", "admin", password);
        using var run = new CaptureRun(Source($"rtsp://admin:{password}@127.0.0.1:{server.Port}/cam"), DeliveryMode.NewestWins);
        run.Take(3);
        Assert.Empty(run.Seen.OfType<SourceFaulted>());
        Assert.DoesNotContain(password, run.WaitFor<SourceOpened>().Description, StringComparison.Ordinal);
    }

    private static IFrameSource Source(string address, SourceOptions? options = null)
    {
        Assert.True(new SourceFactory(TimeProvider.System).TryMake(address, options ?? SourceOptions.Usual, out var source,
            out string problem), problem);
        Assert.True(source.IsLive);
        return source;
    }
}
