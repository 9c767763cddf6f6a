using EdgeRoute.Core.Frames;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Capture;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Interop.TurboJpeg;
using EdgeRoute.TestBench.Capture;
using EdgeRoute.Tests.Interop.Gstreamer;

namespace EdgeRoute.Tests.Engine.Capture;

public sealed class GstreamerSourceTests
{
    private static readonly SourceOptions Every = new() { Delivery = DeliveryMode.EveryFrame };

    public static TheoryData<string, int, int> FormatsAndSizes()
    {
        var data = new TheoryData<string, int, int>();
        foreach (string format in new[] { "NV12", "I420", "YUY2", "RGB", "BGR", "GRAY8" })
        {
            foreach (var (width, height) in new[] { (64, 48), (35, 27), (33, 16), (32, 17), (1, 1) })
            {
                data.Add(format, width, height);
            }
        }

        return data;
    }

    [SkippableTheory]
    [MemberData(nameof(FormatsAndSizes))]
    public void Every_format_and_odd_size_has_the_colour_it_was_made_with(string format, int width, int height)
    {
        GstNeeds.TestPicture();

        // The test picture itself puts limited-range luma into GRAY8, which is full range by its caps; a conversion does it right.
        string by = format == "GRAY8" ? "video/x-raw,format=RGB ! videoconvert ! " : "";

        // Colour 0xff2060c0 = red 32, green 96, blue 192; limited-range BT.601 makes it Y 91, U 180, V 93.
        using var source = Open(
            "videotestsrc pattern=solid-color foreground-color=0xff2060c0 num-buffers=2"
            + $" ! {by}video/x-raw,format={format},width={width},height={height},framerate=30/1");
        using var slot = new FrameSlot();
        Assert.Equal(ReadOutcome.Frame, ReadFrame(source, slot));
        var layout = slot.Layout;
        Assert.Equal((width, height), (layout.Width, layout.Height));
        switch (layout.Format)
        {
            case PixelFormat.Nv12:
                AssertPlane(slot, layout.Plane0, width, height, [91]);
                AssertPlane(slot, layout.Plane1, layout.ChromaWidth, layout.ChromaHeight, [180, 93]);
                break;
            case PixelFormat.I420:
                AssertPlane(slot, layout.Plane0, width, height, [91]);
                AssertPlane(slot, layout.Plane1, layout.ChromaWidth, layout.ChromaHeight, [180]);
                AssertPlane(slot, layout.Plane2, layout.ChromaWidth, layout.ChromaHeight, [93]);
                break;
            case PixelFormat.Yuy2:
                AssertPlane(slot, layout.Plane0, width / 2, height, [91, 180, 91, 93]);
                break;
            case PixelFormat.Gray8:
                AssertPlane(slot, layout.Plane0, width, height, [88]);
                break;
            default:
                AssertPlane(slot, layout.Plane0, width, height, layout.Format == PixelFormat.Rgb ? [32, 96, 192] : [192, 96, 32]);
                break;
        }

        Assert.Equal(format, layout.Format.ToString().ToUpperInvariant());
    }

    [SkippableTheory]
    [InlineData("NV12")]
    [InlineData("I420")]
    [InlineData("YUY2")]
    [InlineData("RGB")]
    [InlineData("GRAY8")]
    public void Bars_stand_upright_so_the_strides_are_right(string format)
    {
        GstNeeds.TestPicture();
        using var source = Open($"videotestsrc pattern=smpte75 num-buffers=1 ! video/x-raw,format={format},width=35,height=27");
        using var slot = new FrameSlot();
        Assert.Equal(ReadOutcome.Frame, ReadFrame(source, slot));
        int pixelBytes = format switch { "RGB" => 3, "YUY2" => 2, _ => 1 };
        var top = slot.Bytes.Slice(slot.Layout.Plane0.OffsetBytes, 35 * pixelBytes);
        for (int row = 1; row < 27 * 2 / 3; row++)
        {
            Assert.Equal(top, slot.Bytes.Slice(slot.Layout.Plane0.OffsetBytes + (row * slot.Layout.Plane0.StrideBytes), top.Length));
        }

        Assert.True(top[^pixelBytes..].IndexOf(top[..pixelBytes]) < 0, "the first and the last bar have different colours");
    }

