using EdgeRoute.Core.Frames;
using EdgeRoute.Protocol.Recording;
using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.SystemTests;

/// <summary>The published binary on the pack that is shipped.</summary>
public sealed class RunTests
{
    private const string Pack = "packs:\n  shapes: { manifest: MODELS/shapes/manifest.json }\n";

    [Fact]
    public void The_law_holds_and_every_frame_of_a_bounded_source_is_answered()
    {
        using var folder = new TempFolder();
        var (exitCode, output, error) = HostProcess.Run("run", Config(folder, "sim://tabletop?seed=3&frames=200&width=320&height=240"),
            "--json");
        Assert.True(exitCode == 0, error);
        var total = HostProcess.ReportOf(output).GetProperty("total");
        Assert.True(total.GetProperty("is_law_kept").GetBoolean());
        Assert.Equal(200, total.GetProperty("ends").GetProperty("captured").GetInt64());
        Assert.Equal(0, total.GetProperty("ends").GetProperty("dropped").GetInt64());
        Assert.Equal(0, total.GetProperty("ends").GetProperty("failed").GetInt64());
    }

    /// <summary>The framework's code is not the same ahead of time and just in time, so this is counted in the binary that ships.</summary>
    [Fact]
    public void The_published_loop_allocates_nothing_in_two_thousand_frames()
    {
        using var folder = new TempFolder();
        string config = Config(folder, "sim://tabletop?seed=4&frames=2000&width=160&height=120",
            $"trace: {{ file: {folder.File("t.erec")} }}\n");
        var (exitCode, output, error) = HostProcess.Run("run", config, "--json");
        Assert.True(exitCode == 0, error);
        Assert.Equal(0, HostProcess.ReportOf(output).GetProperty("loop_allocated_bytes").GetInt64());
        Assert.True(HostProcess.ReportOf(output).GetProperty("total").GetProperty("paths").GetArrayLength() >= 3);
    }

    /// <summary>
    /// What a C++ plugin throws is caught by that plugin only where all libraries of the process unwind alike; else the process ends.
    /// </summary>
    [SkippableFact]
    public async Task A_plugin_that_throws_costs_its_source_alone()
    {
        using var folder = new TempFolder();
        string models = Path.Combine(HostProcess.Repository, "models");
        string config = folder.Write("srt.yaml", Pack.Replace("MODELS", models, StringComparison.Ordinal)
            + "sources:\n  cam: { pipeline: 'srtsrc uri=\"srt://127.0.0.1:1?passphrase=short\" ! decodebin', pack: shapes,"
            + " policy: { kind: cascade } }\n");
        using var host = HostProcess.Start("run", config, "--quiet");
        string line = await host.Line("srtsrc");
        Skip.If(line.Contains("no element", StringComparison.Ordinal), line);
        Assert.Contains("cannot be opened", line, StringComparison.Ordinal);
        host.Signal(15);
        Assert.True(host.WaitForExit() == 1, host.Error);
    }

    [Fact]
    public void Annotated_frames_and_answers_are_written_for_every_frame()
    {
        using var folder = new TempFolder();
        string frames = folder.File("frames"), answers = folder.File("answers.jsonl");
        var (exitCode, _, error) = HostProcess.Run(
            "run", Config(folder, "sim://tabletop?seed=3&frames=25"), "--annotate", frames, "--answers", answers);
        Assert.True(exitCode == 0, error);
        Assert.Equal(25, Directory.GetFiles(frames, "table-*.jpg").Length);
        Assert.All(Directory.GetFiles(frames), f => Assert.Equal([0xFF, 0xD8], File.ReadAllBytes(f)[..2]));
        Assert.Equal(25, File.ReadAllLines(answers).Length);
        Assert.Contains("\"detections\"", File.ReadAllText(answers));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(15)]
    public async Task A_signal_ends_the_run_in_order_and_the_recording_is_whole(int signal)
    {
        using var folder = new TempFolder();
        string config = Config(folder, "sim://tabletop?seed=3", $"trace: {{ file: {folder.File("run.erec")} }}\n");
        using var host = HostProcess.Start("run", config, "--json");
        await host.FirstFrame;
        host.Signal(signal);
        Assert.True(host.WaitForExit() == 0, host.Error);
        Assert.True(HostProcess.ReportOf(host.Output).GetProperty("total").GetProperty("is_law_kept").GetBoolean());
        var (traces, end) = ReadTraces(folder.File("run.erec"));
        Assert.NotNull(end);
        Assert.Equal(0, end.Tallies[0].InFlight);
        Assert.Equal(end.Tallies[0].Captured - end.Tallies[0].Dropped, traces.Count);
    }

    [Fact]
    public void A_recording_played_again_is_decided_bit_for_bit_as_it_was()
    {
        using var folder = new TempFolder();
        string first = folder.File("first.erec"), second = folder.File("second.erec");
        Assert.Equal(0, HostProcess.Run("run", Config(folder, "sim://tabletop?seed=5&frames=120&width=320&height=240",
            $"record: {{ file: {first}, frames: raw }}\n")).ExitCode);
        Assert.Equal(0, HostProcess.Run("run", Config(folder, first, $"trace: {{ file: {second} }}\n")).ExitCode);
        var (before, _) = ReadTraces(first);
        var (after, _) = ReadTraces(second);
        Assert.Equal(120, before.Count);
        Assert.Equal(before.Select(Decided), after.Select(Decided));
        Assert.True(before.Select(r => r.NodeIndex).Distinct().Count() > 1, "the frames should not all take one path, or nothing is shown");
    }

