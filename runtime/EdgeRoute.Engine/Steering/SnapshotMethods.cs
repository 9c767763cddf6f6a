using EdgeRoute.ControlChannel.Serving;
using EdgeRoute.Core.Routing;
using EdgeRoute.Engine.Drawing;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Engine.Outputs;
using EdgeRoute.Engine.Reports;
using EdgeRoute.Engine.Running;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Rpc;

namespace EdgeRoute.Engine.Steering;

/// <summary>Pictures on demand, compressed on the asker's thread.</summary>
internal sealed class SnapshotMethods
{
    /// <summary>The slowest camera worth waiting for gives a frame every few seconds.</summary>
    private static readonly TimeSpan FrameWait = TimeSpan.FromSeconds(10);

    private readonly RunningEngine _engine;
    private readonly SnapshotTap _tap;

    public SnapshotMethods(RunningEngine engine)
    {
        (_engine, _tap) = (engine, new SnapshotTap(engine.State.MakeAnswerRoom));
        engine.Consumers.Add(_tap);
    }

    public void AddTo(MethodTable table) =>
        table.Add<SnapshotRequest>(ControlMethod.Snapshot, ControlRole.Viewer,
            async (request, _, cancel) => await Take(request, cancel).ConfigureAwait(false));

    private async Task<IControlMessage> Take(SnapshotRequest request, CancellationToken cancel)
    {
        var plan = new ChangePlanner(_engine).Find(request.Stream).Setup;
        string name = plan.Source.Name;
        using var waited = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        waited.CancelAfter(FrameWait);
        try
        {
            using var frame = await _tap.Next(plan.Index, waited.Token).ConfigureAwait(false);
            // The pack may have become another meanwhile.
            plan = _engine.State.Find(plan.Index)?.Setup ?? plan;
            return new SnapshotReply
            {
                Stream = name,
                Sequence = frame.Record.Stamp.Sequence,
                Path = DecisionText.PathOf(plan.Parts.Router.Tree, frame.Record),
                Jpeg = request.IsAnnotated ? Annotate(frame, plan) : Compress(frame),
            };
        }
        catch (InvalidOperationException busy)
        {
            throw new RpcRefusedException(RpcErrorCode.Conflict, $"stream {name}: {busy.Message}", "ask again");
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new RpcRefusedException(RpcErrorCode.Failed, $"stream {name} gave no frame within {FrameWait.TotalSeconds} s",
                "look at its source: 'edgeroute streams', 'edgeroute events'");
        }
        catch (Exception refused) when (refused is DllNotFoundException or InvalidDataException or OutOfMemoryException)
        {
            throw new RpcRefusedException(RpcErrorCode.Unavailable, refused.Message);
        }
    }

    private static byte[] Annotate(PublishedCopy frame, StreamSetup plan)
    {
        using var annotator = new FrameAnnotator();
        var cascade = plan.Parts.Router.Policy is CascadePolicy ? plan.Pack.Pack.Cascade : null;
        ref readonly var record = ref frame.Record;
        var annotation = new FrameAnnotation(
            plan.Source.Name, record.Stamp.Sequence, DecisionText.PathOf(plan.Parts.Router.Tree, record),
            DecisionText.ReasonOf(plan.Parts.Router.Tree, record, cascade),
            record.LatencyNs / 1e6, record.End, frame.Answer.HasValue ? frame.Answer : null, plan.Pack.Pack.Labels)
        {
            Windows = FrameAnnotation.WindowsOf(record),
            BoxNotes = [.. Enumerable.Range(0, frame.Answer.DetectionCount).Select(i => frame.Names.CropWordsOf(frame.Answer, i))],
        };
        return annotator.DrawJpeg(frame.Slot.Layout, frame.Slot.Bytes, annotation);
    }

    private static byte[] Compress(PublishedCopy frame)
    {
        using var compressor = new FrameCompressor();
        return compressor.Compress(frame.Slot.Layout, frame.Slot.Bytes).ToArray();
    }
}
