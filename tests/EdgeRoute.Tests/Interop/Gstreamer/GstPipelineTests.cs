using EdgeRoute.Interop.Gstreamer;

namespace EdgeRoute.Tests.Interop.Gstreamer;

public sealed class GstPipelineTests
{
    [SkippableFact]
    public void The_library_tells_its_version_and_elements()
    {
        GstNeeds.TestPicture();
        Assert.Matches(@"^1\.\d+\.\d+$", GstLibrary.Version);
        Assert.True(GstLibrary.HasElement("appsink"));
        Assert.False(GstLibrary.HasElement("nosuchelement"));
    }

    [Fact]
    public void An_absent_library_is_told_with_its_package()
    {
        string? reason = GstLibrary.MissingIn(("libnosuchthing-1.0.so.0", "libnosuchthing-1.0-0"));
        Assert.Contains("libnosuchthing-1.0.so.0", reason, StringComparison.Ordinal);
        Assert.Contains("apt-get install libnosuchthing-1.0-0", reason, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("videotestsrc ! nosuchelement ! appsink name=sink", "nosuchelement")]
    [InlineData("videotestsrc nosuchproperty=1 ! appsink name=sink", "nosuchproperty")]
    [InlineData("videotestsrc ! appsink name=other", "appsink name=sink")]
    [InlineData("videotestsrc ! fakesink name=sink", "appsink name=sink")]
    [InlineData("appsink name=sink", "at least two elements")]
    [InlineData("audiotestsrc ! video/x-raw ! appsink name=sink", "could not link")]
    public void A_text_that_cannot_be_built_is_refused_in_words(string text, string part)
    {
        GstNeeds.TestPicture();
        var refused = Assert.Throws<GstException>(() => GstPipeline.Parse(text));
        Assert.Contains(part, refused.Message, StringComparison.OrdinalIgnoreCase);
    }

    [SkippableFact]
    public void A_missing_file_names_the_element_that_says_so()
    {
        GstNeeds.TestPicture();
        using var pipeline = GstPipeline.Parse("filesrc location=/nonexistent/video.mp4 ! decodebin ! appsink name=sink");
        bool plays = pipeline.TryPlay();
        var pull = plays ? pipeline.Pull(5_000) : GstPull.Error;
        Assert.Equal(GstPull.Error, pull);
        Assert.Contains("filesrc", pipeline.ErrorText, StringComparison.Ordinal);
        Assert.Contains("/nonexistent/video.mp4", pipeline.ErrorText, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Samples_carry_shape_time_and_then_the_end()
    {
        GstNeeds.TestPicture();
        using var pipeline = GstPipeline.Parse(
            "videotestsrc num-buffers=3 ! video/x-raw,format=I420,width=35,height=27,framerate=25/2 ! appsink name=sink sync=false");
        Assert.True(pipeline.TryPlay(), pipeline.ErrorText);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(GstPull.Sample, pipeline.Pull(5_000));
            Assert.Equal(i * 80_000_000L, pipeline.PresentationNs);
            Assert.Equal(1568, pipeline.Bytes.Length);
        }

        var shape = pipeline.Shape;
        Assert.Equal((GstPixels.I420, 35, 27, 25, 2),
            (shape.Pixels, shape.Width, shape.Height, shape.RateNumerator, shape.RateDenominator));

        // 35 columns lie in rows of 36 bytes, and chroma in rows of 20: computed in C with GStreamer 1.22.
        Assert.Equal((new GstPlane(0, 36), new GstPlane(1008, 20), new GstPlane(1288, 20)), (shape.Plane0, shape.Plane1, shape.Plane2));
        Assert.Contains("format=(string)I420", pipeline.CapsText, StringComparison.Ordinal);
        Assert.Equal(GstPull.EndOfStream, pipeline.Pull(5_000));
        Assert.True(pipeline.Bytes.IsEmpty);
    }

    [SkippableTheory]
    [InlineData("bt709", GstColorMatrix.Bt709, false)]
    [InlineData("bt601", GstColorMatrix.Bt601, false)]
    [InlineData("1:4:0:0", GstColorMatrix.Bt601, true)]
    [InlineData("1:3:0:0", GstColorMatrix.Bt709, true)]
    public void Colorimetry_is_read_from_the_caps(string colorimetry, GstColorMatrix matrix, bool isFull)
    {
        GstNeeds.TestPicture();
        using var pipeline = GstPipeline.Parse(
            $"videotestsrc num-buffers=1 ! video/x-raw,format=NV12,width=64,height=48,colorimetry=(string){colorimetry} ! "
                + "appsink name=sink");
        Assert.True(pipeline.TryPlay(), pipeline.ErrorText);
        Assert.Equal(GstPull.Sample, pipeline.Pull(5_000));
        Assert.Equal((matrix, isFull), (pipeline.Shape.Matrix, pipeline.Shape.IsFullRange));
    }

    /// <summary>A stream that tells its range and no matrix, as H.264 without the latter is decoded.</summary>
    [SkippableTheory]
    [InlineData("1:0:0:0", 48, GstColorMatrix.Bt601, true)]
    [InlineData("1:0:0:0", 718, GstColorMatrix.Bt601, true)]
    [InlineData("1:0:0:0", 720, GstColorMatrix.Bt709, true)]
    [InlineData("2:0:0:0", 718, GstColorMatrix.Bt601, false)]
    [InlineData("0:0:0:0", 720, GstColorMatrix.Bt709, false)]
    public void Where_no_matrix_is_told_the_range_holds_and_the_size_decides(string told, int height, GstColorMatrix matrix, bool isFull)
    {
        GstNeeds.TestPicture();
        GstNeeds.Elements(("capssetter", "gstreamer1.0-plugins-good"));
        using var pipeline = GstPipeline.Parse($"videotestsrc num-buffers=1 ! video/x-raw,format=NV12,width=64,height={height} ! "
            + $"capssetter caps=\"video/x-raw,colorimetry=(string){told}\" ! appsink name=sink");
        Assert.True(pipeline.TryPlay(), pipeline.ErrorText);
        Assert.Equal(GstPull.Sample, pipeline.Pull(60_000));
        Assert.Equal((matrix, isFull), (pipeline.Shape.Matrix, pipeline.Shape.IsFullRange));
    }

    /// <summary>4:4:4 becomes RGB in the converter, which has to know the range before.</summary>
    [SkippableTheory]
    [InlineData("Y444")]
    [InlineData("AYUV")]
    [InlineData("Y444_10LE")]
    public void A_converter_reads_the_range_of_a_stream_without_a_matrix(string format)
    {
        GstNeeds.TestPicture();
        GstNeeds.Elements(("capssetter", "gstreamer1.0-plugins-good"));
        byte[] Converted(string told)
        {
            using var pipeline = GstPipeline.Parse($"videotestsrc num-buffers=1 ! video/x-raw,format={format},width=64,height=48 ! "
                + $"capssetter caps=\"video/x-raw,colorimetry=(string){told}\" ! videoconvert name={GstPipeline.ConverterName} ! "
                + "video/x-raw,format=RGB ! appsink name=sink");
            Assert.True(pipeline.TryPlay(), pipeline.ErrorText);
            Assert.Equal(GstPull.Sample, pipeline.Pull(60_000));
            return pipeline.Bytes.ToArray();
        }

        byte[] untold = Converted("1:0:0:0");
        Assert.Equal(Converted("1:4:0:0"), untold);
        Assert.NotEqual(Converted("2:4:0:0"), untold);
    }

    [SkippableFact]
    public void Time_is_that_of_the_stream_wherever_the_buffers_begin()
    {
        GstNeeds.TestPicture();
        GstNeeds.Elements(("matroskamux", "gstreamer1.0-plugins-good"), ("jpegenc", "gstreamer1.0-plugins-good"));
        using var folder = new TemporaryFolder();
        string path = GstNeeds.Video(folder, 5, name: "late.mkv", muxer: "matroskamux", offsetNs: 3_000_000_000);
        using var pipeline = GstPipeline.Parse($"filesrc location={path} ! decodebin ! videoconvert ! appsink name=sink sync=false");
        Assert.True(pipeline.TryPlay(), pipeline.ErrorText);
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(GstPull.Sample, pipeline.Pull(60_000));
            Assert.Equal(i * 40_000_000L, pipeline.PresentationNs);
        }
    }

    [SkippableFact]
    public void Caps_that_change_are_seen_on_the_sample()
    {
        GstNeeds.TestPicture();
        using var pipeline = GstPipeline.Parse(
            "concat name=c ! appsink name=sink sync=false"
            + "  videotestsrc num-buffers=5 ! video/x-raw,format=NV12,width=64,height=48 ! c."
            + "  videotestsrc num-buffers=5 ! video/x-raw,format=RGB,width=32,height=24 ! c.");
        Assert.True(pipeline.TryPlay(), pipeline.ErrorText);
        var seen = new List<(GstPixels, int)>();
        while (pipeline.Pull(5_000) == GstPull.Sample)
        {
            seen.Add((pipeline.Shape.Pixels, pipeline.Bytes.Length));
        }

        Assert.Equal(Enumerable.Repeat((GstPixels.Nv12, 64 * 48 * 3 / 2), 5).Concat(Enumerable.Repeat((GstPixels.Rgb, 32 * 24 * 3), 5)),
            seen);
    }

    [SkippableFact]
    public void Two_hundred_pipelines_opened_and_released_leave_no_threads_behind()
    {
        GstNeeds.TestPicture();
        for (int i = 0; i < 200; i++)
        {
            using var pipeline = GstPipeline.Parse("videotestsrc num-buffers=1 ! video/x-raw,width=32,height=24 ! appsink name=sink");
            Assert.True(pipeline.TryPlay(), pipeline.ErrorText);
            Assert.Equal(GstPull.Sample, pipeline.Pull(5_000));
        }

        // Each pipeline has a streaming thread of its own; two hundred of them would show.
        Assert.InRange(Directory.GetDirectories("/proc/self/task").Length, 1, 150);
    }
}
