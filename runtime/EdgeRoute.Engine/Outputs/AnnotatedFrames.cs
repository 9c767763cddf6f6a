using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Routing;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Drawing;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Engine.Reports;
using EdgeRoute.Interop.Linux;

namespace EdgeRoute.Engine.Outputs;

/// <summary>What the annotator must know of a stream to say why a frame went its way.</summary>
/// <param name="Cascade">The thresholds in force; null under another policy.</param>
internal sealed record AnnotatedStream(string Name, RouteTree Tree, CascadeSettings? Cascade, IReadOnlyList<string> Labels);

/// <summary>
/// Writes annotated frames into a folder, one JPEG each: <c>front-000123.jpg</c>. The oldest give way; one that finds no room is left out.
/// </summary>
internal sealed class AnnotatedFrames : IDisposable
{
    /// <summary>Frames between two looks at what is too much: a listing of the folder costs as much as a few pictures.</summary>
    private const int TrimFrames = 500;

    /// <summary>Frames between two looks at the room that is left.</summary>
    private const int LookFrames = 16;

    private readonly FrameAnnotator _annotator = new();
    private readonly string _folder;
    private readonly IReadOnlyList<AnnotatedStream> _streams;
    private readonly Action<string> _report;
    private readonly FileRing _ring;
    private readonly DiskRoom _room;
    private long _count, _refusedCount;

    public AnnotatedFrames(string folder, IReadOnlyList<AnnotatedStream> streams, DiskConfig disk, Action<string> report)
    {
        (_folder, _streams, _report) = (folder, streams, report);
        _ring = new FileRing(folder, IsOwn, disk, report);
        _ring.Narrow();
        _room = new DiskRoom(folder, $"the annotated frames in {folder}", disk, LookFrames, report);
    }

    public void Write(PublishedCopy frame)
    {
        if (!_room.Has())
        {
            return;
        }

        var stream = _streams[frame.StreamIndex];
        ref readonly var record = ref frame.Record;
        var annotation = new FrameAnnotation(
            stream.Name, record.Stamp.Sequence, DecisionText.PathOf(stream.Tree, record),
            DecisionText.ReasonOf(stream.Tree, record, stream.Cascade),
            record.LatencyNs / 1e6, record.End, frame.Answer.HasValue ? frame.Answer : null, stream.Labels)
        {
            Windows = FrameAnnotation.WindowsOf(record),
            BoxNotes = [.. Enumerable.Range(0, frame.Answer.DetectionCount).Select(i => frame.Names.CropWordsOf(frame.Answer, i))],
        };
        Put(Path.Combine(_folder, $"{stream.Name}-{record.Stamp.Sequence:D6}.jpg"),
            _annotator.DrawJpeg(frame.Slot.Layout, frame.Slot.Bytes, annotation));
        if (_count++ % TrimFrames == 0)
        {
            _ring.Trim([], DateTime.UtcNow);
        }
    }

    public void Dispose()
    {
        _annotator.Dispose();
        _room.End();
        if (_refusedCount > 0)
        {
            _report($"{_refusedCount} annotated frames could not be written into {_folder}");
        }
    }

    private void Put(string path, byte[] jpeg)
    {
        try
        {
            using var file = RegularFile.Create(path);
            file.Write(jpeg);
        }
        catch (IOException refused) when (refused is not (DirectoryNotFoundException or FileNotFoundException))
        {
            if (_refusedCount++ == 0)
            {
                _report($"an annotated frame could not be written: {refused.Message} Others like it are counted.");
            }
        }
    }

    private bool IsOwn(string name) => name.EndsWith(".jpg", StringComparison.Ordinal)
        && _streams.Any(s => name.StartsWith(s.Name + "-", StringComparison.Ordinal)
            && name.AsSpan(s.Name.Length + 1, name.Length - s.Name.Length - 5).IndexOfAnyExceptInRange('0', '9') < 0);
}
