using EdgeRoute.Engine.Frames;
using EdgeRoute.Interop.Gstreamer;
using EdgeRoute.Protocol.Recording;

namespace EdgeRoute.Engine.Capture;

/// <summary>Frames from a GStreamer pipeline: cameras, RTSP, files, test patterns. Rows keep the strides GStreamer gave them.</summary>
internal sealed class GstreamerSource(PipelineSetup plan) : IFrameSource
{
    /// <summary>Reads without a frame after which a file that was rewound is opened anew.</summary>
    private const int RewindPatience = 10;

    private readonly StreamTime _time = new();
    private GstPipeline? _pipeline;
    private long _frameCount, _lastNs;
    private bool _isOtherWay, _hasTurned, _cannotRewind;
    private int _silentReads;

    public string Description => plan.Description;

    public bool IsLive => plan.IsLive;

    public bool Repeats => plan.Loops;

    public double ReadShare => !IsLive && _pipeline is { DurationNs: > 0 and var length } ? Math.Clamp((double)_lastNs / length, 0, 1)
        : double.NaN;

    public SourceFault Fault { get; private set; } = SourceFault.None;

    public bool Open()
    {
        _frameCount = 0;
        _hasTurned = false;
        _time.Begin();
        return TryStart();
    }

    public string? FindProblem()
    {
        Close();
        string? problem = GstLibrary.TryLoad(out string reason) ? TryBuild() : reason;
        Close();
        return problem is null ? null : Shown(problem);
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
                return AtSilence(pipeline);
            case GstPull.EndOfStream:
                return AtEnd(pipeline);
            default:
                return Fail(pipeline);
        }
    }

    public void Close()
    {
        _pipeline?.Dispose();
        _pipeline = null;
    }

    public void Dispose() => Close();

    private bool TryStart()
    {
        Close();
        Fault = SourceFault.None;
        if (!GstLibrary.TryLoad(out string reason))
        {
            return Refuse(SourceFaultKind.CannotWork, reason);
        }

        if (plan.NeededPath is not null && !File.Exists(plan.NeededPath))
        {
            return Refuse(SourceFaultKind.OpenFailed, $"{plan.NeededPath} does not exist");
        }

        return TryBuild() is { } problem ? Refuse(SourceFaultKind.CannotWork, problem)
            : _pipeline!.TryPlay() || Refuse(SourceFaultKind.OpenFailed, Explained(_pipeline));
    }

    /// <summary>Null, or why none of the texts can be built.</summary>
    private string? TryBuild()
    {
        string? firstProblem = null;
        foreach (string text in _isOtherWay ? [plan.OtherWay!.Text] : plan.Texts)
        {
            try
            {
                _pipeline = GstPipeline.Parse(text);
                return null;
            }
            catch (GstException refused)
            {
                firstProblem ??= refused.Message;
            }
        }

        return firstProblem ?? "there is no pipeline to run";
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

        if (plan.KeepsEvery && !_cannotRewind && !_time.IsSameBegin(pipeline.PresentationNs))
        {
            // Some demuxers come back from a seek elsewhere than at their begin, so that this file is opened anew at each end.
            return Reopen();
        }

        bytes[..layout.SizeBytes].CopyTo(slot.Prepare(layout));
        _lastNs = pipeline.PresentationNs;
        sourceNs = IsLive ? -1 : _time.Of(pipeline.PresentationNs, shape.RateNumerator, shape.RateDenominator);
        pipeline.ReleaseSample();
        _frameCount++;
        return ReadOutcome.Frame;
    }

    private ReadOutcome AtSilence(GstPipeline pipeline)
    {
        if (IsUnlinked(pipeline))
        {
            return Fail(pipeline);
        }

        return IsRewinding && ++_silentReads > RewindPatience ? Reopen() : ReadOutcome.Nothing;
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
        if (_time.IsPassEmpty)
        {
            // Opened anew there is nothing more to be tried; rewound there is.
            return _cannotRewind ? Break(SourceFaultKind.StreamError, "started again at its end, it has no frame") : Reopen();
        }

        _time.BeginPass();
        _silentReads = 0;
        return !_cannotRewind && pipeline.TryRewind() ? ReadOutcome.Nothing : Reopen();
    }

    private ReadOutcome Reopen()
    {
        _cannotRewind = true;
        return TryStart() ? ReadOutcome.Nothing : ReadOutcome.Fault;
    }

    private ReadOutcome Fail(GstPipeline pipeline)
    {
        if (IsRewinding)
        {
            return Reopen();
        }

        string words = Explained(pipeline);
        if (_frameCount > 0 || _hasTurned || plan.OtherWay is not { } other || !words.Contains(other.Sign, StringComparison.Ordinal))
        {
            return Break(_frameCount == 0 ? SourceFaultKind.OpenFailed : SourceFaultKind.StreamError, words);
        }

        (_isOtherWay, _hasTurned) = (!_isOtherWay, true);
        if (!TryStart())
        {
            return ReadOutcome.Fault;
        }

        Fault = new SourceFault(SourceFaultKind.OtherWay, Shown($"{words}; it is opened {(_isOtherWay ? other.Name : plan.Way)} instead"));
        return ReadOutcome.Nothing;
    }

    /// <summary>What an element said, or what it means where its words do not tell.</summary>
    private string Explained(GstPipeline pipeline)
    {
        string words = pipeline.ErrorText;
        if (_frameCount == 0 && pipeline.MissingText.Length > 0)
        {
            return $"{(words.Length > 0 ? words : Description + " cannot be decoded")}; GStreamer has no {pipeline.MissingText} on this "
                + "machine (apt-get install gstreamer1.0-libav has most)";
        }

        if (plan.OtherWay is null && plan.Way.Length > 0 && words.Contains(PipelineWriter.TransportRefused, StringComparison.Ordinal))
        {
            return $"{words}; it was opened {plan.Way} alone, see 'rtsp_transport'";
        }

        bool isUnlinked = _frameCount == 0 && (IsUnlinked(pipeline) || words.Contains("reason not-linked", StringComparison.Ordinal));
        return isUnlinked ? $"{Description} has no video stream" : words;
    }

    /// <summary>It was sent back to its begin, and nothing has come since.</summary>
    private bool IsRewinding => plan.Loops && _frameCount > 0 && _time.IsPassEmpty && !_cannotRewind;

    /// <summary>What has sound alone does not always end in an error.</summary>
    private bool IsUnlinked(GstPipeline pipeline) => _frameCount == 0 && plan.HasOneChain && pipeline.IsUnlinked;

    private bool Refuse(SourceFaultKind kind, string detail)
    {
        Break(kind, detail);
        Close();
        return false;
    }

    private ReadOutcome Break(SourceFaultKind kind, string detail)
    {
        Fault = new SourceFault(kind, Shown(detail));
        return ReadOutcome.Fault;
    }

    private string Shown(string words) => AddressText.WithoutSecrets(plan.WithoutPassword(words));
}
