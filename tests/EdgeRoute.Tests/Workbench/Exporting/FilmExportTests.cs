using EdgeRoute.Core.Frames;
using EdgeRoute.Engine.Drawing;
using EdgeRoute.Interop.Gstreamer;
using EdgeRoute.Protocol.Recording;
using EdgeRoute.Tests.Interop.Gstreamer;
using EdgeRoute.Tests.Protocol.Recording;
using EdgeRoute.Workbench.Exporting;

namespace EdgeRoute.Tests.Workbench.Exporting;

/// <summary>Films, read again by GStreamer's demuxers and decoders.</summary>
public sealed class FilmExportTests : IDisposable
{
    private readonly ExportSample _sample = new();

    public void Dispose() => _sample.Dispose();

    private string Film(string extension) => Path.Combine(_sample.Folder, "film" + extension);

    private FilmReport Make(string extension = ".webm", string? answers = null, CancellationToken cancel = default,
        params string[] sources)
    {
        File.WriteAllText(_sample.AnswersPath, answers ?? ExportSample.Answers());
        string[] wanted = sources.Length == 0 ? ["front"] : sources;
        return new FilmExport(_sample.RecordingPath, ExportSample.Request(_sample.AnswersPath, sources: wanted)).Run(Film(extension),
            mayReplace: false, _ => { }, cancel);
    }

    private void Record(byte[]? recording = null) => File.WriteAllBytes(_sample.RecordingPath, recording ?? _sample.Record());

    private static void NeedEncoder(string extension)
    {
        GstNeeds.TestPicture();
        GstNeeds.Elements(("decodebin", "gstreamer1.0-plugins-base"));
        Skip.If(FilmEncoder.EncoderOf(extension, out string reason) is null, reason);
    }

    /// <summary>The picture of the frame lies below the strip, three times as large: frames of 64 pixels are enlarged.</summary>
    [SkippableTheory]
    [InlineData(".mp4")]
    [InlineData(".webm")]
    [InlineData(".mkv")]
    public void Each_picture_is_shown_at_its_time_with_what_was_seen_in_it(string extension)
    {
        NeedEncoder(extension);
        Record();
        var report = Make(extension);
        Assert.Equal(("front", ExportSample.FrameCount, true), (report.Source, report.FrameCount, report.IsWhole));
        Assert.Empty(report.Warnings);
        Assert.Equal(0.033 * (ExportSample.FrameCount - 1), report.Seconds, 1e-6);
        var shown = Read(Film(extension));
        Assert.Equal(ExportSample.FrameCount, shown.Count);
        Assert.All(shown.Index(), s => Assert.InRange(s.Item.TimeNs / 1e6, (s.Index * 33) - 2, (s.Index * 33) + 2));
        var (width, height, pixels) = (report.Width, report.Height, shown[^1].Pixels);
        Assert.Equal(width * height * 3, pixels.Length);

        // Of the last picture, which is grey: the first box's upper side, and beside it.
        int side = ExportSample.Width * 4, top = height - (ExportSample.Height * 4);
        int[] line = Colour(pixels, width, side / 2, top + (ExportSample.Height * 4 / 2) + 1);
        int[] beside = Colour(pixels, width, side - 20, top + (ExportSample.Height * 4) - 8);
        Assert.InRange(beside.Max() - beside.Min(), 0, 12);
        Assert.True(line.Max() - line.Min() > 60, $"the box's line is {string.Join(' ', line)}");
    }

