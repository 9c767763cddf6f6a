using EdgeRoute.Core.Frames;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Engine.Outputs;
using EdgeRoute.Protocol.Recording;

namespace EdgeRoute.Engine.Tracing;

/// <summary>
/// A recording that is being taken: its sink, what feeds it, and where the counts stood when it began. Begun and ended between frames;
/// closed by another thread, because the disk may take its time.
/// </summary>
public sealed class Recording : IDisposable
{
    private readonly TraceSink _sink;
    private readonly CompressedRecording? _compressor;
    private IReadOnlyList<EndTally> _before = [], _after = [];
    private long _endNs;

    /// <param name="makeRoom">Makes an answer large enough for any stream's.</param>
    /// <exception cref="DllNotFoundException">Frames are to be compressed, and libjpeg-turbo is not here.</exception>
    public Recording(string path, RecordedFrames frames, TraceSink sink, QueuePressure pressure, Func<Answer> makeRoom, Action<string> warn)
    {
        (Path, Frames, _sink) = (path, frames, sink);
        Traces = new TraceConsumer(sink, withFrames: frames == RecordedFrames.Raw);
        if (frames == RecordedFrames.Jpeg)
        {
            // Compressing takes milliseconds, which the loop has not: it is done on a thread of its own.
            _compressor = new CompressedRecording(sink, warn);
            FrameQueue = QueueTo(_compressor, makeRoom, pressure, sink);
        }
    }

    private static PublishQueue QueueTo(CompressedRecording compressor, Func<Answer> makeRoom, QueuePressure pressure, TraceSink sink)
    {
        try
        {
            return new PublishQueue("recorded frames", makeRoom, withPixels: true, pressure, compressor.Write, sink.CountLostFrame);
        }
        catch
        {
            compressor.Dispose();
            throw;
        }
    }

    public string Path { get; }

    /// <summary>The path it was asked for by; its own has a time in its name where that one was taken.</summary>
    public required string AskedPath { get; init; }

    public string Name => System.IO.Path.GetFileNameWithoutExtension(AskedPath);

    public RecordedFrames Frames { get; }

    /// <summary>Ends by itself at this instant of the engine's clock; null: when it is stopped.</summary>
    public long? UntilNs { get; init; }

    /// <summary>Began because a client asked, and is not in the device config.</summary>
    public bool IsAsked { get; init; }

    /// <summary>Gets the whole story of every frame.</summary>
    public IAnswerConsumer Traces { get; }

    /// <summary>Gets pictures as soon as a frame is answered; null where none are compressed.</summary>
    public PublishQueue? FrameQueue { get; }

    /// <summary>As of the last drain.</summary>
    public SinkTotals Totals => _sink.Totals;

    /// <inheritdoc cref="TraceSink.HasFailed"/>
    public bool HasFailed => _sink.HasFailed;

    /// <inheritdoc cref="TraceSink.IsPaused"/>
    public bool IsPaused
    {
        get => _sink.IsPaused;
        set => _sink.IsPaused = value;
    }

    public void PushEvent(RecordedEvent happened) => _sink.PushEvent(happened);

    /// <summary>Between frames: what ends from now on is in this recording.</summary>
    public void Begin(IReadOnlyList<EndTally> tallies) => _before = [.. tallies.Select(t => t.Settled())];

    /// <summary>Between frames: nothing more comes.</summary>
    public void End(IReadOnlyList<EndTally> tallies, long nowNs) => (_after, _endNs) = ([.. tallies.Select(t => t.Settled())], nowNs);

    /// <summary>After <see cref="End"/>: writes all that waits and closes the file.</summary>
    public SinkTotals Close()
    {
        FrameQueue?.Dispose();
        _compressor?.Dispose();
        return _sink.Close(_endNs, [.. _after.Zip(_before, (a, b) => a - b)]);
    }

    /// <summary>Without an orderly end: the file stays readable and has no final tally.</summary>
    public void Dispose()
    {
        FrameQueue?.Dispose();
        _compressor?.Dispose();
        _sink.Dispose();
    }
}

/// <summary>Hands every ended frame's trace, and where asked for its pixels as they came, to a recording.</summary>
internal sealed class TraceConsumer(TraceSink sink, bool withFrames) : IAnswerConsumer
{
    public void Publish(in PublishedFrame frame)
    {
        sink.PushTrace(frame.Record);
        if (withFrames)
        {
            sink.PushFrame(frame.Slot.Stamp, frame.Slot.Layout, frame.Slot.Bytes, frame.Slot);
        }
    }
}
