using EdgeRoute.Core.Frames;
using EdgeRoute.Engine.Drawing;
using EdgeRoute.Engine.Frames;

namespace EdgeRoute.Engine.Tracing;

/// <summary>
/// Compresses frames, on the thread that calls <see cref="Write"/>, and hands them to a recording with the stamps they had.
/// </summary>
/// <exception cref="DllNotFoundException">libjpeg-turbo is absent; the message names the package.</exception>
internal sealed class CompressedRecording(TraceSink sink, Action<string> report) : IDisposable
{
    private readonly FrameCompressor _compressor = new();
    private bool _hasReported;

    /// <summary>A frame that cannot be compressed is counted as lost; the recording goes on.</summary>
    public void Write(PublishedCopy frame)
    {
        var layout = frame.Slot.Layout;
        try
        {
            var jpeg = _compressor.Compress(layout, frame.Slot.Bytes);
            sink.PushFrame(frame.Slot.Stamp, FrameLayout.Compressed(layout.Width, layout.Height, jpeg.Length), jpeg, frame.Slot);
        }
        catch (InvalidDataException refused)
        {
            sink.CountLostFrame();
            ReportOnce(refused.Message);
        }
    }

    public void Dispose() => _compressor.Dispose();

    private void ReportOnce(string words)
    {
        if (!_hasReported)
        {
            _hasReported = true;
            report($"a frame could not be compressed and is not in the recording: {words} Further ones are counted only.");
        }
    }
}
