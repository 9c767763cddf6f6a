using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Routing;
using EdgeRoute.Engine.Drawing;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Engine.Reports;
using EdgeRoute.Interop.Linux;

namespace EdgeRoute.Engine.Outputs;

/// <summary>What the annotator must know of a stream to say why a frame went its way.</summary>
/// <param name="Cascade">The thresholds in force; null under another policy.</param>
internal sealed record AnnotatedStream(string Name, RouteTree Tree, CascadeSettings? Cascade, IReadOnlyList<string> Labels);

/// <summary>Writes annotated frames into a folder, one JPEG each: <c>front-000123.jpg</c>.</summary>
internal sealed class AnnotatedFrames(string folder, IReadOnlyList<AnnotatedStream> streams) : IDisposable
{
    private readonly FrameAnnotator _annotator = new();

    public void Write(PublishedCopy frame)
    {
        var stream = streams[frame.StreamIndex];
        ref readonly var record = ref frame.Record;
        var annotation = new FrameAnnotation(
            stream.Name, record.Stamp.Sequence, DecisionText.PathOf(stream.Tree, record),
            DecisionText.ReasonOf(stream.Tree, record, stream.Cascade),
            record.LatencyNs / 1e6, record.End, frame.Answer.HasValue ? frame.Answer : null, stream.Labels);
        using var file = RegularFile.Create(Path.Combine(folder, $"{stream.Name}-{record.Stamp.Sequence:D6}.jpg"));
        file.Write(_annotator.DrawJpeg(frame.Slot.Layout, frame.Slot.Bytes, annotation));
    }

    public void Dispose() => _annotator.Dispose();
}
