using EdgeRoute.Core.Frames;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Capture;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Engine.Tracing;
using EdgeRoute.Protocol.Recording;
using EdgeRoute.Tests.Protocol.Recording;

namespace EdgeRoute.Tests.Engine.Capture;

public sealed class ReplaySourceTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("edgeroute-test-").FullName;
    private readonly List<string> _reports = [];

    private string RecordingPath => Path.Combine(_folder, "run.erec");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_replay_has_the_bytes_layouts_and_times_of_the_run()
    {
        var frames = RecordingSamples.Frames().ToList();
        var sink = TraceSink.Create(RecordingPath, OneSource(), new SinkSettings { WaitsForRoom = true }, _reports.Add);
        for (int i = 0; i < frames.Count; i++)
        {
            Assert.True(sink.PushFrame(new FrameStamp(0, i, 100 + i, TimeOf(i)), frames[i].Layout, frames[i].Bytes));
        }

        sink.Close(0, [default]);
        using var source = new ReplaySource(RecordingPath, null, _reports.Add);
        Assert.True(source.Open(), source.Fault.Detail);
        Assert.Equal(frames.Select((f, i) => (f.Layout, Convert.ToHexString(f.Bytes), TimeOf(i))), PlayAll(source));
        Assert.True(source.Open(), "a replay can be opened again");
        Assert.Equal(frames.Count, PlayAll(source).Count);
        Assert.Empty(_reports);
        Assert.False(source.IsLive);
        Assert.Contains(RecordingPath, source.Description);
    }

    [Fact]
    public void What_frames_were_told_of_robot_and_task_is_told_again()
    {
        var (layout, bytes) = RecordingSamples.Frames().First();
        (float[] State, string? Task)[] told = [([0.5f, -1], "put it down"), ([0.25f, 1], "put it down"), ([], null)];
        var sink = TraceSink.Create(RecordingPath, OneSource(), new SinkSettings { WaitsForRoom = true }, _reports.Add);
        using (var slot = new FrameSlot())
        {
            for (int i = 0; i < told.Length; i++)
            {
                bytes.CopyTo(slot.Prepare(layout));
                slot.TellState(told[i].State);
                slot.Instruction = told[i].Task;
                sink.PushFrame(new FrameStamp(0, i, 100 + i, TimeOf(i)), layout, slot.Bytes, slot);
            }
        }

        sink.Close(0, [default]);
        using var source = new ReplaySource(RecordingPath, null, _reports.Add);
        Assert.True(source is { TellsState: true, TellsInstruction: true });
        Assert.True(source.Open(), source.Fault.Detail);
        using var played = new FrameSlot();
        foreach (var (state, task) in told)
        {
            Assert.Equal(ReadOutcome.Frame, source.Read(played, 0, out _));
            Assert.Equal((string.Join(' ', state), task), (string.Join(' ', played.State.ToArray()), played.Instruction));
        }

        File.WriteAllBytes(RecordingPath + "2.erec", RecordingSamples.WholeFile());
        using var other = new ReplaySource(RecordingPath + "2.erec", "front", _reports.Add);
        Assert.False(other.TellsState || other.TellsInstruction);
        using var absent = new ReplaySource(RecordingPath + "3.erec", null, _reports.Add);
        Assert.False(absent.TellsState);
    }

    [Fact]
    public void A_cut_recording_plays_up_to_the_cut_and_says_so()
    {
        byte[] whole = RecordingSamples.WholeFile();
        File.WriteAllBytes(RecordingPath, whole[..(whole.Length / 2)]);
        using var source = new ReplaySource(RecordingPath, "front", _reports.Add);
        Assert.True(source.Open());
        var played = PlayAll(source);
        Assert.InRange(played.Count, 2, RecordingSamples.Frames().Count() - 1);
        Assert.Contains("the file ends after", Assert.Single(_reports));
        Assert.Equal(ReadOutcome.End, source.Read(new FrameSlot(), 0, out _));
        Assert.Single(_reports);
    }

    [Fact]
    public void Only_the_named_source_is_played()
    {
        File.WriteAllBytes(RecordingPath, RecordingSamples.WholeFile());
        using var front = new ReplaySource(RecordingPath, "front", _reports.Add);
        using var side = new ReplaySource(RecordingPath, "side é", _reports.Add);
        Assert.True(front.Open() && side.Open());
        Assert.Equal(RecordingSamples.Frames().Count(), PlayAll(front).Count);
        Assert.Empty(PlayAll(side));
    }

    [Theory]
    [InlineData(null, "name the one to play: 'front', 'side é'")]
    [InlineData("rear", "no source 'rear'; it has 'front', 'side é'")]
    public void A_source_that_is_not_clear_is_a_fault(string? name, string problem)
    {
        File.WriteAllBytes(RecordingPath, RecordingSamples.WholeFile());
        using var source = new ReplaySource(RecordingPath, name, _reports.Add);
        Assert.False(source.Open());
        Assert.Equal(SourceFaultKind.OpenFailed, source.Fault.Kind);
        Assert.Contains(problem, source.Fault.Detail);
    }

    [Fact]
    public void A_factory_makes_replays_from_addresses()
    {
        File.WriteAllBytes(RecordingPath, RecordingSamples.WholeFile());
        var factory = new SourceFactory(TimeProvider.System);
        ReplaySource.Register(factory, _reports.Add);
        Assert.True(factory.TryMake(RecordingPath, SourceOptions.Usual, out var byPath, out _));
        Assert.False(byPath.Open());
        Assert.True(factory.TryMake($"replay://{RecordingPath}?source=front", SourceOptions.Usual, out var byName, out string problem),
            problem);
        Assert.True(byName.Open());
        Assert.Equal(RecordingSamples.Frames().Count(), PlayAll(byName).Count);
        Assert.False(factory.TryMake(RecordingPath, new SourceOptions { Loops = true }, out _, out problem));
        Assert.Contains("replayed once", problem);
        Assert.False(factory.TryMake($"replay://{RecordingPath}?sauce=front", SourceOptions.Usual, out _, out problem));
        Assert.Contains("'sauce'", problem);
        byPath.Dispose();
        byName.Dispose();
    }

    [Fact]
    public void Missing_and_foreign_files_are_faults()
    {
        using var missing = new ReplaySource(Path.Combine(_folder, "none.erec"), null, _reports.Add);
        Assert.False(missing.Open());
        Assert.Contains("none.erec", missing.Fault.Detail);
        using var foreign = new ReplaySource(TestPlaces.Fixture("protocol", "other.erec"), null, _reports.Add);
        Assert.False(foreign.Open());
        Assert.Contains("does not start as a recording", foreign.Fault.Detail);
        Assert.Equal(ReadOutcome.Fault, foreign.Read(new FrameSlot(), 0, out _));
    }

    [Fact]
    public void Recordings_are_known_by_extension_or_by_magic()
    {
        string unnamed = Path.Combine(_folder, "recording-without-extension");
        File.WriteAllBytes(unnamed, RecordingSamples.WholeFile());
        string text = Path.Combine(_folder, "text");
        File.WriteAllText(text, "hello");
        Assert.True(ReplaySource.IsRecording("anything.EREC"));
        Assert.True(ReplaySource.IsRecording(unnamed));
        Assert.False(ReplaySource.IsRecording(text));
        Assert.False(ReplaySource.IsRecording("/dev/video0 ! nothing"));
    }

    [Fact]
    public void Playing_allocates_nothing()
    {
        var windows = new AllocationWindows();
        var layout = FrameLayout.Packed(PixelFormat.I420, 80, 60);
        byte[] pixels = new byte[layout.SizeBytes];
        using (var file = File.Create(RecordingPath))
        {
            var writer = new RecordWriter(file, OneSource());
            for (int i = 0; i < windows.TotalFrameCount; i++)
            {
                writer.WriteFrame(new FrameStamp(0, i, 0, i), layout, pixels);
            }

            writer.WriteEnd(new SessionEnd(0, 0, 0, 0, [default]));
        }

        using var source = new ReplaySource(RecordingPath, null, _reports.Add);
        using var slot = new FrameSlot();
        Assert.True(source.Open());
        for (int i = 0; i < windows.TotalFrameCount; i++)
        {
            Assert.True(source.Read(slot, 0, out _) == ReadOutcome.Frame); // Equal would box.
            windows.EndFrame();
        }

        Assert.Equal(0, windows.LeastBytes);
        Assert.Equal(ReadOutcome.End, source.Read(slot, 0, out _));
    }

    private static SessionStart OneSource() => RecordingSamples.Session with { Sources = [RecordingSamples.Session.Sources[0]] };

    private static long TimeOf(int index) => 1_000_000_000 + (index * 33_333_333L);

    private static List<(FrameLayout Layout, string Bytes, long SourceNs)> PlayAll(IFrameSource source)
    {
        var played = new List<(FrameLayout, string, long)>();
        using var slot = new FrameSlot();
        ReadOutcome outcome;
        while ((outcome = source.Read(slot, 0, out long sourceNs)) == ReadOutcome.Frame)
        {
            played.Add((slot.Layout, Convert.ToHexString(slot.Bytes), sourceNs));
        }

        Assert.Equal(ReadOutcome.End, outcome);
        return played;
    }
}
