using EdgeRoute.Core.Frames;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Engine.Outputs;
using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.Tests.Engine.Outputs;

public sealed class AnnotatedFramesTests
{
    [Fact]
    public void Every_frame_is_a_JPEG_named_by_source_and_sequence_with_or_without_an_answer()
    {
        using var folder = new TemporaryFolder();
        var tree = PublishSamples.Tree();
        using (var frames = new AnnotatedFrames(folder.Path, [new AnnotatedStream("front", tree, PublishSamples.Cascade, ["person"])],
            DiskConfig.Usual, _ => { }))
        {
            Write(frames, 0, PublishSamples.Record(tree, "light", FrameEnd.Exited, 5), hasAnswer: true);
            Write(frames, 7, PublishSamples.Record(tree, "light>heavy", FrameEnd.Escalated, 9), hasAnswer: true);
            Write(frames, 1_234_567, new TraceRecord { End = FrameEnd.Failed, NodeIndex = -1 }, hasAnswer: false);
        }

        string[] files = Directory.GetFiles(folder.Path);
        Assert.Equal(["front-000000.jpg", "front-000007.jpg", "front-1234567.jpg"],
            files.Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal));
        Assert.All(files, f => Assert.Equal([0xFF, 0xD8], File.ReadAllBytes(f)[..2]));
    }

    [Fact]
    public void A_folder_that_has_gone_is_a_fault_that_a_queue_understands()
    {
        var tree = PublishSamples.Tree();
        using var frames = new AnnotatedFrames("/nonexistent/folder", [new AnnotatedStream("front", tree, null, [])], DiskConfig.Usual,
            _ => { });
        Assert.ThrowsAny<IOException>(() => Write(frames, 0, PublishSamples.Record(tree, "light", FrameEnd.Exited, 5), hasAnswer: true));
    }

    private static void Write(AnnotatedFrames frames, long sequence, TraceRecord record, bool hasAnswer)
    {
        using var slot = new FrameSlot();
        slot.Prepare(FrameLayout.Packed(PixelFormat.Rgb, 320, 240)).Fill(90);
        record.Stamp = record.Stamp with { Sequence = sequence };
        slot.Commit(record.Stamp);
        var answer = new Answer(TaskKind.Detection, 1, 0) { NodeIndex = hasAnswer ? 1 : -1, DetectionCount = hasAnswer ? 1 : 0 };
        answer.DetectionSlots[0] = new Detection(0.1f, 0.1f, 0.5f, 0.5f, 0.9f, 0);
        using var copy = new PublishedCopy(new Answer(TaskKind.Detection, 1, 0));
        copy.Take(new PublishedFrame(0, slot, answer, in record), withPixels: true);
        frames.Write(copy);
    }
}
