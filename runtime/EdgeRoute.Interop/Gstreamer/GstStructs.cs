using System.Runtime.InteropServices;

namespace EdgeRoute.Interop.Gstreamer;

// Layouts of GStreamer 1.22 on 64-bit Linux (gst/gstmemory.h, gst/gstmessage.h, gst/gstbuffer.h, gst/gstsegment.h, gst/gstevent.h,
// gst/gstpad.h, gst/video/video-info.h, gst/video/gstvideometa.h). Public structures keep their layout through all of GStreamer 1.x, so
// the same offsets hold for the 1.16 and 1.20 of a Jetson.

/// <summary>GstMapInfo: where the bytes of a mapped buffer lie.</summary>
[StructLayout(LayoutKind.Explicit, Size = 104)]
internal struct GstMapInfo
{
    [FieldOffset(16)] public nint Data;
    [FieldOffset(24)] public nuint SizeBytes;
}

/// <summary>The head of GstMessage: its type and the element that sent it.</summary>
[StructLayout(LayoutKind.Explicit, Size = 120)]
internal struct GstMessage
{
    [FieldOffset(64)] public uint Type;
    [FieldOffset(80)] public nint Sender;
}

/// <summary>The head of GstBuffer: presentation time and duration in nanoseconds; all bits set where there is none.</summary>
[StructLayout(LayoutKind.Explicit, Size = 112)]
internal struct GstBuffer
{
    [FieldOffset(72)] public ulong PresentationNs;
    [FieldOffset(88)] public ulong DurationNs;
}

/// <summary>The part of GstSegment that says in which unit its positions are.</summary>
[StructLayout(LayoutKind.Explicit, Size = 120)]
internal struct GstSegment
{
    [FieldOffset(24)] public int Format;
}

/// <summary>The head of GstEvent.</summary>
[StructLayout(LayoutKind.Explicit, Size = 88)]
internal struct GstEvent
{
    [FieldOffset(64)] public uint Type;
}

/// <summary>GstPadProbeInfo: what passes a probe, which may put something else in its place.</summary>
[StructLayout(LayoutKind.Explicit, Size = 40)]
internal unsafe struct GstPadProbeInfo
{
    [FieldOffset(16)] public GstEvent* Carried;
}

/// <summary>Four plane offsets, an array of gsize in C.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct GstPlaneOffsets
{
    public nuint First;
    public nuint Second;
    public nuint Third;
    public nuint Fourth;
}

/// <summary>Four row strides, an array of gint in C.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct GstPlaneStrides
{
    public int First;
    public int Second;
    public int Third;
    public int Fourth;
}

/// <summary>GstVideoInfo: what raw video caps mean, with the default strides and offsets of the format.</summary>
[StructLayout(LayoutKind.Explicit, Size = 152)]
internal struct GstVideoInfo
{
    /// <summary>Pointer to a GstVideoFormatInfo, whose first field is the format number.</summary>
    [FieldOffset(0)] public nint FormatDescription;
    [FieldOffset(16)] public int Width;
    [FieldOffset(20)] public int Height;
    [FieldOffset(40)] public int ColorRange;
    [FieldOffset(44)] public int ColorMatrix;
    [FieldOffset(64)] public int RateNumerator;
    [FieldOffset(68)] public int RateDenominator;
    [FieldOffset(72)] public GstPlaneOffsets Offsets;
    [FieldOffset(104)] public GstPlaneStrides Strides;
}

/// <summary>GstVideoMeta: the strides and offsets that one buffer really has; they win over those of the caps.</summary>
[StructLayout(LayoutKind.Explicit, Size = 144)]
internal struct GstVideoMeta
{
    [FieldOffset(28)] public int Format;
    [FieldOffset(36)] public uint Width;
    [FieldOffset(40)] public uint Height;
    [FieldOffset(44)] public uint PlaneCount;
    [FieldOffset(48)] public GstPlaneOffsets Offsets;
    [FieldOffset(80)] public GstPlaneStrides Strides;
}

/// <summary>GError of GLib.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct GlibError
{
    public uint Domain;
    public int Code;
    public nint Message;
}
