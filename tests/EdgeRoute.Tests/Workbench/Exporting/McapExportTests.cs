using System.Text.Json;
using EdgeRoute.Core.Frames;
using EdgeRoute.Protocol.Recording;
using EdgeRoute.Tests.Protocol.Framing;
using EdgeRoute.Tests.Protocol.Recording;
using EdgeRoute.Workbench.Exporting;

namespace EdgeRoute.Tests.Workbench.Exporting;

/// <summary>What is exported, read by the library of MCAP's own authors, every message checked against the published schemas.</summary>
public sealed class McapExportTests : IDisposable
{
    private readonly ExportSample _sample = new();

    public void Dispose() => _sample.Dispose();

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void Every_message_of_a_whole_recording_is_found_by_its_index_and_fits_its_published_schema(bool isCompressed)
    {
        var report = _sample.Export(_sample.Record(), ExportSample.Request(_sample.AnswersPath, isCompressed: isCompressed),
            ExportSample.Answers());
        var file = ReadByOthers();
        Assert.Equal(isCompressed ? "zstd" : "", file.GetProperty("compression").GetString());
        Assert.Equal(ExportSample.UtcOf(ExportSample.FrameCount).ToString(), file.GetProperty("end").GetString());
        var topics = file.GetProperty("topics");
        Assert.Equal(report.Channels.ToDictionary(c => c.Topic, c => c.MessageCount),
            topics.EnumerateObject().ToDictionary(t => t.Name, t => t.Value.GetProperty("count").GetInt64()));
        foreach (string kind in (string[])["image", "boxes", "path", "decision", "answer"])
        {
            Assert.Equal(ExportSample.FrameCount, topics.GetProperty($"/front/{kind}").GetProperty("count").GetInt32());
        }

        Assert.Equal(4, topics.GetProperty("/side__/image").GetProperty("count").GetInt32());
        Assert.Equal("side é", topics.GetProperty("/side__/image").GetProperty("source").GetString());
        Assert.Equal(2, topics.GetProperty("/log").GetProperty("count").GetInt32());
        Assert.True(report.IsWhole);
        Assert.Empty(report.Warnings);
        Assert.Equal(new ExportedAnswers(ExportSample.FrameCount, ExportSample.FrameCount, 0, 0), report.Answers);
    }

    [SkippableFact]
    public void Boxes_stand_in_pixels_of_their_picture_with_class_confidence_and_track()
    {
        _sample.Export(_sample.Record(), null, ExportSample.Answers());
        var boxes = ReadByOthers().GetProperty("topics").GetProperty("/front/boxes").GetProperty("first");
        JsonElement[] points = [.. boxes.GetProperty("points").EnumerateArray()];
        // A box, its key point that is surely seen, the outline of its mask, and the turned box.
        Assert.Equal([2, 1, 4, 2], points.Select(p => p.GetProperty("type").GetInt32()));
        Assert.Equal([(16, 24), (48, 24), (48, 36), (16, 36)], PlacesOf(points[0]));
        Assert.Equal([(32, 24)], PlacesOf(points[1]));
        Assert.Equal([8, 12, 32, 36], Bounds(PlacesOf(points[2])));
        Assert.Equal((12.8, 4.8), PlacesOf(points[3])[1]);
        Assert.Equal(["cup 0.75 #7", "pen 0.50"],
            boxes.GetProperty("texts").EnumerateArray().Select(t => t.GetProperty("text").GetString()));
        Assert.Contains(points[0].GetProperty("metadata").EnumerateArray(), m => m.GetProperty("key").GetString() == "track"
            && m.GetProperty("value").GetString() == "7");
    }

    [SkippableFact]
    public void A_decision_tells_what_was_weighed_and_leaves_out_figures_that_do_not_exist()
    {
        _sample.Export(_sample.Record());
        var decision = ReadByOthers().GetProperty("topics").GetProperty("/front/decision").GetProperty("first");
        var weighed = decision.GetProperty("decisions")[0];
        Assert.Equal("frame", weighed.GetProperty("at").GetString());
        Assert.Equal(["previous", "light", "heavy"], weighed.GetProperty("options").EnumerateArray()
            .Select(o => o.GetProperty("name").GetString()));
        Assert.Single(weighed.GetProperty("options").EnumerateArray(), o => o.GetProperty("is_chosen").GetBoolean());
        Assert.False(decision.TryGetProperty("age_ms", out _), "the first frame has no earlier answer");
        Assert.Equal(12, decision.GetProperty("latency_ms").GetDouble());
    }

