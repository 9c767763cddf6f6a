using System.Runtime.InteropServices;

namespace EdgeRoute.Interop.TurboJpeg;

/// <summary>
/// The functions of libjpeg-turbo's TurboJPEG API 2.1 (turbojpeg.h) that are called. <c>unsigned long</c> is <see cref="CULong"/>.
/// </summary>
internal static unsafe partial class JpegNative
{
    internal const string LibraryName = "libturbojpeg.so.0";

    internal const int PixelsRgb = 0;
    internal const int PixelsGray = 6;
    internal const int PixelsCmyk = 11;
    internal const int CodingCmyk = 3;
    internal const int CodingYcck = 4;
    internal const int FlagNoRealloc = 1024;

    /// <summary>A progressive JPEG of a few bytes can ask for thousands of scans; the library then stops at 500.</summary>
    internal const int FlagLimitScans = 32768;
    internal const int ErrorWarning = 0;

    [LibraryImport(LibraryName)]
    internal static partial nint tjInitDecompress();

    [LibraryImport(LibraryName)]
    internal static partial nint tjInitCompress();

    [LibraryImport(LibraryName)]
    internal static partial int tjDestroy(nint instance);

    [LibraryImport(LibraryName)]
    internal static partial nint tjGetErrorStr2(nint instance);

    [LibraryImport(LibraryName)]
    internal static partial int tjGetErrorCode(nint instance);

    [LibraryImport(LibraryName)]
    internal static partial int tjDecompressHeader3(
        nint instance, byte* jpeg, CULong sizeBytes, ref int width, ref int height, ref int sampling, ref int coding);

    [LibraryImport(LibraryName)]
    internal static partial int tjDecompress2(
        nint instance, byte* jpeg, CULong sizeBytes, byte* pixels, int width, int strideBytes, int height, int pixelFormat, int flags);

    [LibraryImport(LibraryName)]
    internal static partial int tjDecompressToYUVPlanes(
        nint instance, byte* jpeg, CULong sizeBytes, byte** planes, int width, int* strides, int height, int flags);

    [LibraryImport(LibraryName)]
    internal static partial CULong tjBufSize(int width, int height, int sampling);

    [LibraryImport(LibraryName)]
    internal static partial int tjCompress2(
        nint instance, byte* pixels, int width, int strideBytes, int height, int pixelFormat,
        byte** jpeg, ref CULong sizeBytes, int sampling, int quality, int flags);

    [LibraryImport(LibraryName)]
    internal static partial int tjCompressFromYUVPlanes(
        nint instance, byte** planes, int width, int* strides, int height, int sampling,
        byte** jpeg, ref CULong sizeBytes, int quality, int flags);

    /// <summary>What the library said about the last failure on this handle.</summary>
    internal static string ErrorOf(nint instance) => Marshal.PtrToStringUTF8(tjGetErrorStr2(instance)) ?? "unknown error";
}
