using EdgeRoute.Core.Frames;
using EdgeRoute.Engine.Tracing;
using EdgeRoute.Protocol.Recording;
using EdgeRoute.Protocol.Tracing;
using EdgeRoute.Tests.Protocol.Recording;
using EdgeRoute.Workbench.Replaying;

namespace EdgeRoute.Tests.Engine.Tracing;

public sealed class TraceSinkTests : IDisposable
{
    private static readonly FrameLayout Gray = FrameLayout.Packed(PixelFormat.Gray8, 64, 48);

    private readonly string _folder = Directory.CreateTempSubdirectory("edgeroute-test-").FullName;
    private readonly List<string> _reports = [];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_clean_stop_writes_everything_and_the_law_holds()
    {
        string path = Path.Combine(_folder, "run.erec");
        var sink = TraceSink.Create(path, RecordingSamples.Session, new SinkSettings { WaitsForRoom = true }, _reports.Add);
        var tally = Feed(sink, 40);
        sink.PushEvent(new RecordedEvent(1, 0, EventKind.Note, "hello"));
        var totals = sink.Close(9, [tally, default]);
        Assert.Equal(new SinkTotals(40, 0, 40, 0, 1, 0, new FileInfo(path).Length), totals);
        Assert.Equal(totals, sink.Close(9, [tally, default]));
        using var file = File.OpenRead(path);
        Assert.Empty(TraceLaw.FindProblems(new RecordReader(file)));
        Assert.Empty(_reports);
    }

    [Fact]
    public void Frames_that_find_no_buffer_are_counted_and_do_not_wait()
    {
        using var disk = new StuckDisk();
        var sink = new TraceSink(disk, RecordingSamples.Session, new SinkSettings { FrameCapacity = 2, TraceCapacity = 8 }, _reports.Add);
        Assert.True(sink.PushFrame(new FrameStamp(0, 0, 0, 0), Gray, new byte[Gray.SizeBytes]));
        disk.WaitUntilStuck();
        var tally = Feed(sink, 20, firstSequence: 1);
        disk.LetGo();
        var totals = sink.Close(9, [tally, default]);

        // One frame was being written or just flushed and may still hold its buffer, so one or two of the twenty found room.
        Assert.Equal(21, totals.FrameWrittenCount + totals.FrameLostCount);
        Assert.InRange(totals.FrameWrittenCount, 2, 3);
        Assert.Equal((8, 12), (totals.TraceWrittenCount, totals.TraceLostCount));
        var reader = new RecordReader(new MemoryStream(disk.ToArray()));
        Assert.Empty(TraceLaw.FindProblems(reader));
        Assert.Equal((12, totals.FrameLostCount), (reader.End!.TraceLostCount, reader.End.FrameLostCount));
    }

    [Fact]
    public void A_full_disk_ends_the_recording_and_not_the_run()
    {
        using var disk = new FullDisk(20_000);
        var sink = new TraceSink(disk, RecordingSamples.Session, new SinkSettings { WaitsForRoom = true }, _reports.Add);
        var tally = Feed(sink, 30);
        var totals = sink.Close(9, [tally, default]);
        Assert.Contains("No space left on device", Assert.Single(_reports));
        Assert.Equal((30, 30), (totals.TraceWrittenCount + totals.TraceLostCount, totals.FrameWrittenCount + totals.FrameLostCount));
        Assert.True(totals.FrameLostCount > 0 && totals.TraceLostCount > 0, totals.ToString());
        var reader = GoldenFileTests.ReadAll(disk.ToArray());
        Assert.Equal(ReadStop.Cut, reader.Stop);
    }

