using System.Runtime.InteropServices;

namespace EdgeRoute.Interop.Gstreamer;

/// <summary>
/// A running GStreamer pipeline that is fed through its appsrc named <c>source</c>. It holds no more than a few pictures that were not
/// taken yet. Not thread-safe.
/// </summary>
public sealed unsafe class GstFeed : SafeHandle
{
    /// <summary>A pipeline that takes nothing posts why; it is asked so often.</summary>
    private const ulong BusWaitNs = 5_000_000;

    private const uint ErrorOrEnd = GstNative.MessageError | GstNative.MessageEnd;

    private readonly nint _source;
    private readonly nint _bus;
    private bool _isEnded;

    private GstFeed(nint pipeline, nint source)
        : base(0, ownsHandle: true)
    {
        SetHandle(pipeline);
        _source = source;
        _bus = GstNative.gst_element_get_bus(pipeline);
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>Builds a pipeline and starts it; <see cref="GstLibrary.TryLoad(out string)"/> must have succeeded.</summary>
    /// <exception cref="GstException">An unknown element or property, elements that cannot be linked, or one that refuses to start.
    /// </exception>
    public static GstFeed Start(string text)
    {
        nint pipeline = GstNative.gst_parse_launch(text, out GlibError* error);
        string? problem = GstNative.TakeError(error);
        nint source = pipeline == 0 ? 0 : GstNative.gst_bin_get_by_name(pipeline, "source");
        if (problem is not null || source == 0)
        {
            GstPipeline.Unref(source);
            GstPipeline.Unref(pipeline);
            throw new GstException($"GStreamer cannot build '{text}': {problem ?? "no appsrc named 'source'"}");
        }

        var feed = new GstFeed(pipeline, source);
        if (GstNative.gst_element_set_state(pipeline, GstNative.StatePlaying) == GstNative.StateChangeFailure)
        {
            using (feed)
            {
                feed.Poll(GstPipeline.RefusalWaitNs);
                throw new GstException("the pipeline refused to start and gave no reason");
            }
        }

        return feed;
    }

    /// <summary>Hands over one picture, and waits while more than so many bytes of those before it were not taken.</summary>
    /// <param name="timeNs">When it is shown, from the start.</param>
    /// <exception cref="GstException">An element failed.</exception>
    /// <exception cref="OperationCanceledException">Cancelled while it waited.</exception>
    public void Push(ReadOnlySpan<byte> bytes, long timeNs, long heldBytesMost, CancellationToken cancel)
    {
        ObjectDisposedException.ThrowIf(IsClosed, this);
        Poll(0);
        while (GstNative.gst_app_src_get_current_level_bytes(_source) > (ulong)heldBytesMost)
        {
            cancel.ThrowIfCancellationRequested();
            Poll(BusWaitNs);
        }

        GstBuffer* buffer = GstNative.gst_buffer_new_allocate(0, (nuint)bytes.Length, 0);
        if (buffer is null)
        {
            throw new GstException($"GStreamer has no memory for a picture of {bytes.Length} bytes");
        }

        fixed (byte* source = bytes)
        {
            _ = GstNative.gst_buffer_fill(buffer, 0, source, (nuint)bytes.Length);
        }

        buffer->PresentationNs = (ulong)timeNs;
        if (GstNative.gst_app_src_push_buffer(_source, buffer) != 0)
        {
            Poll(GstPipeline.RefusalWaitNs);
            throw new GstException("the pipeline takes no more pictures and gave no reason");
        }
    }

    /// <summary>Says that there is no more, and waits until all of it came through.</summary>
    /// <inheritdoc cref="Push" path="/exception"/>
    public void Finish(CancellationToken cancel)
    {
        ObjectDisposedException.ThrowIf(IsClosed, this);
        _ = GstNative.gst_app_src_end_of_stream(_source);
        while (!_isEnded)
        {
            cancel.ThrowIfCancellationRequested();
            Poll(10 * BusWaitNs);
        }
    }

    protected override bool ReleaseHandle()
    {
        GstNative.gst_element_set_state(handle, GstNative.StateNull);
        GstPipeline.Unref(_bus);
        GstPipeline.Unref(_source);
        GstPipeline.Unref(handle);
        return true;
    }

    /// <summary>Waits for the first message, and takes it off the bus.</summary>
    private void Poll(ulong waitNs)
    {
        GstMessage* message = GstNative.gst_bus_timed_pop_filtered(_bus, waitNs, ErrorOrEnd);
        if (message is null)
        {
            return;
        }

        _isEnded |= message->Type == GstNative.MessageEnd;
        string? error = message->Type == GstNative.MessageError ? GstPipeline.TextOf(message) : null;
        GstNative.gst_mini_object_unref((nint)message);
        if (error is not null)
        {
            throw new GstException(error);
        }
    }
}