    [SkippableFact]
    public void JPEG_caps_hand_over_whole_files()
    {
        GstNeeds.TestPicture();
        GstNeeds.Elements(("jpegenc", "gstreamer1.0-plugins-good"));
        Skip.IfNot(JpegLibrary.TryLoad(out string reason), reason);
        using var source = Open("videotestsrc num-buffers=2 pattern=red ! video/x-raw,format=I420,width=64,height=48 ! jpegenc");
        using var slot = new FrameSlot();
        using var unpacked = new FrameSlot();
        using var unpacker = new JpegUnpacker();
        Assert.Equal(ReadOutcome.Frame, ReadFrame(source, slot));
        Assert.Equal((PixelFormat.Jpeg, 64, 48), (slot.Layout.Format, slot.Layout.Width, slot.Layout.Height));
        Assert.True(unpacker.TryUnpack(slot.Bytes, 0, 0, unpacked), unpacker.ErrorText);
        Assert.Equal(PixelFormat.I420, unpacked.Layout.Format);
        AssertPlane(unpacked, unpacked.Layout.Plane0, 64, 48, [81]);
    }

    [SkippableFact]
    public void A_video_gives_every_frame_in_order_and_ends()
    {
        using var folder = new TemporaryFolder();
        string path = GstNeeds.Video(folder, 20, name: "a clip with \"quotes\" and spaces.mp4");
        using var run = new CaptureRun(Made(path), DeliveryMode.EveryFrame);
        var stamps = new List<FrameStamp>();
        Assert.Equal(20, run.Take(int.MaxValue, slot => stamps.Add(slot.Stamp)));
        Assert.Equal(Enumerable.Range(0, 20).Select(i => (long)i), stamps.Select(s => s.Sequence));
        Assert.All(stamps.Zip(stamps.Skip(1)), pair => Assert.Equal(40_000_000, pair.Second.SourceNs - pair.First.SourceNs));
        Assert.Equal(SourceFault.None, run.WaitFor<SourceEnded>().Fault);
        Assert.Equal(new ExchangeCounts(20, 20, 0, 0), run.Exchange.Counts);
    }

    [SkippableTheory]
    [InlineData("car-detection.mp4", 377, 768, 432)]
    [InlineData("bottle-detection.mp4", 1189, 640, 360)]
    public void A_real_h264_video_loses_no_frame(string name, int frames, int width, int height)
    {
        GstNeeds.TestPicture();
        GstNeeds.Elements(("avdec_h264", "gstreamer1.0-libav"), ("qtdemux", "gstreamer1.0-plugins-good"));
        using var run = new CaptureRun(Made(TestPlaces.NeedData("video", name)), DeliveryMode.EveryFrame);
        long lastNs = -1;
        int taken = run.Take(int.MaxValue, slot =>
        {
            Assert.Equal((width, height), (slot.Layout.Width, slot.Layout.Height));
            Assert.True(slot.Stamp.SourceNs > lastNs);
            lastNs = slot.Stamp.SourceNs;
        });
        Assert.Equal(frames, taken);
    }

    [SkippableFact]
    public void A_looping_video_starts_again_and_its_time_goes_on()
    {
        using var folder = new TemporaryFolder();
        string path = GstNeeds.Video(folder, 6);
        using var run = new CaptureRun(Made(path, Every with { Loops = true }), DeliveryMode.EveryFrame);
        var times = new List<long>();
        Assert.Equal(20, run.Take(20, slot => times.Add(slot.Stamp.SourceNs)));
        Assert.All(times.Zip(times.Skip(1)), pair => Assert.Equal(40_000_000, pair.Second - pair.First));
    }

