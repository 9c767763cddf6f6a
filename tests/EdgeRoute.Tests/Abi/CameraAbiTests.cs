using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using EdgeRoute.Interop.Linux;

namespace EdgeRoute.Tests.Abi;

/// <summary>The records and request numbers of linux/videodev2.h, as since Linux 3.4.</summary>
public sealed class CameraAbiTests
{
    [Fact]
    public void Records_have_the_sizes_of_the_header()
    {
        Assert.Equal(104, Unsafe.SizeOf<CameraCapability>());
        Assert.Equal(64, Unsafe.SizeOf<CameraFormat>());
        Assert.Equal(44, Unsafe.SizeOf<CameraSize>());
        Assert.Equal(52, Unsafe.SizeOf<CameraInterval>());
        Assert.Equal(84, OffsetOf<CameraCapability>(nameof(CameraCapability.OfAll)));
        Assert.Equal(44, OffsetOf<CameraFormat>(nameof(CameraFormat.Code)));
        Assert.Equal(24, OffsetOf<CameraSize>(nameof(CameraSize.HeightLeast)));
        Assert.Equal(20, OffsetOf<CameraInterval>(nameof(CameraInterval.Numerator)));
    }

    /// <summary>Asks the C compiler about the machine's own header.</summary>
    [SkippableFact]
    public void The_header_agrees()
    {
        Skip.IfNot(File.Exists("/usr/bin/gcc") && File.Exists("/usr/include/linux/videodev2.h"),
            "needs gcc and linux/videodev2.h (Debian packages gcc and linux-libc-dev)");
        using var folder = new TemporaryFolder();
        string source = folder.Write("facts.c", $$"""
            #include <stddef.h>
            #include <linux/videodev2.h>
            _Static_assert(sizeof(struct v4l2_capability) == 104 && sizeof(struct v4l2_fmtdesc) == 64, "sizes");
            _Static_assert(sizeof(struct v4l2_frmsizeenum) == 44 && sizeof(struct v4l2_frmivalenum) == 52, "sizes");
            _Static_assert(offsetof(struct v4l2_capability, capabilities) == 84, "places");
            _Static_assert(offsetof(struct v4l2_fmtdesc, pixelformat) == 44, "places");
            _Static_assert(offsetof(struct v4l2_frmsizeenum, stepwise.min_height) == 24, "places");
            _Static_assert(offsetof(struct v4l2_frmivalenum, discrete) == 20, "places");
            _Static_assert(VIDIOC_QUERYCAP == {{CameraCapability.Request}}u && VIDIOC_ENUM_FMT == {{CameraFormat.Request}}u, "requests");
            _Static_assert(VIDIOC_ENUM_FRAMESIZES == {{CameraSize.Request}}u, "sizes");
            _Static_assert(VIDIOC_ENUM_FRAMEINTERVALS == {{CameraInterval.Request}}u, "rates");
            _Static_assert(V4L2_CAP_VIDEO_CAPTURE == {{CameraCapability.Capture}}u, "capture");
            _Static_assert(V4L2_CAP_VIDEO_CAPTURE_MPLANE == {{CameraCapability.CaptureInPlanes}}u, "planes");
            _Static_assert(V4L2_CAP_DEVICE_CAPS == {{CameraCapability.HasOwn}}u, "own");
            _Static_assert(V4L2_BUF_TYPE_VIDEO_CAPTURE == {{CameraFormat.Capture}}, "capture");
            _Static_assert(V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE == {{CameraFormat.CaptureInPlanes}}, "planes");
            _Static_assert(V4L2_FRMSIZE_TYPE_DISCRETE == {{CameraSize.Discrete}}, "size");
            _Static_assert(V4L2_FRMIVAL_TYPE_DISCRETE == {{CameraInterval.Discrete}}, "rate");
            """);
        using var compiler = Process.Start(new ProcessStartInfo("/usr/bin/gcc",
            ["-fsyntax-only", source]) { RedirectStandardError = true })!;
        Assert.Equal("", compiler.StandardError.ReadToEnd());
        compiler.WaitForExit();
        Assert.Equal(0, compiler.ExitCode);
    }

    private static int OffsetOf<T>(string field) => (int)Marshal.OffsetOf<T>(field);
}