    [SkippableFact]
    public void Pauses_are_shortened_and_pictures_without_a_trace_are_told()
    {
        NeedEncoder(".webm");
        var jpeg = FrameLayout.Packed(PixelFormat.Rgb, 33, 21);
        using var stream = new MemoryStream();
        var writer = new RecordWriter(stream, RecordingSamples.Session);
        foreach (long captureNs in (long[])[5_000_000_000, 5_100_000_000, 95_000_000_000])
        {
            writer.WriteFrame(new FrameStamp(0, captureNs / 1_000_000, captureNs, 0), jpeg, new byte[jpeg.SizeBytes]);
        }

        writer.WriteFrame(new FrameStamp(0, 9, 95_000_000_001, 0), FrameLayout.Compressed(0, 0, 3), [1, 2, 3]);
        writer.WriteEnd(new SessionEnd(96_000_000_000, 0, 2, 0, [default, default]));
        Record(stream.ToArray());
        var report = new FilmExport(_sample.RecordingPath, ExportSample.Request(sources: "front")).Run(Film(".webm"), false, _ => { },
            CancellationToken.None);
        Assert.Equal((3, 1, false), (report.FrameCount, report.ShortenedCount, report.IsWhole));
        Assert.Equal(5.1, report.Seconds, 1e-6);
        Assert.Equal((0, 0), (report.Width % 2, report.Height % 2));
        string[] told = ["2 pictures were lost", "1 pictures could not be decoded", "shown without the way", "shortened"];
        foreach (string words in told)
        {
            Assert.Contains(report.Warnings, w => w.Contains(words, StringComparison.Ordinal));
        }

        Assert.Equal(3, Read(Film(".webm")).Count);
    }

    [SkippableFact]
    public void Pictures_of_which_the_answers_say_nothing_are_told()
    {
        NeedEncoder(".webm");
        Record();
        string[] lines = ExportSample.Answers().Split('\n');
        var report = Make(answers: string.Join('\n', lines.Skip(3)));
        Assert.Equal(ExportSample.FrameCount, report.FrameCount);
        Assert.StartsWith("3 pictures are shown without an answer", Assert.Single(report.Warnings), StringComparison.Ordinal);
    }

    [SkippableFact]
    public void What_cannot_be_filmed_is_refused_and_leaves_no_file()
    {
        NeedEncoder(".webm");
        Record();
        Refused<ArgumentException>("a film shows one camera, and the recording has front, side é", ".webm", "front", "side é");
        Refused<ArgumentException>("has no source 'back'", ".webm", "back");
        Refused<ArgumentException>("end it in .mp4, .webm, .mkv", ".avi");
        Refused<InvalidDataException>("has no answers of 'side é'", ".webm", "side é");
        var other = Assert.Throws<InvalidDataException>(() => Make(answers: ExportSample.Answers(captureShiftNs: 7)));
        Assert.Contains("is of another run", other.Message, StringComparison.Ordinal);
        Assert.Throws<OperationCanceledException>(() => Make(cancel: new CancellationToken(canceled: true)));
        Record(_sample.Record(withPictures: false));
        Refused<InvalidDataException>("holds no pictures of 'front'", ".webm");
        File.WriteAllText(_sample.RecordingPath, "no recording");
        Refused<InvalidDataException>("is not a recording that can be read", ".webm");
        Assert.Equal(["answers.jsonl", "run.erec"], Directory.GetFiles(_sample.Folder).Select(Path.GetFileName).Order());
    }

    private void Refused<T>(string words, string extension, params string[] sources) where T : Exception
    {
        var refused = Assert.Throws<T>(() => Make(extension, sources: sources));
        Assert.Contains(words, refused.Message, StringComparison.Ordinal);
    }

    private static int[] Colour(byte[] pixels, int width, int x, int y) =>
        [.. pixels.AsSpan(((y * width) + x) * 3, 3).ToArray().Select(p => (int)p)];

    private static List<(long TimeNs, byte[] Pixels)> Read(string path)
    {
        var shown = new List<(long, byte[])>();
        using var pipeline = GstPipeline.Parse($"filesrc location={GstPipeline.QuoteExactly(path)} ! decodebin ! videoconvert "
            + "! video/x-raw,format=RGB ! appsink name=sink sync=false");
        Assert.True(pipeline.TryPlay(), pipeline.ErrorText);
        while (true)
        {
            switch (pipeline.Pull(60_000))
            {
                case GstPull.Sample:
                    int row = pipeline.Shape.Width * 3, stride = pipeline.Bytes.Length / pipeline.Shape.Height;
                    byte[] pixels = new byte[row * pipeline.Shape.Height];
                    for (int y = 0; y < pipeline.Shape.Height; y++)
                    {
                        pipeline.Bytes.Slice(y * stride, row).CopyTo(pixels.AsSpan(y * row));
                    }

                    shown.Add((pipeline.PresentationNs, pixels));
                    break;
                case GstPull.EndOfStream:
                    return shown;
                case var other:
                    Assert.Fail($"{other}: {pipeline.ErrorText}");
                    break;
            }
        }
    }
}
