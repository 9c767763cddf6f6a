using System.Runtime.InteropServices;

namespace EdgeRoute.Interop.Gstreamer;

/// <summary>
/// The functions of GStreamer that are called, by their sonames: the number in the soname is the ABI, so no search is needed.
/// <see cref="GstLibrary.TryLoad(out string)"/> comes before any of them.
/// </summary>
internal static unsafe partial class GstNative
{
    internal const string CoreName = "libgstreamer-1.0.so.0";
    internal const string VideoName = "libgstvideo-1.0.so.0";
    internal const string AppName = "libgstapp-1.0.so.0";
    internal const string GlibName = "libglib-2.0.so.0";

    // gst/gstelement.h, gst/gstmessage.h, gst/gstmemory.h, gst/gstformat.h, gst/gstsegment.h, gst/gstevent.h, gst/gstpad.h of
    // GStreamer 1.22.
    internal const int StateNull = 1;
    internal const int StatePlaying = 4;
    internal const int StateChangeFailure = 0;
    internal const uint MessageEnd = 1;
    internal const uint MessageError = 2;
    internal const uint MessageWarning = 4;
    internal const uint MessageElement = 1 << 15;
    internal const int MapRead = 1;
    internal const int FormatTime = 3;
    internal const int SeekFlushToKeyUnit = 1 | 4;
    internal const uint EventCaps = 12814;
    internal const uint ProbeEventDownstream = 1 << 6;
    internal const int ProbeOk = 1;

    /// <summary>GST_CLOCK_TIME_NONE.</summary>
    internal const ulong NoTime = ulong.MaxValue;

    [LibraryImport(CoreName)]
    internal static partial void gst_segtrap_set_enabled(int enabled);

    [LibraryImport(CoreName)]
    internal static partial int gst_init_check(nint argumentCount, nint arguments, out GlibError* error);

    [LibraryImport(CoreName)]
    internal static partial void gst_version(out uint major, out uint minor, out uint micro, out uint nano);

