using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Capture;
using EdgeRoute.Simulation.Scripted;
using EdgeRoute.Tests.Interop.Gstreamer;

namespace EdgeRoute.Tests.Engine.Capture;

public sealed class SourceFactoryTests
{
    private readonly SourceFactory _factory = new(new ScriptedClock(1_000_000_000));

    [Theory]
    [InlineData("", "empty")]
    [InlineData("ftp://camera/1", "known are file://, http://, https://, rtsp://, rtsps://, test://, v4l2://")]
    [InlineData("/nonexistent/clip.mp4", "does not exist")]
    [InlineData("test://smpte?width=0", "whole number from 1 to 16384")]
    [InlineData("test://smpte?witdh=5", "takes width, height, fps, frames, format, live")]
    [InlineData("test://smpte?width=5&width=6", "each key once")]
    [InlineData("test://smpte ! evil", "not the name of a videotestsrc pattern")]
    [InlineData("test://smpte?format=P010", "must be one of NV12")]
    [InlineData("test://smpte?live=yes", "true or false")]
    [InlineData("v4l2://dev/video0", "v4l2:///dev/video0")]
    [InlineData("v4l2:///dev/video0?fps=fast", "whole number from 1 to 1000")]
    public void A_wrong_address_is_refused_in_words(string address, string part)
    {
        Assert.False(_factory.TryMake(address, SourceOptions.Usual, out var source, out string problem));
        Assert.Null(source);
        Assert.Contains(part, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Schemes_and_extensions_of_other_parts_are_asked()
    {
        using var folder = new TemporaryFolder();
        string recording = folder.Write("drive.erec", "x");
        var asked = new List<string>();
        IFrameSource? Make(CaptureAddress address, SourceOptions options, ref string problem)
        {
            asked.Add($"{address.Scheme} {address.Path} {address.Value("seed")}");
            return new ScriptedSource(false, null);
        }

        _factory.RegisterScheme("sim", Make);
        _factory.RegisterExtension(".erec", Make);
        Assert.True(_factory.TryMake("sim://tabletop?seed=4", SourceOptions.Usual, out _, out string problem), problem);
        Assert.True(_factory.TryMake(recording, SourceOptions.Usual, out _, out problem), problem);
        Assert.Equal(["sim tabletop 4", $"file {recording} "], asked);
        Assert.False(_factory.TryMake("ftp://x", SourceOptions.Usual, out _, out problem));
        Assert.Contains("sim://", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GIF89a", false)]
    [InlineData("GIF87a", false)]
    [InlineData("GIF", true)]
    [InlineData("", true)]
    public void A_GIF_that_is_named_as_a_video_is_refused_with_what_to_do(string content, bool isTaken)
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("clip.mp4", content);
        Assert.Equal(isTaken, _factory.TryMake(path, SourceOptions.Usual, out var source, out string problem));
        source?.Dispose();
        Assert.Equal(!isTaken, problem.StartsWith($"'{path}' is a GIF, whose end GStreamer's demuxer does not find; make a video of it",
            StringComparison.Ordinal));
        string picture = folder.Write("clip.gif", content);
        Assert.True(_factory.TryMake(picture, SourceOptions.Usual, out source, out problem), problem);
        Assert.IsType<PictureFolderSource>(source);
        source.Dispose();
    }

    [Fact]
    public void Passwords_stay_out_of_messages()
    {
        Assert.True(_factory.TryMake("rtsp://admin:se@cret@camera/1?profile=2", SourceOptions.Usual, out var source, out string problem),
            problem);
        Assert.Equal("rtsp://***@camera/1?profile=***", source.Description);
        Assert.False(_factory.TryMake("v4l2://u:s3cret@x?width", SourceOptions.Usual, out _, out problem));
        Assert.DoesNotContain("s3cret", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Delivery_follows_the_kind_of_source_unless_it_is_said()
    {
        Assert.Equal(DeliveryMode.NewestWins, SourceOptions.Usual.DeliveryFor(isLive: true));
        Assert.Equal(DeliveryMode.EveryFrame, SourceOptions.Usual.DeliveryFor(isLive: false));
        Assert.Equal(DeliveryMode.NewestWins, (SourceOptions.Usual with { Pace = SourcePace.Source }).DeliveryFor(isLive: false));
        Assert.Equal(DeliveryMode.EveryFrame, (SourceOptions.Usual with { Delivery = DeliveryMode.EveryFrame }).DeliveryFor(isLive: true));
    }

    [SkippableFact]
    public void A_pipeline_with_its_own_sink_is_left_as_it_is()
    {
        GstNeeds.TestPicture();
        const string Text = "videotestsrc ! video/x-raw,format=RGB ! appsink name=sink";
        Assert.Equal([Text], PipelineWriter.FromText(Text, SourceOptions.Usual).Texts);
        var plan = PipelineWriter.FromText("videotestsrc ! video/x-raw", SourceOptions.Usual);
        Assert.True(plan.IsLive);
        Assert.EndsWith("appsink name=sink max-buffers=2 drop=true sync=false", plan.Texts[0], StringComparison.Ordinal);
        plan = PipelineWriter.FromText("filesrc location=a ! decodebin", SourceOptions.Usual with { Delivery = DeliveryMode.EveryFrame });
        Assert.False(plan.IsLive);
        Assert.EndsWith("appsink name=sink max-buffers=2 drop=false sync=false", plan.Texts[0], StringComparison.Ordinal);
    }
}