    [SkippableFact]
    public void A_device_that_does_not_know_the_time_of_day_gives_its_monotonic_clock_and_says_so()
    {
        var report = _sample.Export(_sample.Record(RecordingSamples.Session with { UtcNs = 5_000_000_000 }));
        var file = ReadByOthers();
        Assert.False(report.IsUtc);
        Assert.Equal("4999999999", file.GetProperty("start").GetString());
        Assert.Equal("monotonic", file.GetProperty("metadata").GetProperty("edgeroute").GetProperty("clock").GetString());
        Assert.Contains(report.Warnings, w => w.Contains("monotonic", StringComparison.Ordinal));
    }

    [SkippableFact]
    public void A_recording_without_pictures_gives_its_decisions_and_answers_and_says_what_is_missing()
    {
        var report = _sample.Export(_sample.Record(withPictures: false), null, ExportSample.Answers());
        var topics = ReadByOthers().GetProperty("topics");
        Assert.Equal(["/log", "/event", "/front/decision", "/front/answer", "/side__/event"], report.Channels.Select(c => c.Topic));
        Assert.Equal(ExportSample.FrameCount, topics.GetProperty("/front/answer").GetProperty("count").GetInt32());
        Assert.Equal(ExportSample.FrameCount, report.Answers!.NotDrawnCount);
        Assert.Contains(report.Warnings, w => w.Contains("no pictures", StringComparison.Ordinal));
    }

    [SkippableFact]
    public void Wherever_a_recording_is_cut_what_was_before_is_exported_and_the_rest_is_told()
    {
        byte[] whole = _sample.Record();
        var random = new Random(3);
        for (int i = 0; i < 6; i++)
        {
            int length = random.Next(whole.Length / 2, whole.Length - 1);
            var report = _sample.Export(whole[..length]);
            ReadByOthers();
            Assert.False(report.IsWhole);
            Assert.NotEmpty(report.Warnings);
        }
    }

    [Fact]
    public void A_recording_that_is_still_being_written_is_exported_as_far_as_it_is()
    {
        var report = _sample.Export(_sample.Record(withEnd: false));
        Assert.False(report.IsWhole);
        Assert.Contains(report.Warnings, w => w.Contains("still being written", StringComparison.Ordinal));
        Assert.Equal(ExportSample.FrameCount, report.Channels.Single(c => c.Topic == "/front/decision").MessageCount);
    }

    [SkippableFact]
    public void From_to_and_stream_leave_out_the_rest()
    {
        // The first frame was captured 3.99 s after the start of the recording.
        var request = ExportSample.Request(null, new ExportInstant(4.3, null), new ExportInstant(0,
            DateTimeOffset.UnixEpoch.AddTicks((ExportSample.UtcOf(20) / 100) - 1000)), true, "front");
        _sample.Export(_sample.Record(), request);
        var topics = ReadByOthers().GetProperty("topics");
        Assert.Equal(["/front/decision", "/front/image", "/front/path"], topics.EnumerateObject().Select(t => t.Name).Order());
        Assert.Equal(10, topics.GetProperty("/front/decision").GetProperty("first").GetProperty("sequence").GetInt32());
        Assert.Equal(10, topics.GetProperty("/front/decision").GetProperty("count").GetInt32());
    }

    [SkippableFact]
    public void A_source_that_changes_its_size_has_each_box_on_the_picture_it_belongs_to()
    {
        using var stream = new MemoryStream();
        var writer = new RecordWriter(stream, RecordingSamples.Session);
        var router = RecordingSamples.NewRouter(RecordingSamples.Policy());
        for (int i = 0; i < 2; i++)
        {
            var layout = FrameLayout.Packed(PixelFormat.Gray8, 100 * (i + 1), 40);
            var trace = RecordingSamples.Trace(router, i, i);
            writer.WriteTrace(trace);
            writer.WriteFrame(trace.Stamp, layout, new byte[layout.SizeBytes]);
        }

        writer.Flush();
        _sample.Export(stream.ToArray(), null, ExportSample.Answers().Split('\n')[1]);
        var second = ReadByOthers().GetProperty("topics").GetProperty("/front/boxes").GetProperty("first");
        Assert.Equal((50, 20), PlacesOf(second.GetProperty("points")[0])[0]);
    }

    private static List<(double X, double Y)> PlacesOf(JsonElement points) => [.. points.GetProperty("points").EnumerateArray()
        .Select(p => (p.GetProperty("x").GetDouble(), p.GetProperty("y").GetDouble()))];

    private static double[] Bounds(List<(double X, double Y)> places) =>
        [places.Min(p => p.X), places.Min(p => p.Y), places.Max(p => p.X), places.Max(p => p.Y)];

    private JsonElement ReadByOthers()
    {
        var (exitCode, text) = Interpreter.Run(Interpreter.NeedNode("mcap", "@mcap/core"), TestPlaces.Fixture("mcap", "read.mjs"),
            _sample.OutPath);
        Assert.True(exitCode == 0, text);
        return JsonDocument.Parse(text).RootElement;
    }
}
