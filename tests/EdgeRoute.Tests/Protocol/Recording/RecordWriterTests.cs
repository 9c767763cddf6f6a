using EdgeRoute.Core.Frames;
using EdgeRoute.Protocol.Recording;
using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.Tests.Protocol.Recording;

public sealed class RecordWriterTests
{
    [Fact]
    public void Traces_and_frames_allocate_nothing_when_written_and_read()
    {
        // A frame larger than the writer's buffer, again and again at the start of the file, so that the file does not grow.
        var file = new MemoryStream(1 << 20);
        var layout = FrameLayout.Packed(PixelFormat.Nv12, 320, 240);
        byte[] pixels = new byte[layout.SizeBytes];
        var trace = RecordingSamples.Trace(RecordingSamples.NewRouter(RecordingSamples.Policy()), 0, 1);
        var writer = new RecordWriter(file, RecordingSamples.Session);
        Assert.Equal(0, AllocationWindows.LeastBytesOf(() =>
        {
            file.Position = 0;
            writer.WriteFrame(trace.Stamp, layout, pixels);
            writer.WriteTrace(trace);
            writer.Flush();
        }));

        var windows = new AllocationWindows();
        var reader = new RecordReader(new MemoryStream(FileOf(windows.TotalFrameCount, trace)));
        Assert.True(reader.Read());
        while (reader.Read() && reader.Read())
        {
            windows.EndFrame();
        }

        Assert.Equal(0, windows.LeastBytes);
    }

    [Fact]
    public void Stale_decisions_of_an_earlier_frame_do_not_reach_the_file()
    {
        var router = RecordingSamples.NewRouter(RecordingSamples.Policy());
        var clean = Enumerable.Range(0, 50).Select(seed => RecordingSamples.Trace(router, 3, seed)).First(t => t.DecisionCount == 1);
        var stale = clean;
        stale.Decisions[1] = clean.Decisions[0];
        stale.Decisions[0].Values[10] = new(1, 2, 3, 4, 5, 6, default, 7);
        var (a, b) = (new byte[RecordingFormat.TraceBytes], new byte[RecordingFormat.TraceBytes]);
        TraceRecordCodec.Encode(clean, a);
        TraceRecordCodec.Encode(stale, b);
        Assert.Equal(a, b);
    }

    [Fact]
    public void A_trace_without_windows_is_read_as_earlier_versions_wrote_it()
    {
        var trace = RecordingSamples.Trace(RecordingSamples.NewRouter(RecordingSamples.Policy()), 3, 1);
        trace.WindowCount = 1;
        trace.Windows[0] = new TracedWindow(0.1f, 0.2f, 0.3f, 0.4f, 0);
        byte[] bytes = new byte[RecordingFormat.TraceBytes];
        TraceRecordCodec.Encode(trace, bytes);
        var file = new MemoryStream();
        var writer = new RecordWriter(file, RecordingSamples.Session);
        writer.WriteRecord(RecordKind.Trace, bytes.AsSpan(0, RecordingFormat.TraceBytesLeast));
        writer.WriteRecord(RecordKind.Trace, bytes);
        bytes[RecordingFormat.TraceWindowsAt + 8 + 16] = 6;
        writer.WriteRecord(RecordKind.Trace, bytes);
        writer.Flush();
        var reader = new RecordReader(new MemoryStream(file.ToArray()));
        Assert.True(reader.Read() && reader.Read());
        Assert.Equal((3, 0), (reader.Trace.Stamp.Sequence, reader.Trace.WindowCount));
        Assert.True(reader.Read());
        var read = reader.Trace;
        Assert.Equal((1, trace.Windows[0]), (read.WindowCount, read.Windows[0]));
        Assert.False(reader.Read());
        Assert.Contains("window 0 does not lie inside the frame, or no decision led to it", reader.StopText);
    }

    [Fact]
    public void A_record_that_a_reader_would_refuse_is_not_written()
    {
        var file = new MemoryStream();
        var writer = new RecordWriter(file, RecordingSamples.Session);
        long length = writer.LengthBytes;
        var trace = RecordingSamples.Trace(RecordingSamples.NewRouter(RecordingSamples.Policy()), 0, 1);
        trace.End = FrameEnd.None;
        Assert.Contains("end 0", Assert.Throws<ArgumentException>(() => writer.WriteTrace(trace)).Message);
        var gray = FrameLayout.Packed(PixelFormat.Gray8, 4, 4);
        Assert.Throws<ArgumentException>(() => writer.WriteFrame(new FrameStamp(0, 0, 0, 0), gray, new byte[15]));
        Assert.Throws<ArgumentException>(() => writer.WriteFrame(new FrameStamp(2, 0, 0, 0), gray, new byte[16]));
        Assert.Throws<ArgumentException>(() => writer.WriteEvent(new RecordedEvent(0, 2, EventKind.Note, "")));
        Assert.Throws<ArgumentException>(() => writer.WriteEnd(new SessionEnd(0, 0, 0, 0, [])));
        Assert.Equal(length, writer.LengthBytes);
    }

    [Fact]
    public void Long_text_is_cut_at_a_character()
    {
        var file = new MemoryStream();
        var writer = new RecordWriter(file, RecordingSamples.Session with { EngineVersion = new string('é', 5000) });
        writer.WriteEvent(new RecordedEvent(0, -1, EventKind.Note, "x" + new string('日', 2000)));
        writer.Flush();
        var reader = new RecordReader(new MemoryStream(file.ToArray()));
        Assert.True(reader.Read() && reader.Read());
        Assert.Equal(new string('é', 2048), reader.Session!.EngineVersion);
        Assert.Equal("x" + new string('日', 341), reader.Event!.Text);
    }

    [Fact]
    public void After_a_failed_write_nothing_can_follow()
    {
        using var full = new FullDisk(100);
        var writer = new RecordWriter(full, RecordingSamples.Session);
        Assert.Throws<IOException>(writer.Flush);
        Assert.Throws<ObjectDisposedException>(writer.Flush);
    }

    /// <summary>A recording of that many frames with their traces; a frame is larger than the buffer a reader starts with.</summary>
    private static byte[] FileOf(int frameCount, in TraceRecord trace)
    {
        var layout = FrameLayout.Packed(PixelFormat.Nv12, 80, 60);
        byte[] pixels = new byte[layout.SizeBytes];
        var file = new MemoryStream();
        var writer = new RecordWriter(file, RecordingSamples.Session);
        for (int i = 0; i < frameCount; i++)
        {
            writer.WriteFrame(trace.Stamp, layout, pixels);
            writer.WriteTrace(trace);
        }

        writer.Flush();
        return file.ToArray();
    }
}
