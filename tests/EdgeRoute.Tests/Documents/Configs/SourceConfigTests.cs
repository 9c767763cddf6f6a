using EdgeRoute.Documents.Configs;

namespace EdgeRoute.Tests.Documents.Configs;

public sealed class SourceConfigTests
{
    [Fact]
    public void Capture_gets_what_the_config_says()
    {
        var sources = DeviceConfigReader.ReadText(
            """
            packs: { d: { manifest: m } }
            sources:
              folder: { open: pictures, pack: d, frames_per_second: 12.5, loop: true }
              camera: { open: rtsp://camera/1, pack: d, rtsp_latency_ms: 40, rtsp_transport: udp, stall_ms: 20000, isolate: true }
              pipe:
                pipeline: |
                  filesrc location=x
                  ! decodebin ! videoconvert
                live: false
                pack: d
            """,
            "/robot/d.yaml",
            checkPaths: false).Config!.Sources;
        Assert.Equal(
            new SourceOptions { Pace = SourcePace.AsTaken, Loops = true, FramesPerSecond = 12.5, Delivery = DeliveryMode.EveryFrame },
            sources[0].CaptureOptions);
        Assert.Equal("/robot/pictures", sources[0].Address.FactoryText);
        Assert.Equal(
            new SourceOptions
            {
                Pace = SourcePace.Source, Delivery = DeliveryMode.NewestWins, RtspLatencyMs = 40, RtspTransport = RtspTransport.Udp,
                IsIsolated = true,
            },
            sources[1].CaptureOptions);
        Assert.Equal(new CaptureLimits(20_000, 20_000), sources[1].CaptureLimits);
        Assert.Equal((false, DeliveryMode.EveryFrame), (sources[2].CaptureOptions.IsLive, sources[2].CaptureOptions.Delivery));
        Assert.Equal("filesrc location=x ! decodebin ! videoconvert", sources[2].Address.FactoryText);
    }
}