    [SkippableFact]
    public void A_video_cut_in_half_is_a_fault_with_words()
    {
        using var folder = new TemporaryFolder();
        string path = GstNeeds.Video(folder, 20), cut = folder.File("cut.mp4");
        File.WriteAllBytes(cut, File.ReadAllBytes(path)[..2_000]);
        using var run = new CaptureRun(Made(cut), DeliveryMode.EveryFrame);
        run.Take(int.MaxValue);
        var ended = run.WaitFor<SourceEnded>();
        Assert.NotEqual(SourceFaultKind.None, ended.Fault.Kind);
        Assert.NotEmpty(ended.Fault.Detail);
    }

    [SkippableFact]
    public void A_video_with_damaged_bytes_does_not_crash_and_ends()
    {
        using var folder = new TemporaryFolder();
        string path = GstNeeds.Video(folder, 40), damaged = folder.File("damaged.mp4");
        byte[] bytes = File.ReadAllBytes(path);
        var random = new Random(3);
        for (int i = 0; i < 100; i++)
        {
            bytes[random.Next(100, bytes.Length * 3 / 4)] ^= (byte)random.Next(1, 256);
        }

        File.WriteAllBytes(damaged, bytes);
        using var run = new CaptureRun(Made(damaged), DeliveryMode.EveryFrame, new CaptureLimits(FirstFrameMs: 5_000));
        int taken = run.Take(int.MaxValue);
        var ended = run.WaitFor<SourceEnded>();
        Assert.Equal(taken, ended.FrameCount);
        Assert.Equal(run.Exchange.Counts.Captured, run.Exchange.Counts.Taken + run.Exchange.Counts.Dropped);
    }

    [SkippableFact]
    public void A_change_of_caps_in_the_stream_is_followed()
    {
        GstNeeds.TestPicture();
        const string Text = "concat name=c ! videoconvert ! video/x-raw,format=(string){NV12,RGB} ! appsink name=sink sync=false"
            + "  videotestsrc num-buffers=5 ! video/x-raw,format=NV12,width=64,height=48 ! c."
            + "  videotestsrc num-buffers=5 ! video/x-raw,format=RGB,width=32,height=24 ! c.";
        using var run = new CaptureRun(Made(Text), DeliveryMode.EveryFrame);
        var sizes = new List<int>();
        Assert.Equal(10, run.Take(int.MaxValue, slot => sizes.Add(slot.Bytes.Length)));
        Assert.Equal(Enumerable.Repeat(64 * 48 * 3 / 2, 5).Concat(Enumerable.Repeat(32 * 24 * 3, 5)), sizes);
        var change = run.WaitFor<SourceFormatChanged>();
        Assert.Equal((PixelFormat.Nv12, PixelFormat.Rgb), (change.Before.Format, change.After.Format));
    }

