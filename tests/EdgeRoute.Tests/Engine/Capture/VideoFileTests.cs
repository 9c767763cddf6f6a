using System.Buffers.Binary;
using EdgeRoute.Core.Frames;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Capture;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Interop.Gstreamer;
using EdgeRoute.TestBench.Capture;
using EdgeRoute.Tests.Interop.Gstreamer;

namespace EdgeRoute.Tests.Engine.Capture;

/// <summary>What video files are like in the field: held sideways, begun late, without a picture.</summary>
public sealed class VideoFileTests : IDisposable
{
    private const int Width = 64, Height = 48;
    private const long FrameNs = 40_000_000;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>The matrix of a track: a point x, y is shown at ax + cy, bx + dy.</summary>
    [SkippableTheory]
    [InlineData(1, 0, 0, 1)]
    [InlineData(0, 1, -1, 0)]
    [InlineData(-1, 0, 0, -1)]
    [InlineData(0, -1, 1, 0)]
    [InlineData(-1, 0, 0, 1)]
    [InlineData(1, 0, 0, -1)]
    [InlineData(0, 1, 1, 0)]
    public void A_video_is_upright_from_its_first_frame(int a, int b, int c, int d)
    {
        GstNeeds.Elements(("videoflip", "gstreamer1.0-plugins-good"));
        string path = GstNeeds.Video(_folder, 2, Width, Height, pattern: "smpte");
        byte[] stored = Luma(Frames(path)[0], Width, Height);
        Hold(path, a, b, c, d);
        var shown = Frames(path)[0];
        bool isOnItsSide = a == 0;
        Assert.Equal(isOnItsSide ? (Height, Width) : (Width, Height), (shown.Layout.Width, shown.Layout.Height));
        byte[] luma = Luma(shown, shown.Layout.Width, shown.Layout.Height);
        for (int y = 0; y < Height; y++)
        {
            for (int x = 0; x < Width; x++)
            {
                int column = (a * x) + (c * y), row = (b * x) + (d * y);
                column += a + c < 0 ? shown.Layout.Width - 1 : 0;
                row += b + d < 0 ? shown.Layout.Height - 1 : 0;
                Assert.Equal(stored[(y * Width) + x], luma[(row * shown.Layout.Width) + column]);
            }
        }
    }

    [SkippableTheory]
    [InlineData("", 48, 64)]
    [InlineData(" ! videoflip method=none", 64, 48)]
    public void A_live_stream_that_says_how_it_is_held_is_upright_unless_its_pipeline_turns_it(string more, int width, int height)
    {
        GstNeeds.TestPicture();
        GstNeeds.Elements(("videoflip", "gstreamer1.0-plugins-good"), ("taginject", "gstreamer1.0-plugins-good"));
        var shown = Frames("videotestsrc is-live=true ! video/x-raw,format=NV12,width=64,height=48 ! "
            + $"taginject tags=\"image-orientation=rotate-90\"{more}", isLive: true)[0];
        Assert.Equal((width, height), (shown.Layout.Width, shown.Layout.Height));
    }

    [SkippableFact]
    public void How_far_a_file_was_read_is_known()
    {
        using var source = Made(GstNeeds.Video(_folder, 6, Width, Height));
        Assert.Equal(double.NaN, source.ReadShare);
        Assert.True(source.Open());
        var shares = new List<double>();
        using var slot = new FrameSlot();
        for (var outcome = ReadOutcome.Nothing; outcome != ReadOutcome.End;)
        {
            outcome = source.Read(slot, 1000, out _);
            Assert.NotEqual(ReadOutcome.Fault, outcome);
            if (outcome == ReadOutcome.Frame)
            {
                shares.Add(Math.Round(source.ReadShare * 6, 2));
            }
        }

        Assert.Equal([0.0, 1, 2, 3, 4, 5], shares);
    }

    [SkippableTheory]
    [InlineData("qtmux", "clip.mp4", 0)]
    [InlineData("matroskamux", "late.mkv", 3_000_000_000)]
    [InlineData("qtmux fragment-duration=100", "parts.mov", 3_000_000_000)]
    [InlineData("avimux", "clip.avi", 0)]
    public void A_looping_video_goes_on_evenly_wherever_its_time_begins(string muxer, string name, long offsetNs)
    {
        string path = GstNeeds.Video(_folder, 6, name: name, muxer: muxer, offsetNs: offsetNs);
        using var run = new CaptureRun(Made(path, isLive: false, loops: true), DeliveryMode.EveryFrame);
        var times = new List<long>();
        Assert.Equal(32, run.Take(32, slot => times.Add(slot.Stamp.SourceNs)));
        Assert.All(times.Zip(times.Skip(1)), pair => Assert.Equal(FrameNs, pair.Second - pair.First));
        Assert.Equal(0, run.Thread.Tally.FaultCount(SourceFaultKind.Stall));
    }

