using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace EdgeRoute.Interop.Gstreamer;

/// <summary>What a pull came back with.</summary>
public enum GstPull
{
    /// <summary>A sample is held: see <see cref="GstPipeline.Bytes"/> and <see cref="GstPipeline.Shape"/>.</summary>
    Sample,

    /// <summary>Nothing within the wait.</summary>
    Timeout,

    /// <summary>The stream ended and every sample was pulled.</summary>
    EndOfStream,

    /// <summary>An element reported an error, see <see cref="GstPipeline.ErrorText"/>.</summary>
    Error,
}

/// <summary>
/// A running GStreamer pipeline whose samples are pulled from its appsink named <c>sink</c>. It owns the pipeline, its bus, the sink and
/// the one sample held; releasing it always takes the pipeline to state NULL first. Not thread-safe. Pulling allocates no managed memory.
/// </summary>
public sealed unsafe class GstPipeline : SafeHandle
{
    /// <summary>
    /// A converter of this name is told the range of colours that a stream has, where GStreamer itself would forget it.
    /// </summary>
    public const string ConverterName = "edgeroute-convert";

    /// <summary>A refused state change posts its error from another thread; this bounds the wait for the words.</summary>
    internal const ulong RefusalWaitNs = 500_000_000;

    private const uint ErrorOrEnd = GstNative.MessageError | GstNative.MessageEnd;
    private const uint Watched = ErrorOrEnd | GstNative.MessageWarning | GstNative.MessageElement;

    private readonly nint _sink;
    private readonly nint _bus;
    private nint _sample;
    private GstBuffer* _mapped;
    private GstMapInfo _map;
    private nint _caps;
    private GstSampleShape _capsShape;
    private bool _isEnded;

