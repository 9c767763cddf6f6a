using System.Text.Json;
using EdgeRoute.Protocol.Recording;
using EdgeRoute.Tests.Protocol.Recording;
using EdgeRoute.Workbench.Exporting;

namespace EdgeRoute.Tests.Workbench.Exporting;

/// <summary>What is not exported, and that nothing is left behind then.</summary>
public sealed class ExportRefusalTests : IDisposable
{
    private readonly ExportSample _sample = new();

    public void Dispose() => _sample.Dispose();

    [Theory]
    [InlineData(0, "not a recording")]
    [InlineData(10, "not a recording")]
    [InlineData(int.MaxValue, "holds no frame, decision or event")]
    public void An_empty_recording_is_refused_and_leaves_no_file(int length, string words)
    {
        using var stream = new MemoryStream();
        new RecordWriter(stream, RecordingSamples.Session).Flush();
        byte[] whole = stream.ToArray();
        Refused(words, whole[..Math.Min(length, whole.Length)]);
    }

    [Fact]
    public void A_span_of_time_without_frames_is_refused() =>
        Refused("nothing of what --from, --to", _sample.Record(), ExportSample.Request(null, new ExportInstant(3600, null)));

    [Fact]
    public void An_unknown_source_is_refused_with_the_names_of_those_there_are()
    {
        File.WriteAllBytes(_sample.RecordingPath, _sample.Record());
        var refused = Assert.Throws<ArgumentException>(() => _sample.Export(_sample.Record(), ExportSample.Request(sources: "rear")));
        Assert.Contains("'front' (0), 'side é' (1)", refused.Message, StringComparison.Ordinal);
        NothingLeft();
    }

    [Fact]
    public void Answers_of_another_run_are_refused() =>
        Refused("another run", _sample.Record(), null, ExportSample.Answers(captureShiftNs: 1));

    [Fact]
    public void A_file_that_holds_no_answers_is_refused() => Refused("no answers of these sources", _sample.Record(), null, "hello\n{}\n");

    [Fact]
    public void A_sweep_is_refused_and_told_apart_from_a_run()
    {
        using var stream = new MemoryStream();
        var writer = new RecordWriter(stream, RecordingSamples.Session);
        writer.WriteRecord(RecordKind.SweptFrame, new byte[64]);
        writer.Flush();
        Refused("a sweep of 1 frames", stream.ToArray());
    }

    [Fact]
    public void A_file_that_exists_is_kept_unless_it_may_be_replaced()
    {
        File.WriteAllBytes(_sample.RecordingPath, _sample.Record());
        File.WriteAllText(_sample.OutPath, "mine");
        var export = new McapExport(_sample.RecordingPath, ExportSample.Request(), "test");
        var refused = Assert.Throws<ArgumentException>(() => export.Run(_sample.OutPath, null, false, _ => { }, default));
        Assert.Contains("--force", refused.Message, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(_sample.OutPath));
        export.Run(_sample.OutPath, null, true, _ => { }, default);
        Assert.NotEqual("mine", File.ReadAllText(_sample.OutPath));
    }

    [Fact]
    public void An_export_that_is_stopped_leaves_no_file()
    {
        File.WriteAllBytes(_sample.RecordingPath, _sample.Record());
        var export = new McapExport(_sample.RecordingPath, ExportSample.Request(), "test");
        Assert.Throws<OperationCanceledException>(() => export.Run(_sample.OutPath, null, false, _ => { }, new CancellationToken(true)));
        NothingLeft();
    }

    [Fact]
    public void Lines_that_are_no_answers_are_left_out_and_the_first_is_named()
    {
        string[] lines = ExportSample.Answers().Split('\n');
        lines[4] = lines[4][..20];
        lines[^1] = "{\"source\":\"front\",\"sequ";
        var report = _sample.Export(_sample.Record(), null, string.Join('\n', lines));
        Assert.Equal(new ExportedAnswers(ExportSample.FrameCount - 1, ExportSample.FrameCount - 1, 2, 0), report.Answers);
        Assert.Contains(report.Warnings, w => w.Contains("the first is line 5", StringComparison.Ordinal));
    }

    /// <summary>An answers file may go on over several runs, and a device's clock begins anew with each start.</summary>
    [Fact]
    public void Answers_of_runs_before_and_after_are_passed_over()
    {
        const long dayNs = 86_400_000_000_000;
        string before = ExportSample.Answers(-dayNs), after = ExportSample.Answers(dayNs);
        var report = _sample.Export(_sample.Record(), null, before + ExportSample.Answers() + after);
        Assert.Equal(new ExportedAnswers(3 * ExportSample.FrameCount, ExportSample.FrameCount, 0, 0), report.Answers);
    }

    [Fact]
    public void A_layout_names_only_topics_that_the_file_has()
    {
        File.WriteAllBytes(_sample.RecordingPath, _sample.Record());
        string path = Path.Combine(_sample.Folder, "run.layout.json");
        var export = new McapExport(_sample.RecordingPath, ExportSample.Request(), "test");
        var report = export.Run(_sample.OutPath, path, false, _ => { }, default);
        using var layout = JsonDocument.Parse(File.ReadAllText(path));
        var panels = layout.RootElement.GetProperty("configById");
        Assert.Equal(["Image!front", "Image!side__", "Plot!latency", "StateTransitions!path", "RosOut!log"],
            panels.EnumerateObject().Select(p => p.Name));
        Assert.Equal(panels.EnumerateObject().Select(p => p.Name).Order(), PanelsIn(layout.RootElement.GetProperty("layout")).Order());
        Assert.Contains(report.Channels, c => c.Topic == panels.GetProperty("Image!front").GetProperty("imageMode")
            .GetProperty("imageTopic").GetString());
        Assert.All(panels.GetProperty("Plot!latency").GetProperty("paths").EnumerateArray(), p =>
            Assert.Contains(report.Channels, c => p.GetProperty("value").GetString()!.StartsWith(c.Topic + ".", StringComparison.Ordinal)));
    }

    private static IEnumerable<string> PanelsIn(JsonElement layout) => layout.ValueKind == JsonValueKind.String ? [layout.GetString()!]
        : [.. PanelsIn(layout.GetProperty("first")), .. PanelsIn(layout.GetProperty("second"))];

    private void Refused(string words, byte[] recording, ExportRequest? request = null, string? answers = null)
    {
        var refused = Assert.Throws<InvalidDataException>(() => _sample.Export(recording, request, answers));
        Assert.Contains(words, refused.Message, StringComparison.Ordinal);
        NothingLeft();
    }

    private void NothingLeft() =>
        Assert.DoesNotContain(Directory.GetFiles(_sample.Folder), f => f.Contains(".mcap", StringComparison.Ordinal));
}
