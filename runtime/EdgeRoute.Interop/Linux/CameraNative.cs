using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace EdgeRoute.Interop.Linux;

/// <summary>A text of 16 bytes in linux/videodev2.h, ended by a zero.</summary>
[InlineArray(16)]
internal struct CameraText16
{
    private byte _first;
}

/// <summary>A text of 32 bytes in linux/videodev2.h, ended by a zero.</summary>
[InlineArray(32)]
internal struct CameraText32
{
    private byte _first;
}

/// <summary>Words that are kept for later.</summary>
[InlineArray(3)]
internal struct CameraRest3
{
    private uint _first;
}

/// <summary>A fraction that is not read, or words that are kept for later.</summary>
[InlineArray(2)]
internal struct CameraRest2
{
    private uint _first;
}

/// <summary>struct v4l2_capability of linux/videodev2.h (as it is since Linux 3.4), 104 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct CameraCapability
{
    /// <summary>VIDIOC_QUERYCAP: _IOR('V', 0, struct v4l2_capability), the same on x64 and arm64.</summary>
    public const uint Request = 0x80685600;

    /// <summary>V4L2_CAP_VIDEO_CAPTURE, V4L2_CAP_VIDEO_CAPTURE_MPLANE, V4L2_CAP_DEVICE_CAPS.</summary>
    public const uint Capture = 1, CaptureInPlanes = 0x1000, HasOwn = 0x80000000;

    public CameraText16 Driver;
    public CameraText32 Card;
    public CameraText32 Bus;
    public uint Version;
    public uint OfAll;
    public uint OfThis;
    public CameraRest3 Rest;
}

/// <summary>struct v4l2_fmtdesc, 64 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct CameraFormat
{
    /// <summary>VIDIOC_ENUM_FMT: _IOWR('V', 2, struct v4l2_fmtdesc).</summary>
    public const uint Request = 0xC0405602;

    /// <summary>V4L2_BUF_TYPE_VIDEO_CAPTURE and V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE.</summary>
    public const uint Capture = 1, CaptureInPlanes = 9;

    public uint Index;
    public uint Type;
    public uint Flags;
    public CameraText32 Description;
    public uint Code;
    public uint BusCode;
    public CameraRest3 Rest;
}

/// <summary>struct v4l2_frmsizeenum, 44 bytes: one size, or the smallest, the largest and the steps between them.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct CameraSize
{
    /// <summary>VIDIOC_ENUM_FRAMESIZES: _IOWR('V', 74, struct v4l2_frmsizeenum).</summary>
    public const uint Request = 0xC02C564A;

    /// <summary>V4L2_FRMSIZE_TYPE_DISCRETE.</summary>
    public const uint Discrete = 1;

    public uint Index;
    public uint Code;
    public uint Type;

    /// <summary>The width of one size; the least of a range.</summary>
    public uint First;

    /// <summary>The height of one size; the greatest width of a range.</summary>
    public uint Second;
    public uint WidthStep;
    public uint HeightLeast;
    public uint HeightMost;
    public uint HeightStep;
    public CameraRest2 Rest;
}

/// <summary>struct v4l2_frmivalenum, 52 bytes: one time between frames, or the shortest, the longest and the step.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct CameraInterval
{
    /// <summary>VIDIOC_ENUM_FRAMEINTERVALS: _IOWR('V', 75, struct v4l2_frmivalenum).</summary>
    public const uint Request = 0xC034564B;

    /// <summary>V4L2_FRMIVAL_TYPE_DISCRETE.</summary>
    public const uint Discrete = 1;

    public uint Index;
    public uint Code;
    public uint Width;
    public uint Height;
    public uint Type;

    /// <summary>Seconds from frame to frame as a fraction; of a range, the shortest.</summary>
    public uint Numerator;
    public uint Denominator;
    public CameraRest2 Longest;
    public CameraRest2 Step;
    public CameraRest2 Rest;
}