    [Fact]
    public void The_limit_of_the_file_holds_and_its_end_is_still_written()
    {
        using var disk = new MemoryStream();
        var settings = new SinkSettings { WaitsForRoom = true, FileBytesLimit = 30_000 };
        var sink = new TraceSink(disk, RecordingSamples.Session, settings, _reports.Add);
        var totals = sink.Close(9, [Feed(sink, 30), default]);
        Assert.Contains("30000 bytes", Assert.Single(_reports));
        Assert.InRange(totals.FileBytes, 25_000, 30_000 + 1024);
        var reader = new RecordReader(new MemoryStream(disk.ToArray()));
        Assert.Empty(TraceLaw.FindProblems(reader));
        Assert.True(reader.End!.FrameLostCount > 0);
    }

    [Fact]
    public void An_invalid_record_is_kept_out_and_said_once()
    {
        using var disk = new MemoryStream();
        var sink = new TraceSink(disk, RecordingSamples.Session, new SinkSettings(), _reports.Add);
        sink.PushTrace(default);
        sink.PushTrace(default);
        var totals = sink.Close(9, [default, default]);
        Assert.Equal((0, 2), (totals.TraceWrittenCount, totals.TraceLostCount));
        Assert.Contains("end 0", Assert.Single(_reports));
        Assert.Equal(ReadStop.Complete, GoldenFileTests.ReadAll(disk.ToArray()).Stop);
    }

    [Fact]
    public void An_existing_file_is_never_touched()
    {
        string path = Path.Combine(_folder, "old.erec");
        File.WriteAllText(path, "precious");
        Assert.Throws<IOException>(() => TraceSink.Create(path, RecordingSamples.Session, new SinkSettings(), _reports.Add));
        Assert.Equal("precious", File.ReadAllText(path));
    }

    [Fact]
    public void Without_close_the_file_is_unfinished_and_readable()
    {
        string path = Path.Combine(_folder, "killed.erec");
        using (var sink = TraceSink.Create(path, RecordingSamples.Session, new SinkSettings(), _reports.Add))
        {
            sink.PushTrace(RecordingSamples.Trace(RecordingSamples.NewRouter(RecordingSamples.Policy()), 0, 1));
        }

        Assert.Equal(ReadStop.Unfinished, GoldenFileTests.ReadAll(File.ReadAllBytes(path)).Stop);
    }

    [Fact]
    public void A_frame_and_its_trace_allocate_nothing_on_their_way_to_a_file()
    {
        using var file = new FileStream(Path.Combine(_folder, "steady.erec"), FileMode.CreateNew, FileAccess.Write, FileShare.Read,
            bufferSize: 0);
        var (traces, frames, events) = (new TraceRing(8), new FrameQueue(2), new EventQueue());
        var pump = new RecordingPump(new RecordWriter(file, RecordingSamples.Session), traces, frames, events, long.MaxValue, _reports.Add);
        var trace = RecordingSamples.Trace(RecordingSamples.NewRouter(RecordingSamples.Policy()), 0, 1);
        var layout = FrameLayout.Packed(PixelFormat.Nv12, 320, 240);
        byte[] pixels = new byte[layout.SizeBytes];
        var windows = new AllocationWindows();
        for (int i = 0; i < windows.TotalFrameCount; i++)
        {
            file.Position = 0; // Over and over the same bytes of the disk.
            Assert.True(frames.TryPush(trace.Stamp, layout, pixels));
            traces.Push(trace);
            pump.Pump();
            windows.EndFrame();
        }

        Assert.Equal(0, windows.LeastBytes);
        Assert.Equal((windows.TotalFrameCount, windows.TotalFrameCount), (pump.Totals.TraceWrittenCount, pump.Totals.FrameWrittenCount));
        frames.Dispose();
    }

    private static EndTally Feed(TraceSink sink, int count, int firstSequence = 0)
    {
        var router = RecordingSamples.NewRouter(RecordingSamples.Policy());
        var tally = default(EndTally);
        byte[] pixels = new byte[Gray.SizeBytes];
        for (int i = 0; i < count; i++)
        {
            var trace = RecordingSamples.Trace(router, firstSequence + i, i);
            sink.PushFrame(trace.Stamp, Gray, pixels);
            sink.PushTrace(trace);
            tally = tally.With(trace.End) with { Captured = i + 1 };
        }

        return tally;
    }
}