    [SkippableFact]
    public void A_stream_without_times_or_a_way_to_seek_loops_too()
    {
        GstNeeds.TestPicture();
        GstNeeds.Elements(("jpegenc", "gstreamer1.0-plugins-good"));
        string path = _folder.File("bare.mjpeg");
        Play($"videotestsrc num-buffers=4 ! video/x-raw,format=I420,width=64,height=48 ! jpegenc ! tee name=t ! queue "
            + $"! filesink location={path}  t. ! queue ! appsink name=sink sync=false");
        using var run = new CaptureRun(Made(path, isLive: false, loops: true), DeliveryMode.EveryFrame);
        var times = new List<long>();
        Assert.Equal(14, run.Take(14, slot => times.Add(slot.Stamp.SourceNs)));
        Assert.All(times.Zip(times.Skip(1)), pair => Assert.True(pair.Second > pair.First));
    }

    [SkippableTheory]
    [InlineData("sound.wav", "wavenc", "wavenc")]
    [InlineData("sound.mka", "opusenc ! matroskamux", "opusenc")]
    public void A_file_with_sound_alone_has_no_video_stream(string name, string encoder, string element)
    {
        GstNeeds.TestPicture();
        GstNeeds.Elements((element, "gstreamer1.0-plugins-good and -base"));
        string path = _folder.File(name);
        Play($"audiotestsrc num-buffers=20 ! audio/x-raw,rate=48000 ! tee name=t ! queue ! {encoder} ! filesink location={path} "
            + " t. ! queue ! appsink name=sink sync=false");
        using var run = new CaptureRun(Made(path), DeliveryMode.EveryFrame);
        Assert.Equal(0, run.Take(int.MaxValue));
        Assert.Equal($"{path} has no video stream", run.WaitFor<SourceEnded>().Fault.Detail);
        Assert.Equal(0, run.Thread.Tally.RestartCount);
    }

    [SkippableFact]
    public void What_can_never_be_built_is_known_before_and_not_tried_again()
    {
        GstNeeds.TestPicture();
        using var pattern = Made("test://nosuchpattern");
        Assert.Contains("nosuchpattern", pattern.FindProblem(), StringComparison.Ordinal);
        using var sound = Made("test://smpte");
        Assert.Null(sound.FindProblem());
        using var run = new CaptureRun(Made("videotestsrc ! nosuchelement", isLive: true), DeliveryMode.NewestWins);
        var ended = run.WaitFor<SourceEnded>();
        Assert.Equal((SourceFaultKind.CannotWork, 0L), (ended.Fault.Kind, run.Thread.Tally.RestartCount));
        Assert.Contains("nosuchelement", ended.Fault.Detail, StringComparison.Ordinal);
    }

    /// <summary>Writes how it is held into the header of the only track, whose form is version 0 of ISO 14496-12.</summary>
    private static void Hold(string path, int a, int b, int c, int d)
    {
        const int MatrixAt = 44, One = 1 << 16;
        byte[] bytes = File.ReadAllBytes(path);
        int header = bytes.AsSpan().IndexOf("tkhd"u8);
        Assert.True(header > 0 && bytes[header + 4] == 0, "a track's header of version 0");
        var matrix = bytes.AsSpan(header + MatrixAt);
        foreach (var (at, value) in new[] { (0, a), (1, b), (3, c), (4, d) })
        {
            BinaryPrimitives.WriteInt32BigEndian(matrix[(at * 4)..], value * One);
        }

        File.WriteAllBytes(path, bytes);
    }

    private static void Play(string text)
    {
        using var pipeline = GstPipeline.Parse(text);
        Assert.True(pipeline.TryPlay(), pipeline.ErrorText);
        GstPull pull;
        while ((pull = pipeline.Pull(60_000)) == GstPull.Sample)
        {
        }

        Assert.Equal(GstPull.EndOfStream, pull);
        Assert.True(pipeline.WaitForEnd(60_000), pipeline.ErrorText);
    }

    private static List<(FrameLayout Layout, byte[] Bytes)> Frames(string address, bool isLive = false)
    {
        using var run = new CaptureRun(Made(address, isLive), isLive ? DeliveryMode.NewestWins : DeliveryMode.EveryFrame);
        var frames = new List<(FrameLayout, byte[])>();
        run.Take(1, slot => frames.Add((slot.Layout, slot.Bytes.ToArray())));
        return frames;
    }

    private static byte[] Luma((FrameLayout Layout, byte[] Bytes) frame, int width, int height)
    {
        Assert.Equal((PixelFormat.I420, width, height), (frame.Layout.Format, frame.Layout.Width, frame.Layout.Height));
        var plane = frame.Layout.Plane0;
        return [.. Enumerable.Range(0, height).SelectMany(y => frame.Bytes.Skip(plane.OffsetBytes + (y * plane.StrideBytes)).Take(width))];
    }

    private static IFrameSource Made(string address, bool isLive = false, bool loops = false)
    {
        var options = new SourceOptions
        {
            Delivery = isLive ? DeliveryMode.NewestWins : DeliveryMode.EveryFrame,
            Loops = loops,
        };
        Assert.True(new SourceFactory(TimeProvider.System).TryMake(address, options, out var source, out string problem), problem);
        return source;
    }
}