    private GstPipeline(nint pipeline, nint sink)
        : base(0, ownsHandle: true)
    {
        SetHandle(pipeline);
        _sink = sink;
        _bus = GstNative.gst_element_get_bus(pipeline);
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>The element that failed and what it said; empty while nothing did.</summary>
    public string ErrorText { get; private set; } = "";

    /// <summary>A decoder or another part that GStreamer misses on this machine, in its words; empty for none.</summary>
    public string MissingText { get; private set; } = "";

    /// <summary>An element has shown all its streams, and none fits the element that waits for one.</summary>
    public bool IsUnlinked { get; private set; }

    /// <summary>What the held sample is.</summary>
    public GstSampleShape Shape { get; private set; }

    /// <summary>
    /// Time of the held sample in nanoseconds of the stream, as an edit list and the like have it; -1 where it has none.
    /// </summary>
    public long PresentationNs { get; private set; } = -1;

    /// <summary>Length of the stream in nanoseconds, as its container has it; -1 where it does not say.</summary>
    public long DurationNs => !IsClosed && GstNative.gst_element_query_duration(handle, GstNative.FormatTime, out long length) != 0
        ? length : -1;

    /// <summary>The held sample's bytes, valid until the next pull or <see cref="ReleaseSample"/>.</summary>
    public ReadOnlySpan<byte> Bytes => _mapped is null ? default : new((void*)_map.Data, (int)_map.SizeBytes);

    /// <summary>Caps of the last sample as text. Allocates: for messages, not for every frame.</summary>
    public string CapsText => _caps == 0 ? "" : GstNative.TakeText(GstNative.gst_caps_to_string(_caps));

    /// <summary>Builds a pipeline in state NULL from its text; <see cref="GstLibrary.TryLoad(out string)"/> must have succeeded.</summary>
    /// <exception cref="GstException">Unknown element or property, elements that cannot be linked, or no appsink named
    /// <c>sink</c>.</exception>
    public static GstPipeline Parse(string text)
    {
        if (!text.Contains('!'))
        {
            throw new GstException($"'{text}' is not a pipeline: at least two elements joined by '!' are needed.");
        }

        nint pipeline = GstNative.gst_parse_launch(text, out GlibError* error);
        string? problem = GstNative.TakeError(error);
        if (problem is not null || pipeline == 0)
        {
            Unref(pipeline);
            throw new GstException($"GStreamer cannot build '{text}': {problem ?? "no reason given"}");
        }

        nint sink = GstNative.gst_bin_get_by_name(pipeline, "sink");
        if (!IsAppSink(sink))
        {
            Unref(sink);
            Unref(pipeline);
            throw new GstException($"'{text}' has no element 'appsink name=sink' to take frames from.");
        }

        GstColorProbe.Attach(pipeline, ConverterName);
        return new GstPipeline(pipeline, sink);
    }

    /// <summary>A value as gst_parse_launch takes it: quotes around, backslash before what has a meaning inside.</summary>
    public static string Quote(string value) =>
        $"\"{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    /// <summary>
    /// As <see cref="Quote"/>, for what is to arrive letter by letter: GStreamer takes a value that stands in quotes itself for one that is
    /// written as such, so that it is then written so, with the numbers of its bytes.
    /// </summary>
    public static string QuoteExactly(string value) => !value.StartsWith('"') ? Quote(value)
        : Quote($"\"{string.Concat(Encoding.UTF8.GetBytes(value).Select(b => "\\" + Convert.ToString(b, 8).PadLeft(3, '0')))}\"");

    /// <summary>Starts streaming. False: <see cref="ErrorText"/> says which element refused. Blocks as long as the elements do.</summary>
    public bool TryPlay()
    {
        ObjectDisposedException.ThrowIf(IsClosed, this);
        if (GstNative.gst_element_set_state(handle, GstNative.StatePlaying) != GstNative.StateChangeFailure)
        {
            return true;
        }

        PollBus(RefusalWaitNs, ErrorOrEnd);
        ErrorText = ErrorText.Length > 0 ? ErrorText : "the pipeline refused to start and gave no reason";
        return false;
    }

    /// <summary>Back to the start of a file, at the end or before; false where the source cannot seek.</summary>
    public bool TryRewind()
    {
        ReleaseSample();
        _isEnded = false;
        return GstNative.gst_element_seek_simple(handle, GstNative.FormatTime, GstNative.SeekFlushToKeyUnit, 0) != 0;
    }

    /// <summary>
    /// After <see cref="GstPull.EndOfStream"/>: waits until the other sinks of the pipeline have everything too, such as a file written
    /// beside. Closing earlier cuts that file off.
    /// </summary>
    public bool WaitForEnd(int waitMs)
    {
        if (!_isEnded)
        {
            PollBus(ToNs(waitMs), ErrorOrEnd);
        }

        return _isEnded;
    }

    /// <summary>Releases the held sample and waits up to <paramref name="waitMs"/> milliseconds for the next.</summary>
    public GstPull Pull(int waitMs)
    {
        ObjectDisposedException.ThrowIf(IsClosed, this);
        ReleaseSample();
        long started = Stopwatch.GetTimestamp();
        _sample = GstNative.gst_app_sink_try_pull_sample(_sink, ToNs(waitMs));

        // The bus is emptied with every sample: it has no limit of its own, and elements post quality messages for ever.
        PollBus(0, Watched);
        return _sample != 0 ? Hold() : WhyNothing(waitMs - (int)Stopwatch.GetElapsedTime(started).TotalMilliseconds);
    }

    /// <summary>Gives the held sample back, so that its source can use the memory again.</summary>
    public void ReleaseSample()
    {
        if (_mapped is not null)
        {
            fixed (GstMapInfo* map = &_map)
            {
                GstNative.gst_buffer_unmap(_mapped, map);
            }

            _mapped = null;
        }

        if (_sample != 0)
        {
            GstNative.gst_mini_object_unref(_sample);
            _sample = 0;
        }
    }

    protected override bool ReleaseHandle()
    {
        ReleaseSample();
        GstNative.gst_element_set_state(handle, GstNative.StateNull);
        if (_caps != 0)
        {
            GstNative.gst_mini_object_unref(_caps);
        }

        Unref(_bus);
        Unref(_sink);
        Unref(handle);
        return true;
    }

    private GstPull Hold()
    {
        nint caps = GstNative.gst_sample_get_caps(_sample);
        GstBuffer* buffer = GstNative.gst_sample_get_buffer(_sample);
        if (caps == 0 || buffer is null)
        {
            return Fail("the appsink handed over a sample without caps or buffer");
        }

        AdoptCaps(caps);
        GstVideoMeta* meta = GstNative.gst_buffer_get_video_meta(buffer);
        Shape = meta is null ? _capsShape : GstCaps.WithMeta(_capsShape, meta);
        PresentationNs = TimeOf(buffer->PresentationNs, GstNative.gst_sample_get_segment(_sample));
        return TryMap(buffer) ? GstPull.Sample : Fail($"the memory of a sample cannot be read by the CPU (caps {CapsText})");
    }

    /// <summary>A buffer's own time has whatever origin its container likes; its segment says where in the stream that is.</summary>
    private static long TimeOf(ulong presentationNs, GstSegment* segment)
    {
        ulong time = presentationNs;
        if (time != GstNative.NoTime && segment is not null && segment->Format == GstNative.FormatTime)
        {
            time = GstNative.gst_segment_to_stream_time(segment, GstNative.FormatTime, time);
        }

        return time == GstNative.NoTime ? -1 : (long)time;
    }

    private void AdoptCaps(nint caps)
    {
        if (caps == _caps)
        {
            return;
        }

        // A reference of our own keeps the address from being given to other caps, so that comparing addresses is enough.
        GstNative.gst_mini_object_ref(caps);
        if (_caps != 0)
        {
            GstNative.gst_mini_object_unref(_caps);
        }

        _caps = caps;
        _capsShape = GstCaps.ShapeOf(caps);
    }

    private bool TryMap(GstBuffer* buffer)
    {
        fixed (GstMapInfo* map = &_map)
        {
            if (GstNative.gst_buffer_map(buffer, map, GstNative.MapRead) == 0)
            {
                return false;
            }
        }

        _mapped = buffer;
        return _map.SizeBytes <= int.MaxValue;
    }

    private GstPull WhyNothing(int remainingMs)
    {
        // An appsink that is not running answers at once; the rest of the wait is spent on the bus, not in a busy loop.
        if (ErrorText.Length == 0 && remainingMs > 0 && GstNative.gst_app_sink_is_eos(_sink) == 0)
        {
            PollBus(ToNs(remainingMs), Watched);
        }

        if (ErrorText.Length > 0)
        {
            return GstPull.Error;
        }

        if (GstNative.gst_app_sink_is_eos(_sink) != 0)
        {
            return GstPull.EndOfStream;
        }

        return GstPull.Timeout;
    }

    private GstPull Fail(string text)
    {
        ReleaseSample();
        ErrorText = text;
        return GstPull.Error;
    }

    /// <summary>Waits for the first message of these types, and takes all that are there off the bus; the first error is kept.</summary>
    private void PollBus(ulong waitNs, uint types)
    {
        GstMessage* message = GstNative.gst_bus_timed_pop_filtered(_bus, waitNs, types);
        while (message is not null)
        {
            Note(message);
            GstNative.gst_mini_object_unref((nint)message);
            message = GstNative.gst_bus_timed_pop_filtered(_bus, 0, types);
        }
    }

    private void Note(GstMessage* message)
    {
        _isEnded |= message->Type == GstNative.MessageEnd;
        if (message->Type == GstNative.MessageError && ErrorText.Length == 0)
        {
            ErrorText = TextOf(message);
        }

        if (message->Type == GstNative.MessageWarning)
        {
            GstNative.gst_message_parse_warning(message, out GlibError* error, out nint debug);
            _ = GstNative.TakeError(error);
            IsUnlinked |= GstNative.TakeText(debug).Contains("failed delayed linking", StringComparison.Ordinal);
        }

        if (message->Type == GstNative.MessageElement && GstNative.gst_message_get_structure(message) is var told and not 0
            && GstCaps.HasName(told, "missing-plugin"u8))
        {
            MissingText = GstCaps.TextOf(told, "name"u8) ?? "";
        }
    }

    /// <summary>"element: message (last line of the debug text)".</summary>
    internal static string TextOf(GstMessage* message)
    {
        GstNative.gst_message_parse_error(message, out GlibError* error, out nint debug);
        string element = message->Sender == 0 ? "pipeline" : GstNative.TakeText(GstNative.gst_object_get_name(message->Sender));
        string words = GstNative.TakeError(error) ?? "unknown error";
        string detail = GstNative.TakeText(debug).Split('\n')[^1].Trim();
        return detail.Length == 0 ? $"{element}: {words}" : $"{element}: {words} ({detail})";
    }

    private static bool IsAppSink(nint element)
    {
        // The factory is borrowed from the element and not released here.
        return element != 0 && GstNative.TakeText(GstNative.gst_object_get_name(GstNative.gst_element_get_factory(element))) == "appsink";
    }

    internal static void Unref(nint instance)
    {
        if (instance != 0)
        {
            GstNative.gst_object_unref(instance);
        }
    }

    private static ulong ToNs(int waitMs) => (ulong)Math.Max(waitMs, 0) * 1_000_000;
}