    [SkippableFact]
    public void What_cannot_be_opened_says_why()
    {
        GstNeeds.TestPicture();
        AssertRefused("videotestsrc ! nosuchelement", SourceFaultKind.CannotWork, "nosuchelement");
        AssertRefused("v4l2:///dev/video99", SourceFaultKind.OpenFailed, "/dev/video99 does not exist");
        using var gone = new GstreamerSource(PipelineWriter.FromFile("/nonexistent/clip.mp4", SourceOptions.Usual));
        Assert.False(gone.Open());
        Assert.Contains("/nonexistent/clip.mp4 does not exist", gone.Fault.Detail, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_format_that_cannot_be_used_is_a_fault()
    {
        GstNeeds.TestPicture();
        using var source = Open("videotestsrc ! video/x-raw,format=AYUV64,width=32,height=24 ! appsink name=sink");
        using var slot = new FrameSlot();
        Assert.Equal(ReadOutcome.Fault, ReadFrame(source, slot));
        Assert.Equal(SourceFaultKind.UnusableFormat, source.Fault.Kind);
        Assert.Contains("AYUV64", source.Fault.Detail, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void The_end_of_a_live_pipeline_is_a_fault_and_it_is_started_again()
    {
        GstNeeds.TestPicture();
        using var run = new CaptureRun(
            Made("videotestsrc num-buffers=2 ! video/x-raw,width=32,height=24", SourceOptions.Usual), DeliveryMode.NewestWins);
        Assert.Equal(SourceFaultKind.EndOfLive, run.WaitFor<SourceFaulted>().Fault.Kind);
        Assert.Equal(RestartBackoff.MinMs, run.WaitFor<SourceRestarting>().AfterMs);
        run.WaitFor<SourceOpened>();
        run.WaitFor<SourceFaulted>();
        Assert.True(run.Thread.Stop());
        var counts = run.Exchange.Counts;
        Assert.Equal(counts.Captured, counts.Taken + counts.Dropped);
        Assert.Equal(run.Thread.Tally.FrameCount, counts.Captured);
    }

    [SkippableTheory]
    [InlineData("test://smpte?width=64&height=48&fps=30&frames=1600")]
    [InlineData("videotestsrc num-buffers=1600 ! video/x-raw,format=I420,width=35,height=27 ! jpegenc")]
    public void A_thousand_frames_allocate_nothing_on_the_capture_thread(string address)
    {
        GstNeeds.TestPicture();
        GstNeeds.Elements(("jpegenc", "gstreamer1.0-plugins-good"));
        using var signal = new FrameSignal();
        using var exchange = new SlotExchange(DeliveryMode.EveryFrame, signal);
        using var source = Made(address);
        var cycle = new CaptureSupervisor(0, source, exchange, CaptureLimits.Usual, TimeProvider.System, _ => { }, _ => false);
        var windows = new AllocationWindows();
        while (exchange.Counts.Captured < windows.TotalFrameCount)
        {
            Assert.True(cycle.Step());
            if (exchange.TryTake(out var slot))
            {
                exchange.Release(slot);
                windows.EndFrame();
            }
        }

        Assert.Equal(0, windows.LeastBytes);
    }

    private static IFrameSource Made(string address, SourceOptions? options = null)
    {
        Assert.True(new SourceFactory(TimeProvider.System).TryMake(address, options ?? Every, out var source, out string problem), problem);
        return source;
    }

    private static IFrameSource Open(string pipeline)
    {
        var source = Made(pipeline);
        Assert.True(source.Open(), source.Fault.Detail);
        return source;
    }

    private static ReadOutcome ReadFrame(IFrameSource source, FrameSlot slot)
    {
        for (int i = 0; i < CaptureRun.PatienceMs / 100; i++)
        {
            var outcome = source.Read(slot, 100, out _);
            if (outcome != ReadOutcome.Nothing)
            {
                return outcome;
            }
        }

        return ReadOutcome.Nothing;
    }

    private static void AssertRefused(string address, SourceFaultKind kind, string part)
    {
        using var source = Made(address);
        Assert.False(source.Open());
        Assert.Equal(kind, source.Fault.Kind);
        Assert.Contains(part, source.Fault.Detail, StringComparison.Ordinal);
    }

    /// <summary>Every sample of a plane repeats these bytes, give or take 2 levels.</summary>
    private static void AssertPlane(FrameSlot slot, PlaneLayout plane, int columns, int rows, byte[] wanted)
    {
        for (int row = 0; row < rows; row++)
        {
            var bytes = slot.Bytes.Slice(plane.OffsetBytes + (row * plane.StrideBytes), columns * wanted.Length);
            for (int i = 0; i < bytes.Length; i++)
            {
                Assert.InRange(bytes[i], wanted[i % wanted.Length] - 2, wanted[i % wanted.Length] + 2);
            }
        }
    }
}
