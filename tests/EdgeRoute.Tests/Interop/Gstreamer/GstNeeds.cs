using EdgeRoute.Interop.Gstreamer;

namespace EdgeRoute.Tests.Interop.Gstreamer;

/// <summary>Skips a test, naming the Debian package, where GStreamer lacks what the test needs.</summary>
internal static class GstNeeds
{
    public static void Elements(params (string Element, string Package)[] wanted)
    {
        Skip.IfNot(GstLibrary.TryLoad(out string reason), reason);
        foreach (var (element, package) in wanted)
        {
            Skip.IfNot(GstLibrary.HasElement(element), $"GStreamer has no element {element}: apt-get install {package}");
        }
    }

    public static void TestPicture() => Elements(
        ("videotestsrc", "gstreamer1.0-plugins-base"), ("videoconvert", "gstreamer1.0-plugins-base"),
        ("appsink", "gstreamer1.0-plugins-base"));

    /// <summary>A short Motion-JPEG video of 25 frames a second in an mp4 file, made by GStreamer itself.</summary>
    /// <param name="offsetNs">Time of the first frame.</param>
    /// <param name="pattern">What it shows.</param>
    public static string Video(TemporaryFolder folder, int frames, int width = 64, int height = 48, string name = "clip.mp4",
        string muxer = "qtmux", long offsetNs = 0, string pattern = "ball")
    {
        TestPicture();
        Elements(("jpegenc", "gstreamer1.0-plugins-good"), ("qtmux", "gstreamer1.0-plugins-good"),
            ("decodebin", "gstreamer1.0-plugins-base"));
        string path = folder.File(name);
        using var pipeline = GstPipeline.Parse(
            $"videotestsrc num-buffers={frames} pattern={pattern} timestamp-offset={offsetNs}"
            + $" ! video/x-raw,format=I420,width={width},height={height},framerate=25/1 ! tee name=t"
            + $" ! queue ! jpegenc ! {muxer} ! filesink location={GstPipeline.Quote(path)}  t. ! queue ! appsink name=sink sync=false");
        Assert.True(pipeline.TryPlay(), pipeline.ErrorText);
        GstPull pull;
        while ((pull = pipeline.Pull(10_000)) == GstPull.Sample)
        {
        }

        Assert.Equal(GstPull.EndOfStream, pull);
        Assert.True(pipeline.WaitForEnd(10_000), pipeline.ErrorText);
        return path;
    }
}
