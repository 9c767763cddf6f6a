using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace EdgeRoute.Interop.Gstreamer;

/// <summary>
/// Stands before a converter and completes caps that tell the range of their colours and no matrix (<see cref="GstCaps.WithMatrix"/>): the
/// converter would read them as limited and change every colour. It is asked when a format changes, not for every frame.
/// </summary>
internal static unsafe class GstColorProbe
{
    /// <summary>Nothing where the pipeline has no such element.</summary>
    public static void Attach(nint pipeline, string converterName)
    {
        nint converter = GstNative.gst_bin_get_by_name(pipeline, converterName);
        if (converter == 0)
        {
            return;
        }

        nint pad = GstNative.gst_element_get_static_pad(converter, "sink");
        if (pad != 0)
        {
            GstNative.gst_pad_add_probe(pad, GstNative.ProbeEventDownstream, &Pass, 0, 0);
            GstNative.gst_object_unref(pad);
        }

        GstNative.gst_object_unref(converter);
    }

    /// <summary>On a thread of GStreamer.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Pass(nint pad, GstPadProbeInfo* info, nint userData)
    {
        GstEvent* passing = info->Carried;
        if (passing is null || passing->Type != GstNative.EventCaps)
        {
            return GstNative.ProbeOk;
        }

        GstNative.gst_event_parse_caps(passing, out nint caps);
        nint told = caps == 0 ? 0 : GstCaps.WithMatrix(caps);
        if (told != 0)
        {
            info->Carried = GstNative.gst_event_new_caps(told);
            GstNative.gst_mini_object_unref(told);
            GstNative.gst_mini_object_unref((nint)passing);
        }

        return GstNative.ProbeOk;
    }
}
