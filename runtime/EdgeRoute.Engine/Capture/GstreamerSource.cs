using EdgeRoute.Engine.Frames;
using EdgeRoute.Interop.Gstreamer;
using EdgeRoute.Protocol.Recording;

namespace EdgeRoute.Engine.Capture;

/// <summary>Frames from a GStreamer pipeline: cameras, RTSP, files, test patterns. Rows keep the strides GStreamer gave them.</summary>
internal sealed class GstreamerSource(PipelineSetup plan) : IFrameSource
{
    private GstPipeline? _pipeline;
    private long _frameCount;
    private long _loopBaseNs;
    private long _lastNs;
    private long _frameNs;

    public string Description => plan.Description;

    public bool IsLive => plan.IsLive;

    public SourceFault Fault { get; private set; } = SourceFault.None;

    public bool Open()
    {
        Close();
        Fault = SourceFault.None;
        _frameCount = 0;
        _loopBaseNs = 0;
        _lastNs = 0;
        _frameNs = 0;
        if (!GstLibrary.TryLoad(out string reason))
        {
            return Refuse(reason);
        }

        if (plan.NeededPath is not null && !File.Exists(plan.NeededPath))
        {
            return Refuse($"{plan.NeededPath} does not exist");
        }

        return TryBuild() && (_pipeline!.TryPlay() || Refuse(_pipeline.ErrorText));
    }

    public ReadOutcome Read(FrameSlot slot, int waitMs, out long sourceNs)
    {
        sourceNs = -1;
        var pipeline = _pipeline ?? throw new InvalidOperationException("Read comes after Open.");
        switch (pipeline.Pull(waitMs))
        {
            case GstPull.Sample:
                return Copy(pipeline, slot, out sourceNs);
            case GstPull.Timeout:
                return ReadOutcome.Nothing;
            case GstPull.EndOfStream:
                return AtEnd(pipeline);
            default:
                return Break(_frameCount == 0 ? SourceFaultKind.OpenFailed : SourceFaultKind.StreamError, pipeline.ErrorText);
        }
    }

    public void Close()
    {
        _pipeline?.Dispose();
        _pipeline = null;
    }

    public void Dispose() => Close();

    private bool TryBuild()
    {
        string? firstProblem = null;
        foreach (string text in plan.Texts)
        {
            try
            {
                _pipeline = GstPipeline.Parse(text);
                return true;
            }
            catch (GstException refused)
            {
                firstProblem ??= refused.Message;
            }
        }

        return Refuse(firstProblem ?? "there is no pipeline to run");
    }

    private ReadOutcome Copy(GstPipeline pipeline, FrameSlot slot, out long sourceNs)
    {
        sourceNs = -1;
        var shape = pipeline.Shape;
        var bytes = pipeline.Bytes;
        if (!GstSampleLayout.TryMake(shape, bytes.Length, out var layout, out string problem))
        {
            return Break(SourceFaultKind.UnusableFormat, $"{problem} (caps {pipeline.CapsText})");
        }

        bytes[..layout.SizeBytes].CopyTo(slot.Prepare(layout));
        sourceNs = IsLive ? -1 : TimeOf(shape, pipeline.PresentationNs);
        pipeline.ReleaseSample();
        _frameCount++;
        return ReadOutcome.Frame;
    }

    /// <summary>Time in the file, growing over loops too; frames without a time of their own follow the rate.</summary>
    private long TimeOf(in GstSampleShape shape, long presentationNs)
    {
        _frameNs = shape.RateNumerator > 0 ? 1_000_000_000L * shape.RateDenominator / shape.RateNumerator : _frameNs;
        if (presentationNs >= 0)
        {
            _lastNs = _loopBaseNs + presentationNs;
        }
        else
        {
            _lastNs = _frameCount == 0 ? 0 : _lastNs + _frameNs;
        }

        return _lastNs;
    }

    private ReadOutcome AtEnd(GstPipeline pipeline)
    {
        if (IsLive)
        {
            return Break(SourceFaultKind.EndOfLive, "the stream of a live source ended; if this pipeline is meant to end, say that it "
                + "is not live");
        }

        if (_frameCount == 0)
        {
            return Break(SourceFaultKind.StreamError, "it ended without a single frame");
        }

        return plan.Loops ? Restart(pipeline) : ReadOutcome.End;
    }

    private ReadOutcome Restart(GstPipeline pipeline)
    {
        long nextNs = _lastNs + _frameNs, frames = _frameCount;
        if (!pipeline.TryRewind() && !Open())
        {
            return ReadOutcome.Fault;
        }

        (_loopBaseNs, _lastNs, _frameCount) = (nextNs, nextNs, frames);
        return ReadOutcome.Nothing;
    }

    private bool Refuse(string detail)
    {
        Break(SourceFaultKind.OpenFailed, detail);
        Close();
        return false;
    }

    private ReadOutcome Break(SourceFaultKind kind, string detail)
    {
        Fault = new SourceFault(kind, AddressText.WithoutSecrets(plan.WithoutPassword(detail)));
        return ReadOutcome.Fault;
    }
}