    [LibraryImport(CoreName, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint gst_element_factory_find(string name);

    [LibraryImport(CoreName)]
    internal static partial nint gst_element_get_factory(nint element);

    [LibraryImport(CoreName, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint gst_parse_launch(string text, out GlibError* error);

    [LibraryImport(CoreName, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint gst_bin_get_by_name(nint bin, string name);

    [LibraryImport(CoreName, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint gst_element_get_static_pad(nint element, string name);

    [LibraryImport(CoreName)]
    internal static partial ulong gst_pad_add_probe(
        nint pad, uint types, delegate* unmanaged[Cdecl]<nint, GstPadProbeInfo*, nint, int> callback, nint userData, nint notify);

    [LibraryImport(CoreName)]
    internal static partial int gst_element_set_state(nint element, int state);

    [LibraryImport(CoreName)]
    internal static partial nint gst_element_get_bus(nint element);

    [LibraryImport(CoreName)]
    internal static partial int gst_element_query_duration(nint element, int format, out long duration);

    [LibraryImport(CoreName)]
    internal static partial int gst_element_seek_simple(nint element, int format, int flags, long position);

    [LibraryImport(CoreName)]
    internal static partial GstMessage* gst_bus_timed_pop_filtered(nint bus, ulong waitNs, uint types);

    [LibraryImport(CoreName)]
    internal static partial void gst_message_parse_error(GstMessage* message, out GlibError* error, out nint debug);

    [LibraryImport(CoreName)]
    internal static partial void gst_message_parse_warning(GstMessage* message, out GlibError* error, out nint debug);

    [LibraryImport(CoreName)]
    internal static partial nint gst_message_get_structure(GstMessage* message);

    [LibraryImport(CoreName)]
    internal static partial void gst_event_parse_caps(GstEvent* carried, out nint caps);

    [LibraryImport(CoreName)]
    internal static partial GstEvent* gst_event_new_caps(nint caps);

    [LibraryImport(CoreName)]
    internal static partial nint gst_object_get_name(nint instance);

    [LibraryImport(CoreName)]
    internal static partial void gst_object_unref(nint instance);

    [LibraryImport(CoreName)]
    internal static partial nint gst_mini_object_ref(nint instance);

    [LibraryImport(CoreName)]
    internal static partial void gst_mini_object_unref(nint instance);

    [LibraryImport(CoreName), SuppressGCTransition]
    internal static partial GstBuffer* gst_sample_get_buffer(nint sample);

    [LibraryImport(CoreName), SuppressGCTransition]
    internal static partial nint gst_sample_get_caps(nint sample);

    [LibraryImport(CoreName), SuppressGCTransition]
    internal static partial GstSegment* gst_sample_get_segment(nint sample);

    [LibraryImport(CoreName), SuppressGCTransition]
    internal static partial ulong gst_segment_to_stream_time(GstSegment* segment, int format, ulong position);

    [LibraryImport(CoreName)]
    internal static partial nint gst_caps_to_string(nint caps);

    [LibraryImport(CoreName, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint gst_caps_from_string(string text);

    [LibraryImport(CoreName)]
    internal static partial nint gst_caps_get_structure(nint caps, uint index);

    [LibraryImport(CoreName)]
    internal static partial int gst_structure_has_name(nint structure, byte* name);

    [LibraryImport(CoreName)]
    internal static partial nint gst_structure_get_string(nint structure, byte* field);

    [LibraryImport(CoreName)]
    internal static partial int gst_structure_get_int(nint structure, byte* field, out int value);

    [LibraryImport(CoreName)]
    internal static partial int gst_structure_get_fraction(nint structure, byte* field, out int numerator, out int denominator);

    [LibraryImport(CoreName)]
    internal static partial int gst_buffer_map(GstBuffer* buffer, GstMapInfo* map, int flags);

    [LibraryImport(CoreName)]
    internal static partial void gst_buffer_unmap(GstBuffer* buffer, GstMapInfo* map);

    [LibraryImport(CoreName)]
    internal static partial GstBuffer* gst_buffer_new_allocate(nint allocator, nuint size, nint parameters);

    [LibraryImport(CoreName)]
    internal static partial nuint gst_buffer_fill(GstBuffer* buffer, nuint offset, byte* source, nuint size);

    [LibraryImport(VideoName)]
    internal static partial int gst_video_info_from_caps(GstVideoInfo* description, nint caps);

    [LibraryImport(VideoName), SuppressGCTransition]
    internal static partial GstVideoMeta* gst_buffer_get_video_meta(GstBuffer* buffer);

    [LibraryImport(AppName)]
    internal static partial nint gst_app_sink_try_pull_sample(nint sink, ulong waitNs);

    [LibraryImport(AppName)]
    internal static partial int gst_app_sink_is_eos(nint sink);

    /// <summary>Takes the buffer over.</summary>
    [LibraryImport(AppName)]
    internal static partial int gst_app_src_push_buffer(nint source, GstBuffer* buffer);

    [LibraryImport(AppName)]
    internal static partial ulong gst_app_src_get_current_level_bytes(nint source);

    [LibraryImport(AppName)]
    internal static partial int gst_app_src_end_of_stream(nint source);

    [LibraryImport(GlibName)]
    internal static partial void g_free(nint memory);

    [LibraryImport(GlibName)]
    internal static partial void g_error_free(GlibError* error);

    /// <summary>A string that the library owns; empty for null.</summary>
    internal static string TextOf(nint text) => text == 0 ? "" : Marshal.PtrToStringUTF8(text)!;

    /// <summary>A string that the library gave away: read, then freed.</summary>
    internal static string TakeText(nint text)
    {
        string result = TextOf(text);
        g_free(text);
        return result;
    }

    /// <summary>The message of a GError that the library gave away: read, then freed. Null where there is none.</summary>
    internal static string? TakeError(GlibError* error)
    {
        if (error is null)
        {
            return null;
        }

        string result = TextOf(error->Message);
        g_error_free(error);
        return result;
    }
}