    [Fact]
    public void A_recording_of_compressed_frames_holds_every_frame_and_plays_again()
    {
        using var folder = new TempFolder();
        string file = folder.File("small.erec");
        string config = Config(folder, "sim://tabletop?seed=5&frames=60&width=320&height=240",
            $"record: {{ file: {file}, frames: jpeg }}\n");
        var (exitCode, _, error) = HostProcess.Run("run", config);
        Assert.True(exitCode == 0, error);
        var (stamps, formats, end) = ReadFrames(file);
        Assert.Equal(Enumerable.Range(0, 60).Select(i => (long)i), stamps.Select(s => s.Sequence - stamps[0].Sequence));
        Assert.All(formats, f => Assert.Equal(PixelFormat.Jpeg, f));
        Assert.Equal(0, end!.FrameLostCount);
        Assert.True(new FileInfo(file).Length < 60 * 320 * 240 / 2, "compressed frames take a fraction of their pixels");
        var (replayed, output, replayError) = HostProcess.Run("run", Config(folder, file), "--json");
        Assert.True(replayed == 0, replayError);
        var ends = HostProcess.ReportOf(output).GetProperty("total").GetProperty("ends");
        Assert.Equal((60, 0), (ends.GetProperty("captured").GetInt64(), ends.GetProperty("failed").GetInt64()));
    }

    [Fact]
    public void A_second_run_never_writes_over_the_recording_of_the_first()
    {
        using var folder = new TempFolder();
        string config = Config(folder, "sim://tabletop?frames=5", $"trace: {{ file: {folder.File("t.erec")} }}\n");
        Assert.Equal(0, HostProcess.Run("run", config).ExitCode);
        byte[] kept = File.ReadAllBytes(folder.File("t.erec"));
        Assert.Equal(0, HostProcess.Run("run", config).ExitCode);
        Assert.Equal(kept, File.ReadAllBytes(folder.File("t.erec")));
        Assert.Single(Directory.GetFiles(folder.Path, "t-*Z.erec"));
    }

    [Fact]
    public void A_pack_with_a_changed_file_is_refused_by_its_hash()
    {
        using var folder = new TempFolder();
        string copy = Directory.CreateDirectory(folder.File("shapes")).FullName;
        foreach (string file in Directory.GetFiles(Path.Combine(HostProcess.Repository, "models", "shapes")))
        {
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        }

        File.AppendAllText(Path.Combine(copy, "light.onnx"), "x");
        string config = folder.Write(
            "c.yaml",
            $"packs:\n  shapes: {{ manifest: {copy}/manifest.json }}\n"
            + "sources:\n  table: { open: 'sim://tabletop', pack: shapes, policy: { kind: cascade } }\n");
        var (exitCode, _, error) = HostProcess.Run("run", config);
        Assert.Equal(2, exitCode);
        Assert.Contains("light.onnx", error);
        Assert.Contains("SHA-256", error, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Everything a decision depended on and was, as bits; times of the machine left out.</summary>
    private static string Decided(TraceRecord record)
    {
        var s = record.Signals;
        var parts = new List<object> { record.End, record.NodeIndex, record.DecisionCount, record.AnswerCount };
        parts.AddRange(new[] { s.Motion, s.Sharpness, s.Exposure, s.Contrast, s.Noise, s.AgeMs,
            record.AnswerConfidence }.Select(f => (object)BitConverter.SingleToInt32Bits(f)));
        for (int i = 0; i < record.DecisionCount; i++)
        {
            var d = record.Decisions[i];
            parts.AddRange([d.NodeIndex, d.OptionIndex, d.Reason, BitConverter.SingleToInt32Bits(d.Exit.MaxProbability),
                BitConverter.SingleToInt32Bits(d.Exit.LowConfidenceMass)]);
        }

        return string.Join(' ', parts);
    }

    private static (List<TraceRecord> Traces, SessionEnd? End) ReadTraces(string path)
    {
        using var file = File.OpenRead(path);
        var reader = new RecordReader(file);
        var traces = new List<TraceRecord>();
        while (reader.Read())
        {
            if (reader.Kind == RecordKind.Trace)
            {
                traces.Add(reader.Trace);
            }
        }

        return (traces, reader.End);
    }

    private static (List<FrameStamp> Stamps, List<PixelFormat> Formats, SessionEnd? End) ReadFrames(string path)
    {
        using var file = File.OpenRead(path);
        var reader = new RecordReader(file);
        var (stamps, formats) = (new List<FrameStamp>(), new List<PixelFormat>());
        while (reader.Read())
        {
            if (reader.Kind == RecordKind.Frame)
            {
                stamps.Add(reader.FrameStamp);
                formats.Add(reader.FrameLayout.Format);
            }
        }

        return (stamps, formats, reader.End);
    }

    private static string Config(TempFolder folder, string address, string outputs = "") => folder.Write(
        Guid.NewGuid().ToString("N") + ".yaml",
        "runtime: { threads: 1 }\n" + Pack.Replace("MODELS", Path.Combine(HostProcess.Repository, "models"), StringComparison.Ordinal)
        + $"sources:\n  table: {{ open: '{address}', pack: shapes, take: every, pace: free, policy: {{ kind: cascade }} }}\n" + outputs);
}
