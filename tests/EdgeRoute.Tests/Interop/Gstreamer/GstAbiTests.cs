using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using EdgeRoute.Interop.Gstreamer;

namespace EdgeRoute.Tests.Interop.Gstreamer;

/// <summary>
/// Sizes and offsets as a C compiler on 64-bit Linux prints them for the headers of GStreamer 1.22.0 (gst/gstbuffer.h, gstmemory.h,
/// gstmessage.h, gstsegment.h, gstevent.h, gstpad.h, gst/video/video-info.h, gstvideometa.h) and GLib 2.74 (gerror.h).
/// </summary>
public sealed class GstAbiTests
{
    [Fact]
    public void Structures_have_the_sizes_of_the_headers()
    {
        Assert.Equal(104, Unsafe.SizeOf<GstMapInfo>());
        Assert.Equal(120, Unsafe.SizeOf<GstMessage>());
        Assert.Equal(112, Unsafe.SizeOf<GstBuffer>());
        Assert.Equal(152, Unsafe.SizeOf<GstVideoInfo>());
        Assert.Equal(144, Unsafe.SizeOf<GstVideoMeta>());
        Assert.Equal(120, Unsafe.SizeOf<GstSegment>());
        Assert.Equal(88, Unsafe.SizeOf<GstEvent>());
        Assert.Equal(40, Unsafe.SizeOf<GstPadProbeInfo>());
        Assert.Equal(16, Unsafe.SizeOf<GlibError>());
        Assert.Equal(32, Unsafe.SizeOf<GstPlaneOffsets>());
        Assert.Equal(16, Unsafe.SizeOf<GstPlaneStrides>());
    }

    [Theory]
    [InlineData(typeof(GstMapInfo), nameof(GstMapInfo.Data), 16)]
    [InlineData(typeof(GstMapInfo), nameof(GstMapInfo.SizeBytes), 24)]
    [InlineData(typeof(GstMessage), nameof(GstMessage.Type), 64)]
    [InlineData(typeof(GstMessage), nameof(GstMessage.Sender), 80)]
    [InlineData(typeof(GstBuffer), nameof(GstBuffer.PresentationNs), 72)]
    [InlineData(typeof(GstBuffer), nameof(GstBuffer.DurationNs), 88)]
    [InlineData(typeof(GstVideoInfo), nameof(GstVideoInfo.Width), 16)]
    [InlineData(typeof(GstVideoInfo), nameof(GstVideoInfo.Height), 20)]
    [InlineData(typeof(GstVideoInfo), nameof(GstVideoInfo.ColorRange), 40)]
    [InlineData(typeof(GstVideoInfo), nameof(GstVideoInfo.ColorMatrix), 44)]
    [InlineData(typeof(GstVideoInfo), nameof(GstVideoInfo.RateNumerator), 64)]
    [InlineData(typeof(GstVideoInfo), nameof(GstVideoInfo.RateDenominator), 68)]
    [InlineData(typeof(GstVideoInfo), nameof(GstVideoInfo.Offsets), 72)]
    [InlineData(typeof(GstVideoInfo), nameof(GstVideoInfo.Strides), 104)]
    [InlineData(typeof(GstVideoMeta), nameof(GstVideoMeta.Format), 28)]
    [InlineData(typeof(GstVideoMeta), nameof(GstVideoMeta.Width), 36)]
    [InlineData(typeof(GstVideoMeta), nameof(GstVideoMeta.PlaneCount), 44)]
    [InlineData(typeof(GstVideoMeta), nameof(GstVideoMeta.Offsets), 48)]
    [InlineData(typeof(GstVideoMeta), nameof(GstVideoMeta.Strides), 80)]
    [InlineData(typeof(GstSegment), nameof(GstSegment.Format), 24)]
    [InlineData(typeof(GstEvent), nameof(GstEvent.Type), 64)]
    [InlineData(typeof(GstPadProbeInfo), nameof(GstPadProbeInfo.Carried), 16)]
    [InlineData(typeof(GlibError), nameof(GlibError.Message), 8)]
    public void Fields_lie_where_the_headers_put_them(Type type, string field, int offset) => Assert.Equal(offset,
        (int)Marshal.OffsetOf(type, field));
}
